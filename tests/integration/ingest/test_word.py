"""Word files: what Word prints with all tracked changes accepted, each word once."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from newsqa.ingest import parse, walk
from newsqa.types import Article
from tests.samples import LIMITS

docx = pytest.importorskip("docx")

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
NOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"


BREAK = "<w:r><w:cr/></w:r>"


def run(text: str, properties: str = "", tag: str = "t") -> str:
    properties = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{properties}<w:{tag} xml:space="preserve">{escape(text)}</w:{tag}></w:r>'


def changed(kind: str, inner: str) -> str:
    return f'<w:{kind} w:id="1" w:author="Desk">{inner}</w:{kind}>'


def p(*inner: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(inner)}</w:p>"


def cell(*inner: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(inner)}</w:tc>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(cells)}</w:tr>"


def body(tmp_path: Path, *blocks: str, notes: str = "") -> str:
    return article(tmp_path, *blocks, notes=notes).body


def article(tmp_path: Path, *blocks: str, notes: str = "", author: str = "") -> Article:
    document = docx.Document()
    document.core_properties.author = author
    out = io.BytesIO()
    document.save(out)
    path = tmp_path / "a.docx"
    xml = f"<w:document {NAMESPACES}><w:body>{''.join(blocks)}</w:body></w:document>"
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(path, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "word/document.xml":
                content = xml.encode()
            if notes and item.filename == "[Content_Types].xml":
                part = f'<Override PartName="/word/footnotes.xml" ContentType="{NOTES}"/></Types>'
                content = content.replace(b"</Types>", part.encode())
            if notes and item.filename == "word/_rels/document.xml.rels":
                part = f'<Relationship Id="rIdN" Type="{RELATION}" Target="footnotes.xml"/>'
                content = content.replace(b"</Relationships>", f"{part}</Relationships>".encode())
            new.writestr(item, content)
        if notes:
            new.writestr("word/footnotes.xml", f"<w:footnotes {NAMESPACES}>{notes}</w:footnotes>")
    [parsed] = parse(walk([path]).files, limits=LIMITS)
    assert not parsed.failed
    return parsed.articles[0]


def test_tracked_changes_are_accepted(tmp_path: Path) -> None:
    blocks = [
        p(run("The bridge is "), changed("ins", run("not ")), run("safe, they say.")),
        p(run("It cost "), changed("del", run("nine", tag="delText")), changed("ins", run("ten"))),
        p(changed("moveFrom", run("Gone from here.")), run("First.")),
        p(run("Second. "), changed("moveTo", run("Gone from here."))),
        p(changed("del", run("A whole line.", tag="delText"))),
        p(run("One line "), properties='<w:rPr><w:del w:id="2"/></w:rPr>'),
        p(run("goes on.")),
        changed("ins", p(run("A new paragraph."))),
    ]
    assert body(tmp_path, *blocks).split("\n\n") == [
        "The bridge is not safe, they say.",
        "It cost ten",
        "First.",
        "Second. Gone from here.",
        "One line goes on.",
        "A new paragraph.",
    ]


def test_a_deleted_row_and_cell_are_left_out(tmp_path: Path) -> None:
    deleted = f'<w:tr><w:trPr><w:del w:id="1"/></w:trPr>{cell(p(run("Old")))}</w:tr>'
    gone = cell(p(run("gone")), properties='<w:cellDel w:id="1"/>')
    table = f"<w:tbl>{deleted}{row(cell(p(run('Orr'))), gone, cell(p(run('9'))))}</w:tbl>"
    assert body(tmp_path, p(run("Votes.")), table) == "Votes.\n\nOrr | 9"


def test_controls_fields_and_links_keep_their_words(tmp_path: Path) -> None:
    def control(inner: str) -> str:
        return f"<w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"

    field = (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{run(" PAGE ", tag="instrText")}'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("12")}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    blocks = [
        control(p(run("In a control."))),
        control(control(p(run("In two.")))),
        p(run("By "), control(run("Ada")), f"<w:hyperlink>{run(' Lund')}</w:hyperlink>", run(".")),
        p(run("On page "), field, "<w:r><w:tab/></w:r>", run("of"), BREAK, run("it")),
        f"<w:tbl>{control(row(cell(p(run('a'))), control(cell(p(run('b'))))))}</w:tbl>",
    ]
    text = body(tmp_path, *blocks)
    assert text == "In a control.\n\nIn two.\n\nBy Ada Lund.\n\nOn page 12\tof\nit\n\na | b"


@pytest.mark.parametrize(
    "box",
    [
        "<w:pict><v:shape><v:textbox>{0}</v:textbox></v:shape></w:pict>",
        "<mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:wsp><wps:txbx>{0}"
        "</wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{0}"
        "</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent>",
    ],
)
def test_a_text_box_is_read_once_below_its_paragraph(box: str, tmp_path: Path) -> None:
    content = f"<w:txbxContent>{p(run('In the box.'))}{p(run('Still.'))}</w:txbxContent>"
    drawn = f"<w:r>{box.format(content)}</w:r>"
    text = body(tmp_path, p(run("Before "), drawn, run("and after.")), p(run("Next.")))
    assert text == "Before and after.\n\nIn the box.\n\nStill.\n\nNext."


def test_footnotes_stand_at_the_end_and_their_marks_nowhere(tmp_path: Path) -> None:
    mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    notes = (
        f'<w:footnote w:id="-1" w:type="separator">{p(run("----"))}</w:footnote>'
        f'<w:footnote w:id="2">{p("<w:r><w:footnoteRef/></w:r>", run("Counted in May."))}'
        "</w:footnote>"
    )
    text = body(tmp_path, p(run("It killed 17"), mark, run(" sheep.")), p(run("End.")), notes=notes)
    assert text == "It killed 17 sheep.\n\nEnd.\n\nCounted in May."


def test_merged_and_nested_cells_are_read_once(tmp_path: Path) -> None:
    wide = row(cell(p(run("All the wards")), properties='<w:gridSpan w:val="2"/>'))
    first = row(cell(p(run("North")), properties='<w:vMerge w:val="restart"/>'), cell(p(run("12"))))
    second = row(cell(p(), properties="<w:vMerge/>"), cell(p(run("13"))))
    inner = f"<w:tbl>{row(cell(p(run('in'))), cell(p(run('deep'))))}</w:tbl>"
    nested = row(cell(p(run("Out.")), inner, p()), cell(p(run("Beside."))))
    text = body(
        tmp_path,
        p(run("Votes.")),
        f"<w:tbl>{wide}{first}{second}</w:tbl>",
        f"<w:tbl>{nested}</w:tbl>",
    )
    assert text.split("\n\n") == [
        "Votes.",
        "All the wards",
        "North | 12",
        "13",
        "Out.",
        "in | deep",
        "Beside.",
    ]


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ("<w:vanish/>", ""),
        ('<w:vanish w:val="0"/>', "nine "),
        ("<w:strike/>", ""),
        ("<w:dstrike/>", ""),
        ('<w:strike w:val="false"/>', "nine "),
        ("<w:b/>", "nine "),
    ],
)
def test_hidden_and_struck_words_are_left_out(properties: str, words: str, tmp_path: Path) -> None:
    text = body(tmp_path, p(run("About "), run("nine ", properties), run("boats.")))
    assert text == f"About {words}boats."


@pytest.mark.parametrize(
    ("before", "up", "after", "text"),
    [
        ("killed 17", "2", " sheep", "killed 17 sheep"),
        ("10", "6", " bees", "10^6 bees"),
        ("40 m", "2", " of roof", "40 m² of roof"),
        ("the 3", "rd", " of May", "the 3rd of May"),
    ],
)
def test_raised_characters_are_apart(
    before: str, up: str, after: str, text: str, tmp_path: Path
) -> None:
    raised = run(up, '<w:vertAlign w:val="superscript"/>')
    assert body(tmp_path, p(run(f"It {before}"), raised, run(f"{after}."))) == f"It {text}."


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("Windows User", ""),
        ("Microsoft Office User", ""),
        ("python-docx", ""),
        ("Admin", ""),
        ("user", ""),
        ("Ada Lund", "Ada Lund"),
    ],
)
def test_the_author_of_a_template_is_no_byline(author: str, byline: str, tmp_path: Path) -> None:
    assert article(tmp_path, p(run("It rained.")), author=author).byline == byline

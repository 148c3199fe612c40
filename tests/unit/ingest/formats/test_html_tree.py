"""What a browser shows of a page is what stands in its article: kind by kind."""

from __future__ import annotations

import pytest

from newsqa.ingest.formats.html import parse_html
from newsqa.ingest.formats.html_fragment import text_of

FIRST = (
    "The mill of Garrow burned for three hours on Saturday night, and the fire brigade of four "
    "villages could not save more than its wheel."
)
LAST = (
    "The council meets on Wednesday to talk about what is to become of the millpond, which "
    "children have skated on every winter since the war."
)


def body(markup: str, *, lang: str = "en") -> str:
    """The article's text between its first and its last paragraph."""
    page = (
        f"<!doctype html><html lang={lang}><head><title>Mill of Garrow burns down</title></head>"
        f"<body><article><h1>Mill of Garrow burns down</h1><p>{FIRST}</p>{markup}<p>{LAST}</p>"
        "</article></body></html>"
    )
    text = parse_html(page.encode()).body
    assert text.startswith(FIRST)
    assert text.endswith(LAST)
    return text.removeprefix(FIRST).removesuffix(LAST).strip()


@pytest.mark.parametrize("element", ["time", "button", "label", "cite", "data", "mark", "bdi"])
def test_words_in_rare_elements_stay_in_their_sentence(element: str) -> None:
    words = "It was first seen at <{0}>about nine</{0}> by a man with a dog."
    plain = "It was first seen at about nine by a man with a dog."
    assert body(f"<p>{words.format(element)}</p>") == plain
    assert body(f"<ul><li>{words.format(element)}</li></ul>") == f"- {plain}"
    assert text_of(f"<p>{words.format(element)}</p>") == plain


def test_a_centred_paragraph_is_one() -> None:
    line = "The wheel, nine metres high, was turning still on Sunday morning."
    assert body(f"<center>{line}</center>") == line


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("<math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>", "E=mc^2"),
        ("<math><mfrac><mn>3</mn><mn>4</mn></mfrac></math>", "3/4"),
        ('<math alttext="x+y"></math>', "x+y"),
    ],
)
def test_a_formula_is_written_on_the_line(formula: str, text: str) -> None:
    assert body(f"<p>The sum was {formula} on the board of the school.</p>") == (
        f"The sum was {text} on the board of the school."
    )


@pytest.mark.parametrize(
    ("markup", "text", "lang"),
    [
        ("<q>Not a plank is left</q>, he said.", "“Not a plank is left”, he said.", "en"),
        ("<q><b>Not</b> a plank</q>, he said.", "“Not a plank”, he said.", "en"),
        ("<q>He said <q>run</q> to us</q>, she said.", "“He said ‘run’ to us”, she said.", "en"),
        ("<q>“Not a plank”</q>, he said.", "“Not a plank”, he said.", "en"),
        ("Er rief <q>Feuer</q> in die Nacht.", "Er rief „Feuer“ in die Nacht.", "de"),
    ],
)
def test_a_quotation_has_its_marks(markup: str, text: str, lang: str) -> None:
    assert body(f"<p>{markup}</p>", lang=lang) == text
    if lang == "en":
        assert text_of(f"<p>{markup}</p>") == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("hurt 12<sup>3</sup> people", "hurt 12 people"),
        ("hurt 12<sup><a href='#n3'>3</a></sup> people", "hurt 12 people"),
        ("hurt 12<sup class=reference>[3]</sup> people", "hurt 12 people"),
        ("hurt 12<a href='#n'><sup>a</sup></a> people", "hurt 12 people"),
        ("the men.<sup>14</sup> Then", "the men. Then"),
        ("the mill<sup>2</sup> of", "the mill of"),
        ("10<sup>9</sup> sparks", "10^9 sparks"),
        ("2<sup>20</sup> sparks", "2^20 sparks"),
        ("3 × 10<sup>-6</sup> grams", "3 × 10^-6 grams"),
        ("40 m<sup>2</sup> of roof", "40 m² of roof"),
        ("9 km<sup>3</sup> of", "9 km³ of"),
        ("the 21<sup>st</sup> fire", "the 21st fire"),
        ("le 1<sup>er</sup> mai", "le 1er mai"),
        ("CO<sub>2</sub> and H<sub>2</sub>O", "CO2 and H2O"),
        ("base 10<sub>2</sub> here", "base 10_2 here"),
        ("4<sup>1</sup>/<sub>2</sub> hours", "4 1/2 hours"),
        ("cost £3<sup>50</sup> each", "cost £3.50 each"),
        ("Brand<sup>TM</sup> oil", "BrandTM oil"),
    ],
)
def test_raised_characters_never_make_another_number(markup: str, text: str) -> None:
    assert body(f"<p>It is said, {markup}, in the village.</p>") == (
        f"It is said, {text}, in the village."
    )
    assert text_of(f"<p>It is said, {markup}, there.</p>") == f"It is said, {text}, there."


@pytest.mark.parametrize(
    "struck",
    [
        "<s>Two</s> <ins>Three</ins>",
        "<del>Two</del> Three",
        "<strike>Two</strike> Three",
        '<span style="text-decoration: line-through">Two</span> Three',
        "<s><b>Two</b></s> Three",
    ],
)
def test_struck_words_are_left_out(struck: str) -> None:
    assert body(f"<p>{struck} men are sought, and a boat.</p>") == (
        "Three men are sought, and a boat."
    )
    assert text_of(f"<p>{struck} men are sought.</p>") == "Three men are sought."


@pytest.mark.parametrize(
    "hidden",
    [
        '<span class="sr-only">Link to a map</span>',
        '<span class="visually-hidden"> (opens elsewhere)</span>',
        '<span class="u-visually-hidden">image</span>',
        '<span class="screen-reader-text">Share</span>',
        '<span style="position:absolute; left:-9999px">Share</span>',
        '<span style="font-size:0">Share</span>',
        '<span style="clip: rect(0 0 0 0); position: absolute">Share</span>',
        "<span hidden>Share</span>",
        '<span style="opacity: 0">Share</span>',
        '<i class="material-icons" aria-hidden="true">share</i>',
    ],
)
def test_text_that_no_reader_sees_is_left_out(hidden: str) -> None:
    for gap in ("", " "):
        text = body(f"<p>The wheel{gap}{hidden} is to be kept in the park of Garrow.</p>")
        assert text == "The wheel is to be kept in the park of Garrow."


def test_text_hidden_from_machines_alone_is_seen() -> None:
    markup = (
        '<p>It cost <span aria-hidden="true">£1.2bn</span><span class="sr-only">1.2 billion '
        "pounds</span> to build the mill anew.</p>"
    )
    assert body(markup) == "It cost £1.2bn to build the mill anew."


@pytest.mark.parametrize(
    "preheader",
    [
        '<div class="preheader">All of it in two minutes</div>',
        '<div style="display:none;max-height:0">All of it in two minutes</div>',
        '<div style="max-height:0px; overflow:hidden">All of it in two minutes</div>',
        '<div style="mso-hide:all">All of it in two minutes</div>',
        "<style>.pre { display: none }</style><div class=pre>All of it in two minutes</div>",
    ],
)
def test_the_preheader_of_a_mail_is_left_out(preheader: str) -> None:
    assert text_of(f"{preheader}<p>The mill burned.</p>") == "The mill burned."


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<ol><li>Garrow<li>Ullay</ol>", ["1. Garrow", "2. Ullay"]),
        ("<ol start=7><li>Garrow</li><li>Ullay</li></ol>", ["7. Garrow", "8. Ullay"]),
        ("<ol reversed><li>Garrow</li><li>Ullay</li></ol>", ["2. Garrow", "1. Ullay"]),
        ("<ol><li value=5>Garrow</li><li>Ullay</li></ol>", ["5. Garrow", "6. Ullay"]),
        ("<ol type=a><li>Garrow</li><li>Ullay</li></ol>", ["a. Garrow", "b. Ullay"]),
        ("<ol type=I start=4><li>Garrow</li><li>Ullay</li></ol>", ["IV. Garrow", "V. Ullay"]),
        ("<ol><li><p>Garrow</p></li><li><p>Ullay</p></li></ol>", ["1. Garrow", "2. Ullay"]),
        ("<ol><li><a href=x>Garrow</a> has nine</li><li>Ullay</li></ol>", ["1. Garrow has nine"]),
        ("<ol><li>1. Garrow</li><li>2. Ullay</li></ol>", ["1. Garrow", "2. Ullay"]),
        ("<ol style='list-style: none'><li>Garrow</li><li>Ullay</li></ol>", ["Garrow", "Ullay"]),
        ("<ul><li>Garrow</li><li>Ullay</li></ul>", ["Garrow", "Ullay"]),
    ],
)
def test_ordered_lists_keep_their_numbers(markup: str, lines: list[str]) -> None:
    text = body(f"<p>The mills of the valley that still turn, by age:</p>{markup}")
    found = [line.removeprefix("- ") for line in text.split("\n\n")]
    assert found[1 : len(lines) + 1] == lines
    assert text_of(markup).split("\n\n")[: len(lines)] == lines


def test_a_table_for_layout_is_paragraphs() -> None:
    page = (
        "<html><head><title>Mill of Garrow burns down</title></head><body><table width=800>"
        "<tr><td colspan=2><a href=/>Front page</a> | <a href=/sport>Sport</a></td></tr><tr>"
        f"<td valign=top><h1>Mill of Garrow burns down</h1><p>{FIRST}</p><p>{LAST}</p></td>"
        "<td width=120><a href=/a>Bread is dearer</a></td></tr></table></body></html>"
    )
    assert parse_html(page.encode()).body == f"{FIRST}\n\n{LAST}"


def test_the_cells_of_a_data_table_stay_apart() -> None:
    table = (
        "<table><tr><th>Mill</th><th>Built</th></tr><tr><td>Garrow</td><td>1702</td></tr>"
        "<tr><td>Ullay</td><td>1811</td></tr></table>"
    )
    text = body(table)
    assert "Garrow | 1702" in text
    assert text_of(table) == "Mill | Built\n\nGarrow | 1702\n\nUllay | 1811"
    two = "<table><tr><td>One 19</td><td>03 Two</td></tr></table>"
    assert text_of(two) == "One 19 | 03 Two"


@pytest.mark.parametrize(
    "markup",
    [
        "<div>{0}</div>",
        "<div>{0}<br><br>{1}</div>",
        "{0}<br><br>{1}<br><br>",
        "<div><span>{0}</span></div>",
        "<section>{0}</section><div>{1}</div>",
        "<div><p>{0}</p>{1}</div>",
        "<div>{0} <a href=/x>Ullay</a>, too.<p>{1}</p></div>",
        "<div><div>{0}</div><div>{1}</div><div>{0} Again.</div></div>",
    ],
)
def test_words_right_in_a_block_are_kept(markup: str) -> None:
    one, two = "The miller was asleep when it began.", "His cat woke him by its cries."
    text = body(markup.format(one, two))
    assert one in text
    assert two in text or "{1}" not in markup
    if "<br><br>" in markup:
        assert text == f"{one}\n\n{two}"


def test_the_ends_of_lines_in_the_source_are_none_in_the_text() -> None:
    lines = "The wheel that was\n  saved <b>is\nnine</b> metres\r\n\thigh, and\nolder than all."
    assert body(f"<p>{lines}</p>") == (
        "The wheel that was saved is nine metres high, and older than all."
    )

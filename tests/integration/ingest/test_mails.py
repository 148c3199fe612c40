"""Mails: all that their sender wrote, and nothing of others in the sender's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsqa.ingest import parse, walk
from newsqa.types import Article, day
from tests.samples import LIMITS

HEAD = (
    "From: Ada Lund <ada@post.example>\nSubject: The tram shed\n"
    "Date: Tue, 03 Mar 2026 10:00:00 +0100\nMessage-ID: <m1@post.example>\nMIME-Version: 1.0\n"
)
WROTE = "On Mon, 12 Jan 2026 at 09:00, Sten Hollis"
PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"
HTML = "Content-Type: text/html; charset=utf-8\n\n"
OWN = "The council has bought the shed, and I was there."
OTHER = "The shed will be pulled down by May."


def read(tmp_path: Path, content: str) -> tuple[list[Article], list[str]]:
    path = tmp_path / "a.eml"
    path.write_text(HEAD + content, encoding="utf-8")
    items = list(parse(walk([path]).files, limits=LIMITS))
    left_out = [p for item in items for p in (*item.skipped, *item.failed)]
    return [a for item in items for a in item.articles], [p.reason for p in left_out]


def multipart(kind: str, *parts: str) -> str:
    inner = "".join(f"--{kind}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary={kind}\n\n{inner}--{kind}--\n"


def quotable(article: Article) -> str:
    text, at = "", 0
    for span in article.furniture:
        text += article.body[at : span.start]
        at = span.end
    return text + article.body[at:]


IMAGE = "Content-Type: image/png; name=a.png\nContent-Disposition: inline\n\nxx"


def test_all_text_parts_are_read_in_order(tmp_path: Path) -> None:
    parts = [PLAIN + "One.", IMAGE, HTML + "<p>Two.</p>", IMAGE, PLAIN + "Three."]
    [article], _ = read(tmp_path, multipart("mixed", *parts))
    assert article.body.split() == ["One.", "Two.", "Three."]
    nested = multipart("related", multipart("alternative", PLAIN + "One.", HTML + "<b>One.</b>"))
    [article], _ = read(tmp_path, multipart("mixed", nested, PLAIN + "Two."))
    assert article.body.split() == ["One.", "Two."]


def test_an_attached_mail_is_an_article_of_its_own(tmp_path: Path) -> None:
    inner = "From: Sten Hollis <s@o.example>\nSubject: Down\nDate: Mon, 12 Jan 2026 09:00:00 +0000"
    attached = f"Content-Type: message/rfc822\n\n{inner}\n{PLAIN}{OTHER}\n"
    report = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=r.pdf\n\nx"
    mail, reasons = read(tmp_path, multipart("mixed", PLAIN + OWN, attached, report))
    assert [(a.source, day(a.published), a.title) for a in mail] == [
        ("Ada Lund", "2026-03-03", "The tram shed"),
        ("Sten Hollis", "2026-01-12", "Down"),
    ]
    assert len({a.article_id for a in mail}) == 2
    assert OTHER not in mail[0].body
    assert OTHER in mail[1].body
    assert reasons == ["attachment 'r.pdf' is not read"]


STUBS = [
    "Your mail program cannot display HTML. Open https://post.example/l in a browser.",
    "This is an HTML e-mail.",
    "View this letter online: https://post.example/l",
    "If you can't read this message, view it in your browser.",
    "-",
]
LETTER = "<h1>Letter</h1><p>The shed was bought on Monday for one crown.</p><p>More soon.</p>"


@pytest.mark.parametrize("stub", STUBS)
def test_a_plain_part_that_points_to_the_other_is_no_text(stub: str, tmp_path: Path) -> None:
    [article], _ = read(tmp_path, multipart("alternative", PLAIN + stub, HTML + LETTER))
    assert "The shed was bought on Monday for one crown." in article.body
    assert stub not in article.body


def test_a_full_plain_part_is_preferred(tmp_path: Path) -> None:
    plain = "Letter\n\nThe shed was bought on Monday for one crown.\n\nMore soon. (plain)"
    [article], _ = read(tmp_path, multipart("alternative", PLAIN + plain, HTML + LETTER))
    assert "(plain)" in article.body


@pytest.mark.parametrize(
    "quote",
    [
        f"{WROTE} <s@o.example> wrote:\n> {OTHER}\n> And soon.",
        f"{WROTE} of the office of works\n<s@o.example> wrote:\n>\n> {OTHER}",
        f"Am 12.01.2026 um 09:00 schrieb Sten Hollis:\n> {OTHER}",
        f"Le 12 janv. 2026 à 09:00, Sten Hollis <s@o.example> a écrit :\n\n> {OTHER}",
        f"> {OTHER}",
        f">> {OTHER}\n> I see.",
        f"-----Original Message-----\nFrom: Sten Hollis\nSent: 12 January 2026\n\n{OTHER}",
        f"From: Sten Hollis <s@o.example>\nSent: Monday, 12 January 2026 09:00\nTo: Ada Lund\n"
        f"Subject: Shed\n\n{OTHER}",
        f"{'_' * 32}\nFrom: Sten Hollis\nDate: 12 January 2026\nTo: Ada\nSubject: Shed\n\n{OTHER}",
        f"On 12 Jan 2026, at 09:00, Sten Hollis <s@o.example> wrote:\n\n{OTHER}\n",
    ],
)
def test_what_a_reply_quotes_is_not_the_senders(quote: str, tmp_path: Path) -> None:
    [article], _ = read(tmp_path, f"{PLAIN}{OWN}\n\n{quote}\n")
    assert OTHER in article.body
    assert OTHER not in quotable(article)
    assert "Sten" not in quotable(article)
    assert OWN in quotable(article)


def test_answers_between_quoted_lines_are_the_senders(tmp_path: Path) -> None:
    text = f"Sten Hollis <s@o.example> wrote on 12 January:\n> {OTHER}\nNo.\n> And soon.\n{OWN}\n"
    [article], _ = read(tmp_path, PLAIN + text)
    assert quotable(article).split("\n") == ["", "No.", "", OWN, ""]


@pytest.mark.parametrize(
    "quote",
    [
        '<div class="gmail_quote"><div>On Mon, Sten wrote:</div>'
        f"<blockquote>{OTHER}</blockquote></div>",
        '<div class="moz-cite-prefix">On Monday Sten wrote:</div>'
        f'<blockquote type="cite"><p>{OTHER}</p></blockquote>',
        f'<blockquote type="cite"><div><p>{OTHER}</p></div></blockquote>',
        f'<div id="divRplyFwdMsg"><b>From:</b> Sten</div><div><p>{OTHER}</p></div>',
        f'<div class="yahoo_quoted"><p>Sten wrote:</p><p>{OTHER}</p></div>',
        "<p>From: Sten Hollis<br>Sent: Monday, 12 January 2026<br>To: Ada<br>Subject: Shed</p>"
        f"<p>{OTHER}</p>",
    ],
)
def test_what_a_reply_in_html_quotes_is_not_the_senders(quote: str, tmp_path: Path) -> None:
    [article], _ = read(tmp_path, f"{HTML}<p>{OWN}</p>{quote}")
    assert OTHER in article.body
    assert OTHER not in quotable(article)
    assert "Sten" not in quotable(article)
    assert OWN in quotable(article)


@pytest.mark.parametrize(
    "text",
    [
        f"{PLAIN}{OWN}\n\n---------- Forwarded message ---------\nFrom: Sten Hollis <s@o.example>\n"
        "Date: Mon, 12 Jan 2026 at 09:00\nSubject: Down with it\nTo: Ada <ada@post.example>\n\n"
        f"{OTHER}",
        f"{PLAIN}{OWN}\n\nBegin forwarded message:\n\nFrom: Sten Hollis <s@o.example>\n"
        "Subject: Down with it\nDate: 12 January 2026 at 09:00:00 CET\nTo: ada@post.example\n\n"
        f"{OTHER}",
        f'{HTML}<p>{OWN}</p><div class="gmail_quote"><div>---------- Forwarded message -------<br>'
        "From: <b>Sten Hollis</b> &lt;s@o.example&gt;<br>Date: Mon, 12 Jan 2026 at 09:00<br>"
        f"Subject: Down with it<br>To: Ada<br></div><br><p>{OTHER}</p></div>",
    ],
)
def test_a_forwarded_mail_has_its_own_sender_and_day(text: str, tmp_path: Path) -> None:
    [own, forwarded], _ = read(tmp_path, text)
    assert OWN in own.body
    assert OTHER not in own.body
    assert (forwarded.source, day(forwarded.published)) == ("Sten Hollis", "2026-01-12")
    assert (forwarded.title, forwarded.body) == ("Down with it", OTHER)


@pytest.mark.parametrize(
    "line",
    [
        "The mayor of the village wrote:",
        "He said 9 of them wrote:",
        "From the tram shed to the mill it is a mile.",
        "Date of the next meeting: 3 May.",
    ],
)
def test_the_senders_own_words_are_kept(line: str, tmp_path: Path) -> None:
    [article], _ = read(tmp_path, f"{PLAIN}{OWN}\n\n{line}\n\nThe shed is ours.\n")
    assert "The shed is ours." in quotable(article)

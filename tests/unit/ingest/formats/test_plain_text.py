"""Titles, header lines and Markdown: what stands above the body and what the body becomes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.ingest.draft import EmptyError, RefusedError, finished
from newsqa.ingest.formats.markdown import parse_markdown
from newsqa.ingest.formats.plain_text import parse_text

BODY = "It opened on Friday. Nobody came."


def text(content: str) -> tuple[str, str]:
    draft = parse_text(content.encode())
    return draft.title, draft.body


def test_the_first_line_is_the_title_if_an_empty_line_follows() -> None:
    assert text(f"Bridge opens\n\n{BODY}\n") == ("Bridge opens", f"{BODY}\n")
    assert text(f"\n\n  Bridge opens \n \n\n{BODY}") == ("Bridge opens", BODY)
    assert text(f"Bridge opens\r\n\r\n{BODY}") == ("Bridge opens", BODY)


@pytest.mark.parametrize(
    "content",
    [
        f"Bridge opens\n{BODY}",
        f"The bridge opens.\n\n{BODY}",
        f"“Will it hold?”\n\n{BODY}",
        f"{'A very long line ' * 30}\n\n{BODY}",
        "Bridge",
        "Bridge opens\n\n",
        f"---\n\n{BODY}",
    ],
)
def test_otherwise_all_of_it_is_the_body(content: str) -> None:
    assert text(content) == ("", content)


def test_header_lines_below_the_title_are_read_and_are_not_part_of_the_body() -> None:
    head = "By: Jonas Pell\nPublished: 2 February 2026\nSource: Packet\nURL: https://p.example/a"
    for content in (f"Bridge opens\n\n{head}\n\n{BODY}", f"Bridge opens\n\n{head}\n{BODY}"):
        draft = parse_text(content.encode())
        assert draft.body == BODY
        assert draft.byline == "Jonas Pell"
        assert draft.published == date(2026, 2, 2)
        assert (draft.source, draft.url) == ("Packet", "https://p.example/a")


def test_a_byline_needs_no_colon_but_a_name() -> None:
    draft = parse_text(
        f"Bridge opens\n\nBy Jonas Pell and Ada Merrin, 2 May 2026\n\n{BODY}".encode()
    )
    assert (draft.byline, draft.published) == ("Jonas Pell and Ada Merrin", date(2026, 5, 2))
    for line in ("By Monday", "By contrast", "By far the best bridge", "By Friday evening"):
        assert text(f"Bridge opens\n\n{line}\n\n{BODY}")[1] == f"{line}\n\n{BODY}"


@pytest.mark.parametrize("line", ["Date: tomorrow", "Photo: Ada Merrin", "Note: see below"])
def test_a_line_that_is_no_header_stays_in_the_body(line: str) -> None:
    assert text(f"Bridge opens\n\n{line}\n\n{BODY}")[1] == f"{line}\n\n{BODY}"


def test_header_lines_alone_are_the_text() -> None:
    assert text("Source: the well\n") == ("", "Source: the well\n")


def test_a_date_in_the_body_is_not_the_articles() -> None:
    assert finished(parse_text(b"Bridge\n\nIt was built on 3 March 1998.")).published is None


def markdown(content: str) -> tuple[str, str]:
    draft = parse_markdown(content.encode())
    return draft.title, draft.body


def test_marks_go_and_words_stay() -> None:
    source = (
        "A *plain* [link](http://x.example 'y') and `code`.\nThe same  \nparagraph &amp; more.\n\n"
        "![gone](x.png)\n\n1. one\n2. two\n   - three\n\n    indented code\n\n***\n\n> quoted\n"
    )
    assert markdown(source)[1] == (
        "A plain link and code. The same\nparagraph & more.\n\n1. one\n\n2. two\n\n- three\n\n"
        "indented code\n\nquoted"
    )


def test_raw_html_loses_its_tags_and_scripts() -> None:
    script = "<script>\nalert(1)\n</script>"
    source = f"Start.\n\n<div>\nBox <b>one</b>\n</div>\n\n{script}\n\n<i>Last</i> line"
    assert markdown(source)[1].split() == ["Start.", "Box", "one", "Last", "line"]


@pytest.mark.parametrize(
    ("content", "title", "body"),
    [
        ("# One\n\ntext", "One", "text"),
        ("---\ntitle: One\n---\n# One\n\ntext", "One", "text"),
        ("---\ntitle: One\n---\n# Two\n\ntext", "One", "Two\n\ntext"),
        ("Some text.\n\n# One", "", "Some text.\n\nOne"),
        ("One\n===\n\ntext", "One", "text"),
        ("---\n---\ntext", "", "text"),
        ("---\n\ntext\n\n---\n", "", "text"),
        ("---\n- a\n---\n", "", "- a"),
    ],
)
def test_the_title_of_a_markdown_file(content: str, title: str, body: str) -> None:
    assert markdown(content) == (title, body)


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("a: &a [x]\nb: [*a, *a]", "YAML aliases"),
        ("a: &a x", "YAML aliases"),
        ("a: [1", "not valid YAML"),
        ("a: !!python/object/apply:os.getcwd []", "not valid YAML"),
        ("date: 2026-02-31", "not valid YAML"),
        ("x: " + "y" * 30_000, "more than"),
    ],
)
def test_front_matter_that_is_refused(front: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        parse_markdown(f"---\n{front}\n---\n\ntext".encode())


@given(st.text(max_size=200))
def test_any_text_is_a_text_and_a_markdown_file(content: str) -> None:
    raw = content.encode("utf-8", "surrogatepass")
    for parse in (parse_text, parse_markdown):
        try:
            draft = finished(parse(raw))
        except (EmptyError, RefusedError):
            continue
        assert draft.article("key").article_id in ("key", draft.url, draft.record_id)
        assert all(span.end <= len(draft.body) for span in draft.furniture or ())
        assert parse(raw) == parse(raw)


def test_words_that_markdown_strikes_out_are_left_out() -> None:
    draft = parse_markdown(
        b"# Toll\n\nThe toll is ~~forty **five**~~ fifty pence, ~ about a coin.\n"
    )
    assert " ".join(draft.body.split()) == "The toll is fifty pence, ~ about a coin."

from __future__ import annotations

import time

import pytest

from newsqa.ingest.formats.html import parse_html
from newsqa.ingest.formats.html_headline import headline
from newsqa.ingest.formats.html_lines import Line, page_lines

TEXT = (
    "<p>The ferry between Skarrow and Ullay stops for nine days, the harbour office said.</p>"
    "<p>“We have bread for a week,” said Sten Hollis, who keeps the shop on the island.</p>"
)


def title_of(head: str, body: str) -> str:
    page = f"<html><head>{head}</head><body>{body}<article>{TEXT}</article></body></html>"
    return parse_html(page.encode()).title


def lines_of(body: str) -> list[Line]:
    from trafilatura.utils import load_html

    return page_lines(load_html(f"<html><head><title>T</title></head><body>{body}</body></html>"))


def test_lines_are_what_a_reader_sees_in_order() -> None:
    seen = lines_of(
        "lead <p>one<!-- not this --> and <b>two</b><script>no</script> three</p>"
        "<p style='display: none'>no</p>tail<nav>menu</nav><div hidden>no</div><br>last"
    )
    assert [(line.text, line.aside) for line in seen] == [
        ("lead", False),
        ("one and two three", False),
        ("tail", False),
        ("menu", True),
        ("last", False),
    ]


def test_a_heading_is_one_line_whatever_is_inside() -> None:
    seen = lines_of("<h1><div>Ferry</div>stops<br><span>today</span></h1><p>Then</p>")
    assert [(line.text, line.heading) for line in seen] == [
        ("Ferry stops today", "h1"),
        ("Then", ""),
    ]


@pytest.mark.parametrize(
    "head",
    [
        "<title>Ferry stops for nine days - Island News</title>",
        "<title>Island ferry: why it stops for nine days | The Lantern</title>",
        '<meta property="og:title" content="Ferry to Ullay stops for nine whole days">',
        "<title>Ferry stops</title>"
        '<script type="application/ld+json">{"@type": "NewsArticle",'
        ' "headline": "Ferry stops for nine days &#8211; Island News"}</script>',
    ],
)
def test_the_heading_above_the_text_beats_other_wordings(head: str) -> None:
    body = "<h1>The Lantern</h1><h1>Ferry stops for nine days</h1><h2>Baker of the year</h2>"
    assert title_of(head + '<meta property="og:site_name" content="The Lantern">', body) == (
        "Ferry stops for nine days"
    )


def test_a_headline_that_is_no_heading_is_found_by_the_title() -> None:
    head = "<title>Ferry stops for nine days - The Lantern</title>"
    body = "<h1>Lantern online</h1><div class=t>Ferry stops for nine days</div>"
    assert title_of(head, body) == "Ferry stops for nine days"


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Opinion</h1>",
        "<nav><h1>Ferry stops for nine days or more</h1></nav>",
        "<h1 style='display:none'>Ferry stops for nine days or more</h1>",
        "<h1>Ferry stops</h1>",
    ],
)
def test_a_heading_of_something_else_is_not_the_title(body: str) -> None:
    head = "<title>The ferry between the islands stops for nine days</title>"
    assert title_of(head, body) == "The ferry between the islands stops for nine days"


def test_the_only_heading_is_the_title_where_the_page_has_but_its_sites_name() -> None:
    head = "<title>All the news of the islands</title>"
    assert title_of(head, "<h1>Ferry stops for nine days</h1>") == "Ferry stops for nine days"


def test_quotes_and_dashes_do_not_keep_a_heading_from_being_the_title() -> None:
    head = """<title>"We have bread" - islanders wait, ferry's away</title>"""
    body = "<h1>“We have bread” – islanders wait, ferry’s away</h1>"
    assert title_of(head, body) == "“We have bread” – islanders wait, ferry’s away"


def test_the_headline_is_not_left_in_the_body() -> None:
    page = (
        "<html><head><title>Why the island ferry stops for nine days</title></head><body>"
        f"<article><h1>Ferry stops for nine days</h1>{TEXT}</article></body></html>"
    )
    draft = parse_html(page.encode())
    assert draft.title == "Ferry stops for nine days"
    assert draft.body.startswith("The ferry between")


def test_many_headings_and_titles_take_no_time() -> None:
    lines = [Line(f"Heading {n} " + "stone wall " * 25, "h1", False) for n in range(5_000)]
    said = [f"Title {n} " + "sand - bank " * 24 for n in range(5_000)]
    began = time.process_time()
    headline(lines, [*said, "x - " * 500_000], ["The Lantern"])
    assert time.process_time() - began < 5

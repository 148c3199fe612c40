"""What the page says of the index: how much it holds, and its outlets, where there are many."""

from __future__ import annotations

import re
from datetime import date

from newsqa.web.html import articles_tab, layout, messages
from tests.unit.web.html.test_markup import text_of

MANY = {f"Outlet {n:03}": n for n in range(1, 201)}


def test_the_index_summary_counts_and_dates() -> None:
    described = {
        "articles": 64, "sources": dict.fromkeys("abcdef", 1), "first": "2026-01-14",
        "last": "2026-11-20",
    }  # fmt: skip
    line = articles_tab.index_summary(described)
    assert line == "64 articles from 6 outlets, January to November 2026"
    assert articles_tab.index_summary({"articles": 1, "sources": {}}) == "1 article"
    assert (
        articles_tab.month_range(date(2025, 12, 1), date(2026, 1, 1))
        == "December 2025 to January 2026"
    )
    assert articles_tab.month_range(date(2026, 1, 1), date(2026, 1, 9)) == "January 2026"


def outlets_in(html: str) -> list[str]:
    return re.findall(r'name="source" value="([^"]*)"', html)


def test_of_many_outlets_those_with_most_articles_are_drawn_and_others_found() -> None:
    described = {"articles": 1, "passages": 1, "sources": MANY}
    drawn = outlets_in(layout.render_filters(described))
    assert drawn == [f"Outlet {n}" for n in range(200, 200 - layout.SOURCES_LISTED, -1)]
    assert outlets_in(layout.render_source_boxes(MANY, " outlet 001 ")) == ["Outlet 001"]
    assert messages.NO_OUTLET in layout.render_source_boxes(MANY, "elsewhere")
    corpus = articles_tab.render_facts(described)
    assert re.findall(r'data-find="([^"]*)"', corpus) == drawn
    assert "and 160 more" in text_of(corpus)


def test_a_few_outlets_need_no_search() -> None:
    few = {name: MANY[name] for name in sorted(MANY)[: layout.SOURCES_LISTED]}
    html = layout.render_filters({"sources": few})
    assert sorted(outlets_in(html)) == sorted(few)
    assert "nq-outlet-find" not in html
    assert "nq-outlet-find" in layout.render_filters({"sources": MANY})

"""The Articles tab as HTML: what is in the index, and what adds, removes and rebuilds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from newsqa.index import Listing
from newsqa.web.html import messages
from newsqa.web.html.layout import SOURCES_LISTED, largest_sources
from newsqa.web.html.markup import counted, day_words, render

PAGE_ROWS = 50
_ACCEPTED = (
    ".txt,.md,.markdown,.html,.htm,.pdf,.jsonl,.ndjson,.gz,.csv,.tsv,.rtf,.rss,.atom,.xml,.eml,"
    ".docx,.zip,.tar,.tgz,.warc"
)


def render_tab(*, changing: bool, with_token: bool, folders: bool) -> Markup:
    """Return the tab that lists articles and, where it may, adds and removes them.

    Args:
        changing: Whether anything may be changed at all.
        with_token: Whether a change needs the admin token.
        folders: Whether folders may be added by their path.
    """
    return render(
        "articles_tab",
        changing=changing,
        with_token=with_token,
        folders=folders,
        accepted=_ACCEPTED,
    )


def render_facts(described: Mapping[str, Any]) -> Markup:
    """Return what is in the index: counts, the outlets, the dates, the last change."""
    changed = described.get("changed")
    at = datetime.fromisoformat(str(changed)) if changed else None
    sources = described.get("sources") or {}
    more = len(sources) - SOURCES_LISTED
    return render(
        "index_facts",
        articles=f"{int(described['articles']):,}",
        passages=f"{int(described['passages']):,}",
        first=_day(described.get("first")),
        last=_day(described.get("last")),
        changed=at,
        changed_words=f"{day_words(at.date())}, {at:%H:%M} {at.tzname() or ''}".strip()
        if at
        else "",
        sources=largest_sources(sources),
        more_sources=messages.MORE_OUTLETS.format(count=f"{more:,}") if more > 0 else "",
    )


def _day(raw: object) -> date | None:
    return date.fromisoformat(str(raw)) if raw else None


def render_listing(listing: Listing, offset: int, *, changing: bool) -> Markup:
    """Return articles of the index as a table, each with a button that opens it."""
    last = offset + len(listing.articles)
    pages = [(max(0, offset - PAGE_ROWS), messages.PREVIOUS)] if offset else []
    pages += [(last, messages.NEXT)] if last < listing.total else []
    extent = messages.SHOWN.format(
        first=offset + 1, last=last, all=counted(listing.total, messages.ARTICLES)
    )
    return render(
        "articles_list", articles=listing.articles, extent=extent, pages=pages, changing=changing
    )


def index_summary(described: Mapping[str, Any]) -> str:
    """Return what is in the index: "64 articles from 6 outlets, January to November 2026"."""
    words = counted(int(described["articles"]), messages.ARTICLES)
    outlets = len(described.get("sources") or {})
    if outlets:
        among = counted(outlets, messages.OUTLETS_COUNTED)
        words = messages.FROM_OUTLETS.format(articles=words, outlets=among)
    first, last = _day(described.get("first")), _day(described.get("last"))
    return f"{words}, {month_range(first, last)}" if first and last else words


def month_range(first: date, last: date) -> str:
    """Return a range of days in months: "January to November 2026"."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{last:%B %Y}"
    if first.year == last.year:
        return messages.MONTHS.format(first=f"{first:%B}", last=f"{last:%B %Y}")
    return messages.MONTHS.format(first=f"{first:%B %Y}", last=f"{last:%B %Y}")

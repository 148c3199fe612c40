"""The Search tab as HTML: hits with their words marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from newsqa.replies import Hits
from newsqa.text.analysis import content_terms, terms
from newsqa.text.snippet import snippet
from newsqa.types import Hit, Passage
from newsqa.web.html import messages
from newsqa.web.html.markup import counted, render
from newsqa.web.html.reply import copies_json


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit as it is listed; of the snippet's parts those are true that the question asks for."""

    passage: Passage
    copies_json: str
    snippet: Sequence[tuple[str, bool]]


def render_hits(hits: Hits, *, by_date: bool) -> Markup:
    """Return hits as a list, each with a button that opens it at its place."""
    query_terms = frozenset(content_terms(hits.question) or terms(hits.question))
    articles = {hit.passage.article_id for hit in hits}
    extent = (messages.HITS_BY_DATE if by_date else messages.HITS).format(
        passages=counted(len(hits), messages.PASSAGES),
        articles=counted(len(articles), messages.ARTICLES),
    )
    ordered = sorted(hits, key=_newest_first) if by_date else hits
    views = [
        HitView(hit.passage, copies_json(hit.copies), snippet(hit.passage.text, query_terms))
        for hit in ordered
    ]
    return render("hits", hits=views, extent=extent)


def _newest_first(hit: Hit) -> tuple[int, int]:
    day = hit.passage.published
    return (-day.toordinal() if day else 0, hit.rank)


def remaining(fitting: int, total: int) -> str:
    """Return how many articles the filters leave: "19 of 73 articles selected"."""
    return messages.REMAIN.format(fitting=f"{fitting:,}", total=counted(total, messages.ARTICLES))

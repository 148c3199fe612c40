"""The Search tab as HTML: hits with their words marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from newsqa.replies import Hits
from newsqa.text.analysis import content_terms, terms
from newsqa.types import Hit, Passage
from newsqa.web.html import messages
from newsqa.web.html.markup import counted, render
from newsqa.web.html.reply import copies_json

# A character of a script without spaces is a word, as in `newsqa.text.analysis`.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}](?:[^\W{_CJK}]|['’.-])*")
_SNIPPET_CHARS = 320
_BEFORE_CHARS = 80  # of a snippet, before its first match


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


def snippet(passage: str, query_terms: frozenset[str]) -> list[tuple[str, bool]]:
    """Return the stretch of a passage around its first match, in parts that match or do not."""
    matches = [m for m in _WORD.finditer(passage) if query_terms.intersection(terms(m.group()))]
    start = max(0, matches[0].start() - _BEFORE_CHARS) if matches else 0
    if start:
        start = passage.find(" ", start, start + 40) + 1 or start
    end = min(len(passage), start + _SNIPPET_CHARS)
    if end < len(passage):
        end = max(passage.rfind(" ", start + _SNIPPET_CHARS // 2, end), start + 1)
    parts, at = [("… ", False)] if start else [], start
    for match in matches:
        if match.end() > end:
            continue
        if parts and parts[-1][1] and match.start() == at:  # signs of a script without spaces
            parts[-1] = (parts[-1][0] + match.group(), True)
        else:
            parts += [(passage[at : match.start()], False), (match.group(), True)]
        at = match.end()
    return [*parts, (passage[at:end], False), *([(" …", False)] if end < len(passage) else [])]


def remaining(fitting: int, total: int) -> str:
    """Return how many articles the filters leave: "19 of 73 articles selected"."""
    return messages.REMAIN.format(fitting=f"{fitting:,}", total=counted(total, messages.ARTICLES))

"""Searching and counting: hits with their words marked, and how many articles remain, as HTML."""

from __future__ import annotations

import re

from newsqa.index import Coverage
from newsqa.replies import Hits
from newsqa.text.analysis import content_terms, terms
from newsqa.types import Filters, Hit
from newsqa.web.html import messages as strings
from newsqa.web.html.markup import attributes, counted, day_html, isolated, text
from newsqa.web.html.reply import copies_json
from newsqa.web.html.timeline import timeline

# A character of a script without spaces is a word, as in `newsqa.text.analysis`.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}](?:[^\W{_CJK}]|['’.-])*")
_SNIPPET_CHARS = 320


def search_panel() -> str:
    """Return the tab that searches passages; the script fills in what is found."""
    options = "".join(
        f"<option{attributes(value=value)}>{text(words)}</option>"
        for value, words in (("relevance", strings.BY_RELEVANCE), ("date", strings.BY_DATE))
    )
    field = attributes(
        type="search",
        id="nq-search",
        autocomplete="off",
        dir="auto",
        placeholder=strings.SEARCH_HINT,
    )
    return (
        f'<div class="nq-searching"><form id="nq-search-form"><label class="nq-wide">'
        f'<span class="nq-sr">{text(strings.SEARCH_LABEL)}</span><input{field}></label>'
        f'<label>{text(strings.SORT)} <select id="nq-sort">{options}</select></label>'
        f'<button class="nq-button">{text(strings.SEARCH_GO)}</button></form>'
        f'<p class="nq-limited">{text(strings.FILTERS)}: <span class="nq-set" '
        f'data-none="{text(strings.NO_FILTERS)}">{text(strings.NO_FILTERS)}</span> '
        f'<button type="button" class="nq-plain" data-action="filters">{text(strings.CHANGE)}'
        f"</button></p>"
        f'<div id="nq-hits" aria-live="polite"></div></div>'
    )


def hits(found: Hits, *, by_date: bool) -> str:
    """Return hits as a list, each with a button that opens it at its place."""
    if not len(found):
        return f"<p>{text(strings.NO_HITS)}</p>"
    wanted = frozenset(content_terms(found.question) or terms(found.question))
    shown = sorted(found, key=_newest_first) if by_date else found
    articles = {hit.passage.article_id for hit in found}
    said = (strings.HITS_BY_DATE if by_date else strings.HITS).format(
        passages=counted(len(found), strings.PASSAGES),
        articles=counted(len(articles), strings.ARTICLES),
    )
    items = "".join(f"<li>{_hit(hit, wanted)}</li>" for hit in shown)
    return f'<p class="nq-shown">{text(said)}</p><ol class="nq-hits">{items}</ol>'


def _newest_first(hit: Hit) -> tuple[int, int]:
    day = hit.passage.published
    return (-day.toordinal() if day else 0, hit.rank)


def _hit(hit: Hit, wanted: frozenset[str]) -> str:
    p = hit.passage
    named = attributes(
        css="nq-read",
        type="button",
        data_article=p.article_id,
        data_version=p.version,
        data_start=p.span.start,
        data_end=p.span.end,
        data_copies=copies_json(hit.copies),
    )
    place = " · ".join(part for part in (isolated(p.source), day_html(p.published)) if part)
    return (
        f"<button{named}>{isolated(p.title or strings.UNTITLED)}</button>"
        f'<span class="nq-from">{place}</span>'
        f'<p dir="auto">{snippet(p.text, wanted)}</p>'
    )


def snippet(passage: str, wanted: frozenset[str]) -> str:
    """Return the stretch of a passage around its first wanted word, wanted words in ``<b>``."""
    found = [m for m in _WORD.finditer(passage) if wanted.intersection(terms(m.group()))]
    start = max(0, found[0].start() - 80) if found else 0
    if start:
        start = passage.find(" ", start, start + 40) + 1 or start
    end = min(len(passage), start + _SNIPPET_CHARS)
    if end < len(passage):
        end = max(passage.rfind(" ", start + _SNIPPET_CHARS // 2, end), start + 1)
    out, at = [], start
    for match in found:
        if match.end() <= end:
            out.append(text(passage[at : match.start()]))
            out.append(f"<b>{text(match.group())}</b>")
            at = match.end()
    out.append(text(passage[at:end]))
    marked = "".join(out).replace("</b><b>", "")
    return ("… " if start else "") + marked + (" …" if end < len(passage) else "")


def counted_by(form: Filters) -> Filters:
    """Return the filters by which articles are counted: as of a day means up to that day."""
    last = min((day for day in (form.until, form.as_of) if day), default=None)
    return Filters(since=form.since, until=last, sources=form.sources)


def remaining(found: Coverage) -> str:
    """Return how many articles the filters leave: "19 of 73 articles remain"."""
    total = counted(found.total, strings.ARTICLES)
    return text(strings.REMAIN.format(fitting=f"{found.fitting:,}", total=total))


def parts(found: Coverage, form: Filters) -> tuple[str, str]:
    """Return what the filter bar shows: how many articles remain, and the timeline."""
    return remaining(found), timeline(found.months, (form.since, form.until))

"""One article as HTML, the quoted words marked, and the lines about the whole index."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from newsqa.types import Article, Copy, Span
from newsqa.web.html import messages as strings
from newsqa.web.html.markup import attributes, counted, day_html, isolated, link, text

_FRAGMENT_CHARS = 300
_FRAGMENT_WORDS = 6  # of each end, where a quote is longer or runs over a line
_BLANK = re.compile(r"\n[^\S\n]*\n")
_LINE = re.compile(r"\n")


def article(
    shown: Article,
    quote: Span | None = None,
    others: Sequence[Span] = (),
    copies: Sequence[Copy] = (),
) -> str:
    """Return an article for the reader pane.

    Args:
        shown: The article, in the version that was quoted.
        quote: What to mark and scroll to; ignored where it runs past the end.
        others: Other quotes of the reply from the same article, marked lightly.
        copies: Where else the article was printed; the script puts a quote's own in their place.
    """
    inside = [span for span in (quote, *others) if span and span.end <= len(shown.body)]
    marked = quote if quote in inside else None
    paragraphs = "".join(
        f'<p dir="auto">{_marked(shown.body, piece, marked, inside)}</p>'
        for piece in paragraphs_of(shown)
    )
    parts = [
        _head(shown, marked),
        _versions(shown),
        _printed(copies),
        f'<div class="nq-body">{paragraphs}</div>',
    ]
    if shown.furniture:
        parts.append(f'<p class="nq-note">{text(strings.FURNITURE_LEFT_OUT)}</p>')
    if shown.unreadable:
        note = strings.LOST_CHARACTERS.format(count=f"{shown.unreadable:,}")
        parts.append(f'<p class="nq-note">{text(note)}</p>')
    css = attributes(css="nq-article", data_article=shown.article_id, lang=_language(shown))
    return f"<article{css}>{''.join(parts)}</article>"


def gone() -> str:
    """Return what the reader pane shows for an article that is not there."""
    return f'<p class="nq-reader-empty" role="alert">{text(strings.GONE)}</p>'


def paragraphs_of(shown: Article) -> list[Span]:
    """Return the paragraphs of the body outside furniture, in order, without white space.

    Blank lines part paragraphs; a body without any has one paragraph a line.
    """
    parting = _BLANK if _BLANK.search(shown.body) else _LINE
    pieces = []
    for kept in _kept(shown):
        start = kept.start
        ends = [match.span() for match in parting.finditer(shown.body, kept.start, kept.end)]
        for end, following in [*ends, (kept.end, kept.end)]:
            piece = shown.body[start:end]
            if piece.strip():
                left = start + len(piece) - len(piece.lstrip())
                pieces.append(Span(left, left + len(piece.strip())))
            start = following
    return pieces


def _kept(shown: Article) -> Iterator[Span]:
    """The stretches of the body between the furniture."""
    at = 0
    for span in sorted(shown.furniture):
        if span.start > at:
            yield Span(at, span.start)
        at = max(at, span.end)
    if at < len(shown.body):
        yield Span(at, len(shown.body))


def _marked(body: str, piece: Span, quote: Span | None, spans: Sequence[Span]) -> str:
    """One paragraph; every stretch that a span covers in its own element, the quote in one."""
    cuts = {at for span in spans for at in (span.start, span.end) if piece.start < at < piece.end}
    if quote:
        cuts = {at for at in cuts if not quote.start < at < quote.end}
    cuts |= {piece.start, piece.end}
    points = sorted(cuts)
    out = []
    for start, end in pairwise(points):
        part = Span(start, end)
        words = text(part.cut(body))
        if quote and quote.holds(part):
            first = ' id="nq-mark" tabindex="-1"' if part.start == _first(body, quote) else ""
            words = f"<mark{first}>{words}</mark>"
        elif any(span.holds(part) for span in spans):
            words = f'<span class="nq-also">{words}</span>'
        out.append(words)
    return "".join(out)


def _first(body: str, quote: Span) -> int:
    """Where the quote's first visible character stands: what is scrolled to."""
    cut = quote.cut(body)
    return quote.start + len(cut) - len(cut.lstrip())


def _head(shown: Article, marked: Span | None) -> str:
    source = isolated(shown.source, "nq-outlet") if shown.source else text(strings.NO_SOURCE)
    days = day_html(shown.published) or text(strings.UNDATED)
    if shown.updated and shown.updated != shown.published:
        days += " " + strings.UPDATED.format(day=day_html(shown.updated))
    by = isolated(shown.byline, "nq-byline") if shown.byline else ""
    meta = " · ".join(part for part in (source, days, by) if part)
    fragment = fragment_of(marked.cut(shown.body)) if marked else ()
    original = link(shown.url, strings.ORIGINAL, "nq-original", fragment)
    title = text(shown.title or strings.UNTITLED)
    return f'<header><p class="nq-meta">{meta}</p><h2 dir="auto">{title}</h2>{original}</header>'


def fragment_of(quote: str) -> tuple[str, ...]:
    """Return what finds a quote on the page it came from: all its words, or both its ends.

    A browser finds words only inside one block, and a block may end at any line.
    """
    lines = [line.split() for line in quote.splitlines() if line.strip()]
    whole = " ".join(quote.split())
    if len(lines) < 2 and len(whole) <= _FRAGMENT_CHARS:
        return (whole,) if whole else ()
    first, last = lines[0][:_FRAGMENT_WORDS], lines[-1][-_FRAGMENT_WORDS:]
    return " ".join(first)[:_FRAGMENT_CHARS], " ".join(last)[-_FRAGMENT_CHARS:]


def _versions(shown: Article) -> str:
    notes = []
    last = max((v.version for v in shown.versions), default=shown.version)
    if last > 1:
        notes.append(text(strings.VERSION_OF.format(version=shown.version, last=last)))
        if shown.version < last:
            notes.append(text(strings.NEWER_VERSION))
        notes.append(" ".join(_other(shown, v.version) for v in shown.versions))
    return f'<p class="nq-note">{" · ".join(notes)}</p>' if notes else ""


def _printed(copies: Sequence[Copy]) -> str:
    outlets = ", ".join(_copy(copy) for copy in copies)
    shown = strings.ALSO_PRINTED.format(outlets=outlets) if copies else ""
    named = attributes(css="nq-note", id="nq-printed", hidden=None if copies else "")
    return f"<p{named}>{shown}</p>"


def _copy(copy: Copy) -> str:
    place = {"data_article": copy.article_id, "data_version": copy.version}
    named = attributes(css="nq-read", type="button", **place)
    return f"<button{named}>{isolated(copy.source or copy.title or copy.article_id)}</button>"


def _other(shown: Article, version: int) -> str:
    named = attributes(
        css="nq-read",
        type="button",
        data_article=shown.article_id,
        data_version=version,
        aria_current="true" if version == shown.version else None,
    )
    return f"<button{named}>{text(strings.VERSION.format(version=version))}</button>"


def _language(shown: Article) -> str | None:
    plain = shown.language.replace("-", "")
    return shown.language if plain.isascii() and plain.isalnum() else None


def index_line(described: Mapping[str, Any]) -> str:
    """Return what is in the index: "64 articles from 6 outlets, January to November 2026"."""
    words = counted(int(described["articles"]), strings.ARTICLES)
    outlets = len(described.get("sources") or {})
    if outlets:
        among = counted(outlets, strings.OUTLETS_COUNTED)
        words = strings.FROM_OUTLETS.format(articles=words, outlets=among)
    first, last = described.get("first"), described.get("last")
    if first and last:
        words += ", " + months(date.fromisoformat(str(first)), date.fromisoformat(str(last)))
    return words


def months(first: date, last: date) -> str:
    """Return a range of days in months: "January to November 2026"."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{last:%B %Y}"
    if first.year == last.year:
        return strings.MONTHS.format(first=f"{first:%B}", last=f"{last:%B %Y}")
    return strings.MONTHS.format(first=f"{first:%B %Y}", last=f"{last:%B %Y}")

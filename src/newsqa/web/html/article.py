"""One article as HTML, the quoted words marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from markupsafe import Markup

from newsqa.types import Article, Copy, Span
from newsqa.web.html.markup import render, safe_url

_FRAGMENT_CHARS = 300
_FRAGMENT_WORDS = 6  # of each end, where a quote is longer or runs over a line
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_LINE = re.compile(r"\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a paragraph: of the quote, of another quote, or of none."""

    text: str
    kind: Literal["quote", "other", "plain"] = "plain"
    first: bool = False  # of the quote: what is scrolled to


def render_article(
    article: Article,
    quote: Span | None = None,
    others: Sequence[Span] = (),
    copies: Sequence[Copy] = (),
) -> Markup:
    """Return an article for the reader pane.

    Args:
        article: The article, in the version that was quoted.
        quote: What to mark and scroll to; ignored where it runs past the end.
        others: Other quotes of the reply from the same article, marked lightly.
        copies: Where else the article was printed; the script puts a quote's own in their place.
    """
    inside = [span for span in (quote, *others) if span and span.end <= len(article.body)]
    marked = quote if quote in inside else None
    fragment = text_fragment(marked.cut(article.body)) if marked else ()
    return render(
        "article",
        article=article,
        language=_language(article),
        original=safe_url(article.url, fragment),
        last_version=max((v.version for v in article.versions), default=article.version),
        copies=copies,
        paragraphs=[
            _parts(article.body, paragraph, marked, inside) for paragraph in paragraphs_of(article)
        ],
    )


def paragraphs_of(article: Article) -> list[Span]:
    """Return the paragraphs of the body outside furniture, in order, without white space.

    Blank lines part paragraphs; a body without any has one paragraph a line.
    """
    break_ = _BLANK_LINE if _BLANK_LINE.search(article.body) else _LINE
    paragraphs = []
    for kept in _outside_furniture(article):
        start = kept.start
        ends = [match.span() for match in break_.finditer(article.body, kept.start, kept.end)]
        for end, following in [*ends, (kept.end, kept.end)]:
            text = article.body[start:end]
            if text.strip():
                left = start + len(text) - len(text.lstrip())
                paragraphs.append(Span(left, left + len(text.strip())))
            start = following
    return paragraphs


def _outside_furniture(article: Article) -> Iterator[Span]:
    at = 0
    for span in sorted(article.furniture):
        if span.start > at:
            yield Span(at, span.start)
        at = max(at, span.end)
    if at < len(article.body):
        yield Span(at, len(article.body))


def _parts(body: str, paragraph: Span, quote: Span | None, spans: Sequence[Span]) -> list[Part]:
    """Cut a paragraph where a span begins or ends, but for those within the quote."""
    cuts = {at for span in spans for at in (span.start, span.end)}
    if quote:
        cuts = {at for at in cuts if not quote.start < at < quote.end}
    inner = {at for at in cuts if paragraph.start < at < paragraph.end}
    parts = []
    for start, end in pairwise(sorted(inner | {paragraph.start, paragraph.end})):
        part, text = Span(start, end), body[start:end]
        if quote and quote.holds(part):
            parts.append(Part(text, "quote", first=start == _first_visible(body, quote)))
        elif any(span.holds(part) for span in spans):
            parts.append(Part(text, "other"))
        else:
            parts.append(Part(text))
    return parts


def _first_visible(body: str, quote: Span) -> int:
    text = quote.cut(body)
    return quote.start + len(text) - len(text.lstrip())


def text_fragment(quote: str) -> tuple[str, ...]:
    """Return what finds a quote on the page it came from: all its words, or both its ends.

    A browser finds words only inside one block, and a block may end at any line.
    """
    lines = [line.split() for line in quote.splitlines() if line.strip()]
    whole = " ".join(quote.split())
    if len(lines) < 2 and len(whole) <= _FRAGMENT_CHARS:
        return (whole,) if whole else ()
    first, last = lines[0][:_FRAGMENT_WORDS], lines[-1][-_FRAGMENT_WORDS:]
    return " ".join(first)[:_FRAGMENT_CHARS], " ".join(last)[-_FRAGMENT_CHARS:]


def _language(article: Article) -> str:
    letters = article.language.replace("-", "")
    return article.language if letters.isascii() and letters.isalnum() else ""

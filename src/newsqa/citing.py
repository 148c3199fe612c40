"""From a sentence the reader chose to a quote that is proved: whole sentences, letter for letter.

Nothing leaves here whose characters are not those of the stored article.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from newsqa.replies import Quote, Role
from newsqa.types import Article, Candidate, Citation, Copy, Span

Proof = Literal["exact", "changed", "unknown"]

_LEANS_BACK = re.compile(
    r"[\"“‘']?(?:he|she|it|they|this|that|these|those|his|her|its|their|but|however|instead)\b",
    re.IGNORECASE,
)
# "…," he wrote.  The one who spoke is named before.
_SPEAKER_BEFORE = re.compile(
    r"[”\"’'],?\s+(?:he|she|they)\s+(?:\w+ly\s+)?(?:said|says|wrote|writes|told|added|adds|\w+ed)\b"
)

# What takes back, or sets against, the sentence before it: one without the other misleads.
_TURNS = re.compile(
    r"[\"“‘']?(?:but|however|in fact|nevertheless"
    r"|(?:it|this|that) (?:is|was|has been) (?:not|wrong|false|untrue|incorrect)"
    r"|(?:it|this|that) (?:isn|wasn|doesn|didn)[’']t)\b",
    re.IGNORECASE,
)
_NEIGHBOUR_CHARS = 300  # a longer one is left out: the quote is to be read at a glance


def quote_span(article: Article, candidate: Candidate, sentence: Span) -> Span:
    """Return the sentence, with a neighbour where it would mislead without.

    The one before it, where it opens with a pronoun or a "but", or where what is said in it is put
    down to a "he" or "she"; the one after it, where that one takes it back. Neighbours are taken
    only from the same paragraph.
    """
    words = sentence.cut(article.body)
    start, end = sentence.start, sentence.end
    spans = [span for span, _ in candidate.sentences]
    before = [span for span in spans if span.end <= start and _adjoin(article, span, sentence)]
    if before and (_LEANS_BACK.match(words) or _SPEAKER_BEFORE.search(words)):
        start = before[-1].start
    after = [span for span in spans if span.start >= end and _adjoin(article, sentence, span)]
    if after and len(after[0]) <= _NEIGHBOUR_CHARS and _TURNS.match(after[0].cut(article.body)):
        end = after[0].end
    return Span(start, end)


def _adjoin(article: Article, first: Span, second: Span) -> bool:
    """Whether nothing but a little space of one paragraph is between two spans."""
    gap = article.body[first.end : second.start]
    return len(gap) <= 5 and not gap.strip() and "\n" not in gap


def quote_of(
    article: Article,
    span: Span,
    *,
    n: int,
    role: Role,
    highlight: Span | None = None,
    copies: Sequence[Copy] = (),
) -> Quote:
    """Cut a quote out of its article and prove it.

    Raises:
        CitationError: The quote is not what the article says there.
    """
    citation = Citation.of(article, span)
    citation.check(article)
    inside = highlight if highlight is not None and span.holds(highlight) else None
    return Quote(n=n, citation=citation, highlight=inside, role=role, copies=tuple(copies))


def numbered(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the quotes numbered from 1; one whose text another holds or repeats is left out."""
    kept: list[Quote] = []
    for quote in quotes:
        words = " ".join(quote.text.split())
        if any(words in " ".join(other.text.split()) for other in kept):
            continue
        kept.append(replace(quote, n=len(kept) + 1))
    return tuple(kept)


def citation_from(record: Mapping[str, Any]) -> Citation:
    """Read a citation back from its JSON form.

    Raises:
        ValueError: A field is missing or of the wrong kind; the message names it.
    """
    try:
        return Citation(
            article_id=str(record["article_id"]),
            version=int(record["version"]),
            content_sha256=str(record["content_sha256"]),
            span=Span(int(record["start"]), int(record["end"])),
            quote=str(record["quote"]),
        )
    except KeyError as error:
        raise ValueError(f"not a citation: {error.args[0]!r} is missing") from None
    except (TypeError, OverflowError) as error:  # null; 1e999
        raise ValueError(f"not a citation: {error}") from None


def stands_in(citation: Citation, article: Article) -> bool:
    """Whether ``article`` says exactly what the citation quotes, where it says it stands."""
    same_text = article.content_sha256 == citation.content_sha256
    inside = citation.span.end <= len(article.body)
    return same_text and inside and citation.span.cut(article.body) == citation.quote

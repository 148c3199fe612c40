"""Make a proved quote of a chosen sentence: whole sentences, letter for letter.

Nothing leaves here whose characters are not those of the stored article.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    r"|(?:it|this|that) (?:isn|wasn|doesn|didn)[’']t"
    r"|(?:\w+ ){1,4}(?:den(?:y|ies|ied)|disput(?:es?|ed)|rejects?|rejected|corrected|retracted)"
    r" (?:it|this|that|(?:the|those|these) (?:claims?|reports?|figures?|allegations?)))\b",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:sa(?:id|ys?)|told|tells|wr(?:ote|ites?)|add(?:s|ed)|ask(?:s|ed)|repl(?:ies|ied)"
    r"|warn(?:s|ed)|insist(?:s|ed)|explain(?:s|ed)|according to)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_NEIGHBOUR_CHARS = 300  # a longer one is left out: the quote is to be read at a glance
_NEAR_CHARS = 20  # shown on both sides of a difference
_SPOKEN = 3  # most neighbours taken to make a quotation whole


def quote_span(article: Article, candidate: Candidate, sentence: Span) -> Span:
    """Return the sentence, with a neighbour where it would mislead without.

    The one before it, where it opens with a pronoun or a "but", or where what is said in it is put
    down to a "he" or "she"; the one after it, where that one takes it back. A quotation that runs
    over several sentences is taken whole, and one that stands alone with the sentence before it
    if that one names who speaks. Neighbours are taken only from the same paragraph.
    """
    near = _Near(article.body, [span for span, _ in candidate.sentences])
    words = sentence.cut(article.body)
    quoted = sentence
    if _LEANS_BACK.match(words) or _SPEAKER_BEFORE.search(words):
        quoted = near.with_before(quoted)
    longer = near.with_after(quoted)
    if _TURNS.match(article.body[quoted.end : longer.end].lstrip()):
        quoted = longer
    return near.spoken(quoted)


@dataclass(frozen=True, slots=True)
class _Near:
    """A text and the sentences of it that a quote may take in."""

    body: str
    sentences: Sequence[Span]

    def with_before(self, span: Span) -> Span:
        """Return the span with the sentence before it, if one adjoins."""
        before = [s for s in self.sentences if s.end <= span.start and self._adjoin(s, span)]
        return Span(before[-1].start, span.end) if before else span

    def with_after(self, span: Span) -> Span:
        """Return the span with the sentence after it, if one adjoins and is not too long."""
        after = [s for s in self.sentences if s.start >= span.end and self._adjoin(span, s)]
        short = after and len(after[0]) <= _NEIGHBOUR_CHARS
        return Span(span.start, after[0].end) if short else span

    def _adjoin(self, first: Span, second: Span) -> bool:
        """Whether nothing but a little space of one paragraph is between two spans."""
        gap = self.body[first.end : second.start]
        return len(gap) <= 5 and not gap.strip() and "\n" not in gap

    def spoken(self, span: Span) -> Span:
        """Return the span with what makes a quotation in it whole, and names who speaks."""
        whole = span
        for _ in range(_SPOKEN):
            if self._inside(whole.end):
                longer = self.with_after(whole)
            elif self._inside(whole.start):
                longer = self.with_before(whole)
            else:
                return self._with_speaker(whole)
            if longer == whole:
                break
            whole = longer
        return span if self._inside(whole.end) or self._inside(whole.start) else whole

    def _with_speaker(self, span: Span) -> Span:
        if _QUOTED.sub("", span.cut(self.body)).strip():
            return span
        longer = self.with_before(span)
        return longer if _SAYS.search(self.body[longer.start : span.start]) else span

    def _inside(self, at: int) -> bool:
        """Whether a quotation that was opened in this paragraph is still open there."""
        begun = self.body[self.body.rfind("\n", 0, at) + 1 : at]
        straight = begun.count('"') % 2 == 1
        return straight or begun.rfind("“") > begun.rfind("”")


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


def difference(citation: Citation, article: Article) -> str | None:
    """Say where a quote first differs from the article at its place; None if it does not."""
    start, quote = citation.span.start, citation.quote
    stored = article.body[start : citation.span.end]
    if stored == quote:
        return None
    at = next(
        (i for i, (ours, theirs) in enumerate(zip(stored, quote, strict=False)) if ours != theirs),
        min(len(stored), len(quote)),
    )
    begin, end = max(0, at - _NEAR_CHARS), at + _NEAR_CHARS
    moved = article.body.find(quote)
    elsewhere = f"; the quote stands at {moved}-{moved + len(quote)}" if moved >= 0 else ""
    return (
        f"differs at character {start + at}: “{stored[begin:end]}” is stored, "
        f"“{quote[begin:end]}” is quoted{elsewhere}"
    )

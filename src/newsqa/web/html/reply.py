"""One turn of the thread as HTML: the question, the reply to it, and the states before that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from newsqa.answering.explanation import Table, tables
from newsqa.replies import Answer, Hits, NoAnswer, Quote, Reply
from newsqa.types import Citation, Copy, Passage
from newsqa.web.html import messages
from newsqa.web.html.markup import counted, day_words, render, visible

_LISTED_HITS = 3  # while the reading goes on
_SNIPPET_CHARS = 160


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A quote in three parts, with the answering words in the middle, and its copies."""

    quote: Quote
    before: str
    answer: str
    after: str
    tooltip: str
    copies_json: str
    copies: Sequence[tuple[Copy, str]]  # each with the JSON of the others


@dataclass(frozen=True, slots=True)
class FootView:
    """What stands under a reply: notes, certainty, extent, time, how it came about."""

    answered: bool
    notes: Sequence[str]
    certainty: str
    certainty_hint: str
    extent: str
    time: str
    tables: Sequence[Table]


def render_turn(
    number: int,
    question: str,
    body: Markup,
    *,
    busy: bool = False,
    filter_json: str = "",
    limits: str = "",
) -> Markup:
    """Return one turn of the thread.

    ``filter_json`` is the filter it was asked under, for the script; ``limits`` says it.
    """
    return render(
        "turn",
        number=number,
        question=question,
        body=body,
        busy=busy,
        filter_json=filter_json,
        limits=limits,
    )


def render_progress(hits: Hits | None = None) -> Markup:
    """Return what a turn shows before its reply; with ``hits`` what is being read."""
    if hits is None:
        return render("progress", words=messages.SEARCHING, passages=())
    passages = [(hit.passage, _beginning(hit.passage)) for hit in hits[:_LISTED_HITS]]
    return render("progress", words=messages.READING.format(**_extent(hits)), passages=passages)


def render_reply(reply: Reply, hits: Hits | None = None) -> Markup:
    """Return the last state: the answer, or why there is none."""
    if isinstance(reply, Answer):
        return _render_answer(reply, hits)
    return _render_abstention(reply, hits)


def copies_json(copies: Sequence[Copy]) -> str:
    """Return where else a text was printed, for the reader pane."""
    return json.dumps([copy.to_dict() for copy in copies])


def _render_answer(reply: Answer, hits: Hits | None) -> Markup:
    lead, *rest = reply.quotes
    by_role = groupby(_by_role(rest), key=lambda quote: quote.role)
    return render(
        "answer",
        reply_json=json.dumps(reply.to_dict()),
        asked=reply.asked,
        lead=_quote_view(lead),
        parts=[(role, [_quote_view(quote) for quote in group]) for role, group in by_role],
        foot=_foot_view(reply, hits),
    )


def _render_abstention(reply: NoAnswer, hits: Hits | None) -> Markup:
    reason = reply.reason
    absent = reason.code in {"nothing_found", "not_stated"}
    unsaid = [word for word in reason.missing if word not in reason.message]
    words = ", ".join(f"“{visible(word)}”" for word in unsaid)
    return render(
        "abstention",
        reply_json=json.dumps(reply.to_dict()),
        asked=reply.asked,
        code=reason.code,
        where=messages.NOT_HERE if absent else messages.HELD_BACK,
        message=_sentence(reason.message),
        missing=messages.MISSING.format(words=words) if unsaid else "",
        related=[_quote_view(quote) for quote in reply.related],
        foot=_foot_view(reply, hits),
    )


def _quote_view(quote: Quote) -> QuoteView:
    c, mark = quote.citation, quote.highlight
    start, end = (mark.start, mark.end) if mark else (c.span.end, c.span.end)
    start, end = start - c.span.start, end - c.span.start
    first = Copy(**c.reference(), span=c.span)
    others = {copy: [first, *(o for o in quote.copies if o != copy)] for copy in quote.copies}
    return QuoteView(
        quote=quote,
        before=quote.text[:start],
        answer=quote.text[start:end],
        after=quote.text[end:],
        tooltip=_source_words(c),
        copies_json=copies_json(quote.copies),
        copies=[(copy, copies_json(rest)) for copy, rest in others.items()],
    )


def _source_words(c: Citation) -> str:
    return ", ".join(
        part for part in (c.title, c.source, c.published and day_words(c.published)) if part
    )


def _foot_view(reply: Reply, hits: Hits | None) -> FootView:
    certainty = hint = ""
    if isinstance(reply, Answer):
        certainty = next(words for least, words in messages.CERTAINTY if reply.confidence >= least)
        hint = messages.CERTAINTY_HINT.format(value=reply.confidence)
    explain = reply.asked.explain
    return FootView(
        answered=reply.answered,
        notes=[_sentence(note) for note in reply.asked.notes],
        certainty=certainty,
        certainty_hint=hint,
        extent=messages.READ.format(**_extent(hits)) if hits is not None and len(hits) else "",
        time=_time_words(reply.asked.timings_ms.get("total")),
        tables=tables(explain) if explain is not None else (),
    )


def _time_words(total_ms: float | None) -> str:
    if total_ms is None:
        return ""
    if total_ms < 100:
        return messages.MILLISECONDS.format(count=max(total_ms, 1))
    return messages.SECONDS.format(count=total_ms / 1000)


def _extent(hits: Hits) -> dict[str, str]:
    articles = {hit.passage.article_id for hit in hits}
    return {
        "passages": counted(len(hits), messages.PASSAGES),
        "articles": counted(len(articles), messages.ARTICLES),
    }


def _beginning(passage: Passage) -> str:
    if len(passage.text) <= _SNIPPET_CHARS:
        return passage.text
    return passage.text[:_SNIPPET_CHARS].rsplit(" ", 1)[0] + " …"


def _by_role(quotes: Sequence[Quote]) -> list[Quote]:
    """Quotes of one role together, the roles in the order in which they first appear."""
    roles = list(dict.fromkeys(quote.role for quote in quotes))
    return sorted(quotes, key=lambda quote: roles.index(quote.role))


def _sentence(words: str) -> str:
    """Return a message as a sentence: a capital first, a full stop last."""
    words = words.strip()
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in ".!?" else ".")

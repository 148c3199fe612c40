"""Replies as HTML: pure functions from values to escaped text. One turn is one line of HTML."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby

from newsqa.answering.explanation import Table, tables
from newsqa.replies import Answer, Hits, NoAnswer, Quote, Reply
from newsqa.types import Citation, Copy, Hit
from newsqa.web.html import messages as strings
from newsqa.web.html.markup import attributes, counted, day_html, isolated, text, visible

_LEAST_SHOWN = 3  # hits listed while the reading goes on
_SNIPPET_CHARS = 160


def turn(
    number: int,
    question: str,
    body: str,
    *,
    busy: bool = False,
    chosen: str = "",
    limits: str = "",
) -> str:
    """Return one turn of the thread: the question and what answers it, in one line.

    ``chosen`` is the filter it was asked under as JSON, for the script; ``limits`` says it.
    """
    head = f'<h2 class="nq-question" dir="auto">{text(question)}</h2>'
    head += f'<p class="nq-limits">{text(limits)}</p>' if limits else ""
    state = attributes(
        css="nq-turn",
        data_turn=number,
        data_question=question,
        data_filter=chosen or None,
        aria_busy="true" if busy else None,
    )
    return f"<div{state}>{head}{body}</div>"


def searching() -> str:
    """Return the first state of a turn, before anything is found."""
    return f'<p class="nq-state"><span class="nq-dots"></span>{text(strings.SEARCHING)}</p>'


def reading(hits: Hits) -> str:
    """Return the second state: what was found, while it is being read."""
    words = strings.READING.format(**_extent(hits))
    found = "".join(f"<li>{_hit_line(hit)}</li>" for hit in hits[:_LEAST_SHOWN])
    state = f'<p class="nq-state"><span class="nq-dots"></span>{text(words)}</p>'
    return f'{state}<ol class="nq-found">{found}</ol>'


def reply(given: Reply, hits: Hits | None = None) -> str:
    """Return the last state: the answer, or why there is none."""
    return answer(given, hits) if isinstance(given, Answer) else abstention(given, hits)


def answer(given: Answer, hits: Hits | None = None) -> str:
    """Return quotes, the answering one first, then the rest by the part they play."""
    first, *rest = given.quotes
    parts = [_understood(given), _lead(first)]
    for role, group in groupby(_by_role(rest), key=lambda quote: quote.role):
        parts.append(_section(strings.ROLE_HEADINGS[role] or strings.ALSO, group, role))
    parts.append(_notes(given))
    parts.append(_foot(given, hits))
    return f"<div{_marked(given)}>{''.join(parts)}</div>"


def abstention(given: NoAnswer, hits: Hits | None = None) -> str:
    """Return why there is no answer, unlike an answer in looks, and the nearest passages."""
    reason = given.reason
    said = strings.NOT_HERE if reason.code in {"nothing_found", "not_stated"} else strings.HELD_BACK
    parts = [
        f'<p class="nq-abstain-head">{text(strings.ABSTAIN_HEADS[reason.code])}</p>',
        f"<p>{text(said)} {text(_sentence(reason.message))}</p>",
    ]
    unsaid = [word for word in reason.missing if word not in reason.message]
    if unsaid:
        words = ", ".join(f"“{visible(word)}”" for word in unsaid)
        parts.append(f'<p class="nq-missing">{text(strings.MISSING.format(words=words))}</p>')
    # Spoken by the script, with the thread's other news, and so not a second time by itself.
    state = f'role="status" aria-live="off" data-code="{reason.code}"'
    box = f'<div class="nq-abstain" {state}>{"".join(parts)}</div>'
    near = _section(strings.ROLE_HEADINGS["related"], given.related, "related")
    shown = _understood(given) + box + (near if given.related else "") + _notes(given)
    return f"<div{_marked(given)}>{shown}{_foot(given, hits)}</div>"


def _marked(given: Reply) -> str:
    """The reply goes along as JSON: what is copied or exported is it, not its looks."""
    css = "nq-answer" if given.answered else "nq-answer nq-none"
    return attributes(css=css, data_reply=json.dumps(given.to_dict()))


def failure(message: str) -> str:
    """Return what a turn shows when it could not be answered at all."""
    said = f'<p class="nq-failed" role="alert">{text(message)}</p>'
    return f'<div class="nq-answer">{said}{_acts(False, replied=False)}</div>'


def chip(quote: Quote) -> str:
    """Return the button that opens the article at this quote."""
    named = attributes(
        css="nq-chip",
        type="button",
        aria_label=strings.CITATION.format(n=quote.n),
        title=_source_words(quote.citation),
        data_copies=copies_json(quote.copies),
        **_place(quote.citation),
    )
    return f"<button{named}>{quote.n}</button>"


def copies_json(copies: Sequence[Copy]) -> str:
    """Return where else the quote was printed, for the reader pane."""
    return json.dumps([copy.to_dict() for copy in copies])


def _place(citation: Citation) -> dict[str, object]:
    return {
        "data_article": citation.article_id,
        "data_version": citation.version,
        "data_start": citation.span.start,
        "data_end": citation.span.end,
    }


def _lead(quote: Quote) -> str:
    return (
        f'<figure class="nq-lead" dir="auto"><blockquote><p>{_words(quote)}{_kept(chip(quote))}</p>'
        f"</blockquote><figcaption>{_byline(quote)}</figcaption></figure>"
    )


def _kept(button: str) -> str:
    """A chip after a quote's last word, never alone on the next line."""
    return f'<span class="nq-nowrap">&nbsp;{button}</span>'


def _section(heading: str, quotes: Iterable[Quote], role: str) -> str:
    items = "".join(f'<li dir="auto">{_item(quote)}</li>' for quote in quotes)
    css = f"nq-part nq-{role}"
    return f'<section class="{css}"><h3>{text(heading)}</h3><ul>{items}</ul></section>'


def _item(quote: Quote) -> str:
    label = strings.ROLE_LABELS[quote.role]
    tag = f'<span class="nq-tag">{text(label)}</span> ' if label else ""
    at_end, below = _kept(chip(quote)), ""
    if quote.role == "related":  # a whole passage, cut short by its looks: the end may be hidden
        at_end, below = "", f"{chip(quote)} "
    return (
        f"<blockquote><p>{_words(quote)}{at_end}</p></blockquote>"
        f'<p class="nq-from">{below}{tag}{_byline(quote)}</p>'
    )


def _words(quote: Quote) -> str:
    """The quote, letter for letter as far as it can be seen, the answering words in ``<b>``."""
    if quote.highlight is None:
        return text(quote.text)
    inner = quote.highlight.shifted(-quote.citation.span.start)
    before, after = quote.text[: inner.start], quote.text[inner.end :]
    return f'{text(before)}<b class="nq-hit">{text(inner.cut(quote.text))}</b>{text(after)}'


def _byline(quote: Quote) -> str:
    c = quote.citation
    source = isolated(c.source, "nq-outlet") if c.source else text(strings.NO_SOURCE)
    day = day_html(c.published) or text(strings.UNDATED)
    page = text(strings.PAGE.format(page=c.page)) if c.page else ""
    title = isolated(c.title or strings.UNTITLED, "nq-title")
    shown = " · ".join(part for part in (source, day, title, page) if part)
    if quote.copies:
        also = strings.ALSO_PRINTED.format(outlets=", ".join(_copy(quote, c) for c in quote.copies))
        shown += f'<span class="nq-copies">{also}</span>'
    return shown


def _copy(quote: Quote, copy: Copy) -> str:
    """A button that opens the article in which the same text was printed."""
    c = quote.citation
    first = Copy(
        article_id=c.article_id,
        version=c.version,
        title=c.title,
        source=c.source,
        published=c.published,
        url=c.url,
        span=c.span,
    )
    named = attributes(
        css="nq-read",
        type="button",
        data_article=copy.article_id,
        data_version=copy.version,
        data_start=copy.span.start,
        data_end=copy.span.end,
        data_copies=copies_json([first, *(other for other in quote.copies if other != copy)]),
    )
    return f"<button{named}>{isolated(copy.source or copy.title or copy.article_id)}</button>"


def _source_words(c: Citation) -> str:
    return ", ".join(part for part in (c.title, c.source, c.published and str(c.published)) if part)


def _understood(given: Reply) -> str:
    asked = given.asked
    if not asked.resolution or asked.standalone_question == asked.question:
        return ""
    words = strings.READ_AS.format(question=asked.standalone_question)
    return f'<p class="nq-understood" title="{text(asked.resolution)}">{text(words)}</p>'


def _notes(given: Reply) -> str:
    return "".join(f'<p class="nq-note">{text(_sentence(n))}</p>' for n in given.asked.notes)


def _foot(given: Reply, hits: Hits | None) -> str:
    parts = []
    if isinstance(given, Answer):
        words = next(said for least, said in strings.CONFIDENCE if given.confidence >= least)
        hint = strings.CONFIDENCE_HINT.format(value=given.confidence)
        parts.append(f'<span class="nq-sure" title="{text(hint)}">{text(words)}</span>')
    if hits is not None and len(hits):
        parts.append(text(strings.READ.format(**_extent(hits))))
    total = given.asked.timings_ms.get("total")
    if total is not None:
        spent = strings.SECONDS.format(count=total / 1000)
        if total < 100:
            spent = strings.MILLISECONDS.format(count=max(total, 1))
        parts.append(f'<span class="nq-nowrap">{text(spent)}</span>')
    line = f'<p class="nq-foot">{" · ".join(parts)}</p>' if parts else ""
    return line + _acts(isinstance(given, Answer)) + _how(given)


def _how(given: Reply) -> str:
    """Return how the reply came about, folded up: what was read and what the decision rests on."""
    if given.asked.explain is None:
        return ""
    shown = "".join(_table(table) for table in tables(given.asked.explain))
    return f'<details class="nq-how"><summary>{text(strings.HOW)}</summary>{shown}</details>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in table.columns)
    body = "".join(
        f'<tr><th scope="row">{isolated(first)}</th>'
        + "".join(f"<td>{text(cell)}</td>" for cell in cells)
        + "</tr>"
        for first, *cells in table.rows
    )
    caption = f"<caption>{text(table.title)}</caption>"
    # It can be scrolled sideways on a phone, also by keyboard.
    return (
        f'<div class="nq-scroll" tabindex="0" role="group" aria-label="{text(table.title)}">'
        f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _acts(answered: bool, *, replied: bool = True) -> str:
    """Return what can be done with a turn; the page's script does it."""
    words = {"again": strings.ASK_AGAIN, "edit": strings.EDIT}
    if answered:
        words = {"copy": strings.COPY, "markdown": strings.COPY_MARKDOWN, **words}
    buttons = "".join(_act(act, said) for act, said in words.items()) + _act("link", strings.LINK)
    if replied:
        up, down = _act("up", strings.HELPFUL, False), _act("down", strings.NOT_HELPFUL, False)
        buttons += f'<span class="nq-verdict">{up}{down}</span>'
    return f'<div class="nq-acts">{buttons}</div>'


def _act(act: str, said: str, pressed: bool | None = None) -> str:
    state = None if pressed is None else str(pressed).lower()
    named = attributes(css="nq-act", type="button", data_act=act, aria_pressed=state)
    return f"<button{named}>{text(said)}</button>"


def _extent(hits: Hits) -> dict[str, str]:
    articles = {hit.passage.article_id for hit in hits}
    return {
        "passages": counted(len(hits), strings.PASSAGES),
        "articles": counted(len(articles), strings.ARTICLES),
    }


def _hit_line(hit: Hit) -> str:
    p = hit.passage
    start = p.text[:_SNIPPET_CHARS].rsplit(" ", 1)[0] if len(p.text) > _SNIPPET_CHARS else p.text
    more = " …" if len(start) < len(p.text) else ""
    place = " · ".join(part for part in (text(p.source), day_html(p.published)) if part)
    title = isolated(p.title or strings.UNTITLED, "nq-title")
    return f'{title}<span class="nq-from">{place}</span><span dir="auto">{text(start)}{more}</span>'


def _by_role(quotes: Sequence[Quote]) -> list[Quote]:
    """Quotes of one part together, the parts in the order in which they first appear."""
    roles = list(dict.fromkeys(quote.role for quote in quotes))
    return sorted(quotes, key=lambda quote: roles.index(quote.role))


def _sentence(words: str) -> str:
    """Return a message as a sentence: a capital first, a full stop last."""
    words = words.strip()
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in ".!?" else ".")

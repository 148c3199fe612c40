"""The fixed parts of the page and the small lists in it, as one line of HTML each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from newsqa.web.html import messages as strings
from newsqa.web.html.markup import attributes, isolated, text

OUTLETS_DRAWN = 40
_MOON = (
    '<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path d="M10 2a8 8 0 1 0 '
    '8 8 6 6 0 0 1-8-8z" fill="currentColor"></path></svg>'
)


def header(*, changing: bool) -> str:
    """Return the head of the page; the script puts the line about the index into it.

    It carries the script's words, and the windows that open over the page.
    """
    state = attributes(
        css="nq-top", data_changing=str(changing).lower(), data_words=json.dumps(strings.SCRIPT)
    )
    return (
        f"<header{state}>"
        f'<h1>{text(strings.TITLE)}</h1><p id="nq-about" class="nq-about"></p>'
        f"{_icon('keys', strings.KEYS, '?')}{_icon('theme', strings.LIGHT_DARK, _MOON)}</header>"
        f"{_keys()}{_history()}"
    )


def _icon(action: str, name: str, picture: str) -> str:
    named = attributes(
        css="nq-icon", type="button", data_action=action, aria_label=name, title=name
    )
    return f"<button{named}>{picture}</button>"


def _keys() -> str:
    keys = "".join(f"<dt>{text(key)}</dt><dd>{text(does)}</dd>" for key, does in strings.KEY_LIST)
    return (
        f'<dialog id="nq-keys" aria-label="{text(strings.KEYS)}"><h2>{text(strings.KEYS)}</h2>'
        f"<dl>{keys}</dl>{_single_keys()}"
        f'<form method="dialog"><button>{text(strings.CLOSE)}</button></form></dialog>'
    )


def _single_keys() -> str:
    """The switch of the keys that need no second one (WCAG 2.1.4); the script keeps it."""
    switch = attributes(
        type="checkbox", id="nq-single-keys", role="switch", aria_describedby="nq-single-keys-more"
    )
    return (
        f'<p class="nq-switch"><label><input{switch}> {text(strings.SINGLE_KEYS)}</label>'
        f'<span class="nq-hint" id="nq-single-keys-more">{text(strings.SINGLE_KEYS_MORE)}</span>'
        f"</p>"
    )


def _history() -> str:
    """The questions asked before; the script fills the list in from the browser's own store."""
    forget = attributes(type="button", data_action="forget", id="nq-forget")
    return (
        f'<dialog id="nq-history" aria-label="{text(strings.HISTORY)}">'
        f"<h2>{text(strings.HISTORY)}</h2><p>{text(strings.HISTORY_MORE)}</p>"
        f'<ul id="nq-asked"></ul><form method="dialog"><button{forget}>'
        f"{text(strings.FORGET_ALL)}</button><button>{text(strings.CLOSE)}</button></form></dialog>"
    )


def welcome() -> str:
    """Return what stands in the thread before the first question."""
    return (
        f'<div class="nq-welcome"><h2>{text(strings.WELCOME)}</h2>'
        f"<p>{text(strings.WELCOME_MORE)}</p>"
        f'<div id="nq-examples" class="nq-examples"></div></div>'
    )


def examples(questions: Sequence[str]) -> str:
    """Return the example questions as buttons."""
    if not questions:
        return ""
    buttons = "".join(
        f"<li><button{attributes(css='nq-example', type='button', data_ask=question)}>"
        f"{text(question)}</button></li>"
        for question in questions
    )
    return f'<p class="nq-try">{text(strings.TRY)}</p><ul>{buttons}</ul>'


def reader_pane() -> str:
    """Return the region in which articles are read."""
    before = attributes(
        css="nq-icon", type="button", data_action="previous", aria_label=strings.PREVIOUS_CITATION
    )
    after = attributes(
        css="nq-icon", type="button", data_action="next", aria_label=strings.NEXT_CITATION
    )
    return (
        f'<section id="nq-reader" role="region" aria-label="{text(strings.ARTICLE)}" tabindex="0">'
        f'<div class="nq-reader-bar"><span id="nq-steps" hidden><button{before}>‹</button>'
        f'<span id="nq-step" role="status"></span><button{after}>›</button></span>'
        f'<button type="button" class="nq-close" data-action="close">'
        f"{text(strings.CLOSE)}</button></div>"
        f'<div id="nq-reader-content"><p class="nq-reader-empty">{text(strings.READER_EMPTY)}</p>'
        f"</div></section>"
    )


def filter_bar() -> str:
    """Return the filters, closed; the script fills in outlets and dates."""
    clear = attributes(css="nq-plain", type="button", data_action="clear", id="nq-clear-all")
    history = attributes(css="nq-plain", type="button", data_action="history")
    exports = "".join(
        f"<button{attributes(css='nq-plain', type='button', data_export=kind)}>"
        f"{text(name)}</button>"
        for kind, name in strings.EXPORTS
    )
    return (
        f'<div class="nq-under"><details class="nq-filters" id="nq-filters">'
        f'<summary>{text(strings.FILTERS)}<span id="nq-filters-set"></span></summary>'
        f'<div id="nq-filters-content"></div></details>'
        f'<div class="nq-thread-acts"><button{history}>{text(strings.HISTORY)}</button>'
        f'<details class="nq-export"><summary>{text(strings.EXPORT)}</summary><div class="nq-menu">'
        f"{exports}</div></details>"
        f"<button{clear}>{text(strings.CLEAR)}</button></div></div>"
    )


def filters(described: Mapping[str, Any]) -> str:
    """Return the fields of the filter bar for what is in the index."""
    first, last = described.get("first"), described.get("last")
    fields = (("since", strings.FROM), ("until", strings.TO), ("as_of", strings.AS_OF))
    days = "".join(
        f"<label{attributes(title=strings.AS_OF_HINT if name == 'as_of' else None)}>{text(label)} "
        f"<input{attributes(type='date', name=name, min=first, max=last)}></label>"
        for name, label in fields
    )
    sources = described.get("sources") or {}
    reset = (
        f'<button type="button" class="nq-plain" data-action="reset">{text(strings.RESET)}</button>'
    )
    remain = '<p id="nq-remain" role="status"></p><div id="nq-timeline"></div>'
    return f'<div class="nq-days">{days}{reset}</div>{_outlets(sources) if sources else ""}{remain}'


def _outlets(sources: Mapping[str, int]) -> str:
    find = ""
    if len(sources) > OUTLETS_DRAWN:
        field = attributes(type="search", id="nq-outlet-find", autocomplete="off", dir="auto")
        words = strings.FIND_OUTLET.format(count=f"{len(sources):,}")
        find = f'<label class="nq-outlet-find">{text(words)} <input{field}></label>'
    return (
        f'<fieldset class="nq-outlets"><legend>{text(strings.OUTLETS)} '
        f'<span class="nq-hint">{text(strings.ALL_OUTLETS)}</span></legend>{find}'
        f'<div class="nq-boxes" id="nq-boxes">{outlet_boxes(sources)}</div></fieldset>'
    )


def outlet_boxes(sources: Mapping[str, int], contains: str = "") -> str:
    """Return the boxes of the outlets with these words in their names, as many as have room."""
    sought = contains.strip().casefold()
    found = {name: count for name, count in sources.items() if sought in name.casefold()}
    boxes = "".join(
        f"<label><input{attributes(type='checkbox', name='source', value=name)}> "
        f'{isolated(name)} <span class="nq-count">{count:,}</span></label>'
        for name, count in biggest(found)
    )
    return boxes or f'<span class="nq-hint">{text(strings.NO_OUTLET)}</span>'


def biggest(sources: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the outlets that are drawn: those with most articles, in this order."""
    return sorted(sources.items(), key=lambda pair: (-pair[1], pair[0]))[:OUTLETS_DRAWN]

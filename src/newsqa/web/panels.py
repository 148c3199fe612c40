"""The fixed parts of the page and the small lists in it, as one line of HTML each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from newsqa.index import Listed, Listing
from newsqa.web import strings
from newsqa.web.markup import attributes, counted, day_html, isolated, text

_MOON = (
    '<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path d="M10 2a8 8 0 1 0 '
    '8 8 6 6 0 0 1-8-8z" fill="currentColor"></path></svg>'
)


PAGE_ROWS = 50


def header(*, changing: bool) -> str:
    """Return the head of the page; the script puts the line about the index into it."""
    named = attributes(
        css="nq-icon",
        type="button",
        data_action="theme",
        aria_label=strings.LIGHT_DARK,
        title=strings.LIGHT_DARK,
    )
    theme = f"<button{named}>{_MOON}</button>"
    keys = "".join(f"<dt>{text(key)}</dt><dd>{text(does)}</dd>" for key, does in strings.KEY_LIST)
    named = attributes(
        css="nq-icon",
        type="button",
        data_action="keys",
        aria_label=strings.KEYS,
        title=strings.KEYS,
    )
    return (
        f"<header{attributes(css='nq-top', data_changing=str(changing).lower())}>"
        f'<h1>{text(strings.TITLE)}</h1><p id="nq-about" class="nq-about"></p>'
        f"<button{named}>?</button>{theme}</header>"
        f'<dialog id="nq-keys" aria-label="{text(strings.KEYS)}"><h2>{text(strings.KEYS)}</h2>'
        f'<dl>{keys}</dl><form method="dialog"><button>{text(strings.CLOSE)}</button></form>'
        f"</dialog>"
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
        f'<span id="nq-step"></span><button{after}>›</button></span>'
        f'<button type="button" class="nq-close" data-action="close">'
        f"{text(strings.CLOSE)}</button></div>"
        f'<div id="nq-reader-content"><p class="nq-reader-empty">{text(strings.READER_EMPTY)}</p>'
        f"</div></section>"
    )


def filter_bar() -> str:
    """Return the filters, closed; the script fills in outlets and dates."""
    clear = attributes(css="nq-plain", type="button", data_action="clear")
    exports = "".join(
        f"<button{attributes(css='nq-plain', type='button', data_export=kind)}>"
        f"{text(name)}</button>"
        for kind, name in strings.EXPORTS
    )
    return (
        f'<div class="nq-under"><details class="nq-filters" id="nq-filters">'
        f'<summary>{text(strings.FILTERS)}<span id="nq-filters-set"></span></summary>'
        f'<div id="nq-filters-content"></div></details><div class="nq-thread-acts">'
        f'<details class="nq-export"><summary>{text(strings.EXPORT)}</summary><div class="nq-menu">'
        f"{exports}</div></details>"
        f"<button{clear}>{text(strings.CLEAR)}</button></div></div>"
    )


def filters(described: Mapping[str, Any]) -> str:
    """Return the fields of the filter bar for what is in the index."""
    first, last = described.get("first"), described.get("last")
    days = "".join(
        f"<label>{text(label)} <input"
        f"{attributes(type='date', name=name, min=first, max=last)}></label>"
        for name, label in (("since", strings.FROM), ("until", strings.TO))
    )
    boxes = "".join(
        f"<label><input{attributes(type='checkbox', name='source', value=name)}> "
        f'{isolated(name)} <span class="nq-count">{count:,}</span></label>'
        for name, count in dict(described.get("sources") or {}).items()
    )
    outlets = (
        f'<fieldset class="nq-outlets"><legend>{text(strings.OUTLETS)} '
        f'<span class="nq-hint">{text(strings.ALL_OUTLETS)}</span></legend>{boxes}</fieldset>'
    )
    reset = (
        f'<button type="button" class="nq-plain" data-action="reset">{text(strings.RESET)}</button>'
    )
    remain = '<p id="nq-remain" role="status"></p><div id="nq-months"></div>'
    return f'<div class="nq-days">{days}{reset}</div>{outlets if boxes else ""}{remain}'


def manage(*, changing: bool, with_token: bool) -> str:
    """Return the tab that lists articles and, where it may, adds and removes them."""
    token = (
        f'<label class="nq-token">{text(strings.TOKEN)} '
        f'<input type="password" id="nq-token" autocomplete="off"></label>'
        if with_token
        else ""
    )
    drop = (
        f'<div class="nq-drop" id="nq-drop"><p><strong>{text(strings.DROP)}</strong></p>'
        f"<p>{text(strings.DROP_MORE)}</p>"
        f'<label class="nq-button">{text(strings.CHOOSE)}<input type="file" id="nq-files" multiple '
        f'accept=".txt,.md,.html,.htm,.pdf,.jsonl,.gz" class="nq-hidden-input"></label></div>'
    )
    paste = (
        f'<details class="nq-paste"><summary>{text(strings.PASTE)}</summary>'
        f'<label>{text(strings.PASTE_TITLE)} <input type="text" id="nq-paste-title"></label>'
        f'<label>{text(strings.PASTE_TEXT)} <textarea id="nq-paste-text" rows="8"></textarea>'
        f'</label><button type="button" class="nq-button" data-action="paste">'
        f"{text(strings.PASTE_ADD)}</button></details>"
    )
    progress = (
        '<div id="nq-progress" role="status" aria-live="polite"></div><div id="nq-report"></div>'
    )
    listing = (
        f'<section class="nq-listing"><h2>{text(strings.IN_INDEX)}</h2>'
        f"<label>{text(strings.FIND_ARTICLE)} "
        f'<input type="search" id="nq-find" autocomplete="off"></label>'
        f'<div id="nq-articles"></div></section>'
    )
    adding = token + drop + paste + progress if changing else ""
    return f'<div class="nq-manage">{adding}{listing}</div>'


def listing(found: Listing, offset: int, *, changing: bool) -> str:
    """Return articles of the index as a table, each with a button that opens it."""
    if not found.articles:
        return f"<p>{text(strings.NO_SUCH_ARTICLE)}</p>"
    rows = "".join(_row(article, changing) for article in found.articles)
    last = offset + len(found.articles)
    shown = strings.SHOWN.format(first=offset + 1, last=last, all=counted(found.total, "article"))
    pages = [
        f"<button{attributes(css='nq-plain', type='button', data_page=at)}>{text(words)}</button>"
        for at, words, there in (
            (max(0, offset - PAGE_ROWS), strings.PREVIOUS, offset > 0),
            (last, strings.NEXT, last < found.total),
        )
        if there
    ]
    heads = "".join(f'<th scope="col">{text(name)}</th>' for name in strings.COLUMNS)
    acting = f'<th><span class="nq-sr">{text(strings.REMOVE)}</span></th>' if changing else ""
    return (
        f'<p class="nq-shown">{text(shown)} {"".join(pages)}</p>'
        f"<table><thead><tr>{heads}{acting}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(article: Listed, changing: bool) -> str:
    title = article.title or strings.UNTITLED
    place = {"data_article": article.article_id, "data_version": article.version}
    read = attributes(css="nq-read", type="button", **place)
    cells = [
        f"<button{read}>{isolated(title)}</button>",
        isolated(article.source),
        day_html(article.published) or text(strings.UNDATED),
    ]
    if changing:
        named = attributes(
            css="nq-remove",
            type="button",
            aria_label=strings.REMOVE_ONE.format(title=title),
            data_remove=article.article_id,
        )
        cells.append(f"<button{named}>{text(strings.REMOVE)}</button>")
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"

"""The Articles tab as HTML: what is in the index, and what adds, removes and rebuilds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from newsqa.index import Listed, Listing
from newsqa.web.html import messages as strings
from newsqa.web.html.layout import OUTLETS_DRAWN, biggest
from newsqa.web.html.markup import attributes, counted, day_html, day_words, isolated, text

PAGE_ROWS = 50
_ACCEPTED = (
    ".txt,.md,.markdown,.html,.htm,.pdf,.jsonl,.gz,.rss,.atom,.xml,.eml,.docx,.zip,.tar,.tgz,.warc"
)


def manage(*, changing: bool, with_token: bool, folders: bool) -> str:
    """Return the tab that lists articles and, where it may, adds and removes them.

    Args:
        changing: Whether anything may be changed at all.
        with_token: Whether a change needs the admin token.
        folders: Whether folders may be added by their path.
    """
    facts = f'<h2>{text(strings.IN_INDEX)}</h2><div id="nq-corpus"></div>'
    found = (
        f"<label>{text(strings.FIND_ARTICLE)} "
        f'<input type="search" id="nq-find" autocomplete="off"></label>'
        f'<div id="nq-articles"></div>'
    )
    adding = _adding(with_token=with_token, folders=folders) if changing else ""
    listing = f'<section class="nq-listing">{facts}{found}</section>'
    return f'<div class="nq-manage">{adding}{listing}</div>'


def _adding(*, with_token: bool, folders: bool) -> str:
    token = (
        f'<label class="nq-token">{text(strings.TOKEN)} '
        f'<input type="password" id="nq-token" autocomplete="off"></label>'
    )
    drop = (
        f'<div class="nq-drop" id="nq-drop"><p><strong>{text(strings.DROP)}</strong></p>'
        f"<p>{text(strings.DROP_MORE)}</p>"
        f'<label class="nq-button">{text(strings.CHOOSE)}<input type="file" id="nq-files" multiple '
        f'accept="{_ACCEPTED}" class="nq-hidden-input"></label></div>'
    )
    title = (
        f"<label>{text(strings.PASTE_TITLE)} "
        f'<input type="text" id="nq-paste-title" dir="auto"></label>'
    )
    words = (
        f"<label>{text(strings.PASTE_TEXT)} "
        f'<textarea id="nq-paste-text" rows="8" dir="auto"></textarea></label>'
    )
    pasted = _folded(strings.PASTE, title + words, "paste", strings.PASTE_ADD)
    path = (
        f"<p>{text(strings.FOLDER_MORE)}</p><label>{text(strings.FOLDER_PATH)} "
        f'<input type="text" id="nq-folder" autocomplete="off"></label>'
    )
    folder = _folded(strings.FOLDER, path, "folder", strings.FOLDER_ADD) if folders else ""
    rebuild = _folded(
        strings.REBUILD, f"<p>{text(strings.REBUILD_MORE)}</p>", "rebuild", strings.REBUILD_GO
    )
    progress = (
        '<div id="nq-progress" role="status" aria-live="polite"></div><div id="nq-report"></div>'
    )
    return (token if with_token else "") + drop + pasted + folder + rebuild + progress


def _folded(summary: str, inside: str, action: str, button: str) -> str:
    """A part that opens, with a button that does it."""
    named = attributes(css="nq-button", type="button", data_action=action)
    return (
        f'<details class="nq-paste"><summary>{text(summary)}</summary>{inside}'
        f"<button{named}>{text(button)}</button></details>"
    )


def corpus(described: Mapping[str, Any]) -> str:
    """Return what is in the index: counts, the outlets, the dates, the last change."""
    first, last = described.get("first"), described.get("last")
    facts = {
        strings.FACT_ARTICLES: f"{int(described['articles']):,}",
        strings.FACT_PASSAGES: f"{int(described['passages']):,}",
    }
    if first and last:
        facts[strings.FACT_DATES] = f"{_day(first)} – {_day(last)}"
    if described.get("changed"):
        facts[strings.FACT_CHANGED] = _moment(str(described["changed"]))
    rows = "".join(f"<div><dt>{text(n)}</dt><dd>{value}</dd></div>" for n, value in facts.items())
    sources = dict(described.get("sources") or {})
    outlets = "".join(
        f"<li><button{attributes(css='nq-read', type='button', data_find=name)}>{isolated(name)}"
        f'</button> <span class="nq-count">{count:,}</span></li>'
        for name, count in biggest(sources)
    )
    if len(sources) > OUTLETS_DRAWN:
        more = strings.MORE_OUTLETS.format(count=f"{len(sources) - OUTLETS_DRAWN:,}")
        outlets += f'<li class="nq-hint">{text(more)}</li>'
    listed = f'<ul class="nq-outlet-list">{outlets}</ul>' if sources else ""
    return f'<dl class="nq-facts">{rows}</dl>{listed}'


def _day(raw: object) -> str:
    return day_html(date.fromisoformat(str(raw)))


def _moment(raw: str) -> str:
    at = datetime.fromisoformat(raw)
    said = f"{day_words(at.date())}, {at:%H:%M} {at.tzname() or ''}".strip()
    return f"<time{attributes(datetime=raw)}>{text(said)}</time>"


def listing(found: Listing, offset: int, *, changing: bool) -> str:
    """Return articles of the index as a table, each with a button that opens it."""
    if not found.articles:
        return f"<p>{text(strings.NO_SUCH_ARTICLE)}</p>"
    rows = "".join(_row(article, changing) for article in found.articles)
    last = offset + len(found.articles)
    shown = strings.SHOWN.format(
        first=offset + 1, last=last, all=counted(found.total, strings.ARTICLES)
    )
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

"""What a page says of itself in meta tags, JSON-LD and marked ``time`` elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import unquote, urlsplit

from newsqa.ingest.fields.dates import parse_day
from newsqa.ingest.formats.html_date import is_date_line
from newsqa.ingest.formats.html_headline import is_like
from newsqa.ingest.formats.html_json_ld import linked_data
from newsqa.ingest.formats.html_tree import is_unseen, words_beside

_PUBLISHED = (
    *("article:published_time", "datepublished", "og:article:published_time", "parsely-pub-date"),
    *("sailthru.date", "pubdate", "publishdate", "publish-date", "publication_date", "date"),
    *("dc.date.issued", "dcterms.date", "dc.date", "dcterms.created", "dc.date.created"),
    *("article.published", "cxenseparse:recs:publishtime", "ptime", "rnews:datepublished"),
)
_UPDATED = (
    "article:modified_time",
    "datemodified",
    "og:updated_time",
    "lastmod",
    "dcterms.modified",
)
_TITLES = ("og:title", "twitter:title", "headline", "title", "dc.title", "dcterms.title")
_SITES = ("og:site_name", "application-name", "apple-mobile-web-app-title")
_ARTICLES = re.compile(r"(?:Article|BlogPosting|LiveBlogPosting|Report|Review)$|NewsArticle")
_PAGES = frozenset({"WebPage", "ItemPage", "CreativeWork", ""})
_ELSEWHERE = frozenset("aside blockquote figure footer nav".split())
_EMBEDDED = re.compile(r"tweet|instagram|facebook|embed|related|teaser|event|comment", re.I)
_TIME_CLASS = re.compile(r"publish|posted|pubdate|entry-date|dateline|post-date|article-date", re.I)


@dataclass(slots=True)
class PageMetadata:
    """Titles, names of the site, address, language and days that a page states."""

    titles: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    url: str = ""
    language: str = ""
    date_language: str = ""
    published: date | None = None
    updated: date | None = None


def page_metadata(tree: Any) -> PageMetadata:
    """Read the metadata of a page, of the article that it is about and no other."""
    meta: dict[str, str] = {}
    for tag in tree.iterfind(".//meta[@content]"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop") or ""
        if name.lower() not in meta and not _is_of_another_thing(tag):
            meta[name.lower()] = tag.get("content")
    url = _own_address(tree, meta)
    stated = [meta[name] for name in _TITLES if name in meta]
    stated += [str(element.text or "") for element in tree.iterfind(".//head/title")]
    printed = [" ".join("".join(h.itertext()).split()) for h in tree.iter("h1")][:5]
    linked = _own_things(list(linked_data(tree)), url, [*stated, *printed])
    language = str(tree.get("lang") or "").strip().replace("_", "-")
    spoken = tree.xpath("//meta[translate(@http-equiv,'CLNAGUE','clnague')='content-language']")
    published = _first_day(meta, _PUBLISHED) or _linked_day(linked, "datePublished")
    return PageMetadata(
        titles=[*stated, *_headlines(linked)],
        sites=[meta[name] for name in _SITES if name in meta],
        url=url,
        language=language,
        date_language=language or next((str(m.get("content")) for m in spoken), ""),
        published=published or _time_element(tree),
        updated=_first_day(meta, _UPDATED) or _linked_day(linked, "dateModified"),
    )


def _is_of_another_thing(tag: Any) -> bool:
    """Whether a meta tag in the body belongs to an event, a person or a related article."""
    if not tag.get("itemprop"):
        return False
    for part in tag.iterancestors():
        if kind := part.get("itemtype"):
            return not (_ARTICLES.search(kind) or kind.rpartition("/")[2] in _PAGES)
        if part.tag in _ELSEWHERE:
            return True
    return False


def _own_address(tree: Any, meta: dict[str, str]) -> str:
    """The article's address: canonical link or og:url, in full and not just a site's front page."""
    links = tree.xpath("//link[translate(@rel, 'CANOIL', 'canoil')='canonical']/@href")
    for url in (*map(str, links), meta.get("og:url", "")):
        url = f"https:{url}" if url.startswith("//") else url.strip()
        try:
            parts = urlsplit(url)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.netloc and parts.path.strip("/"):
            return url
    return ""


def _own_things(
    things: list[dict[str, Any]], url: str, titles: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the descriptions of the article, then those of the page; of no other thing."""
    known = [title for title in titles if title.strip()]
    articles = [thing for thing in things if _kinds(thing, _ARTICLES.search)]
    matched = [thing for thing in articles if _is_about(thing, url, known)]
    pages = [thing for thing in things if _kinds(thing, _PAGES.__contains__)]
    return [*matched, *(page for page in pages if _path(page) in ("", _path_of(url)) or not url)]


def _kinds(thing: dict[str, Any], test: Any) -> bool:
    kinds = thing.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return any(test(str(name or "").rpartition("/")[2]) for name in names)


def _is_about(thing: dict[str, Any], url: str, titles: list[str]) -> bool:
    """Whether an article is that of the page: by its address, else by its headline."""
    path = _path(thing)
    if path and url and path == _path_of(url):
        return True
    headline = thing.get("headline") or thing.get("name")
    if isinstance(headline, str) and headline.strip() and titles:
        return any(is_like(unescape(headline), title) for title in titles)
    return not (path and url)


def _path(thing: dict[str, Any]) -> str:
    """Return the path of the address that a thing states, empty where it states none."""
    for key in ("url", "mainEntityOfPage", "@id"):
        value = thing.get(key)
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        stated = isinstance(value, str) and value.startswith(("http://", "https://", "//"))
        if stated and (path := _path_of(str(value))):
            return path
    return ""


def _path_of(url: str) -> str:
    try:
        return unquote(urlsplit(url).path).strip("/").lower()
    except ValueError:
        return ""


def _headlines(things: Iterable[dict[str, Any]]) -> Iterator[str]:
    headlines = (thing.get("headline") for thing in things)
    yield from (unescape(value) for value in headlines if isinstance(value, str))


def _first_day(meta: dict[str, str], names: tuple[str, ...]) -> date | None:
    return next((day for name in names if (day := parse_day(meta.get(name, "")))), None)


def _linked_day(things: list[dict[str, Any]], name: str) -> date | None:
    values = (thing.get(name) for thing in things)
    return next((day for v in values if isinstance(v, str) and (day := parse_day(v))), None)


def _time_element(tree: Any) -> date | None:
    """The day of a ``time`` element marked as publication, or of the only date line's one."""
    times = [t for t in tree.iter("time") if not _is_elsewhere(t)]
    for element in times:
        marked = element.get("itemprop") == "datePublished" or element.get("pubdate") is not None
        if (marked or _TIME_CLASS.search(element.get("class") or "")) and (day := _day_of(element)):
            return day
    inside = [
        t for t in times if any(part.tag in ("article", "main") for part in t.iterancestors())
    ]
    only = {
        day
        for t in inside
        if (day := _day_of(t)) and _is_alone(t, day) and is_date_line(_line_of(t, day))
    }
    return only.pop() if len(only) == 1 else None


def _day_of(element: Any) -> date | None:
    return parse_day(str(element.get("datetime") or ""))


def _is_elsewhere(element: Any) -> bool:
    """Whether an element is hidden, or part of a quoted post, a side column or a list of others."""
    for part in (element, *element.iterancestors()):
        if part.tag in ("html", "body"):
            return False
        if part.tag in _ELSEWHERE or is_unseen(part):
            return True
        names = f"{part.get('class') or ''} {part.get('itemtype') or ''}"
        if part is not element and part.tag != "article" and _EMBEDDED.search(names):
            return True
    return False


def _is_alone(element: Any, day: date) -> bool:
    """Whether no other day stands beside a ``time`` element."""
    return {_day_of(near) for near in element.getparent().iterchildren("time")} == {day}


def _line_of(element: Any, day: date) -> str:
    """Return the line in which a ``time`` element stands, its day written in its place."""
    before, after = words_beside(element)
    return " ".join(f"{before} {day} {after}".split())

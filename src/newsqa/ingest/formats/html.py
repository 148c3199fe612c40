"""HTML pages: trafilatura finds the article, this module reads what the page says of itself.

The title is the headline above the article (`headline`), else the page's own title. The day comes
from metadata: meta tags, JSON-LD, a marked ``time`` element, a day in the address; and from what is
printed beside the headline (`printed_day`). Other text that looks like a date is not used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from newsqa.ingest.draft import Draft, RefusedError
from newsqa.ingest.fields.dates import day_in_url, parse_day
from newsqa.ingest.fields.encoding import decode
from newsqa.ingest.formats.html_date import printed_day
from newsqa.ingest.formats.html_headline import headline, own_title
from newsqa.ingest.formats.html_lines import Line, page_lines

MAX_HTML_CHARS = 20_000_000

_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")
_HIDDEN = (
    "//*[@hidden]|//template|//noscript|//*[@aria-hidden='true']"
    "|//*[contains(translate(@style,' ','') , 'display:none')]"
    "|//*[contains(translate(@style,' ',''), 'visibility:hidden')]"
)
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
_ARTICLES = re.compile(r"Article|Posting|Report|Review", re.IGNORECASE)


def parse_html(content: bytes) -> Draft:
    """Return the article of an HTML page.

    Raises:
        RefusedError: No article is found in the page, or it is too large.
    """
    from trafilatura.utils import load_html

    decoded = decode(content, markup=True)
    markup = _XML_DECLARATION.sub("", decoded.text, count=1)
    if len(markup) > MAX_HTML_CHARS:
        raise RefusedError(f"a page of more than {MAX_HTML_CHARS:,} characters")
    markup = markup.replace("\0", "\ufffd")
    tree = load_html(markup) if markup.strip() else None
    if tree is None:
        raise RefusedError("no article text found")
    said, lines = _Said(tree), page_lines(tree)
    found = _extract(tree)
    if found is None:
        raise RefusedError("no article text found")
    site, named = str(found.sitename or ""), str(found.title or "")
    at = headline(lines, said.titles or [named], (site, *said.sites))
    title = _title(own_title(said.titles, named), site) if at is None else lines[at].text
    body = _paragraphs(str(found.text or ""), (title, _title(named, site)))
    if not any(_is_prose(line) for line in body.split("\n")):
        raise RefusedError("no article text found")
    if not said.url and site in str(found.url or ""):
        site = ""  # taken from an address that is not the article's
    return Draft(
        body=body,
        title=title,
        published=_published(said, lines, at),
        updated=said.updated,
        source=site,
        byline=str(found.author or "").replace("; ", ", "),
        url=said.url,
        language=said.language,
        encoding=decoded.encoding,
    )


def _published(said: _Said, lines: list[Line], at: int | None) -> date | None:
    known = said.published or day_in_url(said.url)
    printed = None
    if at is not None:
        printed = printed_day(
            lines, at, known=known, changed=said.updated, language=said.date_language
        )
    return printed or known


def _extract(tree: Any) -> Any:
    """What trafilatura finds, or None. Precision was best by `benchmarks/quality/extraction.py`."""
    import trafilatura

    return trafilatura.bare_extraction(
        tree,
        include_comments=False,
        favor_precision=True,
        with_metadata=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
        prune_xpath=_HIDDEN,
    )


def _paragraphs(text: str, titles: tuple[str, ...]) -> str:
    """Put an empty line between paragraphs; drop the headline where it is printed once more."""
    lines = [words for line in text.split("\n") if (words := " ".join(line.split()))]
    if lines and lines[0].casefold() in {" ".join(title.split()).casefold() for title in titles}:
        lines = lines[1:]
    return "\n\n".join(lines)


def _is_prose(line: str) -> bool:
    """Tell a sentence from the words of a menu, which is all that some pages hold."""
    return len(line) >= 80 or bool(re.search(r"[.!?…。！？][\"'”’»)\]]*$", line))


def _title(title: str, site: str) -> str:
    """Take the site's name off the end: "Storm hits the coast – Halvern Courier"."""
    for dash in (" | ", " – ", " — ", " - ", " :: ", " · "):
        head, found, tail = title.rpartition(dash)
        if found and site and tail.strip().casefold() == site.casefold():
            return head.strip()
    return title


class _Said:
    """What a page says of itself in meta tags, JSON-LD and ``time`` elements."""

    def __init__(self, tree: Any) -> None:
        self.language = str(tree.get("lang") or "").strip().replace("_", "-")
        meta: dict[str, str] = {}
        for tag in tree.iterfind(".//meta[@content]"):
            name = tag.get("property") or tag.get("name") or tag.get("itemprop") or ""
            meta.setdefault(name.lower(), tag.get("content"))
        self.url = _own_address(tree, meta)
        linked = list(_linked_data(tree))
        self.titles = [*(meta[name] for name in _TITLES if name in meta), *_titles(tree, linked)]
        self.sites = [meta[name] for name in _SITES if name in meta]
        spoken = tree.xpath("//meta[translate(@http-equiv,'CLNAGUE','clnague')='content-language']")
        self.date_language = self.language or next((str(m.get("content")) for m in spoken), "")
        self.published = _first_day(meta, _PUBLISHED) or _linked_day(linked, "datePublished")
        self.published = self.published or _time_element(tree)
        self.updated = _first_day(meta, _UPDATED) or _linked_day(linked, "dateModified")


def _titles(tree: Any, linked: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the page's title and the headlines of its JSON-LD."""
    yield from (str(element.text or "") for element in tree.iterfind(".//head/title"))
    headlines = (thing.get("headline") for thing in linked)
    yield from (unescape(value) for value in headlines if isinstance(value, str))


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


def _first_day(meta: dict[str, str], names: tuple[str, ...]) -> date | None:
    return next((day for name in names if (day := parse_day(meta.get(name, "")))), None)


def _linked_data(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield the things of a page's JSON-LD, articles first."""
    things: list[dict[str, Any]] = []
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        try:
            waiting: list[Any] = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            thing = waiting.pop(0)
            if isinstance(thing, list):
                waiting[:0] = thing
            elif isinstance(thing, dict):
                things.append(thing)
                waiting += [thing[key] for key in ("@graph", "mainEntity") if key in thing]
    yield from sorted(things, key=lambda thing: not _ARTICLES.search(str(thing.get("@type"))))


def _linked_day(things: list[dict[str, Any]], name: str) -> date | None:
    values = (thing.get(name) for thing in things)
    return next((day for v in values if isinstance(v, str) and (day := parse_day(v))), None)


def _time_element(tree: Any) -> date | None:
    """The day of a ``time`` element marked as publication, or of all in the article if only one."""
    marked = tree.xpath("//time[@itemprop='datePublished' or @pubdate]/@datetime")
    inside = tree.xpath("(//article|//main)//time/@datetime")
    days = [day for value in marked if (day := parse_day(str(value)))]
    if days:
        return days[0]
    only = {day for value in inside if (day := parse_day(str(value)))}
    return only.pop() if len(only) == 1 else None

"""HTML pages: trafilatura finds the article, this module reads what the page says of itself.

The title is the headline above the article (`headline`), else the page's own title. The day comes
from metadata: meta tags, JSON-LD, a marked ``time`` element, a day in the address; and from what is
printed beside the headline (`printed_day`). Other text that looks like a date is not used.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from newsqa.ingest.draft import Draft, RefusedError
from newsqa.ingest.fields.dates import day_in_url
from newsqa.ingest.fields.encoding import decode
from newsqa.ingest.formats.html_blocks import ease_extraction
from newsqa.ingest.formats.html_date import printed_day
from newsqa.ingest.formats.html_headline import headline, own_title
from newsqa.ingest.formats.html_lines import Line, page_lines
from newsqa.ingest.formats.html_metadata import PageMetadata, page_metadata
from newsqa.ingest.formats.html_tree import show_text

MAX_HTML_CHARS = 20_000_000

_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")
_NUMBERED = re.compile(r"^- (?=(?:\d+|[a-zA-Z]|[ivxIVX]{2,5})\. )")


def parse_html(content: bytes, *, charset: str = "") -> Draft:
    """Return the article of an HTML page; ``charset`` is what a header of HTTP says.

    Raises:
        RefusedError: No article is found in the page, or it is too large.
    """
    decoded = decode(content, markup=True, charset=charset)
    tree = _tree(decoded.text)
    metadata = page_metadata(tree)
    show_text(tree)
    lines = page_lines(tree)
    ease_extraction(tree)
    extract = _extract(tree)
    if extract is None:
        raise RefusedError("no article text found")
    site, extracted_title = str(extract.sitename or ""), str(extract.title or "")
    at = headline(lines, metadata.titles or [extracted_title], (site, *metadata.sites))
    title = (
        _title(own_title(metadata.titles, extracted_title), site) if at is None else lines[at].text
    )
    body = _paragraphs(str(extract.text or ""), (title, _title(extracted_title, site)))
    if not any(_is_prose(line) for line in body.split("\n")):
        raise RefusedError("no article text found")
    if not metadata.url and site in str(extract.url or ""):
        site = ""  # taken from an address that is not the article's
    return Draft(
        body=body,
        title=title,
        published=_published(metadata, lines, at),
        updated=metadata.updated,
        source=site,
        byline=str(extract.author or "").replace("; ", ", "),
        url=metadata.url,
        language=metadata.language,
        encoding=decoded.encoding,
    )


def _tree(text: str) -> Any:
    from trafilatura.utils import load_html

    markup = _XML_DECLARATION.sub("", text, count=1)
    if len(markup) > MAX_HTML_CHARS:
        raise RefusedError(f"a page of more than {MAX_HTML_CHARS:,} characters")
    markup = markup.replace("\0", "\ufffd")
    tree = load_html(markup) if markup.strip() else None
    if tree is None:
        raise RefusedError("no article text found")
    return tree


def _published(metadata: PageMetadata, lines: list[Line], at: int | None) -> date | None:
    known = metadata.published or day_in_url(metadata.url)
    printed = None
    if at is not None:
        printed = printed_day(
            lines, at, known=known, changed=metadata.updated, language=metadata.date_language
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
    )


def _paragraphs(text: str, titles: tuple[str, ...]) -> str:
    """Put an empty line between paragraphs; drop the headline where it is printed once more."""
    lines = [words for line in text.split("\n") if (words := " ".join(line.split()))]
    lines = [_NUMBERED.sub("", line) for line in lines]
    if lines and lines[0].casefold() in {" ".join(title.split()).casefold() for title in titles}:
        lines = lines[1:]
    return "\n\n".join(lines)


def _is_prose(line: str) -> bool:
    """Tell a sentence from the words of a menu, which is all that some pages hold."""
    return len(line) >= 80 or bool(re.search(r"[.!?…。！？][\"'”’»)\]]*$", line))


def _title(title: str, site: str) -> str:
    """Take the site's name off the end: "Storm hits the coast – Halvern Courier"."""
    for dash in (" | ", " – ", " — ", " - ", " :: ", " · "):
        head, dashed, tail = title.rpartition(dash)
        if dashed and site and tail.strip().casefold() == site.casefold():
            return head.strip()
    return title

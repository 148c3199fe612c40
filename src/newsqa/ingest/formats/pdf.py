"""PDF files: text layer only, lines joined into paragraphs, running heads dropped, pages kept.

The day a PDF was made is not the day its article was published, so the file's own dates count
only where the first page says the same day in words.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

from newsqa.ingest.draft import Draft, RefusedError
from newsqa.ingest.fields.dates import dateline, parse_day, written_days
from newsqa.ingest.fields.heading import Heading, read_heading
from newsqa.ingest.fields.program_defaults import is_program_author, is_program_title
from newsqa.ingest.formats.pdf_layout import Line, drop_running, join
from newsqa.ingest.formats.pdf_page import lines_of_page
from newsqa.ingest.formats.plain_text import headed

MAX_PAGES = 2_000
MAX_CHARS = 20_000_000

_PERSON = re.compile(r"[^\W\d_][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){1,4}")


def parse_pdf(content: bytes) -> Draft:
    """Return the article of a PDF.

    Raises:
        RefusedError: It is encrypted, has no text layer, too many pages or too much text.
    """
    reader = _open(content)
    pages = _pages(reader)
    metadata = _metadata(reader)
    if not any(line.text.strip() for page in pages for line in page):
        raise RefusedError("no text layer (a scan?)")
    heads, pages = drop_running(pages)
    title, pages = _title(pages, metadata.get("title", ""))
    if not any(pages):
        raise RefusedError("no text besides its title")
    heading, pages = _heading(pages)
    body, starts = join(pages)
    first_page = "\n".join([*heads, *(line.text for line in pages[0])]) if pages else ""
    published = (
        heading.published
        or dateline(body)
        or next(iter(written_days("\n".join(heads))), None)
        or _confirmed(metadata.get("made", ""), first_page)
    )
    draft = replace(headed(heading, body), title=title, pages=tuple(starts), published=published)
    return replace(draft, byline=draft.byline or metadata.get("author", ""))


def _open(content: bytes) -> Any:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise RefusedError("encrypted; a password is needed")
        count = len(reader.pages)
    except DependencyError:
        raise RefusedError("encrypted with AES; install `cryptography` to read it") from None
    except (FileNotDecryptedError, NotImplementedError):
        raise RefusedError("encrypted; it cannot be opened") from None
    if count > MAX_PAGES:
        raise RefusedError(f"more than {MAX_PAGES:,} pages")
    return reader


def _pages(reader: Any) -> list[list[Line]]:
    from pypdf.errors import DependencyError

    pages, size = [], 0
    for page in reader.pages:
        try:
            lines = lines_of_page(page)
        except DependencyError:  # a page's stream needs what opening the file did not
            raise RefusedError("encrypted with AES; install `cryptography` to read it") from None
        size += sum(len(line.text) for line in lines)
        if size > MAX_CHARS:
            raise RefusedError(f"more than {MAX_CHARS:,} characters of text")
        pages.append(lines)
    return pages


def _metadata(reader: Any) -> dict[str, str]:
    """Title, author and day of making, as far as the file's own description is sensible."""
    try:
        described = reader.metadata or {}
        stated = {
            key: str(described.get(f"/{key}") or "") for key in ("Title", "Author", "CreationDate")
        }
    except Exception:  # damaged metadata must not cost the text
        return {}
    title = " ".join(stated["Title"].split())
    sensible = len(title) > 3 and " " in title and not is_program_title(title)
    author = " ".join(stated["Author"].split())
    is_person = _PERSON.fullmatch(author) and not is_program_author(author)
    made = re.match(r"(?:D:)?(\d{8})", stated["CreationDate"])
    return {
        "title": title if sensible else "",
        "author": author if is_person else "",
        "made": made[1] if made else "",
    }


def _title(pages: list[list[Line]], own_title: str) -> tuple[str, list[list[Line]]]:
    """Return the title and the pages without it.

    The title is the file's own if it is sensible, else the lines in the largest type on the
    first page with text, if that is larger than the rest, else nothing.
    """
    at = next(number for number, page in enumerate(pages) if page) if any(pages) else 0
    page = pages[at] if pages else []
    if own_title:
        count = _leading_lines_of(page, own_title)
        return own_title, [*pages[:at], page[count:], *pages[at + 1 :]]
    sizes = sorted(line.size for line in page for _ in line.text)
    typical = sizes[len(sizes) // 2] if sizes else 0.0
    largest = [n for n, line in enumerate(page[:12]) if line.size > 1.15 * typical]
    top = max((page[n].size for n in largest), default=0.0)
    run = [n for n in largest if page[n].size > 0.98 * top]
    run = [n for k, n in enumerate(run) if n == run[0] + k][:4]
    title = join([[page[n] for n in run]])[0].replace("\n\n", " ") if run else ""
    if not title or len(title) > 300:
        return "", pages
    rest = [line for n, line in enumerate(page) if n not in run]
    return title, [*pages[:at], rest, *pages[at + 1 :]]


def _leading_lines_of(page: list[Line], title: str) -> int:
    """How many lines at the top of the page print the title once more."""
    expected = "".join(title.split()).casefold()
    printed = ""
    for count, line in enumerate(page[:6], start=1):
        printed += "".join(line.text.split()).casefold()
        if printed == expected:
            return count
        if not expected.startswith(printed.rstrip("-")):
            break
    return 0


def _heading(pages: list[list[Line]]) -> tuple[Heading, list[list[Line]]]:
    """Read header lines (`By: ...`) off the first page that has lines."""
    at = next(number for number, page in enumerate(pages) if page)
    text = "\n".join(line.text for line in pages[at]) + "\n\f"
    heading = read_heading(text, titled=True)
    taken = text.count("\n", 0, heading.rest)
    standfirst = pages[at][: heading.standfirst.count("\n") + 1] if heading.standfirst else []
    heading.standfirst = ""  # a paragraph of the page, where it stands
    return heading, [*pages[:at], [*standfirst, *pages[at][taken:]], *pages[at + 1 :]]


def _confirmed(made: str, first_page: str) -> date | None:
    day = parse_day(made) if made else None
    return day if day in written_days(first_page) else None

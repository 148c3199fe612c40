"""Plain text files: a title and header lines, if there are any, then the body."""

from __future__ import annotations

from dataclasses import replace

from newsqa.ingest.draft import Draft
from newsqa.ingest.fields.encoding import decode
from newsqa.ingest.fields.heading import Heading, read_heading
from newsqa.text.analysis import clean


def parse_text(content: bytes) -> Draft:
    """Return the article of a plain text file."""
    decoded = decode(content)
    text = clean(decoded.text)
    heading = read_heading(text)
    return replace(headed(heading, text[heading.rest :]), encoding=decoded.encoding)


def headed(heading: Heading, body: str) -> Draft:
    """Return a draft with the fields of a heading; its standfirst opens the body."""
    if heading.standfirst:
        body = f"{heading.standfirst}\n\n{body}"
    return Draft(
        body=body,
        title=heading.title,
        published=heading.published,
        updated=heading.updated,
        source=heading.source,
        byline=heading.byline,
        url=heading.url,
        language=heading.language,
    )

"""RTF files: the words of the document, a paragraph a line; headers, notes and pictures left out.

As with Word files, the days in the file's own properties do not count.
"""

from __future__ import annotations

import re
from dataclasses import replace

from newsqa.ingest.draft import Draft, RefusedError
from newsqa.ingest.fields.heading import read_heading
from newsqa.ingest.formats.plain_text import headed
from newsqa.text.analysis import clean

_LINK = re.compile(r'HYPERLINK\s+(?:\\\\[a-z]\s*)*(?:"[^"]*")?(?:\s*\\\\[a-z]\s*(?:"[^"]*")?)*')
# Marked as deleted or hidden: no reader sees it.
_UNSEEN = re.compile(r"\{(?=[^{}]*\\(?:deleted|v)(?![a-z0-9]))[^{}]*\}")
_PROPERTY = re.compile(r"\{\\(title|author)\s([^{}]*)\}")


def parse_rtf(content: bytes) -> Draft:
    """Return the article of an RTF file.

    Raises:
        RefusedError: It is no RTF file, or damaged.
    """
    if not content.lstrip().startswith(b"{\\rtf"):
        raise RefusedError("not an RTF file")
    markup = content.decode("cp1252", "replace")
    properties = {name: _words(rf"{{\rtf1 {text}}}") for name, text in _PROPERTY.findall(markup)}
    lines = [line.strip() for line in _words(_UNSEEN.sub("", _LINK.sub("", markup))).split("\n")]
    text = clean("\n\n".join(filter(None, lines)))
    heading = read_heading(text)
    draft = headed(heading, text[heading.rest :])
    title = heading.title or properties.get("title", "")
    return replace(draft, title=title, byline=heading.byline or properties.get("author", ""))


def _words(markup: str) -> str:
    from striprtf.striprtf import rtf_to_text

    try:
        text: str = rtf_to_text(markup, errors="replace")
    except (ValueError, LookupError, IndexError) as error:
        raise RefusedError(f"damaged RTF ({str(error)[:80]})") from None
    # A character beyond the first 65,536 is written as two halves.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

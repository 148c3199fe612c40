"""Word files (DOCX): the paragraphs and tables of the text, headers and footers left out.

The day a file was made is not the day its article was published, so its own dates do not count;
a line such as ``Published: 3 March 2026`` under the title does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from newsqa.ingest.draft import Draft, RefusedError
from newsqa.ingest.fields.heading import read_heading
from newsqa.ingest.formats.archives import check_zip
from newsqa.ingest.formats.plain_text import headed
from newsqa.text.analysis import clean


def parse_docx(content: bytes) -> Draft:
    """Return the article of a Word file; the title is its first paragraph in a title's style.

    Raises:
        RefusedError: It is damaged, or expands beyond the limits of an archive.
    """
    import docx
    from docx.opc.exceptions import OpcError

    check_zip(content)
    try:
        document = docx.Document(BytesIO(content))
    except (OpcError, KeyError, ValueError) as error:
        raise RefusedError(f"no Word file: {str(error)[:100]}") from None
    blocks = [block for block in _blocks(document) if block[1].strip()]
    title = ""
    if blocks and blocks[0][0].startswith(("Title", "Heading 1")):
        title = blocks.pop(0)[1]
    told = document.core_properties
    text = clean("\n\n".join(words for _, words in blocks))
    heading = read_heading(text, titled=bool(title))
    draft = headed(heading, text[heading.rest :])
    return replace(
        draft,
        title=title or heading.title or str(told.title or ""),
        byline=heading.byline or str(told.author or ""),
        language=str(told.language or ""),
    )


def _blocks(document: Any) -> Iterator[tuple[str, str]]:
    """Yield style and words of each paragraph; the cells of a table's row stand on one line."""
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield "", " | ".join(" ".join(cell.text.split()) for cell in row.cells)
        else:
            yield str(block.style.name if block.style is not None else ""), block.text

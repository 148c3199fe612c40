"""Word files (DOCX): the paragraphs and tables of the text, headers and footers left out.

The day a file was made is not the day its article was published, so its own dates do not count;
a line such as ``Published: 3 March 2026`` under the title does.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from newsqa.ingest.draft import Draft, RefusedError
from newsqa.ingest.fields.heading import read_heading
from newsqa.ingest.fields.program_defaults import is_program_author, is_program_title
from newsqa.ingest.formats.archives import check_zip
from newsqa.ingest.formats.docx_text import document_blocks
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
    blocks = document_blocks(document)
    title = ""
    if blocks and blocks[0].style.lower().startswith(("title", "heading 1")):
        title = blocks.pop(0).text
    metadata = document.core_properties
    own_title, author = str(metadata.title or ""), str(metadata.author or "")
    text = clean("\n\n".join(block.text for block in blocks))
    heading = read_heading(text, titled=bool(title))
    draft = headed(heading, text[heading.rest :])
    own_title = "" if is_program_title(own_title) else own_title
    return replace(
        draft,
        title=title or heading.title or own_title,
        byline=heading.byline or ("" if is_program_author(author) else author),
        language=str(metadata.language or ""),
    )

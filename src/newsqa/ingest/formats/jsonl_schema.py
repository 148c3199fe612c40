"""An article as one line of JSONL, and the JSON Schema of such lines.

``python -m newsqa.ingest.formats.jsonl_schema > docs/article.schema.json`` writes the schema.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from newsqa.ingest.draft import MAX_BODY_CHARS, MAX_FIELD_CHARS
from newsqa.ingest.formats.records import BODY, PUBLISHED, TEXTS, UPDATED
from newsqa.types import Article, day

_MEANINGS = {
    "title": "The headline.",
    "source": "The outlet that published it.",
    "byline": "Who wrote it; a list of names, or of objects with a name, is joined.",
    "url": "Its address; kept if it is http or https.",
    "language": "A language tag such as en-GB.",
}
_DAY = "A day, best as YYYY-MM-DD; a time of day is dropped; what names no day counts as absent."


def record_of(article: Article) -> dict[str, Any]:
    """Return the record that `parse_jsonl` makes the same article of, all fields included.

    What the article does not have is left out, but for ``furniture``: an empty list says that
    there is none, so that it is not looked for again.
    """
    record = {
        "id": article.article_id,
        "title": article.title,
        "text": article.body,
        "date": day(article.published),
        "updated": day(article.updated),
        "source": article.source,
        "byline": article.byline,
        "url": article.url,
        "language": article.language,
        "page_offsets": list(article.pages),
    }
    kept: dict[str, Any] = {key: value for key, value in record.items() if value}
    return kept | {"furniture": [[span.start, span.end] for span in article.furniture]}


def article_schema() -> dict[str, Any]:
    """Return the JSON Schema of one line of a JSONL file of articles.

    `parse_jsonl` takes what fits it, except an empty text, an integer written like 1.0, and
    offsets that do not fit their text.
    """
    text = {"type": ["string", "null"], "maxLength": MAX_BODY_CHARS}
    first = {"description": "The article itself, kept letter for letter.", **text}
    properties: dict[str, Any] = {
        "id": {
            "description": "Its name for good; else its url, else file and line.",
            "anyOf": [
                {"type": "string", "maxLength": MAX_FIELD_CHARS},
                {"type": ["integer", "null"]},
            ],
        },
        BODY[0]: first,
        **{name: {"description": f"The same as {BODY[0]}.", **text} for name in BODY[1:]},
    }
    for field, names in TEXTS.items():
        properties |= _names(names, _MEANINGS[field], people=field == "byline")
    properties |= _names(PUBLISHED, f"When it was published. {_DAY}")
    properties |= _names(UPDATED, f"When it was last changed. {_DAY}")
    properties |= {"furniture": _FURNITURE, "page_offsets": _PAGES}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A news article for newsqa: one line of a JSONL file",
        "type": "object",
        "anyOf": [{"required": [name], "properties": {name: {"type": "string"}}} for name in BODY],
        "properties": properties,
        "additionalProperties": True,
    }


_OFFSET = {"type": "integer", "minimum": 0}
_FURNITURE = {
    "description": "Spans [start, end) of the text, in characters, that are a site's leftovers: "
    "kept, never quoted. In order and apart. Absent: they are looked for.",
    "anyOf": [
        {
            "type": "array",
            "items": {"type": "array", "items": _OFFSET, "minItems": 2, "maxItems": 2},
        },
        {"type": "null"},
    ],
}
_PAGES = {
    "description": "Offsets in the text, ascending, at which the pages of its PDF began.",
    "anyOf": [{"type": "array", "items": _OFFSET}, {"type": "null"}],
}


_PERSON = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "pattern": r"\S"}},
}


def _names(names: tuple[str, ...], meaning: str, *, people: bool = False) -> dict[str, Any]:
    """Return the properties of one field that goes by several names; the first is preferred."""
    forms: list[dict[str, Any]] = [
        {"type": ["string", "null"]},
        {"type": "array", "items": {"type": "string"}},
    ]
    form = {"anyOf": [*forms, _PERSON, {"type": "array", "items": _PERSON}] if people else forms}
    first = {names[0]: {"description": meaning, **form}}
    others = {name: {"description": f"The same as {names[0]}.", **form} for name in names[1:]}
    return first | others


def schema_text() -> str:
    """Return the schema as the file in the documents holds it."""
    return json.dumps(article_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())

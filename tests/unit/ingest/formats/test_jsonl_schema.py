"""The schema of JSONL lines: in step with its page, and agreeing with the parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.ingest.draft import EmptyError
from newsqa.ingest.formats.jsonl import parse_jsonl
from newsqa.ingest.formats.jsonl_schema import article_schema, schema_text
from newsqa.ingest.formats.records import BODY, PUBLISHED, TEXTS, UPDATED

PAGE = Path(__file__).parents[4] / "docs" / "article.schema.json"
SCHEMA = jsonschema.Draft202012Validator(article_schema())
ODD = st.one_of(
    *(st.none(), st.booleans(), st.integers(-2, 40), st.text(max_size=8)),
    *(st.floats(allow_nan=False, allow_infinity=False), st.lists(st.text(max_size=3), max_size=2)),
    *(st.lists(st.integers(-1, 5), max_size=2), st.dictionaries(st.text(max_size=2), st.none())),
)
SPANS = st.lists(st.lists(st.integers(-1, 9), min_size=1, max_size=3), max_size=3)
VALUES: dict[str, Any] = dict.fromkeys(article_schema()["properties"], ODD)
VALUES |= {"furniture": ODD | SPANS, "text": st.text(max_size=12) | ODD}
TEXT = VALUES.pop("text")
RECORDS = st.fixed_dictionaries({"text": TEXT}, optional=VALUES)
OF_THE_TEXT = ("furniture", "page_offsets", "empty")  # what no schema can say


def test_the_page_is_up_to_date() -> None:
    again = "make it again: python -m newsqa.ingest.formats.jsonl_schema > docs/article.schema.json"
    assert PAGE.read_text(encoding="utf-8") == schema_text(), again
    jsonschema.Draft202012Validator.check_schema(article_schema())


@given(record=RECORDS)
@settings(max_examples=500, deadline=None)
def test_what_fits_the_schema_is_taken(record: dict[str, Any]) -> None:
    whole = json.loads(json.dumps(record), parse_float=str)  # 1.0 is an integer to a schema
    try:
        [batch] = parse_jsonl(json.dumps(whole).encode(), gzipped=False)
    except EmptyError:
        return
    reasons = [why for _, why in (*batch.failed, *batch.skipped)]
    if SCHEMA.is_valid(whole):
        assert not [why for why in reasons if not why.startswith(OF_THE_TEXT)]
    else:
        assert reasons or _has_unread_name(whole)


def _has_unread_name(record: dict[str, Any]) -> bool:
    """Of two names of one field the second is not looked at."""
    fields = (BODY, *TEXTS.values(), PUBLISHED, UPDATED)
    return any(name in record for names in fields for name in names[1:])


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"furniture": "no"}, "furniture is not a list"),
        ({"furniture": [[0]]}, "furniture is not a list"),
        ({"furniture": [[3, 3]]}, "furniture is not a list"),
        ({"furniture": [[2, 4], [0, 1]]}, "furniture is not a list"),
        ({"furniture": [[0, 3], [2, 4]]}, "furniture is not a list"),
        ({"furniture": [[0, True]]}, "furniture is not a list"),
        ({"furniture": [[-1, 2]]}, "furniture is not a list"),
        ({"furniture": [[0, 7]]}, "furniture runs past the end"),
        ({"furniture": [[0, 2]], "text": "a\r\nb"}, "furniture with a text"),
        ({"page_offsets": 3}, "page_offsets is not a list"),
        ({"page_offsets": [2, 0]}, "page_offsets is not a list"),
        ({"page_offsets": [9]}, "page_offsets runs past the end"),
        ({"page_offsets": [0], "text": "\ufeffab"}, "page_offsets with a text"),
    ],
)
def test_offsets_that_cannot_be_are_refused(record: dict[str, Any], why: str) -> None:
    [batch] = parse_jsonl(json.dumps({"text": "Words.", **record}).encode(), gzipped=False)
    assert [reason for _, reason in batch.failed if reason.startswith(why)]

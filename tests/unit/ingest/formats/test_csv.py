"""Tables of articles: the column of the text is named or found."""

from __future__ import annotations

from datetime import date

import pytest

from newsqa.ingest.draft import Batch, EmptyError, RefusedError
from newsqa.ingest.formats.csv import parse_csv

STORY = "The lock at Wend was opened on Monday, and forty barges waited an hour in the rain."


def read(table: str, encoding: str = "utf-8") -> Batch:
    [batch] = parse_csv(table.encode(encoding))
    return batch


def test_a_row_is_an_article_with_the_fields_that_the_first_row_names() -> None:
    batch = read(
        "id,Headline,body,Author,Date,URL\n"
        'w1,Lock opens,"The lock, at last,\nopened.",Ada Wren,12 May 2026,https://p.example/1\n'
        "\nw2,Fair,,Jon Pike,,\n,Mill,The mill burned.,,,\n"
    )
    first, second = batch.drafts
    assert (first.record_id, first.title, first.byline) == ("w1", "Lock opens", "Ada Wren")
    assert (first.body, first.published) == ("The lock, at last,\nopened.", date(2026, 5, 12))
    assert first.url == "https://p.example/1"
    assert second.article("t.csv").article_id == "t.csv#5"
    assert batch.skipped == [(4, "empty")]
    assert batch.failed == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_encodings_of_spreadsheets(delimiter: str, encoding: str) -> None:
    rows = (("title", "text"), ("Café", f'"{STORY}"'), ("Fähre", f'"{STORY}"'))
    batch = read("\r\n".join(map(delimiter.join, rows)), encoding)
    assert [(d.title, d.body) for d in batch.drafts] == [("Café", STORY), ("Fähre", STORY)]
    assert read("sep=;\ntext;title\nA, b.;T").drafts[0].body == "A, b."


def test_the_column_of_sentences_is_found_where_no_name_is_known() -> None:
    batch = read(f'Title,Code,Story\nLock,17,"{STORY}"\nFair,18,"{STORY} Twice."\n')
    assert [draft.body for draft in batch.drafts] == [STORY, f"{STORY} Twice."]
    with pytest.raises(RefusedError, match="no column of texts: the record has town, votes; exp"):
        read("town,votes\nWend,12\nTull,14\n")
    with pytest.raises(RefusedError, match="under a row of names"):
        read(f'Lock,"{STORY}"\nFair,"{STORY}"\n')


def test_a_short_row_is_named_and_the_others_go_in() -> None:
    batch = read("title,text\nLock\nFair,It opened.\n")
    assert batch.failed == [(2, "a row of 1 cells, without a text")]
    assert [draft.title for draft in batch.drafts] == ["Fair"]
    for nothing in ("", "\n\n", "title,text\n"):
        with pytest.raises(EmptyError):
            read(nothing)

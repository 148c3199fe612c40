from __future__ import annotations

import gzip
import json
import random
from typing import Any

import pytest

from newsqa.ingest.draft import Batch, Draft, EmptyError
from newsqa.ingest.formats import jsonl
from newsqa.ingest.formats.jsonl import parse_jsonl
from newsqa.ingest.formats.records import BATCH_RECORDS


def batches(content: bytes, *, gzipped: bool = False) -> list[Batch]:
    return list(parse_jsonl(content, gzipped=gzipped))


def one(record: Any) -> Draft:
    [batch] = batches(json.dumps(record).encode())
    assert not batch.failed
    [draft] = batch.drafts
    return draft


def reason(line: str | bytes) -> str:
    [batch] = batches(line if isinstance(line, bytes) else line.encode())
    assert not batch.drafts
    [(number, why)] = batch.failed
    assert number == 1
    return why


def test_the_text_stays_as_it_is_but_for_line_ends_and_nul() -> None:
    text = "  A\r\nB\u0000 \ufb01 e\u0301 \u2028 end \n"
    assert one({"text": text}).body == "  A\nB\ufffd \ufb01 e\u0301 \u2028 end \n"
    assert one({"text": "lone \ud800 here"}).body == "lone \ufffd here"


def test_fields_of_a_record() -> None:
    draft = one(
        {"id": "a/1", "title": "T\n x", "text": "Words.", "date": "2026-03-03", "source": "S"}
        | {"url": "https://n.example/1", "updated": "2026-03-04", "author": "A", "language": "en"}
    )
    assert (draft.record_id, draft.title, draft.source, draft.byline) == ("a/1", "T x", "S", "A")
    assert draft.article("f.jsonl").article_id == "a/1"
    assert str(draft.published) == "2026-03-03"
    assert str(draft.updated) == "2026-03-04"


@pytest.mark.parametrize(
    ("record", "article_id"),
    [
        ({"id": "x", "url": "https://n.example/1"}, "x"),
        ({"id": 7}, "7"),
        ({"id": " keep me "}, " keep me "),
        ({"id": None, "url": "https://n.example/1"}, "https://n.example/1"),
        ({"id": "", "url": "ftp://n.example/1"}, "d/f.jsonl#1"),
        ({}, "d/f.jsonl#1"),
    ],
)
def test_the_id_is_the_records_own_or_its_address_or_its_place(
    record: dict[str, Any], article_id: str
) -> None:
    assert one({"text": "Words.", **record}).article("d/f.jsonl").article_id == article_id


@pytest.mark.parametrize("name", ["text", "body", "content"])
def test_the_text_goes_by_three_names(name: str) -> None:
    draft = one({name: "Words.", "headline": "T", "authors": [{"name": "Ada"}, {"name": "Jon"}]})
    assert (draft.body, draft.title, draft.byline) == ("Words.", "T", "Ada, Jon")
    assert one({"text": " ", "content": "Words."}).body == "Words."


def test_a_refusal_names_at_most_a_dozen_keys() -> None:
    why = reason(json.dumps({f"key{n}": n for n in range(40)}))
    assert "key0, key1" in why
    assert "key11 and 28 more" in why
    assert "key12" not in why


def test_an_unreadable_day_leaves_the_article_undated() -> None:
    assert one({"text": "Words.", "date": "soon"}).published is None


def test_an_update_before_publication_is_none() -> None:
    early = one({"text": "W.", "date": "2026-03-03", "updated": "2026-03-02"})
    same = one({"text": "W.", "date": "2026-03-03", "updated": "2026-03-03"})
    assert (early.updated, same.updated) == (None, None)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"text": "x"', "invalid JSON"),
        ('{"text": "x"} {}', "invalid JSON"),
        ("5", "not a JSON object"),
        ('["x"]', "not a JSON object"),
        ("{}", "no text: the record is empty; expected text, body or content"),
        ('{"id": 7, "story": "x"}', "no text: the record has id, story; expected text, body or"),
        ('{"text": null}', "no text"),
        ('{"text": ["x"]}', "text is a list"),
        ('{"text": {"a": 1}}', "text is an object"),
        ('{"text": true}', "text is true or false"),
        ('{"text": "x", "title": 5}', "title is a number"),
        ('{"text": "x", "date": 20260303}', "date is a number"),
        ('{"text": "x", "id": 1.5}', "id is a number"),
        ('{"text": "x", "id": "%s"}' % ("i" * 1001), "the id is longer"),
        ('{"text": "x", "n": NaN}', "invalid number: NaN"),
        ('{"text": "x", "n": -Infinity}', "invalid number: -Infinity"),
        ('{"text": "x", "n": %s}' % ("9" * 5000), "invalid number"),
        ('{"text": "x", "n": %s}' % ("[" * 100_000), "nested too deeply"),
        (b'{"text": "caf\xe9"}', "not valid UTF-8"),
    ],
)
def test_a_bad_line_is_named_with_its_reason(line: str | bytes, why: str) -> None:
    assert reason(line).startswith(why)


def test_the_last_of_two_keys_counts() -> None:
    [batch] = batches(b'{"text": "first", "text": "last"}')
    assert batch.drafts[0].body == "last"


def test_every_line_is_accounted_for_under_its_number() -> None:
    lines = [b'{"text": "one"}', b"", b"{", b"  \t", b'{"text": " "}', b'{"text": "six"}\r']
    [batch] = batches(b"\xef\xbb\xbf" + b"\n".join(lines))
    assert [draft.line for draft in batch.drafts] == [1, 6]
    assert [line for line, _ in batch.failed] == [3]
    assert batch.skipped == [(5, "empty")]
    assert batch.last


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \n\t\r\n"])
def test_a_file_of_white_space_is_empty(content: bytes) -> None:
    with pytest.raises(EmptyError):
        batches(content)


@pytest.mark.parametrize("count", [1, BATCH_RECORDS, BATCH_RECORDS + 1, 3 * BATCH_RECORDS + 5])
def test_batches_are_bounded_and_only_the_last_says_so(count: int) -> None:
    content = b"".join(b'{"id": "%d", "text": "Note %d."}\n' % (n, n) for n in range(count))
    found = batches(content)
    assert [draft.record_id for b in found for draft in b.drafts] == [str(n) for n in range(count)]
    assert all(len(batch.drafts) <= BATCH_RECORDS for batch in found)
    assert [batch.last for batch in found] == [False] * (len(found) - 1) + [True]
    packed = gzip.compress(content[:100], mtime=0) + gzip.compress(content[100:], mtime=0) + b"\0\0"
    assert batches(packed, gzipped=True) == found


def test_large_records_make_smaller_batches() -> None:
    content = b"".join(b'{"text": "%s"}\n' % (b"x" * 1_500_000) for _ in range(7))
    assert [len(batch.drafts) for batch in batches(content)] == [3, 3, 1]


def test_a_line_that_is_too_long_fails_and_the_next_goes_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jsonl, "MAX_LINE_BYTES", 200_000)
    long = b'{"text": "%s"}' % (b"x" * 300_000)
    [batch] = batches(long + b'\n{"text": "ok"}\n' + long)
    assert [number for number, _ in batch.failed] == [1, 3]
    assert batch.drafts[0].line == 2


def test_utf16_is_refused_in_one_line() -> None:
    [batch] = batches('{"text": "x"}\n{"text": "y"}'.encode("utf-16"))
    assert batch.failed == [(None, "JSONL in UTF-16; it must be UTF-8")]


def gzip_failure(content: bytes) -> tuple[int, str]:
    found = batches(content, gzipped=True)
    [(line, why)] = [failure for batch in found for failure in batch.failed]
    assert line is None
    assert found[-1].last
    return sum(len(batch.drafts) for batch in found), why


def test_damaged_gzip_keeps_the_records_before_the_damage() -> None:
    rng = random.Random(5)
    records = [{"text": f"Note {rng.getrandbits(256):x}."} for _ in range(3000)]
    content = gzip.compress("".join(json.dumps(r) + "\n" for r in records).encode())
    kept, why = gzip_failure(content[: len(content) // 2])
    assert 0 < kept < 3000
    assert why == "the gzip data is cut off"
    assert gzip_failure(b"not gzip")[1].startswith("damaged gzip data")
    assert gzip_failure(content + b"rubbish") == (3000, gzip_failure(b"rubbish")[1])


def test_a_gzip_bomb_is_stopped_early(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(b'{"text": "fine"}\n' + b" " * 20_000_000)
    kept, why = gzip_failure(bomb)
    assert kept == 1
    assert "more than 100 times" in why
    monkeypatch.setattr(jsonl, "MAX_INFLATED_BYTES", 1_000_000)
    long = b'{"text": "%s"}\n' % (b"y" * 50_000)
    assert "more than 1 MB" in gzip_failure(gzip.compress(long * 40))[1]

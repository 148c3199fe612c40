"""What packed files may unpack to: bombs are stopped, each limit by itself."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from newsqa.ingest import parse, walk
from newsqa.ingest.draft import Batch, RefusedError
from newsqa.ingest.formats.archives import Bounds, check_zip, parse_archive
from newsqa.ingest.formats.warc import parse_warc
from newsqa.ingest.sandbox.worker import parser_for, replies
from tests.integration.ingest.test_built import page, response, tarred, word, zipped
from tests.samples import LIMITS

ZEROS = b"0" * 30_000_000
FILES = {f"{at}.txt": f"Report {at}\n\n{chr(96 + at) * 400}".encode() for at in range(1, 6)}
BIG = {**FILES, "3.txt": b"Long\n\n" + b"x" * 3_000_000}
MAKERS = pytest.mark.parametrize(("kind", "make"), [("zip", zipped), ("tar", tarred)])


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.tar.gz", "bomb.docx"])
def test_bombs_are_stopped(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes((tarred if "tar" in name else zipped)({"word/a.txt": ZEROS}))
    items = list(parse(walk([path]).files, limits=LIMITS))
    assert not [article for item in items for article in item.articles]
    [problem] = [problem for item in items for problem in item.failed]
    assert "is it a bomb?" in problem.reason


def unpacked(content: bytes, kind: str, bounds: Bounds) -> tuple[int, str]:
    """How many articles came out of an archive, and why no more did."""
    found = list(
        parse_archive(content, kind=kind, parser_of=parser_for, replies=replies, bounds=bounds)
    )
    return told(found)


def told(found: list[Batch]) -> tuple[int, str]:
    assert [batch.last for batch in found] == [False] * (len(found) - 1) + [True]
    reasons = [reason for batch in found for _, reason in batch.failed]
    return sum(len(batch.drafts) for batch in found), " | ".join(reasons)


@MAKERS
def test_each_bound_stops_an_archive_where_it_is_reached(
    kind: str, make: Callable[[dict[str, bytes]], bytes]
) -> None:
    small, big = make(FILES), make(BIG)
    assert unpacked(small, kind, Bounds(members=5)) == (5, "")
    assert unpacked(small, kind, Bounds(members=3)) == (3, "more than 3 files in the archive")
    one = "a file of more than 2 MB in the archive"
    assert unpacked(big, kind, Bounds(member_bytes=2_000_000)) == (2, one)
    assert unpacked(big, kind, Bounds(total_bytes=3_000_000)) == (2, "unpacks to more than 3 MB")
    many = make({name: bytes(1_000_000) for name in FILES})
    assert unpacked(many, kind, Bounds(total_bytes=2_500_000))[1] == "unpacks to more than 2 MB"
    by_ratio = Bounds(ratio=50, free_bytes=1_000_000)
    assert (
        unpacked(big, kind, by_ratio)[1] == "unpacks to more than 50 times its size; is it a bomb?"
    )
    assert unpacked(big, kind, Bounds()) == (5, "")


def test_a_word_file_is_held_to_the_bounds_of_an_archive() -> None:
    content = word("glacier")
    check_zip(content)
    for bounds in (Bounds(members=3), Bounds(member_bytes=900), Bounds(total_bytes=2000)):
        with pytest.raises(RefusedError, match=r"more than"):
            check_zip(content, bounds)


def test_only_so_many_pages_of_a_web_archive_are_read() -> None:
    pytest.importorskip("fastwarc")
    texts = ("ferry-bell", "marathon", "mosaic")
    records = [response(f"https://a.example/{t}", "text/html", page(t)) for t in texts]
    content, enough = b"".join(records), "more pages than are read of one archive"
    assert told(list(parse_warc(content))) == (3, "")
    assert told(list(parse_warc(content, Bounds(members=2)))) == (2, enough)
    two = len(page(texts[0]).encode()) + len(page(texts[1]).encode())
    assert told(list(parse_warc(content, Bounds(total_bytes=two)))) == (2, enough)


def test_a_web_archive_that_is_a_bomb_is_stopped() -> None:
    pytest.importorskip("fastwarc")
    zeros = response("https://a.example/zeros", "text/html", "0" * 15_000_000)
    assert told(list(parse_warc(gzip.compress(zeros)))) == (
        0,
        "more pages than are read of one archive",
    )

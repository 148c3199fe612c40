"""Hostile and broken files, read where they lie: none crashes, each is accounted for."""

from __future__ import annotations

import os
from collections import Counter
from os.path import commonpath
from pathlib import Path

import pytest

from newsqa.ingest import Parsed, parse, walk
from tests.samples import LIMITS

ROOT = Path(__file__).parents[3]
BAD = Path(os.environ.get("NEWSQA_SHARED", ROOT.parent / "shared")) / "data" / "badinput"
SLOW_BYTES = 150_000  # larger ones take seconds until a limit stops them

pytestmark = pytest.mark.skipif(not BAD.is_dir(), reason=f"{BAD} is not there (set NEWSQA_SHARED)")


def ingest(paths: list[Path]) -> tuple[dict[str, list[Parsed]], set[str]]:
    """Parse; return the items of each file, and the names of files that were left out."""
    found = walk(paths)
    items: dict[str, list[Parsed]] = {}
    for item in parse(found.files, limits=LIMITS):
        items.setdefault(item.file.article_key, []).append(item)
    assert not found.failed
    return items, {Path(problem.path).name for problem in found.skipped}


def check(items: dict[str, list[Parsed]], left_out: set[str], paths: list[Path]) -> None:
    above = commonpath([path.parent for path in paths])  # files are named as seen from there
    assert items.keys() | left_out == {path.relative_to(above).as_posix() for path in paths}
    assert not items.keys() & left_out
    for parts in items.values():
        assert parts[-1].last
        articles = [article for part in parts for article in part.articles]
        problems = [problem for part in parts for problem in (*part.skipped, *part.failed)]
        assert articles or problems
        assert all(problem.reason for problem in problems)
        for article in articles:
            assert article.body.strip()
            article.body.encode("utf-8")
            assert "\0" not in article.body + article.title
            assert all(span.end <= len(article.body) for span in article.furniture)


def test_the_small_files() -> None:
    folder = BAD / "synthetic"
    paths = sorted(p for p in folder.iterdir() if p.stat().st_size < SLOW_BYTES)
    items, left_out = ingest(paths)
    check(items, left_out, paths)
    assert "gz_bomb_100MB.txt.gz" in left_out
    for name in ("zip_slip.zip", "tar_links.tar"):
        reasons = [p.reason for part in items[name] for p in (*part.skipped, *part.failed)]
        assert [why for why in reasons if "leads out of" in why or "a link" in why]
    [lines] = items["jsonl_bad.jsonl"]
    count = Counter(
        articles=len(lines.articles), failed=len(lines.failed), skipped=len(lines.skipped)
    )
    assert count == {"articles": 3, "failed": 8, "skipped": 0}
    assert {problem.path.rpartition("#")[2] for problem in lines.failed} == set("234579") | {
        "10",
        "11",
    }
    [bomb] = items["front_matter_yaml_bomb.md"]
    assert "YAML aliases" in bomb.failed[0].reason
    texts = {name: parts[0].articles[0].body for name, parts in items.items() if parts[0].articles}
    assert texts["utf16be_nobom.txt"] == "plain news text here"
    assert texts["latin1.txt"].startswith("Le café naïve à Noël, déjà vu.")
    assert texts["cp1251.txt"].startswith("Москва объявила")
    assert texts["shift_jis.txt"].startswith("日本の首相は東京で会見した")
    assert "hidden" not in texts["evil.html"]


@pytest.mark.slow
def test_all_files_of_a_kind_that_is_slow_to_parse() -> None:
    paths = sorted((BAD / "synthetic").iterdir())
    check(*ingest(paths), paths)


@pytest.mark.slow
def test_broken_and_encrypted_pdfs() -> None:
    paths = sorted((BAD / "pdf_pypdf").iterdir())
    items, left_out = ingest(paths)
    check(items, left_out, paths)
    for name, parts in items.items():
        if "user-password" not in name:
            continue
        if name.startswith(("encryption_r5", "encryption_r6")) and parts[0].articles:
            continue  # their owner password is empty: where AES can be read, they can be
        assert "encrypted" in parts[0].failed[0].reason


@pytest.mark.slow
def test_naughty_strings_and_payloads_are_articles_like_others() -> None:
    paths = [BAD / "blns" / "blns.txt", BAD / "xss_payloadbox" / "xss-payload-list.txt"]
    items, left_out = ingest(paths)
    check(items, left_out, paths)
    assert not left_out
    assert all(part.articles for parts in items.values() for part in parts)

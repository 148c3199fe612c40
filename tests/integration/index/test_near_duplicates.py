"""Edited and cut copies in a real index: one hit, everybody who printed it, no second source."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import newsqa
from newsqa.replies import Answer
from newsqa.settings import load
from newsqa.text import near_duplicates as duplicates
from newsqa.types import Candidate, Passage, Span
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import groups

FIRST = (
    "The town of Lindle closed the old bridge on Monday because its northern arch had cracked. "
    "Mayor Ida Moor said that 40 lorries a day were too many for stones laid in 1874. "
    "A ferry with room for 9 cars carries people across until the autumn."
)
SECOND = (
    "Farmers from Oster now drive 31 kilometres further to reach the mill on the other bank. "
    "The miller Tom Reed has hired a second cart and pays the drivers 12 crowns for each journey. "
    "He fears for the weeks before Christmas, which are the best of his whole year."
)
ADDED = (
    "In Haven the harbour office counted 88 sailing boats on Sunday, more than ever in one day. "
    "The warden Pia Holt wants a longer jetty with lamps and a crane before the next summer comes. "
    "Her plan would cost 7 million crowns, and the province has not yet answered the letter."
)
EDITED = FIRST.replace("because", "after").replace("too many", "far too many")
RECORDS: list[dict[str, Any]] = [
    {
        "id": "post",
        "title": "Bridge closed",
        "text": f"{FIRST}\n\n{SECOND}",
        "date": "2026-03-02",
        "source": "Post",
    },
    {
        "id": "echo",
        "title": "Crack in the arch",
        "text": f"{EDITED}\n\n{SECOND}\n\n{ADDED}",
        "date": "2026-03-04",
        "source": "Echo",
    },
    {"id": "cut", "title": "Lindle", "text": f"{EDITED} (Agency)", "source": "Gazette"},
    {
        "id": "museum",
        "title": "Museum opens",
        "text": "The museum of Lindle opened a room about the bridge with 6 old drawings.",
        "date": "2026-01-05",
        "source": "Post",
    },
]
SETTINGS = load({"reader": "none", "min_confidence": 0.01, "passage_tokens": 64})


def build(folder: Path, records: list[dict[str, Any]]) -> newsqa.NewsQA:
    corpus = folder / "corpus.jsonl"
    folder.mkdir(exist_ok=True)
    corpus.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return newsqa.build([corpus], index=folder / "index", settings=SETTINGS, encoder=FakeEncoder())


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[newsqa.NewsQA]:
    with build(tmp_path_factory.mktemp("copies"), RECORDS) as qa:
        yield qa


class Finds:
    """A reader that prefers the sentences that hold one of its words."""

    name = "finds"

    def __init__(self, *words: str) -> None:
        self.words = words

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        return [self._candidate(passage) for passage in passages]

    def _candidate(self, passage: Passage) -> Candidate:
        scores = tuple((span, self._score(passage, span)) for span in passage.sentences)
        best = max(score for _, score in scores)
        return Candidate(passage=passage, relevance=best, no_answer=-best, sentences=scores)

    def _score(self, passage: Passage, span: Span) -> float:
        held = passage.text[span.start - passage.span.start : span.end - passage.span.start]
        return 3.0 if any(word in held for word in self.words) else 0.0


def printed(hit: Any) -> set[str]:
    return {hit.passage.article_id, *(copy.article_id for copy in hit.copies)}


def test_a_group_is_one_hit_with_everybody_who_printed_it(qa: newsqa.NewsQA) -> None:
    hits = qa.search("why was the old bridge closed on Monday")

    assert printed(hits[0]) == {"post", "echo", "cut"}
    assert sum("northern arch" in hit.passage.text for hit in hits) == 1
    assert [copy.to_dict()["published"] for copy in hits[0].copies] == sorted(
        (copy.to_dict()["published"] for copy in hits[0].copies), key=lambda day: day or "9999"
    )
    for copy in hits[0].copies:
        body = qa.article(copy.article_id).body
        assert (
            duplicates.overlap(
                duplicates.shingles(copy.span.cut(body)), duplicates.shingles(hits[0].passage.text)
            )
            > 0.5
        )


def test_what_was_cut_is_not_said_to_be_printed(qa: newsqa.NewsQA) -> None:
    hits = qa.search("who hired a second cart", k=20)
    carts = [hit for hit in hits if "second cart" in hit.passage.text]

    # Passages overlap by a sentence: two of one article may say it, none of another one does.
    assert len({hit.passage.article_id for hit in carts}) == 1
    later = [hit for hit in carts if not any(s in FIRST for s in hit.passage.text.split(". "))]
    assert later
    assert all(printed(hit) == {"post", "echo"} for hit in later)


def test_what_one_outlet_added_is_a_hit_of_its_own(qa: newsqa.NewsQA) -> None:
    hits = qa.search("bridge lorries arch ferry sailing boats jetty harbour office", k=20)

    (added,) = [hit for hit in hits if "jetty" in hit.passage.text]
    assert printed(added) == {"echo"}


def test_passages_of_one_article_stay_apart(qa: newsqa.NewsQA) -> None:
    hits = qa.search("bridge arch ferry miller cart crowns drivers", sources=["Post"], k=20)

    spans = [hit.passage.span for hit in hits if hit.passage.article_id == "post"]
    assert len(set(spans)) == len(spans) >= 2


@pytest.mark.parametrize(("source", "article_id"), [("post", "post"), ("Echo", "echo")])
def test_a_filter_on_one_outlet_still_finds_its_copy(
    qa: newsqa.NewsQA, source: str, article_id: str
) -> None:
    hits = qa.search("old bridge northern arch", sources=[source])

    (hit,) = [hit for hit in hits if "northern arch" in hit.passage.text]
    assert hit.passage.article_id == article_id
    assert printed(hit) == {"post", "echo", "cut"}


def test_a_filter_on_days_looks_at_every_copy(qa: newsqa.NewsQA) -> None:
    day = date(2026, 3, 4)

    hits = qa.search("old bridge northern arch", since=day, until=day)

    assert {hit.passage.article_id for hit in hits} == {"echo"}


def test_as_of_a_day_later_copies_are_not_known(qa: newsqa.NewsQA) -> None:
    hits = qa.search("old bridge northern arch", as_of=date(2026, 3, 3))

    (hit,) = [hit for hit in hits if "northern arch" in hit.passage.text]
    assert printed(hit) == {"post"}


def test_as_of_a_day_the_versions_of_that_day_are_grouped(tmp_path: Path) -> None:
    post, echo = RECORDS[0], RECORDS[1]
    later = [
        {**post, "text": "The tram of Haven ran late in May.", "updated": "2026-03-20"},
        {**echo, "text": "Herring is cheap in Oster now.", "updated": "2026-03-21"},
    ]
    with build(tmp_path, [post, echo]) as qa:
        (tmp_path / "later.jsonl").write_text("".join(json.dumps(r) + "\n" for r in later))
        qa.add([tmp_path / "later.jsonl"])
        assert groups(qa.index) == []

        for day, printers in ((3, {"post"}), (10, {"post", "echo"}), (20, {"echo"}), (21, set())):
            hits = qa.search("old bridge northern arch", as_of=date(2026, 3, day), k=20)
            found = [hit for hit in hits if "northern arch" in hit.passage.text]
            assert len(found) == min(1, len(printers)), day
            for hit in found:
                assert printed(hit) == printers
                assert {hit.passage.version, *(copy.version for copy in hit.copies)} == {1}


def test_a_copy_is_no_second_source(qa: newsqa.NewsQA) -> None:
    # One reader's pick from the article, another one's from what only its copy has.
    reply = qa.ask("bridge lorries jetty crane", reader=Finds("40 lorries", "jetty", "6 old"), k=5)

    assert isinstance(reply, Answer)
    quoted = {quote.citation.article_id for quote in reply.quotes}
    assert len(quoted & {"post", "echo", "cut"}) == 1
    assert "museum" in quoted  # an article of its own still supports


def test_a_quote_is_printed_where_its_very_letters_stand(qa: newsqa.NewsQA) -> None:
    reply = qa.ask("How many lorries a day crossed the bridge?", reader=Finds("ferry"))

    assert isinstance(reply, Answer)
    quote = reply.quotes[0]
    assert {quote.citation.article_id, *(c.article_id for c in quote.copies)} == {
        *("post", "echo", "cut")
    }
    for copy in quote.copies:
        assert copy.span.cut(qa.article(copy.article_id).body) == quote.text
    edited = qa.ask("Why was the bridge closed?", reader=Finds("Monday"))
    assert isinstance(edited, Answer)
    ids = {edited.quotes[0].citation.article_id, *(c.article_id for c in edited.quotes[0].copies)}
    assert ids in ({"post"}, {"echo", "cut"})


def test_grown_article_by_article_it_replies_as_a_fresh_build(tmp_path: Path) -> None:
    questions = ("old bridge northern arch", "second cart miller", "sailing boats jetty", "Lindle")

    def shown(qa: newsqa.NewsQA) -> list[Any]:
        found = []
        for question in questions:
            record = qa.search(question, k=20).to_dict()
            hits = [
                {name: value for name, value in hit.items() if name not in ("dense", "lexical")}
                for hit in record["hits"]
            ]
            scores = [round(hit["score"], 3) for hit in record["hits"]]
            found.append([hit | {"score": score} for hit, score in zip(hits, scores, strict=True)])
        return found

    with build(tmp_path / "grown", [RECORDS[2]]) as grown, build(tmp_path / "new", RECORDS) as new:
        for at in (3, 1, 0):
            path = tmp_path / f"more-{at}.jsonl"
            path.write_text(json.dumps(RECORDS[at]) + "\n", encoding="utf-8")
            grown.add([path])
        assert groups(grown.index) == [("cut", "echo", "post")]
        grown.index.compact()
        assert shown(grown) == shown(new)
        grown.remove(["echo"])
        assert groups(grown.index) == [("cut", "post")]
        grown.index.purge(["cut"])
        assert groups(grown.index) == []
        assert grown.verify(deep=True).state == "sound"
    with closing(sqlite3.connect(tmp_path / "grown" / "index" / "newsqa.db")) as db:
        assert db.execute("SELECT count(*) FROM sketches").fetchone() == (3,)
        assert {row[0] for row in db.execute("SELECT text_key FROM sketches")} <= {
            row[0] for row in db.execute("SELECT text_key FROM texts WHERE article_id <> 'cut'")
        }


def test_what_other_rules_found_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "old"
    with monkeypatch.context() as patch:
        patch.setattr(duplicates, "recipe", lambda: "none of ours")
        patch.setattr(duplicates, "is_near_duplicate", lambda one, other: False)
        with build(folder, RECORDS) as qa:
            assert groups(qa.index) == []
    with build(folder, RECORDS) as qa:  # nothing changed, but the rules
        assert qa.report is not None
        assert qa.report.indexed == 0
        assert groups(qa.index) == [("cut", "echo", "post")]


def test_an_article_knows_who_else_printed_it(qa: newsqa.NewsQA) -> None:
    assert [copy.source for copy in qa.copies("post")] == ["Echo", "Gazette"]
    assert [copy.source for copy in qa.copies("cut")] == ["Post", "Echo"]
    whole = qa.copies("cut")[0]
    assert (whole.version, whole.span.end) == (1, len(qa.article("post").body))
    assert qa.copies("museum") == qa.copies("nowhere") == ()

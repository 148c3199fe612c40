"""Asking and searching on a real index: filters, reasons, copies, phrases, any string."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from math import exp
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

import newsqa
from newsqa.answering.answer import READ_BATCH, reranked
from newsqa.answering.explanation import tables
from newsqa.errors import UnknownArticleError
from newsqa.replies import Answer, NoAnswer
from newsqa.retrieval.search import Retriever
from newsqa.settings import load
from newsqa.types import Candidate, Filters, Hit, Passage, Turn
from tests.fakes.engine_parts import FakeEncoder

WIRE = (
    "The harbour master Ada Moor closed the old lock on Tuesday. "
    "A crack had been found in the northern gate."
)
RECORDS = [
    {"id": "post/1", "title": "Lock closed", "text": WIRE, "date": "2026-03-03", "source": "Post"},
    {"id": "echo/1", "title": "Gate cracks", "text": WIRE, "date": "2026-03-04", "source": "Echo"},
    {
        "id": "post/2",
        "title": "Ferry toll",
        "text": "The ferry toll will rise to 14 crowns in May.\n\n"
        "Mayor Jon Vale said “never again” to a toll on the bridge.",
        "date": "2026-04-10",
        "source": "Post",
    },
    {
        "id": "undated",
        "title": "Recipe",
        "text": "Boil the herring slowly with dill.",
        "source": "",
    },
]


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[newsqa.NewsQA]:
    folder = tmp_path_factory.mktemp("engine")
    corpus = folder / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(r) + "\n" for r in RECORDS), encoding="utf-8")
    settings = load({"reader": "none", "min_confidence": 0.3})
    with newsqa.build(
        [corpus], index=folder / "index", settings=settings, encoder=FakeEncoder()
    ) as qa:
        yield qa


def test_a_batch_gives_the_replies_of_ask_in_order_with_its_options(qa: newsqa.NewsQA) -> None:
    questions = ["Who closed the old lock?", "", "How much is the ferry toll?"]
    options: dict[str, Any] = {"k": 1, "since": date(2026, 4, 1), "explain": True}
    for some in ({}, options):
        replies = qa.batch(questions, **some)
        alone = [qa.ask(question, **some) for question in questions]
        assert [without_times(r) for r in replies] == [without_times(r) for r in alone]
    assert [r.asked.question for r in replies] == questions
    assert replies[0].asked.explain  # the options arrived
    assert not replies[0].answered  # by the filter
    with pytest.raises(ValueError, match="k >= 1"):
        qa.batch(questions, k=0)
    assert qa.batch([]) == []


def without_times(reply: newsqa.Reply) -> dict[str, Any]:
    return {**reply.to_dict(), "timings_ms": None}


class SureReader:
    """Finds its word or does not; a test then knows what must come back."""

    name = "sure"

    def __init__(self, word: str) -> None:
        self.word = word

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        return [self._candidate(passage) for passage in passages]

    def _candidate(self, passage: Passage) -> Candidate:
        scores = []
        for span in passage.sentences:
            words = passage.text[span.start - passage.span.start : span.end - passage.span.start]
            scores.append((span, 3.0 if self.word in words else 0.0))
        best = max(score for _, score in scores)
        return Candidate(passage=passage, relevance=best, no_answer=-best, sentences=tuple(scores))


def test_an_answer_quotes_whole_sentences_with_their_place(qa: newsqa.NewsQA) -> None:
    reply = qa.ask("Who closed the old lock?")

    assert isinstance(reply, Answer)
    quote = reply.quotes[0]
    assert quote.text == "The harbour master Ada Moor closed the old lock on Tuesday."
    article = qa.article(quote.citation.article_id, version=quote.citation.version)
    assert quote.citation.span.cut(article.body) == quote.text
    assert reply.short_answer == "Ada Moor"
    assert qa.prove(quote.to_dict()) == "exact"


def test_one_text_in_two_papers_is_one_hit_with_its_copy(qa: newsqa.NewsQA) -> None:
    hits = qa.search("crack northern gate")

    assert [h.passage.article_id for h in hits].count("post/1") + [
        h.passage.article_id for h in hits
    ].count("echo/1") == 1
    (copy,) = hits[0].copies
    assert {hits[0].passage.article_id, copy.article_id} == {"post/1", "echo/1"}


def test_a_filter_on_one_outlet_still_finds_its_copy(qa: newsqa.NewsQA) -> None:
    for source, article_id in (("post", "post/1"), ("ECHO", "echo/1")):
        hits = qa.search("old lock crack", sources=[source])
        (found,) = [hit for hit in hits if hit.passage.article_id == article_id]
        assert len(found.copies) == 1
        assert all(hit.passage.source.casefold() == source.casefold() for hit in hits)


def test_days_are_inclusive_and_undated_articles_left_out(qa: newsqa.NewsQA) -> None:
    day = date(2026, 4, 10)

    hits = qa.search("toll herring lock", since=day, until=day)

    assert {h.passage.article_id for h in hits} == {"post/2"}
    everything = {h.passage.article_id for h in qa.search("toll herring lock", k=50)}
    assert "undated" in everything


def test_a_part_in_quotes_must_stand_as_it_is(qa: newsqa.NewsQA) -> None:
    assert {h.passage.article_id for h in qa.search('toll "never again"')} == {"post/2"}
    assert len(qa.search('toll "again never"')) == 0


@pytest.mark.parametrize(
    ("question", "options", "code"),
    [
        ("Zyx qwv?", {}, "nothing_found"),
        ("Zyx qwv?", {"sources": ["Post"]}, "nothing_found"),
        ("", {}, "nothing_found"),
        ("Who closed the old lock?", {"since": date(2026, 4, 1)}, "outside_dates"),
        ("Who closed the old lock?", {"as_of": date(2026, 3, 1)}, "outside_dates"),
        ("When will the ferry toll rise?", {"sources": ["Echo"]}, "filtered_out"),
        (
            "When will the ferry toll rise?",
            {"sources": ["Echo"], "until": date(2026, 3, 31)},
            "outside_dates",
        ),
        ("Which opera did the herring sing?", {"reader": SureReader("opera")}, "not_stated"),
    ],
)
def test_reasons_of_no_answer(
    qa: newsqa.NewsQA, question: str, options: dict[str, object], code: str
) -> None:
    reply = qa.ask(question, **options)  # type: ignore[arg-type]

    assert isinstance(reply, NoAnswer)
    assert reply.reason.code == code
    if code in {"nothing_found", "not_stated"}:
        assert bool(reply.related) == (code == "not_stated")


def test_another_reader_decides_by_its_own_scores(qa: newsqa.NewsQA) -> None:
    found = qa.ask("What about the toll?", reader=SureReader("14 crowns"))
    assert isinstance(found, Answer)
    assert found.quotes[0].text == "The ferry toll will rise to 14 crowns in May."


def test_a_long_question_is_read_in_part_and_the_reply_says_so(qa: newsqa.NewsQA) -> None:
    reply = qa.ask("Who closed the old lock? " + "x" * 5_000)

    assert "only the first 2,000 of 5,025 characters" in reply.asked.notes[0]
    assert len(reply.asked.standalone_question) == 2_000


def test_explain_shows_every_stage(qa: newsqa.NewsQA) -> None:
    reply = qa.ask("Who closed the old lock?", explain=True)

    explained = reply.to_dict()["explain"]
    assert explained["reader"] == "none"
    assert explained["passages"][0]["rank"] == 1
    assert set(explained["features"]) >= {"score", "covered", "names"}
    logit = sum(explained["adds_to_log_odds"].values())
    assert 1 / (1 + exp(-logit)) == pytest.approx(explained["confidence"], abs=1e-4)
    weights = dict(explained["feature_weights"])
    assert weights.pop("bias") == explained["adds_to_log_odds"]["bias"]
    for name, weight in weights.items():
        added = weight * explained["features"][name]
        assert added == pytest.approx(explained["adds_to_log_odds"][name])
    read, ranked, decided = tables(explained)
    assert len(read.rows) == len(explained["passages"])
    assert len(ranked.rows) == len(explained["sentences"])
    assert decided.rows[0][0] == "bias"
    for table in (read, ranked):
        assert len({len(line) for line in list(table.lines())[1:]}) == 1  # the columns are aligned
    assert "explain" not in qa.ask("Who closed the old lock?").to_dict()


def test_explain_shows_what_put_each_sentence_in_its_place(qa: newsqa.NewsQA) -> None:
    reply = qa.ask("Who closed the old lock?", explain=True).to_dict()

    ranked = reply["explain"]["sentences"]
    totals = [sentence["total"] for sentence in ranked]
    assert 1 < len(ranked) <= 5
    assert totals == sorted(totals, reverse=True)
    for one in ranked:
        parts = (one["reader"], one["place"], one["votes"], one["lead"])
        assert one["total"] == pytest.approx(sum(parts))
    best, quote = ranked[0], reply["quotes"][0]
    assert best["article_id"] == quote["article_id"]
    assert quote["start"] <= best["start"] < best["end"] <= quote["end"]
    assert best["score"] == reply["explain"]["features"]["score"]


def test_offsets_and_token_budgets_take_from_the_top(qa: newsqa.NewsQA) -> None:
    every = qa.search("the old lock toll herring", k=10)

    assert [h.rank for h in every] == list(range(1, len(every) + 1))
    assert [h.passage for h in qa.search("the old lock toll herring", k=2, offset=1)] == [
        h.passage for h in every[1:3]
    ]
    assert len(qa.search("the old lock toll herring", max_tokens=5)) == 0
    assert len(qa.search("the old lock toll herring", max_tokens=10_000)) == len(every)


@pytest.mark.parametrize("bad", [{"k": 0}, {"k": 3, "offset": -1}])
def test_impossible_counts_are_refused(qa: newsqa.NewsQA, bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="k >= 1"):
        qa.search("x", **bad)  # type: ignore[arg-type]


def test_a_chat_remembers_its_turns(qa: newsqa.NewsQA) -> None:
    chat = qa.chat()
    chat.ask("Who closed the old lock?")

    assert chat.turns == (
        Turn(
            question="Who closed the old lock?",
            quotes=("The harbour master Ada Moor closed the old lock on Tuesday.",),
            alone=True,
        ),
    )


@contextmanager
def changed_since_quoted(folder: Path) -> Iterator[tuple[newsqa.NewsQA, dict[str, Any]]]:
    """An index of one article, quoted and then changed, with the citation of the quote."""
    page = folder / "lock.txt"
    page.write_text("Lock\n\nThe lock is closed.", encoding="utf-8")
    settings = load({"reader": "none", "min_confidence": 0.0})
    with newsqa.build(
        [page], index=folder / "index", settings=settings, encoder=FakeEncoder()
    ) as qa:
        reply = qa.ask("Is the lock closed?")
        assert isinstance(reply, Answer)
        claim: dict[str, Any] = dict(reply.quotes[0].to_dict())
        page.write_text("Lock\n\nThe lock is open.", encoding="utf-8")
        qa.add([page])
        yield qa, claim


def test_a_citation_is_exact_changed_or_unknown(tmp_path: Path) -> None:
    with changed_since_quoted(tmp_path) as (qa, claim):
        assert qa.prove(claim) == "changed"
        assert qa.prove({**claim, "quote": "The lock is gone."}) == "unknown"
        assert qa.prove({**claim, "article_id": "other.txt"}) == "unknown"
        assert qa.article("lock.txt", version=1).body == "The lock is closed."
        qa.remove(["lock.txt"])
        assert qa.prove(claim) == "changed"
        assert qa.prove({**claim, "quote": "The lock is gone."}) == "unknown"


@pytest.mark.parametrize("removed", [False, True], ids=["changed", "removed"])
def test_what_history_no_longer_keeps_is_still_known(tmp_path: Path, removed: bool) -> None:
    with changed_since_quoted(tmp_path) as (qa, claim):
        if removed:
            qa.remove(["lock.txt"])
        assert qa.index.compact(keep=1)["texts"] == (2 if removed else 1)

        with pytest.raises(UnknownArticleError):
            qa.article("lock.txt", version=1)
        assert qa.prove(claim) == "changed"
        for other in ({"content_sha256": "0" * 64}, {"version": 2}, {"article_id": "\ud800"}):
            assert qa.prove({**claim, **other}) == "unknown"
        qa.index.purge(["lock.txt"])
        assert qa.prove(claim) == "unknown"


def test_threads_get_the_replies_of_one(qa: newsqa.NewsQA) -> None:
    questions = ["Who closed the old lock?", "When will the toll rise?", "herring", ""] * 8

    def record(question: str) -> dict[str, object]:
        return without_times(qa.ask(question))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(record, questions)) == [record(q) for q in questions]


@examples(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(question=st.text(max_size=300))
def test_any_string_gets_a_reply_whose_quotes_are_exact(qa: newsqa.NewsQA, question: str) -> None:
    reply = qa.ask(question)

    quotes = reply.quotes if isinstance(reply, Answer) else reply.related
    for quote in quotes:
        quote.citation.check(qa.article(quote.citation.article_id))
    json.dumps(reply.to_dict())


@pytest.mark.parametrize(
    "question", ["", " ", "x" * 5_000, "\x00\x1b[31m", "ما هو؟", "東京", "\ud800", "'\"\\", "*:?~^"]
)
def test_odd_strings_are_asked_and_searched_without_an_error(
    qa: newsqa.NewsQA, question: str
) -> None:
    qa.ask(question).to_dict()
    qa.search(question).to_dict()


class RebuildingReader(SureReader):
    """Returns equal passages that are other objects, in another order, as one over a wire would."""

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        return super().read(question, [replace(passage) for passage in reversed(passages)])


def test_a_reader_may_return_equal_passages_in_any_order(qa: newsqa.NewsQA) -> None:
    own, rebuilt = (
        qa.ask("Who closed the old lock?", reader=reader("Moor"), explain=True)
        for reader in (SureReader, RebuildingReader)
    )

    assert isinstance(own, Answer)
    assert own.quotes[0].copies
    assert without_times(rebuilt) == without_times(own)
    ranked = [
        [
            (hit.passage.passage_id, hit.rank)
            for hit in reranked("Who closed the old lock?", hits, reader("Moor"), 2)
        ]
        for hits in [qa.search("Who closed the old lock?")]
        for reader in (SureReader, RebuildingReader)
    ]
    assert ranked[0] == ranked[1]


class SlowReader(SureReader):
    """Counts what it has read."""

    read_so_far = 0

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        self.read_so_far += len(passages)
        return super().read(question, passages)


class RepeatingRetriever(Retriever):
    """Finds everything five times."""

    def hits(self, filters: Filters, k: int) -> list[Hit]:
        return 5 * super().hits(filters, k)


def test_a_check_that_raises_ends_the_reading(qa: newsqa.NewsQA) -> None:
    reader = SlowReader("ferry")
    looks = iter([None, None, TimeoutError("enough")])

    def check() -> None:
        if (look := next(looks)) is not None:
            raise look

    work = qa.work("Where is the ferry?", reader=reader, check=check)
    r = work.retriever
    assert isinstance(r, Retriever)
    repeating = RepeatingRetriever(r.snapshot, r.encoder, r.settings, r.query)
    with pytest.raises(TimeoutError, match="enough"):
        replace(work, retriever=repeating).reply(Filters())

    assert reader.read_so_far == READ_BATCH


def test_a_follow_up_need_not_find_every_name_of_the_conversation(qa: newsqa.NewsQA) -> None:
    before = Turn(question="What did Zebulon Quux say of the old lock?")
    reply = qa.ask("Who closed it?", turns=(before,))

    assert "Zebulon Quux" in reply.asked.standalone_question
    assert isinstance(reply, Answer) or reply.reason.missing == ()


def test_what_an_outlet_printed_comes_forward_where_the_question_names_it(
    tmp_path: Path,
) -> None:
    told = {
        "Lindle Gull": "On Monday the council closed the eastern bridge to lorries.",
        "Daily Tern": "The council closed the eastern bridge to lorries, by the gull.",
    }
    two = [{"id": of, "title": "Bridge", "text": said, "source": of} for of, said in told.items()]
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(r) + "\n" for r in [*two, *RECORDS]))
    settings = load({"reader": "none"})
    with newsqa.build(
        [corpus], index=tmp_path / "index", settings=settings, encoder=FakeEncoder()
    ) as qa:
        asked = "Who closed the eastern bridge to lorries, according to the gull?"
        named = asked.replace("gull", "Gull")
        found = [
            qa.search(asked, k=2),
            qa.search(named, k=2),
            qa.search(named, k=2, sources=["Daily Tern"]),
        ]
    sources = [[hit.passage.source for hit in hits] for hits in found]
    assert sources == [["Daily Tern", "Lindle Gull"], ["Lindle Gull", "Daily Tern"], ["Daily Tern"]]

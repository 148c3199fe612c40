"""The nouns refuse what cannot be, and the JSON is the contract's."""

from __future__ import annotations

from datetime import date

import pytest

from newsqa.answering.quotes import citation_from, numbered, quote_of, quote_span
from newsqa.errors import CitationError
from newsqa.replies import Answer, Asked, Hits, NoAnswer, Quote, Reason
from newsqa.types import Article, Candidate, Citation, Copy, Filters, Hit, Passage, Span

BODY = "The ferry sank on Monday. It was 40 years old, the harbour master said.\n\nNobody was hurt."
ARTICLE = Article(
    article_id="vale/1", title="Ferry", body=BODY, source="Vale Post",
    published=date(2026, 3, 2), url="https://vale.example/1", pages=(0, 73),
)  # fmt: skip
FIRST, SECOND, THIRD = Span(0, 25), Span(26, 71), Span(73, 89)


def candidate() -> Candidate:
    passage = Passage.of(ARTICLE, Span(0, 89), (FIRST, SECOND, THIRD))
    scored = ((FIRST, 0.2), (SECOND, 0.9), (THIRD, 0.1))
    return Candidate(passage=passage, relevance=0.9, no_answer=0.0, sentences=scored)


def test_a_span_runs_forward() -> None:
    with pytest.raises(ValueError, match="start < end"):
        Span(3, 3)
    with pytest.raises(ValueError, match="text has 2"):
        Span(0, 3).cut("ab")


def test_a_citation_proves_itself_letter_for_letter() -> None:
    citation = Citation.of(ARTICLE, FIRST)

    citation.check(ARTICLE)

    changed = Article(article_id="vale/1", title="Ferry", body=BODY.replace("Monday", "Sunday"))
    with pytest.raises(CitationError, match="does not say"):
        citation.check(changed)


def test_a_sentence_that_leans_back_takes_the_one_before_it() -> None:
    assert quote_span(ARTICLE, candidate(), SECOND) == Span(0, 71)
    assert quote_span(ARTICLE, candidate(), THIRD) == THIRD
    assert quote_span(ARTICLE, candidate(), FIRST) == FIRST


def test_who_spoke_stays_with_what_was_said() -> None:
    body = "The master, Ada Moor, was firm. “It is over,” she said. Jon Vale left."
    article = Article(article_id="a", title="t", body=body)
    spans = (Span(0, 31), Span(32, 55), Span(56, 70))
    passage = Passage.of(article, Span(0, len(body)), spans)
    found = Candidate(
        passage=passage, relevance=1.0, no_answer=0.0, sentences=tuple((s, 0.0) for s in spans)
    )

    assert quote_span(article, found, spans[1]) == Span(0, 55)
    assert quote_span(article, found, spans[2]) == spans[2]


SAID = "“The crane was old,” said Ada Moor."
BOLTS = "“Forty bolts had rusted through.”"


@pytest.mark.parametrize(
    ("sentences", "chosen", "taken"),
    [
        # A quotation over two sentences: whoever is quoted, speaker and both marks are there.
        (("“Forty bolts had rusted through.", "The crane was old,” said Ada Moor."), 0, (0, 1)),
        (("“Forty bolts had rusted through.", "The crane was old,” said Ada Moor."), 1, (0, 1)),
        (('"Forty bolts had rusted.', 'The crane was old," said Ada Moor.'), 0, (0, 1)),
        (("“One.", "Two bolts were lost.", "Three,” said Ada Moor."), 1, (0, 2)),
        # A quotation alone belongs to the one who was named before it; if nobody was, it is left.
        ((SAID, BOLTS), 1, (0, 1)),
        ((SAID, BOLTS), 0, (0, 0)),
        (("The crane fell.", BOLTS), 1, (1, 1)),
        (("The crane fell.", SAID, "It was sold."), 1, (1, 1)),
        # A quotation that does not end in sight is left as it was.
        (("“One.", "Two.", "Three.", "Four.", "Five.", "Six,” said Ada Moor."), 1, (1, 1)),
        (('The 12" gun was old.', "Nobody fired it."), 0, (0, 0)),
    ],
)
def test_a_quotation_is_taken_whole_and_with_its_speaker(
    sentences: tuple[str, ...], chosen: int, taken: tuple[int, int]
) -> None:
    body = " ".join(sentences)
    article = Article(article_id="a", title="t", body=body)
    spans = [Span(at := body.index(s), at + len(s)) for s in sentences]
    passage = Passage.of(article, Span(0, len(body)), tuple(spans))
    scored = tuple((span, 0.0) for span in spans)
    found = Candidate(passage=passage, relevance=1.0, no_answer=0.0, sentences=scored)

    first, last = taken
    assert quote_span(article, found, spans[chosen]) == Span(spans[first].start, spans[last].end)


@pytest.mark.parametrize(
    ("after", "taken"),
    [
        ("But the owner denied that.", True),
        ("The owner Jon Vale disputed the figures.", True),
        ("The town has denied a permit.", False),
        ("That was wrong, the town wrote later.", True),
        ("It wasn’t.", True),
        ("It was not true.", True),
        ("The crew rowed home.", False),
        ("It was raining.", False),
        ("But " + "so " * 120 + "on.", False),  # too long to be read at a glance
    ],
)
def test_what_takes_a_sentence_back_stays_with_it(after: str, taken: bool) -> None:
    first = "Forty people were hurt."
    body = f"{first} {after}"
    article = Article(article_id="a", title="t", body=body)
    spans = (Span(0, len(first)), Span(len(first) + 1, len(body)))
    passage = Passage.of(article, Span(0, len(body)), spans)
    found = Candidate(
        passage=passage, relevance=1.0, no_answer=0.0, sentences=tuple((s, 0.0) for s in spans)
    )

    whole = Span(0, len(body))
    assert quote_span(article, found, spans[0]) == (whole if taken else spans[0])


def test_quotes_are_numbered_and_repeats_left_out() -> None:
    quotes = [quote_of(ARTICLE, span, n=1, role="answer") for span in (FIRST, THIRD, FIRST)]

    assert [(q.n, q.text) for q in numbered(quotes)] == [
        (1, "The ferry sank on Monday."),
        (2, "Nobody was hurt."),
    ]


def test_json_of_an_answer() -> None:
    copy = Copy(
        article_id="b", version=2, title="T", source="", published=None, url="", span=Span(4, 9)
    )
    quote = quote_of(ARTICLE, SECOND, n=1, role="answer", highlight=Span(33, 41), copies=[copy])
    asked = Asked(question="How old?", standalone_question="How old?", generation=7)

    record = Answer(asked=asked, quotes=(quote,), confidence=0.91).to_dict()

    assert record["answered"] is True
    assert record["short_answer"] == BODY[33:41]
    assert record["reason"] is None
    assert record["related"] == []
    (only,) = record["quotes"]
    assert BODY[only["start"] : only["end"]] == only["quote"]
    assert only["content_sha256"] == ARTICLE.content_sha256
    assert only["highlight"] == {"start": 33, "end": 41}
    assert only["published"] == "2026-03-02"
    assert only["page"] == 1
    assert only["copies"] == [
        {
            "article_id": "b", "version": 2, "title": "T", "source": None, "published": None,
            "url": None, "start": 4, "end": 9,
        }
    ]  # fmt: skip
    assert citation_from(only).span == SECOND


def test_json_of_no_answer() -> None:
    asked = Asked(question="Who?", standalone_question="Who?", notes=("a note",))
    reason = Reason(code="not_stated", message="none states it", missing=("Norland",))
    related = (quote_of(ARTICLE, FIRST, n=1, role="related"),)

    reply = NoAnswer(asked=asked, reason=reason, confidence=0.2, related=related)

    record = reply.to_dict()
    assert (record["answered"], record["short_answer"], record["quotes"]) == (False, None, [])
    assert record["reason"] == {
        "code": "not_stated", "message": "none states it", "missing": ["Norland"]
    }  # fmt: skip
    assert record["related"][0]["role"] == "related"
    assert record["notes"] == ["a note"]
    assert "do not say: none states it" in str(reply)


def test_an_answer_needs_a_quote_that_answers() -> None:
    asked = Asked(question="Who?", standalone_question="Who?")
    with pytest.raises(ValueError, match="opens with a quote"):
        Answer(asked=asked, quotes=(), confidence=0.5)
    related = quote_of(ARTICLE, FIRST, n=1, role="related")
    with pytest.raises(ValueError, match="opens with a quote"):
        Answer(asked=asked, quotes=(related,), confidence=0.5)


def test_a_highlight_lies_inside_its_quote() -> None:
    assert quote_of(ARTICLE, FIRST, n=1, role="answer", highlight=THIRD).highlight is None
    with pytest.raises(ValueError, match="outside"):
        Quote(n=1, citation=Citation.of(ARTICLE, FIRST), highlight=THIRD)


def test_filters_refuse_days_in_the_wrong_order() -> None:
    with pytest.raises(ValueError, match="after until"):
        Filters(since=date(2026, 2, 1), until=date(2026, 1, 1))


def test_hits_are_a_sequence_with_the_contract_json() -> None:
    hit = Hit(passage=Passage.of(ARTICLE, THIRD), score=0.5, rank=1, dense=0.4)

    hits = Hits("q", (hit,), 3, {"total": 1.0})

    assert len(hits) == 1
    assert hits[0] is hit
    record = hits.to_dict()["hits"][0]
    assert (record["passage"], record["page"]) == ("Nobody was hurt.", 2)
    assert (record["dense"], record["lexical"]) == (0.4, None)


ENDLESS = {"article_id": "a", "version": float("inf"), "content_sha256": "0"}


@pytest.mark.parametrize("broken", [{}, {"article_id": "a"}, {"start": None}, ENDLESS])
def test_what_is_no_citation_is_named(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a citation"):
        citation_from(broken)

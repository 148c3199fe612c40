"""Story chains: what is close in words, names and days, by date, copies marked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from newsqa.cli import run
from newsqa.retrieval.story_chains import LONGEST, Story, names_in, story_of
from newsqa.types import Article, Copy, Hit, Passage, Span
from tests.fakes.services import LETTER, World

Captured = pytest.CaptureFixture[str]
DAY = date(2026, 3, 1)
NAMES = "Ness Point Ostrey Varne caisson"


class Shelf:
    """A search whose cosines a test sets; dates are filtered as the real one does."""

    def __init__(self, *articles: Article) -> None:
        self.articles = {article.article_id: article for article in articles}
        self.cosines: dict[tuple[str, str], float] = {}
        self.copies: dict[str, tuple[str, ...]] = {}

    def near(self, one: str, other: str, cosine: float) -> None:
        self.cosines[one, other] = self.cosines[other, one] = cosine

    def search(
        self, question: str, *, k: int, since: date | None = None, until: date | None = None
    ) -> Sequence[Hit]:
        asked = next(a.article_id for a in self.articles.values() if question.startswith(a.title))
        hidden = {copy for copies in self.copies.values() for copy in copies}
        hits = []
        for article in self.articles.values():
            day, name = article.published, article.article_id
            if (since and (not day or day < since)) or (until and (not day or day > until)):
                continue
            score = 1.0 if name == asked else self.cosines.get((asked, name), 0.0)
            if name not in hidden:
                hits.append(self._hit(article, score))
        return sorted(hits, key=lambda hit: -hit.score)[:k]

    def _hit(self, article: Article, score: float) -> Hit:
        passage = Passage.of(article, Span(0, len(article.body)))
        others = (self.articles[name] for name in self.copies.get(article.article_id, ()))
        copies = tuple(
            Copy(
                article_id=other.article_id,
                version=1,
                title=other.title,
                source=other.source,
                published=other.published,
                url="",
                span=Span(0, 1),
            )
            for other in others
        )
        return Hit(passage=passage, score=score, rank=1, dense=score, copies=copies)

    def story(self, name: str) -> Story:
        return story_of(self.articles[name], self.search, self.articles.__getitem__)


def article(name: str, day: int | None, body: str = NAMES) -> Article:
    published = None if day is None else DAY + timedelta(days=day)
    return Article(article_id=name, title=f"{name}: Ostrey", body=body, published=published)


def ids(story: Story) -> list[str]:
    return [part.article_id for part in story.parts]


def test_a_chain_goes_from_neighbour_to_neighbour_in_order_of_date() -> None:
    shelf = Shelf(article("end", 50), article("start", 0), article("middle", 25))
    for pair in (("start", "middle"), ("middle", "end"), ("start", "end")):
        shelf.near(*pair, 0.6)
    story = shelf.story("start")
    assert ids(story) == ["start", "middle", "end"]  # start and end are 50 days apart
    assert [part.linked_to for part in story.parts] == [None, "start", "middle"]
    assert story.parts[1].names == ("ness", "ostrey", "point", "varne")
    assert not story.cut


@pytest.mark.parametrize(
    ("day", "cosine", "body"),
    [(31, 0.9, NAMES), (1, 0.39, NAMES), (1, 0.9, "Ness Point opens"), (None, 0.9, NAMES)],
    ids=["too late", "too far", "too few names", "undated"],
)
def test_what_is_no_link(day: int | None, cosine: float, body: str) -> None:
    shelf = Shelf(article("a", 0), article("b", day, body))
    shelf.near("a", "b", cosine)
    assert ids(shelf.story("a")) == ["a"]


def test_a_chain_does_not_leave_the_names_of_the_article_asked_about() -> None:
    a = Article(article_id="a", title="a: Lindle", body="Lindle " + NAMES, published=DAY)
    far = "Harrow Merribeck Aune Tarnwick Ostrey"
    b = Article(article_id="b", title="b", body=f"{NAMES} {far}", published=DAY)
    c = Article(article_id="c", title="c", body=far.replace("Ostrey", "Sarn"), published=DAY)
    shelf = Shelf(a, b, c)
    shelf.near("a", "b", 0.6)
    shelf.near("b", "c", 0.9)
    assert ids(shelf.story("a")) == ["a", "b"]


def test_near_copies_are_marked_wherever_the_asking_begins() -> None:
    shelf = Shelf(article("wire", 0), article("paper", 1), article("later", 9))
    shelf.copies["wire"] = ("paper",)
    shelf.near("wire", "later", 0.5)
    story = shelf.story("wire")
    assert [(p.article_id, p.copy_of) for p in story.parts] == [
        ("wire", None),
        ("paper", "wire"),
        ("later", None),
    ]
    begun_at_the_copy = shelf.story("paper")
    assert ("wire", "paper") in [(p.article_id, p.copy_of) for p in begun_at_the_copy.parts]


def test_an_article_without_a_date_is_a_story_of_its_own() -> None:
    shelf = Shelf(article("a", None), article("b", 0))
    shelf.near("a", "b", 0.9)
    assert ids(shelf.story("a")) == ["a"]


def test_a_long_chain_is_cut_and_says_so() -> None:
    names = [f"n{at:03}" for at in range(LONGEST + 20)]
    shelf = Shelf(*(article(name, at) for at, name in enumerate(names)))
    for one, other in pairwise(names):
        shelf.near(one, other, 0.7)
    story = shelf.story(names[0])
    assert story.cut
    assert len(story.parts) == LONGEST


def test_names_are_capitalised_words_without_days() -> None:
    found = names_in("On Monday the U.N. met Marie’s aunt in Den Haag; The end. It was ITV")
    assert found == {"marie", "den", "haag", "end", "itv"} - {"end"}


def call(*words: str) -> int:
    return run(list(words), services=World())


def test_story_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert call("story", LETTER.article_id, "--json") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [part["article_id"] for part in told["articles"]] == [LETTER.article_id]
    assert told["articles"][0]["published"] == "2024-11-29"
    assert call("story", LETTER.article_id) == 0
    assert "* 2024-11-29  Example Times: A letter from the mayor" in capsys.readouterr().out
    assert call("story", "nowhere.txt") == 1
    assert "nowhere.txt" in capsys.readouterr().err

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.ingest.draft import Batch, Draft, EmptyError, RefusedError, finished
from newsqa.ingest.sandbox.framing import to_json
from newsqa.types import Span

TEXT = st.text(st.characters(), max_size=60)  # lone surrogates included
DAYS = st.none() | st.dates()
DRAFTS = st.builds(
    Draft,
    body=TEXT,
    title=TEXT,
    published=DAYS,
    updated=DAYS,
    source=TEXT,
    byline=TEXT,
    url=TEXT | st.sampled_from(["https://n.example/a", "http://[", "javascript:alert(1)"]),
    record_id=TEXT,
    line=st.none() | st.integers(1, 10**9),
)


def through_the_pipe(draft: Draft) -> Draft:
    return Batch.from_dict(json.loads(to_json(Batch([draft]).to_dict()))).drafts[0]


@given(DRAFTS)
def test_a_finished_draft_comes_through_the_pipe_and_makes_an_article(draft: Draft) -> None:
    try:
        done = finished(draft)
    except (EmptyError, RefusedError):
        assert not draft.body.removeprefix("\ufeff").strip()
        return
    assert through_the_pipe(done) == done
    assert finished(done) == done
    article = done.article("folder/a.txt")
    assert article.article_id
    assert article.url == "" or article.url.startswith(("http://", "https://"))
    for text in (article.title, article.source, article.byline, article.url):
        assert text.isprintable() or "\n" not in text
    article.content_sha256.encode()


def test_furniture_and_pages_come_through_the_pipe() -> None:
    draft = Draft(body="One two", furniture=(Span(0, 3),), pages=(0, 4), updated=date(2026, 3, 3))
    assert through_the_pipe(draft) == draft


def test_control_characters_leave_the_one_line_fields() -> None:
    draft = finished(Draft(body="x", title="a\x1b[31m\n b\x00", source="s" * 2000))
    assert draft.title == "a[31m b�"
    assert len(draft.source) == 1000


def test_a_body_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsqa.ingest.draft.MAX_BODY_CHARS", 10)
    with pytest.raises(RefusedError, match="longer than 10 characters"):
        finished(Draft(body="x" * 11))

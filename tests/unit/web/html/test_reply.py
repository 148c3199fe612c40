"""Replies as HTML: what must be seen, whatever the reply, and nothing that was not said."""

from __future__ import annotations

import html as entities
import json
import re

import pytest

from newsqa.replies import Answer, Asked, ReasonCode, Role
from newsqa.types import Article, Copy, Span
from newsqa.web.html import messages
from newsqa.web.html.article import render_article
from newsqa.web.html.markup import render
from newsqa.web.html.reply import render_progress, render_reply, render_turn
from tests.fakes import engine as fakes
from tests.unit.web.html.test_markup import tags_in, text_of

NASTY = "<img src=x onerror=alert(1)>\"'</p><script>alert(1)</script>\n\n# *x* [a](javascript:1)"


def test_the_reply_goes_along_as_it_is() -> None:
    for reply in (fakes.answer(), fakes.no_answer("not_stated")):
        raw = re.search(r'data-reply="([^"]*)"', render_reply(reply))
        assert raw
        assert json.loads(entities.unescape(raw.group(1))) == reply.to_dict()


def test_the_quote_comes_first_with_its_outlet_date_and_chip() -> None:
    html = render_reply(fakes.answer(), fakes.hits_of(fakes.article(), fakes.article("b")))
    lead = html[: html.index("</figure>")]
    assert 'opened on <b class="nq-hit">Friday morning</b>, four months late.' in lead
    assert "Northport Courier" in lead
    assert '<time datetime="2026-10-09">9 October 2026</time>' in lead
    assert 'aria-label="Citation 1"' in lead
    assert 'data-article="tunnel-1" data-version="1" data-start="0" data-end="62"' in lead
    assert "Also printed by Vale Gazette" in text_of(lead)
    assert 'data-article="copy" data-version="1" data-start="0" data-end="9"' in lead
    assert "Read 2 passages from 2 articles" in html
    assert "A note." in html


@pytest.mark.parametrize("role", fakes.ROLES[1:])
def test_every_other_role_stands_under_its_own_heading(role: Role) -> None:
    html = render_reply(fakes.answer())
    part = html[html.index(f'<section class="nq-part nq-{role}">') :]
    assert messages.ROLE_HEADINGS[role] in part[: part.index("</section>")]
    assert messages.ROLE_LABELS[role] in part[: part.index("</section>")]


@pytest.mark.parametrize("code", fakes.REASONS)
def test_an_abstention_says_which_it_is_and_looks_like_no_answer(code: ReasonCode) -> None:
    html = render_reply(fakes.no_answer(code))
    assert 'role="status"' in html
    assert messages.ABSTAIN_HEADS[code] in html
    assert f"This is {code}." in html
    assert "Atlantis" in html
    assert messages.ROLE_HEADINGS["related"] in html
    assert "nq-lead" not in html


def test_the_words_not_in_these_articles_stand_where_that_is_so() -> None:
    for code in ("not_stated", "nothing_found"):
        assert "not in these articles" in render_reply(fakes.no_answer(code))
    assert "not in these articles" not in render_reply(fakes.no_answer("filtered_out"))


def test_what_the_message_says_is_not_said_twice() -> None:
    reply = fakes.no_answer("not_stated")
    assert text_of(render_reply(reply)).count("Atlantis") == 1


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (0.91, "Very likely"),
        (0.75, "Very likely"),
        (0.5, "Likely"),
        (0.25, "Perhaps"),
        (0.1, "Not sure"),
    ],
)
def test_confidence_is_said_in_words_with_the_number_behind(confidence: float, words: str) -> None:
    given = fakes.answer()
    html = render_reply(Answer(asked=given.asked, quotes=given.quotes, confidence=confidence))
    assert words in html
    assert f"{confidence:.0%}" in html


def test_a_follow_up_shows_how_it_was_understood() -> None:
    given = fakes.answer()
    asked = Asked(
        question="When did it?", standalone_question="When did the tunnel open?", resolution="it"
    )
    html = render_reply(Answer(asked=asked, quotes=given.quotes, confidence=0.9))
    assert "Searched as: When did the tunnel open?" in html


def nasty() -> Article:
    body = f"{NASTY} and more. {NASTY}"
    return fakes.article(
        NASTY, title=NASTY, body=body, source=NASTY, byline=NASTY, url=NASTY, language=NASTY,
        furniture=(),
    )  # fmt: skip


def test_no_field_becomes_markup_in_any_state() -> None:
    article = nasty()
    quote = fakes.quote(article, NASTY)
    plain = fakes.quote(fakes.article(), "Tolls will not rise.")
    asked = Asked(question=NASTY, standalone_question=NASTY + "x", resolution=NASTY, notes=(NASTY,))
    states = [
        (render_reply(Answer(asked=asked, quotes=(q,), confidence=0.9)), q) for q in (quote, plain)
    ]
    ours = {"div", "p", "figure", "blockquote", "figcaption", "button", "bdi", "time", "span"}
    for html, _ in states:
        assert set(tags_in(html)) <= ours
        assert "\n" not in html
    html = render_turn(1, NASTY, render_progress(fakes.hits_of(article)))
    assert set(tags_in(html)) <= ours | {"h2", "ol", "li"}
    assert set(tags_in(render("failure", message=NASTY))) <= ours
    html = render_article(article, Span(0, len(NASTY)))
    assert set(tags_in(html)) <= ours | {"article", "header", "h2", "mark"}


def test_the_states_of_a_turn_say_what_goes_on() -> None:
    assert messages.SEARCHING in render_progress()
    html = render_progress(fakes.hits_of(*[fakes.article(f"a{n}") for n in range(5)]))
    assert "Reading 5 passages from 5 articles" in html
    assert html.count("<li>") == 3
    busy = render_turn(2, "Why?", render_progress(), busy=True)
    assert 'aria-busy="true"' in busy
    assert 'data-turn="2"' in busy


def test_text_that_runs_the_other_way_is_laid_out_that_way() -> None:
    article = fakes.article(title="שלום", body="הרכבת חזרה לפעול.", furniture=())
    html = render_reply(fakes.answer()) + render_article(article)
    # What an element's own direction is told by must not stand in a <bdi>: that is passed over.
    for name in ("figure", "li", "h2"):
        for tag, inside in re.findall(rf"<({name} [^>]*dir=\"auto\"[^>]*)>(.*?)</{name}>", html):
            told = re.sub(r"<bdi.*?</bdi>", "", inside)
            assert text_of(told).strip(" 12345"), tag
    assert html.count('dir="auto"') >= 6


def test_a_copy_leads_to_every_other_copy_and_back() -> None:
    copies = tuple(
        Copy(
            article_id=name, version=1, title="T", source=name, published=None, url="",
            span=Span(0, 9),
        )
        for name in ("b", "c")
    )  # fmt: skip
    quote = fakes.quote(fakes.article("a"), "Tolls will not rise.", copies=copies)
    html = render_reply(Answer(asked=fakes.answer().asked, quotes=(quote,), confidence=0.9))
    buttons = re.findall(r'class="nq-read"[^>]*data-article="(\w)"[^>]*data-copies="([^"]*)"', html)
    led = {name: json.loads(entities.unescape(to)) for name, to in buttons}
    assert {name: [c["article_id"] for c in to] for name, to in led.items()} == {
        "b": ["a", "c"],
        "c": ["a", "b"],
    }

"""Replies as HTML: what must be seen, whatever the reply, and nothing that was not said."""

from __future__ import annotations

import html as entities
import json
import re
from datetime import date

import pytest

from newsqa.replies import Answer, Asked, ReasonCode, Role
from newsqa.types import Article, Copy, Span, Version
from newsqa.web.html import article as reader
from newsqa.web.html import articles_tab as holdings
from newsqa.web.html import layout as panels
from newsqa.web.html import markup
from newsqa.web.html import messages as strings
from newsqa.web.html import reply as render
from tests.fakes import engine as fakes
from tests.unit.web.html.test_markup import tags_in

NASTY = "<img src=x onerror=alert(1)>\"'</p><script>alert(1)</script>\n\n# *x* [a](javascript:1)"


def text_of(html: str) -> str:
    return entities.unescape(re.sub(r"<[^>]+>", "", html))


def test_the_reply_goes_along_as_it_is() -> None:
    for reply in (fakes.answer(), fakes.no_answer("not_stated")):
        raw = re.search(r'data-reply="([^"]*)"', render.reply(reply))
        assert raw
        assert json.loads(entities.unescape(raw.group(1))) == reply.to_dict()


def test_the_quote_comes_first_with_its_outlet_date_and_chip() -> None:
    html = render.answer(fakes.answer(), fakes.hits_of(fakes.article(), fakes.article("b")))
    lead = html[: html.index("</figure>")]
    assert 'opened on <b class="nq-hit">Friday morning</b>, four months late.' in lead
    assert "Northport Courier" in lead
    assert '<time datetime="2026-10-09">9 October 2026</time>' in lead
    assert 'aria-label="Citation 1"' in lead
    assert 'data-article="tunnel-1" data-version="1" data-start="0" data-end="62"' in lead
    assert "Also printed by Vale Gazette" in text_of(lead)
    assert 'data-article="copy" data-version="1" data-start="0" data-end="9"' in lead
    assert "Read 2 passages of 2 articles" in html
    assert "A note." in html


@pytest.mark.parametrize("role", fakes.ROLES[1:])
def test_every_other_role_stands_under_its_own_heading(role: Role) -> None:
    html = render.answer(fakes.answer())
    part = html[html.index(f'<section class="nq-part nq-{role}">') :]
    assert strings.ROLE_HEADINGS[role] in part[: part.index("</section>")]
    assert strings.ROLE_LABELS[role] in part[: part.index("</section>")]


@pytest.mark.parametrize("code", fakes.REASONS)
def test_an_abstention_says_which_it_is_and_looks_like_no_answer(code: ReasonCode) -> None:
    html = render.abstention(fakes.no_answer(code))
    assert 'role="status"' in html
    assert strings.ABSTAIN_HEADS[code] in html
    assert f"This is {code}." in html
    assert "Atlantis" in html
    assert strings.ROLE_HEADINGS["related"] in html
    assert "nq-lead" not in html


def test_the_words_not_in_these_articles_stand_where_that_is_so() -> None:
    for code in ("not_stated", "nothing_found"):
        assert "not in these articles" in render.abstention(fakes.no_answer(code))
    assert "not in these articles" not in render.abstention(fakes.no_answer("filtered_out"))


def test_what_the_message_says_is_not_said_twice() -> None:
    reply = fakes.no_answer("not_stated")
    assert text_of(render.abstention(reply)).count("Atlantis") == 1


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
    html = render.answer(Answer(asked=given.asked, quotes=given.quotes, confidence=confidence))
    assert words in html
    assert f"{confidence:.0%}" in html


def test_a_follow_up_shows_how_it_was_understood() -> None:
    given = fakes.answer()
    asked = Asked(
        question="When did it?", standalone_question="When did the tunnel open?", resolution="it"
    )
    html = render.answer(Answer(asked=asked, quotes=given.quotes, confidence=0.9))
    assert "Understood as: When did the tunnel open?" in html


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
        (render.answer(Answer(asked=asked, quotes=(q,), confidence=0.9)), q) for q in (quote, plain)
    ]
    ours = {"div", "p", "figure", "blockquote", "figcaption", "button", "bdi", "time", "span"}
    for html, _ in states:
        assert set(tags_in(html)) <= ours
        assert "\n" not in html
    html = render.turn(1, NASTY, render.reading(fakes.hits_of(article)))
    assert set(tags_in(html)) <= ours | {"h2", "ol", "li"}
    assert set(tags_in(render.failure(NASTY))) <= ours
    html = reader.article(article, Span(0, len(NASTY)))
    assert set(tags_in(html)) <= ours | {"article", "header", "h2", "mark"}


def test_the_states_of_a_turn_say_what_goes_on() -> None:
    assert strings.SEARCHING in render.searching()
    html = render.reading(fakes.hits_of(*[fakes.article(f"a{n}") for n in range(5)]))
    assert "Reading 5 passages of 5 articles" in html
    assert html.count("<li>") == 3
    busy = render.turn(2, "Why?", render.searching(), busy=True)
    assert 'aria-busy="true"' in busy
    assert 'data-turn="2"' in busy


# -- the reader pane --


def test_the_quote_is_marked_letter_for_letter() -> None:
    article = fakes.article()
    words = "Engineers had found that the eastern barrier left a gap of 11 millimetres."
    start = article.body.index(words)
    html = reader.article(article, Span(start, start + len(words)))
    marked = html[html.index("<mark") : html.index("</mark>")]
    assert text_of(marked) == words
    assert 'id="nq-mark" tabindex="-1"' in marked
    assert html.count("<mark") == 1


def test_a_quote_over_two_paragraphs_is_marked_in_both() -> None:
    article = fakes.article()
    html = reader.article(article, Span(0, article.body.index(" “We")))
    assert html.count("<mark") == 2
    assert html.count('id="nq-mark"') == 1


def test_furniture_is_left_out_and_that_is_said() -> None:
    html = reader.article(fakes.article())
    assert "SHARE" not in html
    assert strings.FURNITURE_LEFT_OUT in text_of(html)
    assert "Tolls will not rise." in html


def test_other_quotes_are_marked_lightly_even_where_they_overlap() -> None:
    article = fakes.article()
    html = reader.article(article, Span(4, 20), [Span(10, 30), Span(40, 50)])
    assert text_of(html[html.index("<mark") : html.index("</mark>")]) == article.body[4:20]
    light = html.count('class="nq-also"')
    assert light == 2


@pytest.mark.parametrize("span", [Span(10**6, 10**6 + 5), Span(0, 10**9)])
def test_a_span_past_the_end_is_ignored(span: Span) -> None:
    assert "<mark" not in reader.article(fakes.article(), span)


def test_lines_are_paragraphs_only_where_no_blank_line_parts_them() -> None:
    one = fakes.article(body="First line\nsecond line\n\nNew paragraph", furniture=())
    assert len(reader.paragraphs_of(one)) == 2
    wire = fakes.article(body="First.\n  Second.  \nThird.", furniture=())
    assert [p.cut(wire.body) for p in reader.paragraphs_of(wire)] == ["First.", "Second.", "Third."]


def test_an_older_version_says_that_there_is_a_newer_one() -> None:
    both = tuple(Version(version=n, content_sha256="x", generation=n) for n in (1, 2))
    html = text_of(reader.article(fakes.article(versions=both)))
    assert "Version 1 of 2" in html
    assert strings.NEWER_VERSION in html
    newest = text_of(reader.article(fakes.article(version=2, versions=both)))
    assert strings.NEWER_VERSION not in newest


def test_the_link_to_the_original_points_at_the_words() -> None:
    article = fakes.article()
    html = reader.article(article, Span(0, 62))
    assert "https://courier.example/tunnel#:~:text=The%20harbour%20tunnel" in html


def test_the_index_line_counts_and_dates() -> None:
    described = {
        "articles": 64, "sources": dict.fromkeys("abcdef", 1), "first": "2026-01-14",
        "last": "2026-11-20",
    }  # fmt: skip
    line = reader.index_line(described)
    assert line == "64 articles from 6 outlets, January to November 2026"
    assert reader.index_line({"articles": 1, "sources": {}}) == "1 article"
    assert reader.months(date(2025, 12, 1), date(2026, 1, 1)) == "December 2025 to January 2026"
    assert reader.months(date(2026, 1, 1), date(2026, 1, 9)) == "January 2026"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("One line - of “it”.", ("One line - of “it”.",)),
        ("A quote\n\nover lines of the page.", ("A quote", "over lines of the page.")),
        ("港口大桥提前通车。", ("港口大桥提前通车。",)),
        ("word " * 99, ("word word word word word word",) * 2),
        (" \n ", ()),
    ],
)
def test_a_quote_is_found_again_by_its_words_or_by_its_ends(
    quote: str, found: tuple[str, ...]
) -> None:
    assert reader.fragment_of(quote) == found


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.example/x", "https://a.example/x#:~:text=a%2C%20b%2D,%2Dc"),
        ("https://a.example/x#top", "https://a.example/x#top:~:text=a%2C%20b%2D,%2Dc"),
        ("https://a.example/x#:~:text=y", "https://a.example/x#:~:text=y"),
    ],
)
def test_what_parts_a_fragment_is_written_as_a_sign_of_the_text(url: str, address: str) -> None:
    assert f'href="{address}"' in markup.link(url, "x", fragment=("a, b-", "-c"))


def test_text_that_runs_the_other_way_is_laid_out_that_way() -> None:
    article = fakes.article(title="שלום", body="הרכבת חזרה לפעול.", furniture=())
    html = render.answer(fakes.answer()) + reader.article(article)
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
    html = render.answer(Answer(asked=fakes.answer().asked, quotes=(quote,), confidence=0.9))
    buttons = re.findall(r'class="nq-read"[^>]*data-article="(\w)"[^>]*data-copies="([^"]*)"', html)
    led = {name: json.loads(entities.unescape(to)) for name, to in buttons}
    assert {name: [c["article_id"] for c in to] for name, to in led.items()} == {
        "b": ["a", "c"],
        "c": ["a", "b"],
    }


def test_an_article_by_itself_names_its_copies_as_the_server_knows_them() -> None:
    copy = Copy(
        article_id="b", version=2, title="T", source="Vale Gazette", published=None, url="",
        span=Span(0, 9),
    )  # fmt: skip
    html = reader.article(fakes.article(), copies=(copy,))
    assert "Also printed by Vale Gazette" in text_of(html)
    assert 'data-article="b" data-version="2"' in html
    alone = reader.article(fakes.article())
    assert re.search(r'<p class="nq-note" id="nq-printed" hidden=""></p>', alone)


# -- outlets, where there are many --


MANY = {f"Outlet {n:03}": n for n in range(1, 201)}


def outlets_in(html: str) -> list[str]:
    return re.findall(r'name="source" value="([^"]*)"', html)


def test_of_many_outlets_those_with_most_articles_are_drawn_and_others_found() -> None:
    described = {"articles": 1, "passages": 1, "sources": MANY}
    drawn = outlets_in(panels.filters(described))
    assert drawn == [f"Outlet {n}" for n in range(200, 200 - panels.OUTLETS_DRAWN, -1)]
    assert outlets_in(panels.outlet_boxes(MANY, " outlet 001 ")) == ["Outlet 001"]
    assert strings.NO_OUTLET in panels.outlet_boxes(MANY, "elsewhere")
    corpus = holdings.corpus(described)
    assert re.findall(r'data-find="([^"]*)"', corpus) == drawn
    assert "and 160 more" in text_of(corpus)


def test_a_few_outlets_need_no_search() -> None:
    few = {name: MANY[name] for name in sorted(MANY)[: panels.OUTLETS_DRAWN]}
    html = panels.filters({"sources": few})
    assert sorted(outlets_in(html)) == sorted(few)
    assert "nq-outlet-find" not in html
    assert "nq-outlet-find" in panels.filters({"sources": MANY})

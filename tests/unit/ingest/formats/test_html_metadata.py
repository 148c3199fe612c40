"""The day of publication comes from what says so, of the article itself and no other thing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from newsqa.ingest.formats.html import parse_html
from newsqa.ingest.formats.html_date import is_date_line

TITLE = "Garrow buys the old tram shed"
PROSE = (
    "The village of Garrow has bought the tram shed of 1904 for one crown, and will turn it into a "
    "library with a workshop, the head of its council told a full hall."
)
DAY = date(2026, 3, 3)


def published(head: str = "", *, above: str = "", below: str = "", inside: str = "") -> date | None:
    page = (
        f"<!doctype html><html lang=en><head><title>{TITLE}</title>{head}</head><body>{above}"
        f"<article><h1>{TITLE}</h1>{below}<p>{PROSE}</p>{inside}<p>{PROSE[:90]}.</p></article>"
        "</body></html>"
    )
    return parse_html(page.encode()).published


def script(text: str, kind: str = "application/ld+json") -> str:
    return f'<script type="{kind}">{text}</script>'


def thing(**fields: Any) -> str:
    return json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", **fields})


STATED = thing(headline=TITLE, datePublished="2026-03-03T08:00:00+01:00")


@pytest.mark.parametrize(
    "markup",
    [
        script(STATED),
        script(f"{STATED};"),
        script(f"\n//<![CDATA[\n{STATED}\n//]]>\n"),
        script(f"/*<![CDATA[*/{STATED}/*]]>*/"),
        script(f"<!-- {STATED} -->"),
        script(f"/* made by a plugin */\n{STATED}"),
        script(f"// made by a plugin\n{STATED}"),
        script(STATED.replace("}", ",}")),
        script(f"[{STATED},]"),
        script(STATED.replace(TITLE, "Garrow\nbuys\tthe old tram shed")),
        script(STATED.replace(TITLE, "Garrow\\'s tram shed: it buys the old tram shed")),
        script(STATED.replace('"', "&quot;")),
        script(f"\ufeff{STATED}"),
        script(f'{{"@type":"Organization","name":"Garrow Post"}}\n{STATED}'),
        script(STATED, "application/ld+json; charset=utf-8"),
        script(STATED, "Application/LD+JSON"),
        script(json.dumps({"@graph": [{"@type": "Person", "name": "x"}, json.loads(STATED)]})),
        script(thing(datePublished="2026-03-03", url="https://post.example//tram")),
    ],
)
def test_json_ld_is_read_as_sites_write_it(markup: str) -> None:
    assert published(markup) == DAY
    assert published(above=markup) == DAY


OTHER = "Snow closes the pass road for a week"


@pytest.mark.parametrize(
    "markup",
    [
        script(thing(headline=OTHER, datePublished="2019-01-07")),
        script(thing(headline=OTHER, url="https://post.example/snow", datePublished="2019-01-07")),
        script(
            json.dumps({"@type": "Event", "name": TITLE, "startDate": "2019-01-07"})
            + thing(headline=OTHER, datePublished="2019-01-07")
        ),
        script(json.dumps({"@type": "Person", "name": "Ada", "datePublished": "2019-01-07"})),
        script(json.dumps({"@type": "VideoObject", "datePublished": "2019-01-07"})),
        script(json.dumps({"@type": "SocialMediaPosting", "datePublished": "2019-01-07"})),
        script(json.dumps({"@type": "Product", "datePublished": "2019-01-07", "name": TITLE})),
    ],
)
def test_the_day_of_another_thing_is_not_the_articles(markup: str) -> None:
    canonical = '<link rel="canonical" href="https://post.example/tram-shed">'
    assert published(markup) is None
    assert published(canonical + markup) is None
    assert published(canonical + markup + script(STATED)) == DAY


@pytest.mark.parametrize(
    "below",
    [
        "<p>Born 7 January 2019</p>",
        "<p>Opens: January 7, 2019</p>",
        "<p>When: Monday, January 7, 2019, 7 pm</p>",
        "<p>Where and when: Tram shed, January 7, 2019</p>",
        "<p>7 January 1931 – 2 March 2019</p>",
        "<p>(7 January 1931 - 2 March 2019)</p>",
        "<p>† January 7, 2019</p>",
        "<p>Founded January 7, 2019</p>",
        "<p>Deadline January 7, 2019</p>",
        "<blockquote class=twitter-tweet><p>Oh</p>— Ada (@ada) <a>January 7, 2019</a></blockquote>",
        "<blockquote>January 7, 2019</blockquote>",
        "<div class=instagram-media>A post of January 7, 2019</div>",
        "<aside><time datetime=2019-01-07>January 7, 2019</time></aside>",
        "<p>The sale begins on <time datetime='2019-01-07T10:00'>7 January</time> at ten.</p>",
        "<div class=event>Fair <time datetime=2019-01-07>7 January 2019</time></div>",
        "<div class=related><a>Snow</a> <time datetime=2019-01-07>7 January 2019</time></div>",
    ],
)
def test_a_day_that_does_not_say_publication_is_none(below: str) -> None:
    assert published(below=below) is None
    assert published(inside=below) is None


@pytest.mark.parametrize(
    "below",
    [
        "<p>3 March 2026</p>",
        "<p>By Ada Lund, March 3, 2026</p>",
        "<p>Ada Lund | 3 March 2026 | 4 min read</p>",
        "<p>Published on March 3, 2026, 8:12 am</p>",
        "<p>Posted: 3 March 2026 · Updated: 5 March 2026</p>",
        "<p>Tuesday, 3 March 2026</p>",
        "<p>Ada Lund and Sten Hollis 3 March 2026</p>",
        "<p>Garrow, 3 March 2026</p>",
        "<time datetime='2026-03-03T07:00Z'>on Tuesday</time>",
        "<p>By Ada Lund, <time datetime=2026-03-03>Tuesday</time></p>",
        "<p>Veröffentlicht am <time datetime=2026-03-03>3. März</time></p>",
        "<span class=entry-date><time class=published datetime=2026-03-03>x</time></span>",
    ],
)
def test_a_day_that_says_publication_is_read(below: str) -> None:
    assert published(below=below) == DAY


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("March 3, 2026", True),
        ("First published 3 March 2026 in the Garrow Post", True),
        ("Elected March 3, 2026", False),
        ("Member since March 3, 2026", False),
        ("from 3 March 2026 to 5 March 2026", False),
        ("no day at all", False),
    ],
)
def test_a_date_line(line: str, is_one: bool) -> None:
    assert is_date_line(line) is is_one

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.ingest.fields import furniture

PROSE = (
    "The ferry between Skarrow and Ullay stops for nine days from Monday, while the ramp on the "
    "island side is mended, the harbour office said on Tuesday after a long meeting."
)


def found(body: str, title: str = "") -> list[str]:
    return [span.cut(body) for span in furniture.spans(body, title=title)]


@pytest.mark.parametrize(
    "line",
    [
        "Related Posts",
        "RELATED ARTICLES:",
        "You may also like",
        "## Read next",
        "Most read",
        "More stories",
        "Leave a Reply",
        "3 comments",
        "Advertisement",
        "ADVERTISEMENT - SCROLL TO CONTINUE",
        "Story continues below advertisement",
        "Share this",
        "Share this story: Facebook | Post | E-mail | Print",
        "Facebook Twitter WhatsApp",
        "Follow us on Facebook",
        "Follow Runa Skeld on Twitter: @rskeld.",
        "Read more: Why the Ullay ferry is painted green",
        "RELATED: Ten walks to take after a storm",
        "Tags: ferries, Ullay, cheese",
        "Sign up for the Lantern Light, our free newsletter, and get the north in your inbox.",
        "Subscribe to our newsletter",
        "Sign up",
        "Advert",
        "You have 3 free articles left this month.",
        "You’ve read your last free article.",
        "2 of 5 free articles",
        "This is your last free article this month.",
        "To continue reading, please log in or create a free account.",
        "Subscribe to continue reading.",
        "Register for free to keep reading this and other stories.",
        "This article is for subscribers only.",
        "Already have an account? Log in",
        "Get unlimited access for 1 crown a week.",
        "Support our journalism: become a member today.",
        "Let the Lantern meet your inbox. The stories of the north, every weekday morning.",
        "The best of the Lantern, delivered straight to your inbox every Saturday.",
        "By signing up you agree to our terms of use and our privacy policy.",
        "Get the Lantern’s morning briefing by e-mail: our daily digest of the north.",
        "Subscribe now for 3 crowns a week. Already a subscriber? Log in.",
        "© 2026 Halvern Courier Ltd. All rights reserved.",
        "Copyright 2026 Halvern Courier",
        "All rights reserved.",
        "We use cookies to make this site work.",
        "Home > News > North",
    ],
)
def test_a_line_of_the_site_is_furniture(line: str) -> None:
    assert found(f"{PROSE}\n\n{line}\n\n{PROSE}") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Share prices fell on Tuesday.",
        "Sign up for the run closed on Friday, and 400 people will start at Halvern.",
        "Sign up for the petition against the levy at the town hall by Friday, or by e-mail.",
        "Sign up for our newsletter, she told the meeting, and you will know why.",
        "The museum has three free articles of clothing on show for those who ask.",
        "You have free stories to thank for that, the librarian said.",
        "To continue reading the will, the notary put on his glasses.",
        "Support our journalism? Nobody in the town had ever been asked to, she said.",
        "The island has only two members for subscribers to elect.",
        "Get the briefing over, the minister told his staff.",
        "Subscribe to that view, and you will be out of office within the week.",
        "Copyright law was changed by the Assembly last week.",
        "Related cases were found in two villages.",
        "“Follow us on foot,” the guide said.",
        "Advertisements for the post appeared in three papers.",
        "Comments by the minister were struck from the minutes.",
        "Home is where the ferry goes.",
        "Read more: that was the advice of the judge.",
        "Print is not dead, the editor said.",
        "Up next",
        "TikTok",
        "What happens next",
        "2. The bridge will be painted green.",
    ],
)
def test_a_line_of_an_article_is_not(line: str) -> None:
    assert found(f"{PROSE}\n\n{line}\n\n{PROSE}", title="Ferry stops") == []


def test_words_inside_running_prose_are_never_furniture() -> None:
    wrapped = (
        "He wrote at the end of the long\nAdvertisement\nthat it was a mistake to be so\nloud."
    )
    assert found(f"{PROSE} Related Posts {PROSE}\n\n{wrapped}") == []


def test_headlines_below_a_heading_go_up_to_the_next_prose() -> None:
    list_ = "Related Posts\n\nTen walks after a storm\n\n- Is the ferry really green?"
    assert found(f"{PROSE}\n\n{list_}\n\n{PROSE}") == [list_]
    assert found(f"{PROSE}\n\nRelated Posts\n{PROSE}\n") == ["Related Posts"]


@pytest.mark.parametrize("heading", ["Latest news", "Latest headlines", "Top stories:"])
def test_a_list_of_news_within_an_article_is_its_own(heading: str) -> None:
    list_ = f"{heading}\n\n- 16:40 The ramp is shut\n\n- 15:10 Two lorries wait on Ullay"
    assert found(f"{PROSE}\n\n{list_}\n\n{PROSE}") == []
    assert found(f"{PROSE}\n\n{PROSE}\n\n{list_}") == [list_]


def test_a_numbered_sentence_below_a_heading_stays() -> None:
    body = f"{PROSE}\n\nMore from the poll\n\n1. Two in three want the old ferry back.\n\n{PROSE}"
    assert found(body) == ["More from the poll"]


def test_a_menu_at_the_start_or_the_end_is_furniture() -> None:
    menu = "Home\nNews\nSport\nWeather\nAbout us"
    assert found(f"{menu}\n\n{PROSE}") == [menu]
    assert found(f"{PROSE}\n\n{menu}\n") == [menu]
    assert found(f"{PROSE}\n\n{menu}\n\n{PROSE}") == []
    assert found(f"{PROSE}\n\nSport\nWeather") == []


def test_names_in_short_lines_at_the_end_are_no_menu() -> None:
    assert found(f"{PROSE}\n\nAnna Loe\nSten Hollis\nOla Brandt\nRuna Skeld\nEyvind Marr") == []


def test_a_label_between_title_and_text_is_furniture_where_the_title_is_known() -> None:
    body = f"Russia-Ukraine war\n\n{PROSE}\n\n{PROSE}"
    assert found(body, title="A headline") == ["Russia-Ukraine war"]
    assert found(body) == []


@pytest.mark.parametrize(
    "line",
    ["Friday, January 4, 2019", "He resigned today.", "A line of more than four words", "Why?"],
)
def test_a_line_that_says_something_is_no_label(line: str) -> None:
    assert found(f"{line}\n\n{PROSE}", title="A headline") == []


@pytest.mark.parametrize(
    "body", ["Print", "Advertisement\n\nShare this", "Related Posts\n\nA\n\nB"]
)
def test_a_body_that_would_be_nothing_else_has_none(body: str) -> None:
    assert found(body, title="A headline") == []


LINES = st.one_of(
    st.sampled_from(["Related Posts", "Share this", "", "Home", "News", "Facebook", PROSE, "- x"]),
    st.text(max_size=40),
)


@given(st.lists(LINES, max_size=12).map("\n".join), st.sampled_from(["", "A headline"]))
def test_spans_lie_in_order_inside_the_body_and_begin_and_end_with_words(
    body: str, title: str
) -> None:
    spans = furniture.spans(body, title=title)
    assert all(a.end < b.start for a, b in pairwise(spans))
    for span in spans:
        text = span.cut(body)
        assert text == text.strip()
        assert body[: span.start].rpartition("\n")[2].strip() == ""
        assert body[span.end :].partition("\n")[0].strip() == ""
    assert not body.strip() or sum(map(len, spans)) < len(body.strip())

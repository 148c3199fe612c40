"""What is the same to a reader is the same to a search, and what is not stays apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.question.kinds import missing_from, names_of
from newsqa.text.analysis import content_terms, index_terms, query_terms, words
from newsqa.text.folding import fold, visible


@pytest.mark.parametrize(
    ("forms", "word"),
    [
        (("15000", "15,000", "15 000", "15\u00a0000", "15\u202f000", "15’000"), "15000"),
        (("1200000", "1,200,000", "1.200.000", "12,00,000", "1\u2009200\u2009000"), "1200000"),
        (("M’Bala", "M'Bala", "MʼBala", "m`bala"), "m'bala"),
        (("Sallow", "Sal\u00adlow", "Sal\u200blow", "\ufeffSallow\u200e"), "sallow"),
        (("Wrocław", "WROCŁAW", "Wroclaw"), "wroclaw"),
        (("Søndermark", "Sondermark"), "sondermark"),
        (("Đorđe", "Dorde"), "dorde"),
        (("Straße", "STRASSE"), "strasse"),
        (("Ærlig", "aerlig"), "aerlig"),
        (("ısparta", "İsparta", "Isparta"), "isparta"),
        (("Íñigo", "I\u0301n\u0303igo"), "inigo"),
        (("G7", "G-7", "G‑7", "g‐7"), "g7"),
        (("Covid-19", "COVID19", "covid-19"), "covid19"),
        (("U.S.", "US", "USA", "U.S.A.", "u.s.", "U.S"), "usa"),
        (("U.N.", "UN", "U.N"), "un"),
        (("Warden's", "Warden’s", "warden"), "warden"),
    ],
)
def test_one_word_for_every_way_to_write_it(forms: tuple[str, ...], word: str) -> None:
    assert [words(form) for form in forms] == [[word]] * len(forms)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("told us so", ["told", "us", "so"]),
        ("GIVE US OUR MONEY BACK", ["give", "us", "our", "money", "back"]),
        ("who said it", ["who", "said", "it"]),
        ("in 2024 500 came", ["in", "2024", "500", "came"]),
        ("12 300", ["12", "300"]),
        ("3.5 and 1.500", ["3.5", "and", "1.500"]),
        ("mid-2026", ["mid", "2026"]),
        ("9-11 and A-Z", ["9", "11", "and", "a", "z"]),
        ("31 °C, 90°F", ["31", "degrees", "celsius", "90", "degrees", "fahrenheit"]),
        ("12,000.50", ["12000.50"]),
    ],
)
def test_what_differs_stays_apart(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(max_size=300))
def test_folding_ends_and_takes_any_text(text: str) -> None:
    assert fold(visible(text)) == fold(text)
    assert all(0 < len(term) <= 64 and term.split() == [term] for term in index_terms(text))
    assert all(term.split() == [term] for term in query_terms(text))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who counted 15000 barges?", "They counted 15,000 barges."),
        ("What did the UN want?", "The United Nations want peace."),
        ("What did the World Trade Organization rule?", "The WTO ruled."),
        ("What did the WHO say?", "The World Health Organisation said so."),
        ("What did the USA say?", "The United States said so."),
        ("Which American city won?", "A U.S. city won."),
        ("Which German city won?", "A town in Germany won."),
        ("Who rules Spain?", "The Spanish king rules."),
        ("What did the British want?", "The U.K. wants more."),
        ("Which Polish city won?", "A town in Poland won."),
        ("What did Schroeder do?", "Then Schröder left."),
        ("What did Schröder do?", "Then Schroeder left."),
        ("What did Schroder do?", "Then Schröder left."),
        ("Where did Soeren go?", "Søren sailed."),
        ("Who had Covid19?", "He had Covid-19."),
        ("Who had Covid?", "He had Covid-19."),
        ("How hot in Celsius was it?", "It was 31 °C."),
        ("What did Ma\u00adren see?", "Maren saw it."),
        ("Who counted 15\u202f000 barges?", "They counted 15,000 barges."),
    ],
)
def test_names_of_a_question_meet_the_text(question: str, text: str) -> None:
    assert names_of(question)
    assert missing_from(names_of(question), set(content_terms(text))) == ()
    assert set(query_terms(question)) & set(index_terms(text))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What did the US do?", "They told us so."),
        ("What did the WHO say?", "A man who said so."),
        ("What did the USA do?", "The Latin American states met."),
        ("What did Poland win?", "They polish the brass first."),
        ("Who is Mueller?", "A mule is no horse."),
    ],
)
def test_names_of_a_question_do_not_meet_another_thing(question: str, text: str) -> None:
    assert missing_from(names_of(question), set(content_terms(text))) == tuple(names_of(question))


def test_a_question_is_searched_by_one_name_and_a_text_is_found_by_all() -> None:
    assert query_terms("International Monetary Fund") == ["imf"]
    assert query_terms("French wine") == ["wine", "franc"]
    assert index_terms("French wine") == ["french", "wine", "franc"]
    assert index_terms("Müller") == ["muller", "mueller"]
    assert index_terms("F-16") == ["f16", "f", "16"]
    assert query_terms("F-16") == ["f16"]
    assert set(query_terms("Covid-19")) == {"covid19", "covid"}

"""A sentence is not cut inside, in any script, and keeps its closing marks."""

from __future__ import annotations

import pytest

from newsqa.text.analysis import sentences


def cut(body: str) -> list[str]:
    return [span.cut(body) for span in sentences(body)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Harbour police held Lt. Anna Pike for a day.",
        "They met Lt. Gov. Ruth Orme at the weir.",
        "The order came from Cmdr. Jon Vale himself.",
        "He thanked Cllr. May Holt for it.",
        "A mass was read by Msgr. Paul Dent at noon.",
        "The firm Crumb Ltd. of Orme was sold.",
        "Dun & Bro. Inc. of Orme closed its yards.",
        "Police at No. 12 Quay Street found it.",
        "John Pike Sr. of Orme is dead.",
        "Sgt. Maj. Ed Roe and Supt. Lil Ash went too.",
        "Fans of Jeopardy! saw the show end.",
        "Shares of Yum! Brands fell on Friday.",
        "The founders sold Crumb! Inc. to a dairy.",
        "Der Brief kam von Prof. Dr. Erich Kahl aus Ormond.",
        "Das Haus Nr. 12 am Hafen brannte am 3. Mai ab.",
        "Der Kanzler lobte u. a. Frau Kahl und Hrn. Braun.",
        "Es kostete 3 Mio. Mark im Jahr.",
        "La lettre de M. Dupont est arrivée hier.",
        "Le cardinal a vu Mgr. Petit et MM. Roux et Blanc.",
    ],
)
def test_an_abbreviation_does_not_end_a_sentence(sentence: str) -> None:
    assert cut(f"{sentence} Nobody was hurt.") == [sentence, "Nobody was hurt."]


@pytest.mark.parametrize(
    "expected",
    [
        ["彼は「門は閉まる。」と語った。", "船は戻った。"],
        ["「門は閉まる。船は戻る。」と彼は語った。", "船は戻った。"],
        ["「門は閉まる。」", "船は戻った。"],
        ["『終わりだ！』", "船は戻った。"],
        ["他说：“门关了。”", "船回来了。"],
        ["他问：“门关了吗？”", "没有人回答。"],
        ["“门关了。”，他说。", "船回来了。"],
        ["द्वार बंद हुआ।", "नाव लौट आई।"],
        ["دروازہ بند ہوا۔", "کشتی واپس آئی۔"],
        ["هل أغلقت البوابة؟", "عاد القارب."],
    ],
)
def test_sentences_of_other_scripts(expected: list[str]) -> None:
    assert cut("".join(expected)) == expected
    assert cut(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["Il a dit : « La porte est fermée. »", "Le bateau est revenu."],
        ["„Das Tor ist zu.“", "Das Boot kam zurück."],
        ["»Das Tor ist zu.«", "Das Boot kam zurück."],
        ["She said: “The gate is shut.”", "The boat came back."],
        ['She said: "The gate is shut."', "The boat came back."],
        ["(The gate is shut.)", "The boat came back."],
        ["Она сказала: «Ворота закрыты».", "Лодка вернулась."],
    ],
)
def test_closing_marks_stay_with_the_sentence_that_they_end(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


def test_a_long_quotation_in_brackets_is_split() -> None:
    inside = "門は閉まる。" * 100
    assert len(cut(f"彼は「{inside}」と語った。")) > 90

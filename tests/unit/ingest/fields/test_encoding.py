from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.ingest.fields.encoding import declared, decode
from newsqa.text.analysis import clean

FRENCH = "Le café naïve à Noël, déjà vu. Il a été ouvert à l'été. "
GERMAN = "Der Bürgermeister hat die große Brücke über den Fluß eröffnet. "
POLISH = "Zażółć gęślą jaźń. Prezydent powiedział, że wybory odbędą się w maju. "
GREEK = "Ο πρωθυπουργός είπε ότι οι εκλογές θα γίνουν τον Μάιο. "
RUSSIAN = "Президент заявил, что выборы пройдут в мае. "
JAPANESE = "日本の首相は東京で会見した。"
CHINESE = "总统表示选举将于五月举行。"
CURLY = "She said “it’s fine” – really… and he didn’t. "


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((FRENCH, name) for name in ("utf-8", "latin-1", "cp1252", "utf-16", "utf-32")),
        *((FRENCH, name) for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")),
        *((text, "utf-8-sig") for text in (FRENCH, JAPANESE)),
        (GERMAN, "cp1252"),
        (CURLY, "cp1252"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859-2"),
        (GREEK, "cp1253"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gb18030"),
    ],
)
def test_a_text_comes_back_from_its_encoding(text: str, encoding: str) -> None:
    assert decode((text * 3).encode(encoding)).text == text * 3


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"/..\xc0\xaf\xe0\x80\xaf/etc", "/..��/etc"),  # overlong forms
        (b"bad \xed\xa0\x80 surrogate", "bad � surrogate"),
        ("日本".encode()[:-1], "日�"),  # cut off
        ("café ".encode() * 3 + b"caf\xe9 " * 3, "café " * 6),  # two encodings in one file
        (b"caf\xe9", "café"),
        (b"a caf\xc3", "a caf�"),
        (b"a coin of 5 \xe2\x82", "a coin of 5 �"),
        (b"before\0after", "before\0after"),
        (b"", ""),
    ],
)
def test_damaged_text_is_read_as_far_as_it_goes(content: bytes, text: str) -> None:
    assert decode(content).text == text


def test_the_declared_charset_counts_only_in_markup_and_after_utf8() -> None:
    page = '<meta charset="iso-8859-5"><p>Выборы</p>'.encode("iso-8859-5")
    assert "Выборы" in decode(page, markup=True).text
    wrong = '<meta charset="iso-8859-5"><p>Выборы</p>'.encode()
    assert "Выборы" in decode(wrong, markup=True).text
    assert decode(wrong).encoding == "utf-8"


@pytest.mark.parametrize("name", ["utf-7", "unicode_escape", "rot13", "base64", "idna", "nonsense"])
def test_a_charset_that_is_none_is_not_believed(name: str) -> None:
    assert declared(f'<meta charset="{name}">'.encode()) is None


def test_latin1_is_read_as_windows_1252() -> None:
    page = b'<meta http-equiv=Content-Type content="text/html; charset=ISO-8859-1">'
    assert declared(page) == "cp1252"
    assert declared(b'<?xml version="1.0" encoding="koi8-r"?>') == "koi8-r"


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_give_a_text_that_can_be_stored(content: bytes, markup: bool) -> None:
    clean(decode(content, markup=markup).text).encode("utf-8")


@given(st.text(max_size=200))
def test_utf8_comes_back_unchanged(text: str) -> None:
    content = text.encode()
    if content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    if content.count(0) < 0.3 * len(content) or len(content) < 4:
        assert decode(content).text == text

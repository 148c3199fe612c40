"""RTF files: what a reader sees of them."""

from __future__ import annotations

from datetime import date

import pytest

from newsqa.ingest.draft import RefusedError
from newsqa.ingest.formats.rtf import parse_rtf

HEAD = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}}{\colortbl;\red0\green0\blue0;}"
    rb"{\info{\title Kept title}{\author Jon Pike}{\creatim\yr2026\mo6\dy1}}{\header Packet\par}"
)


def test_paragraphs_and_signs_are_kept_and_the_unseen_is_not() -> None:
    draft = parse_rtf(
        HEAD
        + rb"\pard\b Lock opens\b0\par\par By Ada Wren\par Published: 12 May 2026\par\par "
        + rb"The caf\'e9 \u8220?opened\u8221? \u-10179?\u-8704?.{\deleted Old.}{\v hid} See {\field"
        + rb'{\*\fldinst HYPERLINK "https://x.example/a"}{\fldrslt the page}}.\par One more.\par}'
    )
    assert (draft.title, draft.byline) == ("Lock opens", "Ada Wren")
    assert draft.published == date(2026, 5, 12)
    assert draft.body == "The café “opened” 😀. See the page.\n\nOne more."


def test_title_and_author_of_the_file_count_where_the_text_has_none() -> None:
    draft = parse_rtf(HEAD + rb"\pard The lock was opened.\par}")
    assert (draft.title, draft.byline, draft.published) == ("Kept title", "Jon Pike", None)


@pytest.mark.parametrize("content", [b"{\\html x}", b"plain words", b""])
def test_what_is_no_rtf_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedError, match="not an RTF file"):
        parse_rtf(content)

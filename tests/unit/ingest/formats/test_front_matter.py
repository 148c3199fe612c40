"""Front matter as people write it."""

from __future__ import annotations

from datetime import date

import pytest

from newsqa.ingest.draft import Draft, RefusedError
from newsqa.ingest.formats.markdown import parse_markdown


def read(front: str, rule: str = "---") -> Draft:
    return parse_markdown(f"{rule}\n{front}\n{rule}\n\nThe lock was opened.".encode())


@pytest.mark.parametrize(
    "title",
    [
        "Wend: the lock opens",
        '"It holds": keeper\'s verdict',
        "@wend says lock opens",
        "50% of barges: [updated] late",
        "[Updated] Lock opens",
        "%: what it means",
        "Is it over:",
    ],
)
def test_a_value_is_the_text_it_was_meant_to_be(title: str) -> None:
    draft = read(f"title: {title}\nauthor: Ada Wren\ndate: 2026-05-12")
    assert (draft.title, draft.byline) == (title, "Ada Wren")
    assert draft.published == date(2026, 5, 12)
    assert draft.body == "The lock was opened."


@pytest.mark.parametrize(
    ("front", "byline"),
    [
        ("authors:\n  - name: Ada Wren\n    role: editor\n  - Jon Pike", "Ada Wren, Jon Pike"),
        ("author:\n  name: Ada Wren\n  email: ada@wend.example", "Ada Wren"),
        ("author: [Ada Wren, Jon Pike]", "Ada Wren, Jon Pike"),
        ("By: Ada Wren", "Ada Wren"),
    ],
)
def test_authors_may_be_mappings(front: str, byline: str) -> None:
    assert read(front).byline == byline


@pytest.mark.parametrize(
    "line", ["pubDate: 12 May 2026", "publish_date: 2026-05-12", "Published At: 2026-05-12T08:00Z"]
)
def test_days_have_many_names(line: str) -> None:
    assert read(f"title: Lock\n{line}").published == date(2026, 5, 12)


def test_toml_between_plus_signs() -> None:
    draft = read(
        "title = 'Lock opens'\ndate = 2026-05-12T23:30:00-05:00\n[params]\nauthor = 'Ada Wren'",
        rule="+++",
    )
    assert (draft.title, draft.byline) == ("Lock opens", "Ada Wren")
    assert draft.published == date(2026, 5, 12)
    assert draft.body == "The lock was opened."
    authors = "authors = ['Ada Wren', 'Jon Pike']\npublishDate = 2026-05-12"
    assert read(authors, rule="+++").byline == "Ada Wren, Jon Pike"
    with pytest.raises(RefusedError, match="not valid TOML"):
        read("title = Lock", rule="+++")
    assert parse_markdown(b"+++\n\ntext\n\n+++\n").body == "+++\n\ntext\n\n+++"

"""What the pages show people to type: fenced blocks, command lines, words in code marks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.shared import ROOT

PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "training").glob("*.md")),
    ROOT / "src" / "newsqa" / "models" / "weights" / "MODEL.md",
]
PROGRAMS = ("newsqa", "make", "python", "pip", "uv tool", "docker")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_WORDS = re.compile(r"`([^`\n]+)`")
_STARTS = re.compile(rf"(?:NEWSQA_\w+=\S*|(?:{'|'.join(PROGRAMS)}) .+)")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command on a page; ``alone`` on its line it must be complete."""

    page: str
    text: str
    alone: bool


def name_of(page: Path) -> str:
    """What a page is called: its path in the project."""
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    """The page's text."""
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page: language and content."""
    return _FENCE.findall(text_of(page))


def prose(page: Path) -> str:
    """The page's text without its blocks."""
    return _FENCE.sub("", text_of(page))


def words(page: Path) -> list[str]:
    """What stands in code marks on a page, outside its blocks."""
    return _WORDS.findall(prose(page))


def commands(page: Path) -> Iterator[Shown]:
    """The commands of a page: indented lines, lines after a prompt, and those in code marks."""
    lines = re.findall(r"^ {4}(\S.*)$", prose(page), re.M)
    for language, content in blocks(page):
        if language == "console":
            lines += [line.removeprefix("$ ") for line in content.splitlines()]
    yield from (Shown(name_of(page), line, True) for line in lines)
    named = (text for text in words(page) if _STARTS.fullmatch(text))
    yield from (Shown(name_of(page), text, False) for text in named)


def parts(command: str) -> list[list[str]]:
    """The words of each program in a line for the shell, without comment, pipes and files.

    What a page marks as optional or repeated is taken once: ``[-k N] PATH...`` is ``-k N PATH``.
    """
    plain = re.sub(r"\[OPTIONS\]|\.\.\.(?=\s|\]|$)", "", command)
    plain = re.sub(r"(?<!\S)\[(-[^\[\]]*|[A-Z.]+)\](?!\S)", r"\1", plain)
    lexer = shlex.shlex(plain, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    to_file = False
    for word in lexer:
        if word in {"|", "&&", ";"}:
            found.append([])
        elif word in {">", ">>", "<"}:
            to_file = True
        elif to_file:
            to_file = False
        else:
            found[-1].append(word)
    return found

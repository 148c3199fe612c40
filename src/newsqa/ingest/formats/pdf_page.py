"""The lines of one PDF page with their places, as a reader sees them.

Watermarks are left out, text that is drawn twice to look bold is taken once, a drop cap goes to its
word, and columns whose lines are drawn in turns are read one after the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import atan2, degrees, hypot
from typing import Any

from newsqa.ingest.formats.pdf_layout import Line
from newsqa.text.analysis import clean

_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}
_LIGATURES |= {0xFB05: "st", 0xFB06: "st"}
_SLANT_DEGREES = 8  # off the horizontal and the vertical: a watermark
_CHAR_WIDTH = 0.5  # of the type size, on average
_WATERMARK = re.compile(
    r"(?:embargo(?:ed)?(?: until .{1,30})?|draft|confidential|sample|proof|preview|specimen|void|"
    r"(?:review|file|advance|evaluation|uncorrected|internal) (?:copy|proof|use)(?: only)?|copy|"
    r"do not (?:copy|distribute|publish|quote)|not for (?:publication|distribution|release)|"
    r"for internal use(?: only)?|watermark|evaluation version|entwurf|vertraulich|muster)[.!]?",
    re.IGNORECASE,
)
_WATERMARK_TIMES = 1.8  # the type size of the text, at least
_DROP_CAP = re.compile(r"[\"'“‘«„]?[^\W\d_][\"'’]?")
_DROP_CAP_TIMES = 1.6
_COLUMN_ROWS = 3  # rows that begin anew at the same place, at least
_COLUMN_CHARS = 15  # of a column's lines on average: tables have shorter cells


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text drawn at one place; ``row`` numbers the printed line that pypdf puts it in."""

    text: str
    x: float
    y: float
    size: float
    slant: float
    row: int

    @property
    def end(self) -> float:
        """About where it ends."""
        return self.x + _CHAR_WIDTH * self.size * len(self.text.strip())


def lines_of_page(page: Any) -> list[Line]:
    """Return the lines of a page in reading order, cleaned."""
    pieces = _Pieces()
    text = str(page.extract_text(visitor_text=pieces.visit))
    whole = "".join("".join(piece.text for piece in pieces.all).split())
    if "".join(_plain(whole).split()) != "".join(_plain(text).split()):
        # Right-to-left text is put in order only there.
        return [Line(words) for raw in text.split("\n") if (words := _plain(raw))]
    kept = _without_watermarks(_once(pieces.all))
    return _with_drop_caps(_lines(kept))


class _Pieces:
    """Collects a page's pieces of text with their places."""

    def __init__(self) -> None:
        self.all: list[_Piece] = []
        self._row = 0

    def visit(self, text: str, cm: Any, tm: Any, _font: Any, size: Any) -> None:
        """Take what pypdf reports."""
        x, y = cm[0] * tm[4] + cm[2] * tm[5] + cm[4], cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
        along, up = _times(tm[0:2], cm), _times(tm[2:4], cm)
        points, slant = float(size or 0) * hypot(*up), degrees(atan2(along[1], along[0]))
        for at, part in enumerate(text.split("\n")):
            self._row += at > 0
            if part:
                self.all.append(_Piece(part, x, y, points, slant, self._row))


def _times(vector: Any, cm: Any) -> tuple[float, float]:
    return vector[0] * cm[0] + vector[1] * cm[2], vector[0] * cm[1] + vector[1] * cm[3]


def _plain(text: str) -> str:
    """Clean, with ligatures as letters and single spaces."""
    words = clean(text).translate(_LIGATURES)
    return " ".join(words.replace("\x7f", "•").split())  # the free codes of a font are bullets


def _once(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Leave out what is drawn again at the same place, which makes it look bold."""
    kept: list[_Piece] = []
    places: dict[str, list[_Piece]] = {}
    for piece in pieces:
        text = piece.text.strip()
        near = 0.15 * piece.size
        again = text and any(
            abs(piece.x - other.x) <= near and abs(piece.y - other.y) <= near
            for other in places.get(text, ())
        )
        if not again:
            kept.append(piece)
            places.setdefault(text, []).append(piece)
    return kept


def _without_watermarks(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Leave out text across the page, and a large word such as DRAFT behind it."""
    sizes = sorted(piece.size for piece in pieces for _ in range(len(piece.text.strip())))
    typical = sizes[len(sizes) // 2] if sizes else 0.0
    kept = []
    for piece in pieces:
        turned = piece.slant % 90
        across = min(turned, 90 - turned) > _SLANT_DEGREES
        large = typical and piece.size > _WATERMARK_TIMES * typical
        if not across and not (large and _WATERMARK.fullmatch(piece.text.strip())):
            kept.append(piece)
    return kept


def _lines(pieces: Sequence[_Piece]) -> list[Line]:
    """Put pieces together into lines, by columns where a page has them."""
    rows: list[list[_Piece]] = []
    for piece in pieces:
        if rows and rows[-1][0].row == piece.row:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    printed = _side_by_side(rows)
    edge = _column_edge(printed)
    if edge is None:
        return [line for row in rows if (line := _line(row))]
    return _by_columns(printed, edge)


def _side_by_side(rows: Sequence[Sequence[_Piece]]) -> list[list[_Piece]]:
    """Join rows that are drawn one after the other at one height, from left to right."""
    joined: list[list[_Piece]] = []
    for row in rows:
        printed = [piece for piece in row if piece.text.strip()]
        last = [piece for piece in joined[-1] if piece.text.strip()] if joined else []
        level = last and printed and abs(last[-1].y - printed[0].y) < 0.3 * printed[0].size
        if level and last[-1].x < printed[0].x:
            joined[-1] += row
        else:
            joined.append(list(row))
    return joined


def _line(row: Sequence[_Piece]) -> Line | None:
    text = _plain("".join(piece.text for piece in row))
    first = next((piece for piece in row if piece.text.strip()), None)
    return Line(text, first.y, first.size, first.x) if text and first else None


def _column_edge(rows: Sequence[Sequence[_Piece]]) -> float | None:
    """Return where the second column begins, if several rows begin anew at one place."""
    starts: Counter[int] = Counter()
    texts: dict[int, list[str]] = {}
    for row in rows:
        printed = [piece for piece in row if piece.text.strip()]
        for before, piece in pairwise(printed):
            if piece.x - before.end > 0.3 * piece.size and piece.x > before.x + 50:
                starts[round(piece.x / 3)] += 1
                texts.setdefault(round(piece.x / 3), []).extend((before.text, piece.text))
    if not starts:
        return None
    place, count = starts.most_common(1)[0]
    chars = sum(len(text.strip()) for text in texts[place]) / len(texts[place])
    prose = count >= _COLUMN_ROWS and chars >= _COLUMN_CHARS
    return place * 3 - 4.0 if prose and len(starts) <= 2 else None


def _by_columns(rows: Sequence[Sequence[_Piece]], edge: float) -> list[Line]:
    """Return the left lines, then the right ones, between lines that go over both."""
    lines: list[Line] = []
    right: list[Line] = []
    for row in rows:
        parts = [[p for p in row if p.x < edge], [p for p in row if p.x >= edge]]
        over = parts[0] and not parts[1] and max(p.end for p in parts[0]) > edge + 40
        left_line, right_line = (_line(part) for part in parts)
        if over:
            lines += right
            right = []
        lines += [left_line] if left_line else []
        right += [right_line] if right_line else []
    return lines + right


def _with_drop_caps(lines: list[Line]) -> list[Line]:
    """Put a large first letter before the rest of its word."""
    sizes = sorted(line.size for line in lines for _ in line.text)
    typical = sizes[len(sizes) // 2] if sizes else 0.0
    for cap in [line for line in lines if _DROP_CAP.fullmatch(line.text)]:
        if not typical or cap.size < _DROP_CAP_TIMES * typical:
            continue
        neighbours = [
            line
            for line in lines
            if line is not cap
            and line.size < 0.7 * cap.size
            and line.x > cap.x
            and cap.y - 0.3 * cap.size <= line.y <= cap.y + 1.1 * cap.size
        ]
        if neighbours:
            first = max(neighbours, key=lambda line: line.y)
            text = _capped(cap.text, first.text, lines)
            lines = [replace(line, text=text) if line is first else line for line in lines]
            lines = [line for line in lines if line is not cap]
    return lines


def _capped(letter: str, text: str, lines: Sequence[Line]) -> str:
    """Join a letter to its word, unless A or I is a word of its own here."""
    word = re.match(r"[^\W\d_]+", text)
    if letter.upper() not in ("A", "I") or word is None:
        return letter + text
    words = {w.casefold() for line in lines for w in re.findall(r"[^\W\d_]+", line.text[1:])}
    joined = (letter + word[0]).casefold()
    alone = joined not in words and (word[0].casefold() in words or len(word[0]) > 3)
    return f"{letter} {text}" if alone else letter + text

"""JSON-LD as pages hold it: with comments, stray commas and wrappings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

_WRAPPING = re.compile(
    r"<!--|-->|(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?|(?://|/\*)?\s*\]\]>\s*(?:\*/)?"
)
_STRING = r'"(?:[^"\\]|\\.)*"'
_NOISE = re.compile(rf"(?P<string>{_STRING})|/\*.*?\*/|//[^\n]*|,(?=\s*[}}\]])", re.DOTALL)
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_BETWEEN = re.compile(r"[\s;,]*")
_MAX_CHARS = 2_000_000
_MAX_THINGS = 10_000


def linked_data(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield the things that a page's JSON-LD describes, in order; nested graphs are opened."""
    for script in tree.iter("script"):
        kind = str(script.get("type") or "").partition(";")[0].strip().lower()
        if kind == "application/ld+json":
            yield from _things(list(_values("".join(script.itertext()))))


def _things(waiting: list[Any]) -> Iterator[dict[str, Any]]:
    for _ in range(_MAX_THINGS):
        if not waiting:
            return
        thing = waiting.pop(0)
        if isinstance(thing, list):
            waiting[:0] = thing
        elif isinstance(thing, dict):
            yield thing
            waiting += [thing[key] for key in ("@graph", "mainEntity") if key in thing]


def _values(text: str) -> Iterator[Any]:
    """Yield the JSON values in a script: as they are, else without what is no JSON."""
    text = text[:_MAX_CHARS].strip().removeprefix("\ufeff")
    for form in (text, _cleaned(text), _cleaned(unescape(text))):
        if values := list(_decoded(form)):
            yield from values
            return


def _decoded(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(strict=False)
    at = _end_of_gap(text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value
        at = _end_of_gap(text, at)


def _end_of_gap(text: str, at: int) -> int:
    gap = _BETWEEN.match(text, at)
    return gap.end() if gap else at


def _cleaned(text: str) -> str:
    """Take out comments, wrappings, commas before a bracket and escapes that JSON lacks."""
    text = _NOISE.sub(lambda m: m["string"] or "", _WRAPPING.sub("", text))
    return _BAD_ESCAPE.sub("", text).strip().rstrip(";")

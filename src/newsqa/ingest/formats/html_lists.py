"""Numbers of ordered lists: browsers print them, the text of a page does not hold them."""

from __future__ import annotations

import re
from typing import Any

_OWN_NUMBER = re.compile(r"\s*[(#]?(?:\d+|[a-zA-Z]|[ivxIVX]{1,5})[.):]\s")
_ROMAN = ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_NO_WORDS = frozenset("nav header footer aside".split())
_PAGE_PARTS = re.compile(r"breadcrumb|pagina|comment|menu|nav|gallery|slides?|carousel", re.I)
_LONGEST_ROMAN = 89


def number_lists(tree: Any) -> None:
    """Write the number of each item of an ordered list before its words."""
    for ordered in list(tree.iter("ol")):
        items = [item for item in ordered if item.tag == "li"]
        if items and _is_numbered(ordered, items):
            _number(ordered, items)


def _is_numbered(ordered: Any, items: list[Any]) -> bool:
    """Whether a browser shows numbers that belong to the text and are not in it already."""
    style = "".join((ordered.get("style") or "").lower().split())
    if re.search(r"list-style(?:-type)?:none", style) or ordered.get("type") == "none":
        return False
    for part in (ordered, *ordered.iterancestors()):
        names = f"{part.get('class') or ''} {part.get('id') or ''} {part.get('role') or ''}"
        if part.tag in _NO_WORDS or _PAGE_PARTS.search(names):
            return False
    return not all(_OWN_NUMBER.match("".join(item.itertext())) for item in items)


def _number(ordered: Any, items: list[Any]) -> None:
    reverse = ordered.get("reversed") is not None
    at = _whole(ordered.get("start"))
    at = (len(items) if reverse else 1) if at is None else at
    for item in items:
        value = _whole(item.get("value"))
        at = at if value is None else value
        label = f"{_label(at, item.get('type') or ordered.get('type') or '1')}. "
        _put_first(item, label)
        at += -1 if reverse else 1


def _put_first(item: Any, label: str) -> None:
    """Write the label where the item's first words are."""
    target = item
    while not (target.text or "").strip() and len(target) and isinstance(target[0].tag, str):
        if target[0].tag in ("ol", "ul", "img", "figure", "br", "table"):
            break
        target = target[0]
    target.text = label + (target.text or "").lstrip()


def _whole(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\s*-?\d{1,6}\s*", text) else None


def _label(number: int, kind: str) -> str:
    """Return a number as a list of type 1, a, A, i or I shows it."""
    if kind in ("a", "A") and 1 <= number <= 26:
        letter = chr(ord("a") + number - 1)
        return letter if kind == "a" else letter.upper()
    if kind in ("i", "I") and 1 <= number <= _LONGEST_ROMAN:
        text, left = "", number
        for value, letters in _ROMAN:
            while left >= value:
                text, left = text + letters, left - value
        return text if kind == "i" else text.upper()
    return str(number)

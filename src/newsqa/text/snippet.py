"""The part of a passage that matches a question, for lists of hits."""

from __future__ import annotations

import re
from collections.abc import Collection

from newsqa.text.analysis import terms

# A character of a script without spaces is a word, as in `newsqa.text.analysis`.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}](?:[^\W{_CJK}]|['’.-])*")
_BEFORE_CHARS = 80  # before the first match


def snippet(
    passage: str, query_terms: Collection[str], *, chars: int = 320
) -> list[tuple[str, bool]]:
    """Return the passage, or its stretch around the first match, in parts that match or do not."""
    sought = frozenset(query_terms)
    matches = [m for m in _WORD.finditer(passage) if not sought.isdisjoint(terms(m.group()))]
    cut = matches and len(passage) > chars
    start = max(0, matches[0].start() - _BEFORE_CHARS) if cut else 0
    if start:
        start = passage.find(" ", start, start + 40) + 1 or start
    end = min(len(passage), start + chars)
    if end < len(passage):
        end = max(passage.rfind(" ", start + chars // 2, end), start + 1)
    parts, at = [("… ", False)] if start else [], start
    for match in matches:
        if match.end() > end:
            continue
        if parts and parts[-1][1] and match.start() == at:  # signs of a script without spaces
            parts[-1] = (parts[-1][0] + match.group(), True)
        else:
            parts += [(passage[at : match.start()], False), (match.group(), True)]
        at = match.end()
    return [*parts, (passage[at:end], False), *([(" …", False)] if end < len(passage) else [])]

"""The outlets a question names: what they printed comes forward, and nothing else is left out.

"What did the Gazette report?" asks for the Gazette's words; a filter would say so more strictly.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from newsqa.fusion import mixed
from newsqa.types import Hit

SHARE = 0.2  # docs/evaluation.md, "Ablations"
_DOMAIN = re.compile(r"(?:www\.)?([\w-]+)\.[a-z]{2,}(?:\.[a-z]{2,})?")
_ARTICLE = re.compile(r"^the\s+", re.IGNORECASE)


def outlets_named(question: str, outlets: Collection[str]) -> frozenset[str]:
    """Return those of the outlets that the question names.

    By its whole name, with or without "The", in any case where it has several words; by the name
    in its address (``cnn.com``: CNN); by its last word after "the" where no other outlet's name
    ends so (the Gazette). A single word must begin with a capital: "time" is no magazine.
    """
    names = {outlet: _ARTICLE.sub("", " ".join(outlet.split())) for outlet in outlets}
    last = Counter(name.casefold().rpartition(" ")[2] for name in names.values())
    asked = " ".join(question.split())
    return frozenset(
        outlet
        for outlet, name in names.items()
        if (_by_one_word(name, asked) if " " not in name else _by_words(name, asked, last))
    )


def of_outlets(hits: Sequence[Hit], outlets: frozenset[str]) -> list[Hit]:
    """Return the hits anew in order, `SHARE` of a score being that it is of one of the outlets.

    A near-copy that one of them printed counts. Equal scores keep their order.
    """

    def printed(hit: Hit) -> bool:
        return not outlets.isdisjoint({hit.passage.source, *(copy.source for copy in hit.copies)})

    return mixed(hits, SHARE, printed)


def _by_one_word(name: str, asked: str) -> bool:
    """Whether the question has the name, or that in its address, as a word with a capital."""
    address = _DOMAIN.fullmatch(name.casefold())
    return _stands(_capital(address[1] if address else name), asked)


def _by_words(name: str, asked: str, last: Mapping[str, int]) -> bool:
    """Whether the question has the whole name, or its last word, which no other name ends with."""
    name, asked_folded = name.casefold(), asked.casefold()
    word = name.rpartition(" ")[2]
    if word not in asked_folded:  # nearly always, and quickly told
        return False
    alone = last[word] == 1 and _stands(f"[Tt]he {_capital(word)}", asked)
    return alone or _stands(re.escape(name), asked_folded)


def _capital(word: str) -> str:
    """A pattern for the word in any case that begins with a capital."""
    return f"{re.escape(word[:1].upper())}(?i:{re.escape(word[1:])})"


def _stands(pattern: str, text: str) -> bool:
    return re.search(rf"(?<!\w){pattern}(?!\w)", text) is not None

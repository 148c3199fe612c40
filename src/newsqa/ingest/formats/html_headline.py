"""The headline of a web page: of all that the page calls its title, what stands above the text.

Meta tags often hold another wording (for search machines, for social networks) or end with the
names of a section and a site. The heading that readers see is taken; the others say which it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from unicodedata import normalize

from newsqa.ingest.fields.heading import MAX_TITLE_CHARS
from newsqa.ingest.formats.html_lines import Line

_RELATED = 0.25  # Dice of letter triples: other words for a story are above, other stories below
_SHORTEST_CHARS = 8  # of a heading that is trusted though it is not what the page says
_SHORTEST_SHARE = 0.4  # of the title's length: a shorter heading may be a section's name in it
_LONG_CHARS = 15  # of a heading that is trusted though no title is like it
_MOST = 30  # headings and titles compared
_PARTING = re.compile(r"\s+(?:[|–—·:»-]|::)\s+")


def headline(lines: Sequence[Line], stated: Sequence[str], sites: Iterable[str]) -> int | None:
    """Return the index of the headline's line, or None where no line is trusted to be it.

    ``stated`` are the titles that the page states, ``sites`` the names of the site. It is a
    first-level heading that is one of the titles or is close to one; else another line that is one
    of them; else the only first-level heading, if it is long enough for a headline.
    """
    named = {_folded(site) for site in sites}
    titles = {_folded(title) for title in stated[:_MOST] if len(title) <= MAX_TITLE_CHARS}
    heads = {head for title in titles - {""} - named for head in _heads(title, named)}
    texts = {
        at: _folded(line.text)
        for at, line in enumerate(lines)
        if not line.aside and len(line.text) <= MAX_TITLE_CHARS
    }
    exact = [at for at, text in texts.items() if text in heads]
    first = [at for at in texts if lines[at].heading == "h1" and texts[at] not in named][:_MOST]
    if best := [at for at in exact if at in first]:
        return max(best, key=lambda at: len(texts[at]))
    likeness = {at: _likeness(texts[at], heads) for at in first}
    if likeness and likeness[like := max(first, key=lambda at: likeness[at])] >= _RELATED:
        return like
    if exact:
        return max(exact, key=lambda at: (len(texts[at]), lines[at].heading != "", at))
    return first[0] if len(first) == 1 and len(texts[first[0]]) >= _LONG_CHARS else None


def is_like(title: str, other: str) -> bool:
    """Return whether two titles may be of one article: other words for one story are."""
    return _likeness(_folded(title), {_folded(other)}) >= _RELATED


def own_title(stated: Sequence[str], extracted: str) -> str:
    """Return the page's title where no line is its headline.

    That is ``extracted`` if one of the titles that the page states begins with it: else it may be a
    heading of something else, and the first of them is taken.
    """
    folded = _folded(extracted[: MAX_TITLE_CHARS + 1])
    titles = [title for title in stated[:_MOST] if title.strip()]
    if not titles or (folded and any(_folded(title[:1000]).startswith(folded) for title in titles)):
        return extracted
    return " ".join(titles[0].split())


def _likeness(text: str, heads: set[str]) -> float:
    """How near a heading is to the nearest title, from 0 to 1."""
    if len(text) < max(_SHORTEST_CHARS, _SHORTEST_SHARE * min(map(len, heads), default=0)):
        return 0.0
    return max((_dice(text, head) for head in heads), default=0.0)


def _folded(text: str) -> str:
    """The form in which titles are compared."""
    folded = normalize("NFKC", text).casefold()
    return " ".join(re.sub("[‘’]", "'", re.sub("[“”]", '"', re.sub("[‐-―]", "-", folded))).split())


def _heads(title: str, sites: set[str]) -> list[str]:
    """The title, and what is left when names of sections and sites are taken off its end."""
    heads = [title]
    for parting in reversed(list(_PARTING.finditer(title))):
        head, tail = title[: parting.start()], title[parting.end() :]
        if head and (len(head) > len(tail) or tail in sites):
            heads.append(head)
    return heads


def _dice(one: str, other: str) -> float:
    """Likeness of two texts by their letter triples, from 0 to 1."""
    a, b = (Counter(text[n : n + 3] for n in range(len(text) - 2)) for text in (one, other))
    return 2 * (a & b).total() / max(1, a.total() + b.total())

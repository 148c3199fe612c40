"""Where sentences end: what the splitter's model of English does not know.

Titles before names (Lt., Msgr., Hrn., MM.), numbers (Nr. 12, am 3. Mai), names with an exclamation
mark, full stops of other scripts, and closing marks of quotation, which belong to the sentence
that they end.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

NEAR_CHARS = 60  # looked at before and after an end
MAX_BRACKETED_CHARS = 400  # a quotation in 「」 longer than this is split like other text

# English, French and German; a name follows.
_TITLES = frozenset(
    """adm ald amb atty brig capt cdr cllr cmdr cmdt col comdr const cpl cpt det dr ens fr gen gov
    hon hr hrn insp lt ltc maj me messrs mgr mlle mm mme mr mrs ms msgr pfc pres prof pte pvt rep
    reps rev rt sen sens sgt sra srta supt""".split()
)
# A number follows.
_NUMBERED = frozenset(
    "Art art Ch ch Fig fig Figs figs No Nos Nr Nrs p pp para Sec sec Str str Vol vol Bd Abb".split()
)
# Small letters may follow: the sentence goes on.
_COMPANIES = frozenset("ag bro bros co corp inc ltd plc jr sr esq s.a gmbh".split())
# Any word may follow, a noun with its capital, too.
_GOING_ON = frozenset("mio mrd bzw ca evtl ggf inkl z.b d.h u.a vgl sog p.ex c.-à-d".split())
_EXCLAIMED = frozenset("yahoo yum jeopardy".split())
_GERMAN_MONTHS = (
    "januar februar märz april mai juni juli august september oktober november dezember jahrhundert"
).split()

_LAST_WORD = re.compile(r"([^\W_][^\s(\[“”„«»\"']*?)[.!?]$")
_SPACED = re.compile(r"\b(z\. ?B|d\. ?h|u\. ?a|p\. ?ex)\.$", re.IGNORECASE)
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}\.$")
_NEXT_WORD = re.compile(r"[^\W_][\w.&’'-]*")

_CLOSING = "」』）】》〉”’\"'»›)\\]"
_ATTACHED = re.compile(rf"[{_CLOSING}]+|[“«‹]+(?=\s|$)")
_APART = re.compile(r"[\s\u00a0\u202f]+[»›]+(?=\s|$|[.,;:!?])")
_OTHER_ENDS = re.compile(rf"[。！？｡।॥۔؟።។။]+[{_CLOSING}]*")
# „...“ and »...«, closed by what opens in English and in French.
_GERMAN_ENDS = re.compile(r"(?:„[^„“]*|»[^»«]*)[.!?…][“«](?=\s+[„»]?[^\W\d_a-zß-öø-ÿ])")
_GOES_ON = re.compile("[とっのをにはがもでや、，；：・]")
_BRACKETS = re.compile("[「『」』]")


def sentence_ends(text: str, spans: Iterable[tuple[int, int]]) -> list[int]:
    """Return where the sentences of ``text`` end, in order, given the spans of a splitter."""
    guesses = sorted({end for _, end in spans} | set(_german_ends(text)))
    ends = {_with_marks(text, end) for end in guesses}
    ends = {end for end in ends if not _goes_on(text, end)}
    inside = _bracketed(text)
    ends |= {end for end in _other_ends(text) if not _within(inside, end)}
    return sorted(ends | {len(text)})


def _german_ends(text: str) -> Iterator[int]:
    if "„" in text or "»" in text:
        yield from (match.end() for match in _GERMAN_ENDS.finditer(text))


def _other_ends(text: str) -> Iterator[int]:
    for match in _OTHER_ENDS.finditer(text):
        closed = match[0][-1] in _CLOSING
        if not (closed and _GOES_ON.match(text, match.end())):
            yield match.end()


def _bracketed(text: str) -> list[tuple[int, int]]:
    """The stretches of text in corner brackets: parts of the sentence around them."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for match in _BRACKETS.finditer(text):
        if match[0] in "「『":
            opened.append(match.start())
        elif opened:
            start = opened.pop()
            if not opened and match.end() - start <= MAX_BRACKETED_CHARS:
                found.append((start, match.end()))
    return found


def _within(stretches: list[tuple[int, int]], at: int) -> bool:
    number = bisect_left(stretches, (at,)) - 1
    return number >= 0 and at < stretches[number][1]


def _with_marks(text: str, end: int) -> int:
    """Move an end behind the closing marks that follow it."""
    stop = end
    while stop and text[stop - 1].isspace():
        stop -= 1
    if not stop or text[stop - 1].isalnum():
        return end
    for pattern in (_ATTACHED, _APART):
        if match := pattern.match(text, stop):
            return match.end()
    return end


def _goes_on(text: str, end: int) -> bool:
    """Whether what the splitter takes for the end of a sentence is none."""
    before = text[max(0, end - NEAR_CHARS) : end].rstrip()
    after = _NEXT_WORD.match(text[end : end + NEAR_CHARS].lstrip())
    if after is None or not before:
        return False
    following, last = after[0], _LAST_WORD.search(before)
    small = following[0].islower()
    if before[-1] in "!?":
        named = last is not None and last[1].casefold() in _EXCLAIMED
        company = following.rstrip(".").casefold() in _COMPANIES
        return named or company or (small and before[-1] == "!" and not before.islower())
    if last is None:
        return False
    word = last[1].casefold()
    if word in _GOING_ON or _SPACED.search(before):
        return True
    if following[0].isdigit():
        return last[1] in _NUMBERED
    if _ORDINAL.search(before) and following.casefold() in _GERMAN_MONTHS:
        return True
    return word in _COMPANIES if small else word in _TITLES and last[1][0].isupper()

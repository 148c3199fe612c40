"""Furniture: what a site left round an article, found in bodies that arrive as plain text.

Only whole lines and paragraphs are furniture, never a part of running prose, and only where the
words leave no doubt. What is missed is a nuisance; what is wrongly taken can't be found again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsqa.ingest.fields.prompts import is_prompt
from newsqa.types import Span

LONGEST_CHARS = 300  # of a line that can be furniture
_WRAPPED_CHARS = 120  # a block whose lines are all shorter may be prose with hard line ends
_TEASER_CHARS = 140
_LABEL_WORDS = 4

_BLOCK = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_BULLET = re.compile(r"\s*(?:[-*•‣▪»›]|\d{1,2}[.)])\s+\S")
_ENDS_SENTENCE = re.compile(r"[.!?…][\"'”’»)\]]*$")

_NETWORK = (
    r"(?:facebook|twitter|linkedin|whatsapp|reddit|pinterest|instagram|telegram|youtube|tiktok|"
    r"messenger|flipboard|bluesky|mastodon|threads|tumblr|e-?mail|print|copy(?: the)? link)"
)
_BUTTON = rf"(?:{_NETWORK}|x|post|share|tweet|save|bookmark|pocket|comments?|more|link)"
_SEPARATOR = r"(?:\s*[|/,·•&]\s*|\s+and\s+|\s+)"
_THINGS = r"(?:posts?|articles?|stor(?:y|ies)|content|news|coverage|topics?|links?|reading|items?)"

# Each stands for a whole line; what follows such a heading is a list of other articles.
_HEADING = re.compile(
    rf"related(?: {_THINGS})|(?:you|readers) (?:may|might|could|will) (?:also )?"
    r"(?:like|enjoy|love|be interested in)(?: these)?|(?:what to )?read next|"
    rf"read (?:more|also)|more (?:top )?{_THINGS}|more from [\w&.' -]{{2,40}}|"
    rf"more on this {_THINGS}|"
    r"most (?:read|popular|viewed|shared|commented)|trending(?: now| stories)?|"
    rf"(?:recommended|popular|latest)(?: for you| now| {_THINGS}| headlines)|top (?:stories|news)|"
    r"editor(?:s|'s|’s|s'|s’)? (?:picks?|choice)|suggested (?:for you|reading)|"
    r"leave a (?:reply|comment)|post a comment|join the (?:conversation|discussion)|"
    r"(?:\d+ )?comments? ?(?:\(\d+\))?|(?:view|show|load) comments",
    re.IGNORECASE,
)
_WHOLE_LINES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"adverts?|advertisements?|advertising|ad feedback|sponsored(?: content)?|"
        r"advertisement\W+scroll (?:down )?to continue.{0,20}|"
        r"(?:story|article|post) continues (?:below|after)(?: this)?(?: the)?"
        r"(?: advertisement| ad| video)?|continue reading(?: below| the main story)?|"
        r"skip (?:advertisement|to (?:main )?content)",
        # share lines
        rf"share(?: this| the)?(?: {_THINGS}| page)?(?: (?:on|via|with)\b.{{0,60}})?"
        rf"(?:\s*:\s*{_BUTTON}(?:{_SEPARATOR}{_BUTTON})*)?|share on {_NETWORK}",
        rf"{_NETWORK}(?:{_SEPARATOR}{_BUTTON})+|{_BUTTON}(?:{_SEPARATOR}{_BUTTON}){{2,}}",
        rf"(?:like|find|follow|join) (?:us|[\w.' -]{{2,40}}) on {_NETWORK}\b.{{0,100}}|"
        r"(?:like|find|follow|join) us on (?:social media|x)\b.{0,60}",
        # another article, named in one line
        r"(?:read more|related|also read|read also|read next|more on this|don't miss|don’t miss|"
        rf"related {_THINGS}|recommended)\s*:\s*[^\n]{{1,160}}(?<![.,;])",
        r"(?:tags|filed under|tagged(?: with| in)?|topics)\s*:\s*[^\n.]{1,160}",
        # the foot of a page
        r"(?:©|\(c\)|copyright)\s*(?:©|\(c\)|[12]\d{3}).{0,280}|all rights reserved\.?|"
        r"(?:©|copyright).{1,200}all rights reserved\b.{0,80}",
        r"(?:we use cookies|this (?:site|website) uses cookies|by (?:using|continuing to use) this "
        r"(?:site|website)).{0,250}",
        r"home(?:\s*[|>»›/·]\s*[\w&' -]{2,30}){1,6}",
    )
]
# Such a list in the middle of an article is its own: the updates of a live blog, a round-up.
_NEWS_HEADING = re.compile(rf"(?:latest|top)(?: for you| now| {_THINGS}| headlines)", re.IGNORECASE)
_ONE_BUTTON = re.compile(_BUTTON, re.IGNORECASE)
_MENU = frozenset(
    """home news sport sports business politics weather opinion about contact privacy terms login
    subscribe search menu world culture tech technology video videos photos newsletters jobs archive
    advertise cookies cookie help rss more sections topics local life lifestyle entertainment health
    science money travel food arts podcasts courts economy markets support account newsletter us use
    policy settings accessibility sitemap careers faq community obituaries classifieds puzzles games
    books film music style fashion education environment climate international national regional
    of and & the in log sign up uk eu our my""".split()
)


def spans(body: str, *, title: str = "") -> tuple[Span, ...]:
    """Return the stretches of ``body`` that are furniture: in order, apart, whole lines.

    With a title known, a label of at most four words between it and the first paragraph of prose
    is furniture too ("Russia-Ukraine war"). A body that would be furniture altogether has none:
    then the words are what there is.
    """
    units = list(_units(body))
    marked = [_is_furniture(unit) for unit in units]
    _mark_lists(units, marked)
    _mark_buttons(units, marked)
    _mark_menu(units, marked)
    if title:
        _mark_label(units, marked)
    if all(marked):
        return ()
    return tuple(_merged(units, marked))


@dataclass(frozen=True, slots=True)
class _Unit:
    """A line or a paragraph, without the white space round it."""

    start: int
    end: int
    text: str

    @property
    def is_bullet(self) -> bool:
        return bool(_BULLET.match(self.text))

    @property
    def is_prose(self) -> bool:
        """Whether this reads as a paragraph of an article rather than as a headline."""
        ends = bool(_ENDS_SENTENCE.search(self.text)) and not self.text.endswith("?")
        return len(self.text) > _TEASER_CHARS or ends


def _units(body: str) -> Iterator[_Unit]:
    """Yield the paragraphs, and line by line those whose line ends mean something."""
    for block in _BLOCK.finditer(body):
        lines = [_unit(body, *line.span()) for line in _LINE.finditer(body, *block.span())]
        longest = max(len(line.text) for line in lines)
        by_line = (
            longest > _WRAPPED_CHARS
            or any(line.is_bullet for line in lines)
            or _is_heading(lines[0])
            or all(_is_menu_line(line.text) or _is_furniture(line) for line in lines)
        )
        if by_line or len(lines) == 1:
            yield from lines
        else:
            yield _unit(body, lines[0].start, lines[-1].end)


def _unit(body: str, start: int, end: int) -> _Unit:
    raw = body[start:end]
    text = raw.strip()
    start += len(raw) - len(raw.lstrip())
    return _Unit(start, start + len(text), text)


def _heading_text(unit: _Unit) -> str:
    return unit.text.strip("#*_= ").rstrip(":")


def _is_heading(unit: _Unit) -> bool:
    text = _heading_text(unit)
    return len(text) <= 60 and bool(_HEADING.fullmatch(text))


def _is_furniture(unit: _Unit) -> bool:
    if len(unit.text) > LONGEST_CHARS:
        return False
    text = unit.text.strip("#*_-–—=[]() ").rstrip(":>→»")
    if _is_heading(unit) or any(pattern.fullmatch(text) for pattern in _WHOLE_LINES):
        return True
    return is_prompt(text)


def _mark_lists(units: Sequence[_Unit], marked: list[bool]) -> None:
    """Mark the headlines under a heading such as "Related Posts", up to the next prose.

    Under "Latest news" they are marked only where no prose follows: else they are the article's.
    """
    last_prose = max(
        (at for at, u in enumerate(units) if u.is_prose and not marked[at]), default=-1
    )
    under = False
    for at, unit in enumerate(units):
        if _is_heading(unit):
            under = not (at < last_prose and _NEWS_HEADING.fullmatch(_heading_text(unit)))
            marked[at] = under
        elif unit.is_prose and not marked[at]:
            under = False
        marked[at] = marked[at] or under


def _mark_buttons(units: Sequence[_Unit], marked: list[bool]) -> None:
    """Mark a button's word alone on its line ("Facebook") where another or furniture is beside."""
    buttons = [bool(_ONE_BUTTON.fullmatch(unit.text)) for unit in units]
    for at in range(len(units)):
        neighbours = [near for near in (at - 1, at + 1) if 0 <= near < len(units)]
        if buttons[at] and any(buttons[near] or marked[near] for near in neighbours):
            marked[at] = True


def _is_menu_line(text: str) -> bool:
    words = text.lower().split()
    return len(words) <= 3 and all(word in _MENU for word in words)


def _mark_menu(units: Sequence[_Unit], marked: list[bool]) -> None:
    """Mark a site's menu at the very start or the very end: four of its usual words or more."""
    for order in (range(len(units)), range(len(units) - 1, -1, -1)):
        run: list[int] = []
        for at in order:
            if marked[at] or _is_menu_line(units[at].text):
                run.append(at)
            else:
                break
        if sum(not marked[at] for at in run) >= 4:
            for at in run:
                marked[at] = True


def _mark_label(units: Sequence[_Unit], marked: list[bool]) -> None:
    """Mark a label such as a topic that stands alone above the first paragraph."""
    free = [at for at in range(len(units)) if not marked[at]]
    if len(free) < 2:
        return
    label, first = units[free[0]], units[free[1]]
    short = len(label.text.split()) <= _LABEL_WORDS and len(label.text) <= 40
    plain = (
        re.fullmatch(r"[^\W\d](?:[^\W\d]|[&/,.'’ -])*[^\W\d]\.?", label.text) and not label.is_prose
    )
    follows = len(first.text) > _TEASER_CHARS and _ENDS_SENTENCE.search(first.text)
    if short and plain and follows:
        marked[free[0]] = True


def _merged(units: Sequence[_Unit], marked: Sequence[bool]) -> Iterator[Span]:
    """Yield one span for each run of marked units, the white space between them included."""
    start: int | None = None
    end = 0
    for unit, is_marked in zip(units, marked, strict=True):
        if is_marked:
            start, end = unit.start if start is None else start, unit.end
        elif start is not None:
            yield Span(start, end)
            start = None
    if start is not None:
        yield Span(start, end)

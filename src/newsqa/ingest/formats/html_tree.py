"""Prepare the tree of a page, a feed's entry or a mail: what a browser shows, in plain elements.

`show_text` leaves the words that readers see: hidden and struck words go, quotation marks, list
numbers and raised characters become characters.
"""

from __future__ import annotations

import re
from typing import Any

from newsqa.ingest.formats.html_lists import number_lists
from newsqa.ingest.formats.superscripts import lowered, raised

BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p
    pre search section summary table tbody td tfoot th thead tr ul""".split()
)
_PHRASES = frozenset(
    """a abbr b bdi bdo cite code data dfn em font i ins kbd label mark q samp small span strong sub
    sup time tt u var""".split()
)
_UNSEEN = (
    "//*[@hidden and not(@hidden='until-found')]|//template|//noscript|//rp|//rt"
    "|//*[@aria-hidden='true' or @style or @class][not(self::body or self::html)]"
)
_HIDING_STYLE = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|font-size:0(?:px|pt|em)?(?:;|$|!)|"
    r"(?:^|;)opacity:0(?:\.0+)?(?:;|$|!)|max-height:0(?:px)?(?:;|$|!).*overflow:hidden|"
    r"overflow:hidden.*max-height:0(?:px)?(?:;|$|!)|(?:left|top|text-indent):-\d{4,}(?:px|em)|"
    r"clip:rect\((?:0|1px)|clip-path:inset\((?:50%|100%)"
)
_HIDING_CLASS = re.compile(
    r"(?:^|[\s_-])(?:sr-?only|screen-?reader(?:-?(?:text|only))?|visually-?hidden|"
    r"visuallyhidden|a11y-hidden|accessib(?:ly|ility)-hidden|assistive-text|offscreen|off-screen|"
    r"hide-?visually|hidden-?visually|show-for-sr|pre-?header(?:-?text)?)(?=$|[\s_])",
    re.IGNORECASE,
)
_SEEN_ON_FOCUS = re.compile(r"sr-only-focusable.*\bnot-sr-only\b")
_ICON = re.compile(r"icon|material|glyph|emoji|\bfa\b|svg", re.IGNORECASE)
_STRUCK = "//s|//del|//strike|//*[contains(translate(@style,' ',''),'line-through')]"
_NOTE_CLASS = re.compile(
    r"foot-?note|end-?note|reference|fn-?ref|cite_ref|noteref|annotation", re.I
)
_MATH_OPERATORS = {"msup": "^", "msub": "_", "mfrac": "/"}
_QUOTES = {
    "de": ("„“", "‚‘"),
    "fr": ("«»", "“”"),
    "es": ("«»", "“”"),
    "it": ("«»", "“”"),
    "pt": ("«»", "“”"),
    "ru": ("«»", "„“"),
    "pl": ("„”", "«»"),
}
_OPENING = "\"'“”„«»‘‚‹"
BARE = frozenset("article body center dd div main section td th".split())  # may hold bare text


def show_text(tree: Any) -> None:
    """Change ``tree`` so that its text is what a browser shows."""
    for element in tree.xpath(_UNSEEN):
        if is_unseen(element):
            remove(element)
        else:
            element.attrib.pop("aria-hidden", None)
    for element in tree.xpath(_STRUCK):
        if element.getparent() is not None:
            remove(element)
    for element in list(tree.iter("math")):
        _write_math(element)
    for element in reversed(list(tree.iter("q"))):
        _write_quotes(element)
    for element in list(tree.iter("sup", "sub")):
        _write_script(element)
    number_lists(tree)


def remove(element: Any) -> None:
    """Take an element out of the tree and leave what follows it in place."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail or ""
    before = _text_before(element)
    if element.tag not in BLOCKS and before[-1:].isspace() and tail[:1].isspace():
        tail = tail.lstrip()
    element.tail = None
    _put_text(element, tail)
    parent.remove(element)


def is_unseen(element: Any) -> bool:
    """Return whether a browser shows nothing of an element, or only a reading machine says it."""
    if element.tag in ("template", "noscript", "rp", "rt"):
        return True
    hidden = element.get("hidden")
    if hidden is not None and hidden != "until-found":
        return True
    style = element.get("style")
    if style and _HIDING_STYLE.search("".join(style.lower().split())):
        return True
    names = element.get("class") or ""
    if element.get("aria-hidden") == "true" and not (
        element.tag in _PHRASES and not _ICON.search(names) and is_within_words(element)
    ):
        return True
    return bool(_HIDING_CLASS.search(names)) and not _SEEN_ON_FOCUS.search(names)


def is_within_words(element: Any) -> bool:
    """Return whether an element is part of a line of words, not a line or a control of its own."""
    parent = element.getparent()
    while parent is not None and parent.tag in _PHRASES:
        parent = parent.getparent()
    if parent is None:
        return False
    own = "".join(element.itertext()).strip()
    rest = len("".join(parent.itertext()).strip()) - len(own)
    return (parent.tag in ("p", "li", "dd", "td", "blockquote", "h1", "h2", "h3") and rest > 1) or (
        parent.tag in BARE and any(len(text.strip()) > 20 for text in _beside(element))
    )


def _beside(element: Any) -> tuple[str, str]:
    return _text_before(element), element.tail or ""


def _text_before(element: Any) -> str:
    previous = element.getprevious()
    text = element.getparent().text if previous is None else previous.tail
    return text or ""


def _line_before(element: Any) -> str:
    """Return the words before an element on its line, as far as the next element that ends it."""
    parts: list[str] = []
    at = element
    while sum(map(len, parts)) < 30:
        parts.append(_text_before(at))
        previous = at.getprevious()
        if previous is not None:
            if previous.tag in BLOCKS or previous.tag == "br":
                break
            parts.append("".join(previous.itertext()) if isinstance(previous.tag, str) else "")
            at = previous
            continue
        at = at.getparent()
        if at is None or at.tag in BLOCKS or at.getparent() is None:
            break
    return "".join(reversed(parts))


def words_beside(element: Any) -> tuple[str, str]:
    """Return the words before and after an element on its line."""
    parts = [element.tail or ""]
    at = element
    while sum(map(len, parts)) < 100:
        following = at.getnext()
        if following is not None:
            if following.tag in BLOCKS or following.tag == "br":
                break
            parts += ["".join(following.itertext()), following.tail or ""]
            at = following
            continue
        at = at.getparent()
        if at is None or at.tag in BLOCKS:
            break
        parts.append(at.tail or "")
    return _line_before(element), "".join(parts)


def _put_text(element: Any, text: str) -> None:
    """Add text right before an element."""
    previous, parent = element.getprevious(), element.getparent()
    if previous is None:
        parent.text = (parent.text or "") + text
    else:
        previous.tail = (previous.tail or "") + text


def _write_math(element: Any) -> None:
    """Replace a formula by its characters, powers and fractions on the line."""
    for name in ("annotation", "annotation-xml"):
        for note in list(element.iter(name)):
            remove(note)
    for name, sign in _MATH_OPERATORS.items():
        for part in element.iter(name):
            if len(part) == 2:
                part[0].tail = sign
    words = "".join("".join(element.itertext()).split())
    alternative = element.get("alttext") or ""
    text, tail = words or alternative, element.tail or ""
    element.clear()
    element.tag, element.text, element.tail = "span", text, tail


def _write_quotes(element: Any) -> None:
    """Write the quotation marks that browsers put around a ``q`` element."""
    depth = sum(1 for _ in element.iterancestors("q"))  # outer ones come last
    languages = (e.get("lang") for e in (element, *element.iterancestors()) if e.get("lang"))
    language = next(languages, "").lower()[:2]
    marks = _QUOTES.get(language, ("“”", "‘’"))[min(depth, 1)]
    opening, closing = marks[0], marks[1]
    if "".join(element.itertext()).strip()[:1] not in {*_OPENING, ""}:
        element.text = opening + (element.text or "").lstrip()
        last = element[-1] if len(element) else None
        if last is None:
            element.text = element.text.rstrip() + closing
        else:
            last.tail = (last.tail or "").rstrip() + closing
    element.tag = "span"


def _write_script(element: Any) -> None:
    """Replace raised or lowered characters by what stands for them on a line."""
    if element.getparent() is None:
        return
    text, before = "".join(element.itertext()), _line_before(element)
    if element.tag == "sub":
        words = lowered(before, text)
    else:
        following = element.getnext()
        stroke = (element.tail or "").strip() in ("/", "⁄", "∕")
        is_fraction = stroke and following is not None and following.tag == "sub"
        words = raised(before, text, is_note=_is_note(element), is_fraction=is_fraction)
    if words == text:
        return
    element.text, element.tail, tail = words, None, element.tail or ""
    for child in list(element):
        element.remove(child)
    element.tail = tail
    element.drop_tag()


def _is_note(element: Any) -> bool:
    """Whether raised characters lead to a note on the same page."""
    around = [element, *element.iter("a"), *list(element.iterancestors())[:2]]
    for part in around:
        names = f"{part.get('class') or ''} {part.get('id') or ''} {part.get('role') or ''}"
        inner = part.tag in ("a", "sup", "span")
        if inner and (_NOTE_CLASS.search(names) or "#" in (part.get("href") or "")):
            return True
    return False

"""HTML from values: everything is escaped here, and nothing else writes a tag by hand twice.

Text of articles and people goes through `text`; it comes out without line breaks, because
the page's Markdown component leaves a block of HTML alone only up to its first blank line.
"""

from __future__ import annotations

import html
import unicodedata
from datetime import date
from urllib.parse import quote, urlsplit

# Controls with a picture of their own at U+2400 + code; bidi controls are shown by name, but for
# the marks (LRM, RLM, ALM): text that runs from right to left needs them, and they turn nothing.
_BIDI = {
    0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO",
    0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI",
}  # fmt: skip
_SEEN = {"title", "aria_label"}
_DROPPED = {0x200B, 0x2060, 0xFEFF, 0x00AD}  # zero width; they show nothing and hide words


def visible(raw: str) -> str:
    """Return ``raw`` for display: controls as their pictures, bidi controls as ``[RLO]``."""
    return "".join(map(_shown, raw))


def _shown(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return " " if char in "\t\n\r\x0b\x0c" else chr(0x2400 + code)
    if code in _DROPPED:
        return ""
    if code in _BIDI:
        return f"[{_BIDI[code]}]"
    kind = unicodedata.category(char)
    if kind in {"Cc", "Cs"} or 0xE0000 <= code <= 0xE007F:
        return "�"
    return char


def text(raw: str) -> str:
    """Return ``raw`` as escaped HTML text without line breaks, fit for quoted attributes too."""
    return html.escape(visible(raw), quote=True)


def exact(raw: str) -> str:
    """Return ``raw`` as escaped HTML that reads back as it was: for ids in attributes."""
    whole = raw.encode(errors="replace").decode() if not raw.isascii() else raw
    escaped = html.escape(whole, quote=True)
    return escaped.translate({at: f"&#{at};" for at in b"\t\n\f\r"})


def isolated(raw: str, css: str = "") -> str:
    """Return ``raw`` in a ``<bdi>``: text that runs the other way does not turn its neighbours."""
    return f"<bdi{attributes(css=css)}>{text(raw)}</bdi>"


def attributes(css: str = "", **values: object) -> str:
    """Return attributes with a space before each; None is left out, ``_`` becomes ``-``.

    What people see (a title, a label) is made visible; every other value reads back as it was.
    """
    named = {"class": css or None, **values}
    return "".join(
        f' {name.replace("_", "-")}="{(text if name in _SEEN else exact)(str(value))}"'
        for name, value in named.items()
        if value is not None
    )


def safe_url(url: str) -> str | None:
    """Return ``url`` where it is an absolute http(s) address of one line, else None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    plain = all(char.isprintable() and not char.isspace() for char in url)
    return url if plain and parts.scheme in {"http", "https"} and parts.hostname else None


def link(url: str, words: str, css: str = "", fragment: tuple[str, ...] = ()) -> str:
    """Return a link that opens apart and says nothing of us, or "" for an address we refuse.

    ``fragment`` is what the browser is to find and show there: the words, or the first and the
    last of them.
    """
    address = safe_url(url)
    if address is None:
        return ""
    if fragment and ":~:" not in address:
        # A dash at an end would mean "before this" or "after this" there.
        found = ",".join(quote(part, safe="").replace("-", "%2D") for part in fragment)
        address += (":~:text=" if "#" in address else "#:~:text=") + found
    rel = attributes(css=css, href=address, target="_blank", rel="noopener noreferrer nofollow")
    return f"<a{rel}>{text(words)}</a>"


def day_html(day: date | None) -> str:
    """Return a day as ``<time>``, "" for None."""
    return f'<time datetime="{day.isoformat()}">{day_words(day)}</time>' if day else ""


def day_words(day: date) -> str:
    """Return a day as a reader says it: 9 October 2026."""
    return f"{day.day} {day:%B %Y}"


def counted(number: int, forms: tuple[str, str]) -> str:
    """Return "1 passage", "2 passages": the form for one, or the form for any other number."""
    return forms[number != 1].format(count=f"{number:,}")

"""HTML from templates: one Jinja2 environment that escapes every value and makes it visible.

Templates hold the tags, Python prepares the values. A value comes out without line breaks and
controls, escaped, fit for text and for quoted attributes; with the filter ``exact`` it reads back
as it was, for ids and JSON in attributes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import cache
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup, escape

from newsqa.web.html import messages

# Controls with a picture of their own at U+2400 + code; bidi controls are shown by name, but for
# the marks (LRM, RLM, ALM): text that runs from right to left needs them, and they turn nothing.
_BIDI = {
    0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO",
    0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI",
}  # fmt: skip
_ZERO_WIDTH = {0x200B, 0x2060, 0xFEFF, 0x00AD}  # they show nothing and hide words


def render(template: str, /, **values: object) -> Markup:
    """Return ``templates/<template>.html`` with these values, as one line of HTML."""
    return Markup(environment().get_template(f"{template}.html").render(values))


@cache
def environment() -> Environment:
    """Return what renders the templates, and nothing else does."""
    made = Environment(
        loader=PackageLoader("newsqa.web.html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        extensions=[_OneLine],
        auto_reload=False,
    )
    made.globals["strings"] = messages
    made.globals["counted"] = counted
    made.filters.update(exact=exact, day=day_words, dotted=_dotted)
    return made


class _OneLine(Extension):
    """Takes the line breaks out of a template, as JSX does.

    Gradio's Markdown component leaves a block of HTML alone up to its first blank line. A break
    beside a tag is dropped, any other is a space.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """See `jinja2.ext.Extension`."""
        joined = re.sub(r"(?<=[>}])\s*\n\s*|\s*\n\s*(?=[<{])", "", source.strip())
        return re.sub(r"\s*\n\s*", " ", joined)


def _printable(value: object) -> str:
    return value if isinstance(value, Markup) else visible(str(value))


def _dotted(parts: Iterable[object]) -> Markup:
    return Markup(" · ").join(_printable(part) for part in parts if part)


def exact(value: object) -> Markup:
    """Return ``value`` escaped for an attribute, from which it reads back as it was."""
    encodable = str(value).encode(errors="replace").decode()
    return Markup(str(escape(encodable)).translate({at: f"&#{at};" for at in b"\t\n\f\r"}))


def visible(raw: str) -> str:
    """Return ``raw`` for display: controls as their pictures, bidi controls as ``[RLO]``."""
    return "".join(map(_visible_char, raw))


def _visible_char(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return " " if char in "\t\n\r\x0b\x0c" else chr(0x2400 + code)
    if code in _ZERO_WIDTH:
        return ""
    if code in _BIDI:
        return f"[{_BIDI[code]}]"
    if unicodedata.category(char) in {"Cc", "Cs"} or 0xE0000 <= code <= 0xE007F:
        return "�"
    return char


def safe_url(url: str, fragment: tuple[str, ...] = ()) -> str:
    """Return ``url`` where it is an absolute http(s) address of one line, else "".

    ``fragment`` is what the browser is to find and show there: the words, or the first and the
    last of them.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    plain = all(char.isprintable() and not char.isspace() for char in url)
    if not (plain and parts.scheme in {"http", "https"} and parts.hostname):
        return ""
    if not fragment or ":~:" in url:
        return url
    # A dash at an end would mean "before this" or "after this" there.
    words = ",".join(quote(part, safe="").replace("-", "%2D") for part in fragment)
    return url + (":~:text=" if "#" in url else "#:~:text=") + words


def day_words(day: date) -> str:
    """Return a day as a reader says it: 9 October 2026."""
    return f"{day.day} {day:%B %Y}"


def counted(number: int, forms: tuple[str, str]) -> str:
    """Return "1 passage", "2 passages": the form for one, or the form for any other number."""
    return forms[number != 1].format(count=f"{number:,}")

"""Write quotes as other programs read them: CSL-JSON, BibTeX, RIS, Markdown, Web Annotation.

Every form names the article and carries the quote. In CSL-JSON and in Web Annotations the quote
is letter for letter; the others know no line breaks or markup, so white space is evened out and
what would be a command there is escaped. A byline is one literal name: where one name ends and
the next begins is not guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from urllib.parse import quote as percent

from newsqa.replies import Quote
from newsqa.text.analysis import MONTHS
from newsqa.types import Article, day

CONTEXT_CHARS = 32  # of an annotation's prefix and suffix; more where these words return
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        # Not \{ and \}: BibTeX counts braces without regard to the backslash before them.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: "\\" + sign for sign in "&%$#_"},
    }
)
_MARKDOWN = re.compile(r"[\\`*_\[\]<>&!|~#$]")
_MARKDOWN_START = re.compile(r"([-+=:])|(\d{1,9})([.)])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote together with the article it stands in."""

    quote: Quote
    article: Article

    def __post_init__(self) -> None:
        self.quote.citation.check(self.article)

    @property
    def key(self) -> str:
        """A name in ASCII letters and digits: source, year, and a hash of article and place."""
        c = self.quote.citation
        name = re.sub(r"[^a-z0-9]", "", c.source.lower())[:20] or "article"
        year = f"{c.published.year:04}" if c.published else ""
        place = f"{c.article_id}\0{c.content_sha256}\0{c.span.start}-{c.span.end}"
        return f"{name}{year}x{sha256(place.encode()).hexdigest()[:8]}"


def csl_json(cited: Sequence[Cited]) -> list[dict[str, Any]]:
    """Return CSL-JSON items of type ``article-newspaper``; the quote is in ``annote``."""
    return [_csl_item(one) for one in cited]


def _csl_item(one: Cited) -> dict[str, Any]:
    c, article = one.quote.citation, one.article
    issued = c.published and {
        "date-parts": [[c.published.year, c.published.month, c.published.day]]
    }
    item = {
        "id": one.key,
        "type": "article-newspaper",
        "title": c.title,
        "author": [{"literal": article.byline}] if article.byline else None,
        "container-title": c.source,
        "issued": issued,
        "page": str(c.page) if c.page else None,
        "URL": c.url,
        "language": article.language,
        "annote": c.quote,
    }
    return {name: value for name, value in item.items() if value}


def bibtex(cited: Sequence[Cited]) -> str:
    """Return one ``@article`` entry a quote; the quote is in ``annote``.

    Values are in double braces, so that no style changes the case of a headline.
    """
    return "\n".join(_bibtex_entry(one) for one in cited)


def _bibtex_entry(one: Cited) -> str:
    c = one.quote.citation
    texts = {
        "title": c.title,
        "author": one.article.byline,
        "journal": c.source,
        "annote": c.quote,
    }
    fields = {name: f"{{{{{_line(text).translate(_TEX)}}}}}" for name, text in texts.items()}
    fields = {name: value for name, value in fields.items() if value != "{{}}"}
    if c.published:
        fields["year"] = f"{{{c.published.year:04}}}"
        fields["month"] = MONTHS[c.published.month - 1][:3].lower()
        fields["day"] = f"{{{c.published.day}}}"
    if c.page:
        fields["pages"] = f"{{{c.page}}}"
    if c.url:
        # Verbatim, as the url package reads it: only what would end the value is encoded.
        fields["url"] = f"{{{_address(c.url)}}}"
    rows = "".join(f"  {name} = {value},\n" for name, value in fields.items())
    return f"@article{{{one.key},\n{rows}}}\n"


def ris(cited: Sequence[Cited]) -> str:
    """Return one RIS record of type NEWS a quote; the quote is in N1. Lines end in CRLF."""
    return "".join(_ris_record(one) for one in cited)


def _ris_record(one: Cited) -> str:
    c = one.quote.citation
    published = c.published
    fields = [
        ("TY", "NEWS"),
        ("ID", one.key),
        ("TI", c.title),
        ("AU", one.article.byline),
        ("T2", c.source),
        ("PY", f"{published.year:04}" if published else ""),
        ("DA", f"{published:%Y/%m/%d}".zfill(10) if published else ""),
        ("SP", str(c.page or "")),
        ("UR", c.url),
        ("LA", one.article.language),
        ("N1", c.quote),
    ]
    lines = [f"{tag}  - {_line(value)}" for tag, value in fields if _line(value)]
    return "\r\n".join([*lines, "ER  - ", ""])


def markdown(cited: Sequence[Cited]) -> str:
    """Return block quotes, each with a line that names the article and links to it."""
    return "\n".join(_markdown_quote(one) for one in cited)


def _markdown_quote(one: Cited) -> str:
    c = one.quote.citation
    paragraphs = re.split(r"\n[^\S\n]*\n", c.quote)
    lines = [_markdown_text(part) for part in paragraphs if _line(part)]
    title = _markdown_text(c.title) or _markdown_text(c.article_id)
    if c.url:
        title = f"[{title}](<{_address(c.url)}>)"
    parts = [title, _markdown_text(c.source), day(c.published), c.page and f"page {c.page}"]
    about = ", ".join(str(part) for part in parts if part)
    return "\n>\n".join(f"> {line}" for line in [*lines, f"— {about}"]) + "\n"


def _markdown_text(text: str) -> str:
    """Return one line that Markdown shows as ``text``, white space evened out."""
    escaped = _MARKDOWN.sub(r"\\\g<0>", _line(text))
    match = _MARKDOWN_START.match(escaped)
    if match is None:
        return escaped
    at = match.end() - 1
    return f"{escaped[:at]}\\{escaped[at:]}"


def web_annotations(cited: Sequence[Cited]) -> list[dict[str, Any]]:
    """Return W3C Web Annotations whose target is the article's address.

    Two selectors find the quote: its words with those around it, enough of them that the place is
    the only one in the stored text, and its offsets in that text, in characters.
    Source: https://www.w3.org/TR/annotation-model/ (TextQuoteSelector, TextPositionSelector).
    """
    return [_annotation(one) for one in cited]


def _annotation(one: Cited) -> dict[str, Any]:
    c = one.quote.citation
    before, after = _context(one)
    selectors = [
        {"type": "TextQuoteSelector", "exact": c.quote, "prefix": before, "suffix": after},
        {"type": "TextPositionSelector", "start": c.span.start, "end": c.span.end},
    ]
    return {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": f"urn:newsqa:quote:{one.key}",
        "type": "Annotation",
        "motivation": "highlighting",
        "target": {
            "type": "SpecificResource",
            "source": c.url or f"urn:newsqa:article:{percent(c.article_id, safe='/')}",
            "selector": selectors,
        },
    }


def _context(one: Cited) -> tuple[str, str]:
    """Return the words before and after, enough that the quote stands there alone."""
    body, span = one.article.body, one.quote.citation.span
    size = CONTEXT_CHARS
    while True:
        before, after = body[max(0, span.start - size) : span.start], body[span.end :][:size]
        whole = before + span.cut(body) + after
        first = body.find(whole)
        if body.find(whole, first + 1) < 0 or len(whole) == len(body):
            return before, after
        size *= 2


def _address(url: str) -> str:
    """Return the address with the signs encoded that would end it in BibTeX or Markdown."""
    return re.sub(r"[{}<>\\\s]", lambda match: percent(match[0], safe=""), url)


def _line(text: str) -> str:
    """Return the text on one line, without control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


FORMATS: MappingProxyType[str, Callable[[Sequence[Cited]], str]] = MappingProxyType(
    {
        "csl-json": lambda cited: _json(csl_json(cited)),
        "bibtex": bibtex,
        "ris": ris,
        "markdown": markdown,
        "w3c": lambda cited: _json(web_annotations(cited)),
    }
)

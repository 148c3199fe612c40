"""URIs of articles and quotes as MCP resources.

``newsqa://article/ID?version=N`` is an article; with ``&start=S&end=E`` it is the span of its
body that a citation names, in characters. The id is percent-encoded as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from newsqa.types import Span

_HEAD = "newsqa://article/"
ARTICLE_TEMPLATE = _HEAD + "{id}{?version}"
QUOTE_TEMPLATE = _HEAD + "{id}{?version,start,end}"


@dataclass(frozen=True, slots=True)
class ResourceUri:
    """A parsed URI: an article, or a span of its body."""

    article_id: str
    version: int | None = None
    span: Span | None = None

    @classmethod
    def of_quote(cls, record: dict[str, Any]) -> ResourceUri:
        """Return the URI of a quote or a hit in its JSON form."""
        return cls(record["article_id"], record["version"], Span(record["start"], record["end"]))

    @classmethod
    def parse(cls, uri: str) -> ResourceUri:
        """Parse a URI.

        Raises:
            ValueError: It names neither an article nor a quote.
        """
        path, _, query = uri.partition("?")
        article_id = unquote(path.removeprefix(_HEAD))
        if not path.startswith(_HEAD) or not article_id:
            raise ValueError(f"{uri!r} is not of the form {QUOTE_TEMPLATE}")
        fields = parse_qs(query, keep_blank_values=True)
        if set(fields) - {"version", "start", "end"} or ("start" in fields) != ("end" in fields):
            raise ValueError(f"{uri!r} is not of the form {QUOTE_TEMPLATE}")
        numbers = {name: _number(uri, values) for name, values in fields.items()}
        span = Span(numbers["start"], numbers["end"]) if "start" in numbers else None
        return cls(article_id, numbers.get("version"), span)

    def __str__(self) -> str:
        numbers = [f"version={self.version}"] if self.version is not None else []
        if self.span is not None:
            numbers += [f"start={self.span.start}", f"end={self.span.end}"]
        query = "&".join(numbers)
        return _HEAD + quote(self.article_id, safe="") + (f"?{query}" if query else "")


def _number(uri: str, values: list[str]) -> int:
    text = values[0]
    if len(values) > 1 or not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ValueError(f"{uri!r}: {text!r} is not a number")
    return int(text)

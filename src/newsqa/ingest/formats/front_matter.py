"""Front matter of Markdown files: YAML between ``---`` or TOML between ``+++``, as people write it.

A YAML value with a colon in it, or one that begins with a sign of YAML's own, is taken as the text
it was meant to be.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from newsqa.ingest.draft import RefusedError
from newsqa.ingest.fields.dates import parse_day
from newsqa.ingest.formats.records import names_of

MAX_FRONT_MATTER_CHARS = 20_000

# Without a `key:` in its first line it is text between two rules.
_YAML = re.compile(
    r"---[^\S\n]*\n(?P<fields>(?:#|[\w'\"][^\n]*:).*?\n)?(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL
)
_TOML = re.compile(
    r"\+\+\+[^\S\n]*\n(?P<fields>(?:[#\[]|[\w'\"][^\n]*=).*?\n)?\+\+\+[^\S\n]*(?:\n|\Z)", re.DOTALL
)
_PAIR = re.compile(r"(?P<key>\s*(?:-\s+)?[\w'\"][\w '\"-]*?)\s*:\s+(?P<value>\S.*?)\s*$")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_LISTED = re.compile(r"\[.*\](?:\s+#.*)?|\{.*\}(?:\s+#.*)?")

_NAMES = {
    "record_id": ("id",),
    "title": ("title", "headline"),
    "source": ("source", "publisher", "outlet", "publication"),
    "byline": ("author", "authors", "byline", "by"),
    "url": ("url", "canonicalurl", "canonical", "link", "permalink"),
    "language": ("language", "lang"),
}
_DAYS = {
    "published": (
        *("date", "published", "datepublished", "publishdate", "publisheddate", "pubdate"),
        *("publishedat", "publishedon", "publicationdate"),
    ),
    "updated": (
        *("updated", "modified", "lastmod", "lastmodifiedat", "lastmodified", "datemodified"),
        *("updateddate", "updatedat", "lastupdated", "dateupdated"),
    ),
}
# Hugo and Zola keep fields of one's own in a table.
_TABLES = ("params", "extra", "taxonomies")


def read_front_matter(text: str) -> tuple[dict[str, Any], int]:
    """Return the fields of an article that stand above it, and where its Markdown begins.

    Raises:
        RefusedError: They are too long, cannot be read, are no mapping, or use YAML aliases.
    """
    for pattern, parse in ((_YAML, _parse_yaml), (_TOML, _parse_toml)):
        if match := pattern.match(text):
            content = match["fields"] or ""
            if len(content) > MAX_FRONT_MATTER_CHARS:
                limit = f"{MAX_FRONT_MATTER_CHARS:,}"
                raise RefusedError(f"front matter of more than {limit} characters")
            return _fields(parse(content)), match.end()
    return {}, 0


def _parse_yaml(text: str) -> object:
    import yaml

    try:
        return _load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        quoted = "\n".join(map(_with_quotes, text.split("\n")))
        try:
            if quoted != text:
                return _load(quoted)
        except (yaml.YAMLError, ValueError, RecursionError):
            pass
        where = str(error).partition("\n")[0][:150]
        raise RefusedError(f"front matter is not valid YAML: {where}") from None


def _load(text: str) -> object:
    import yaml

    # Anchors and aliases make a small file a huge value; no article needs them.
    events = yaml.parse(text, Loader=yaml.SafeLoader)
    if any(isinstance(e, yaml.AliasEvent) or getattr(e, "anchor", None) for e in events):
        raise RefusedError("front matter with YAML aliases")
    return yaml.safe_load(text)


def _with_quotes(line: str) -> str:
    """Quote a value that YAML would misread: `title: Flood: dam holds`, `title: @wire says so`."""
    pair = _PAIR.fullmatch(line)
    if pair is None or _QUOTED.fullmatch(pair["value"]) or _LISTED.fullmatch(pair["value"]):
        return line
    value = pair["value"]
    misread = ": " in value or value.endswith(":") or value[0] in "@`%\"'"
    if misread or (value[0] in "[{" and ("]" in value or "}" in value)):
        return f"{pair['key']}: {json.dumps(value, ensure_ascii=False)}"
    return line


def _parse_toml(text: str) -> object:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RefusedError(f"front matter is not valid TOML: {str(error)[:150]}") from None


def _fields(values: object) -> dict[str, Any]:
    """Return the fields of a draft that the front matter has."""
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise RefusedError("front matter is not a list of `key: value` lines")
    tables = [values, *(values[name] for name in _TABLES if isinstance(values.get(name), dict))]
    found = dict(pair for table in reversed(tables) for pair in _named(table))
    texts = {name: _text(found, keys) for name, keys in _NAMES.items()}
    days = {name: _day(found, keys) for name, keys in _DAYS.items()}
    return {name: value for name, value in {**texts, **days}.items() if value}


def _named(table: Mapping[object, object]) -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        yield re.sub(r"[\s_-]", "", str(key)).lower(), value


def _text(fields: Mapping[str, object], keys: Sequence[str]) -> str:
    for key in keys:
        value = fields.get(key)
        if isinstance(value, list):
            value = ", ".join(filter(None, map(_item, value)))
        elif isinstance(value, Mapping):
            value = names_of(value)
        if isinstance(value, (str, int, float, date)) and str(value).strip():
            return str(value)
    return ""


def _item(value: object) -> str:
    return str(value) if isinstance(value, int) else names_of(value)


def _day(fields: Mapping[str, object], keys: Sequence[str]) -> date | None:
    for key in keys:
        value = fields.get(key)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, str) and (day := parse_day(value)):
            return day
    return None

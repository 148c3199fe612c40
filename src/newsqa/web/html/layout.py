"""The fixed parts of the page and the small lists in it, as HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from newsqa.web.html import messages
from newsqa.web.html.markup import render

SOURCES_LISTED = 40
STYLESHEET = "newsqa.css"
SCRIPT = "newsqa.js"


def render_head() -> Markup:
    """Return what the page adds to its ``<head>``."""
    return render("head", stylesheet=STYLESHEET, script=SCRIPT)


def render_header(*, changing: bool) -> Markup:
    """Return the top of the page with the script's words, and the dialogs over the page."""
    return render("header", changing=changing, words_json=json.dumps(messages.SCRIPT))


def render_examples(questions: Sequence[str]) -> Markup:
    """Return the example questions as buttons."""
    return render("examples", questions=questions)


def render_filters(described: Mapping[str, Any]) -> Markup:
    """Return the fields of the filter bar for what is in the index."""
    sources = described.get("sources") or {}
    many = len(sources) > SOURCES_LISTED
    return render(
        "filters",
        first=described.get("first"),
        last=described.get("last"),
        boxes=render_source_boxes(sources) if sources else "",
        find=messages.FIND_OUTLET.format(count=f"{len(sources):,}") if many else "",
    )


def render_source_boxes(sources: Mapping[str, int], contains: str = "") -> Markup:
    """Return the boxes of the outlets with these words in their names, as many as have room."""
    sought = contains.strip().casefold()
    matches = {name: count for name, count in sources.items() if sought in name.casefold()}
    return render("outlet_boxes", sources=largest_sources(matches))


def largest_sources(sources: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the outlets that are listed, those with most articles first, with their counts."""
    ordered = sorted(sources.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(name, f"{count:,}") for name, count in ordered[:SOURCES_LISTED]]

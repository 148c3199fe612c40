"""HTML comes from templates only, and in a template every value is escaped and quoted."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from newsqa.web.html import markup

HTML = Path(markup.__file__).parent
TEMPLATES = sorted((HTML / "templates").glob("*.html"))
PACKAGE = HTML.parents[1]
TAG = re.compile(r"(?<!\?P)</?[a-zA-Z][\w-]*(?=[\s>/=]|$)|/>")
EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
# For a script these are ids and JSON: not a character may be lost.
EXACT = re.compile(r'(?:data-[\w-]+|value|href)="\{\{([^}]*)\}\}"')
PLAIN = re.compile(
    r"\"\w+\" if .*|number|[\w.]*version|[\w.]+\.(?:start|end|n)|offset|code|kind"
    r"|name|action|bar\.\w+|strings\.\w+|stylesheet|script"
)


def tags_made(source: str) -> list[int]:
    """The lines of a module in which a tag is put together with something else."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        parts: list[ast.AST] = []
        if isinstance(node, ast.JoinedStr):
            parts = list(node.values)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            parts = [node.left, node.right]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            parts = [node.func.value] if node.func.attr in {"format", "join"} else []
        texts = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
        if any(TAG.search(text) for text in texts):
            lines.append(getattr(node, "lineno", 0))
    return lines


@pytest.mark.parametrize(
    "line",
    [
        'f"<p>{x}</p>"',
        '"<p>" + x',
        'x + "</p>"',
        '"<b>%s</b>" % x',
        '"<b>{}</b>".format(x)',
        '"<br>".join(x)',
        "f'<a href=\"{x}\">'",
    ],
)
def test_a_tag_made_by_hand_is_noticed(line: str) -> None:
    assert tags_made(line)


def test_no_module_makes_a_tag_by_hand() -> None:
    makers = {path for path in PACKAGE.rglob("*.py") if tags_made(path.read_text("utf-8"))}
    # What it hands to its parser, and to nothing else.
    assert makers == {PACKAGE / "ingest" / "formats" / "html_fragment.py"}


def test_markup_is_made_where_templates_are_rendered_only() -> None:
    makers = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if re.search(r"\bMarkup\([^)]", path.read_text("utf-8"))
    }
    assert makers == {"markup.py"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_turns_no_escaping_off_and_quotes_every_attribute(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", source)
    assert not re.search(r"=\s*\{\{", re.sub(r'="[^"]*\{\{.*?\}\}[^"]*"', "", source))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_what_a_script_reads_back_is_exact(path: Path) -> None:
    values = [value.strip() for value in EXACT.findall(path.read_text("utf-8"))]
    assert [v for v in values if not v.endswith("|exact") and not PLAIN.fullmatch(v)] == []

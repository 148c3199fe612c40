"""An option of `search` or `ask` is declared in few places: a new one is a small change."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from newsqa.options import AskOptions, SearchOptions

PACKAGE = Path(__file__).parent.parent / "src" / "newsqa"
# The rooms that do what an option says; and each framework declares what its class takes.
WORKING = {"types", "question", "retrieval", "answering", "index", "models", "integrations"}
DECLARING = {"options", "engine", "web.api.requests", "cli"}
# Words with no other meaning in the rooms looked at.
NAMES = ["as_of", "today", "rerank", "max_tokens", "explain"]
OTHER = {
    "explain": {"replies", "schemas"},  # a field of a reply too
    "today": {"evaluation.run"},  # the day that a question set was asked on
}


def place_of(path: Path) -> str:
    """The module, or ``cli`` as a whole: there, a command takes an option and hands it on."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "cli" if parts[0] == "cli" else ".".join(parts)


def declares(node: ast.AST, name: str) -> bool:
    """Whether a parameter or a field of a class is called ``name``."""
    if isinstance(node, ast.arg):
        return node.arg == name
    target = node.target if isinstance(node, ast.AnnAssign) else None
    return isinstance(target, ast.Name) and target.id == name


@pytest.mark.parametrize("name", NAMES)
def test_an_option_is_declared_in_four_places(name: str) -> None:
    """The options, the engine, the form that HTTP, MCP and Gradio share, and the command line."""
    assert name in {*SearchOptions.__annotations__, *AskOptions.__annotations__}
    places = {
        place_of(path)
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0].removesuffix(".py") not in WORKING
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if declares(node, name)
    }
    assert places - DECLARING - OTHER.get(name, set()) == set()


def test_the_faces_take_what_the_engine_takes() -> None:
    """HTTP, MCP and Gradio are built from these forms: a field there is an option of all three."""
    from newsqa.web.api.requests import AskForm, SearchBody

    not_sent = {"check"}  # Python alone
    assert set(AskForm.model_fields) == {"question", *AskOptions.__annotations__} - not_sent
    # A conversation is searched with `ask`, whose form holds its turns.
    sent = {"question", *SearchOptions.__annotations__} - not_sent - {"turns"}
    assert set(SearchBody.model_fields) == sent

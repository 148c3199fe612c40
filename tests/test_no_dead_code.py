"""Every function and class of the package is used by the package, or promised to its users."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "src" / "newsqa"
WORDS_IN = 80  # characters: a longer string is prose, not a name

# Names that the package itself never says, and who calls them.
CALLED_BY_OTHERS = {
    "asearch": "callers of the Python API",
    "finalize": "SQLite, of an aggregate function",
    "model_post_init": "pydantic",
    "warm_up": "Haystack",
    "_get_relevant_documents": "LangChain",
    "_aretrieve": "LlamaIndex",
    "_aquery": "LlamaIndex",
    "_get_prompt_modules": "LlamaIndex",
    "_query": "LlamaIndex",
    "preprocess": "Jinja2, of an extension",
    "_check_order": "pydantic, of a validator",
    "NewsQAQueryEngine": "users of LlamaIndex",
}
ROUTES = re.compile(r"(get|post|delete|put|head|route|api|exception_handler|middleware)$")


def definitions(tree: ast.AST) -> list[str]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    nodes = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return [n.name for n in nodes if not n.name.startswith("__") and not registered(n)]


def registered(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether a decorator hands the function to a router, which calls it."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(called, ast.Attribute) and ROUTES.search(called.attr):
            return True
    return False


def mentions(tree: ast.AST) -> Counter[str]:
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found[node.id] += 1
        elif isinstance(node, ast.Attribute):
            found[node.attr] += 1
        elif isinstance(node, ast.keyword) and node.arg:
            found[node.arg] += 1
        elif isinstance(node, ast.Constant) and len(str(node.value)) < WORDS_IN:
            found.update(re.findall(r"\w+", str(node.value)))
    return found


def unused(package: Path) -> list[str]:
    """``room/module.py: name`` of each definition that nothing in the package mentions."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(package.rglob("*.py"))}
    used: Counter[str] = Counter()
    for tree in trees.values():
        used += mentions(tree)
    return [
        f"{path.relative_to(package)}: {name}"
        for path, tree in trees.items()
        for name in definitions(tree)
        if not used[name] and name not in CALLED_BY_OTHERS
    ]


def test_nothing_is_called_by_tests_alone() -> None:
    assert unused(PACKAGE) == []


def test_the_names_that_others_call_are_still_there() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")]
    defined = {name for tree in trees for name in definitions(tree)}
    assert set(CALLED_BY_OTHERS) <= defined


def test_an_unused_function_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("def used() -> None: ...\ndef idle() -> None: used()\n")
    assert unused(tmp_path) == ["module.py: idle"]

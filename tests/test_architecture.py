"""The rules about what may import what, read from the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "newsqa"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = [
    {"errors", "schemas", "files"},
    {"types"},
    {"protocols", "settings", "replies", "text"},
    {"question", "citation_formats", "options"},
    {"ingest", "models", "index.catalog", "index.stores", "evaluation.metrics"},
    {"index"},
    {"retrieval", "answering"},
    {"engine"},
    {"factory"},
    {"evaluation", "web", "integrations"},
    {"cli"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
HOMES = {
    "torch": ("models",),
    "sentence_transformers": ("models",),
    "transformers": ("models",),
    "onnx": ("models",),
    "onnxruntime": ("models",),
    "tokenizers": ("models",),
    "faiss": ("index.stores",),
    "tantivy": ("index.stores",),
    "sqlite3": ("index.catalog",),
    "pypdf": ("ingest",),
    "trafilatura": ("ingest",),
    "feedparser": ("ingest",),
    "docx": ("ingest",),
    "fastwarc": ("ingest",),
    "brotli": ("ingest",),
    "zstandard": ("ingest",),
    "dateutil": ("ingest",),
    "gradio": ("web.chat.gradio_page",),
    "fastapi": ("web",),
    "jinja2": ("web.html",),
    "rensa": ("text.near_duplicates",),
    "rapidfuzz": ("retrieval.spelling", "index.stores"),
    "ir_measures": ("evaluation.metrics",),
    "mcp": ("web.mcp",),
    "mcp_types": ("web.mcp",),
    "langchain_core": ("integrations.langchain",),
    "llama_index": ("integrations.llama_index",),
    "haystack": ("integrations.haystack",),
}
# Only these may import numpy where it runs; elsewhere it stands in type positions.
NUMPY_HOMES = ("models", "evaluation", "index", "retrieval")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def room_of(name: str) -> str | None:
    """The named module or package that ``name`` lives in; modules of one room may share."""
    fit = [room for room in LEVEL if name == room or name.startswith(room + ".")]
    return max(fit, key=len, default=None)


def imports_of(path: Path) -> set[str]:
    """Full names of everything the file imports, at the top or inside a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: write the import in full"
            assert node.module
            found.add(node.module)
            if node.module == "newsqa":  # from newsqa import deciding
                found |= {f"newsqa.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_lower_layers(path: Path) -> None:
    """Knowledge flows one way, so no package can be in a circle with another."""
    room = room_of(name_of(path))
    if room is None:
        pytest.skip("package front door")
    own = {i.removeprefix("newsqa.") for i in imports_of(path) if i.startswith("newsqa.")}
    rooms = {other for i in own if (other := room_of(i)) is not None and other != room}
    assert {other for other in rooms if LEVEL[other] >= LEVEL[room]} == set()


def test_html_and_middleware_of_the_web_know_neither_api_nor_chat() -> None:
    inner = [path for path in MODULES if name_of(path).startswith(("web.html", "web.middleware"))]
    assert inner
    used = {imported for path in inner for imported in imports_of(path)}
    assert [name for name in used if name.startswith(("newsqa.web.api", "newsqa.web.chat"))] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_heavy_libraries_stay_in_their_home(path: Path) -> None:
    """``import newsqa.types`` must not cost a torch import."""
    for imported in imports_of(path):
        homes = HOMES.get(imported.split(".")[0])
        assert homes is None or name_of(path).startswith(homes), imported


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_stay_small(path: Path) -> None:
    """400 lines is the point at which a module has two subjects."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_stay_small(path: Path) -> None:
    """40 lines is the point at which a function has two thoughts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    sizes = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions}
    assert {name: size for name, size in sizes.items() if size > 40} == {}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_has_a_place_in_the_layers(path: Path) -> None:
    """A module without a layer could import anything."""
    name = name_of(path)
    assert room_of(name) is not None or name in {"", "__init__", "__main__"}, name


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_numpy_is_imported_only_where_vectors_are_worked_on(path: Path) -> None:
    """Elsewhere an import under TYPE_CHECKING is enough."""
    if name_of(path).startswith(NUMPY_HOMES):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    ]
    hidden = {id(inner) for node in typing_only for inner in ast.walk(node)}
    shown = {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in hidden
    }
    assert not [line for line in shown if "numpy" in line]


def test_few_modules_lie_loose() -> None:
    """A room says what its modules are for; ten loose ones can still be read at a glance."""
    loose = [path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__")]
    assert len(loose) <= 10, sorted(loose)

"""Define every setting with its unit, default and limits, and read them from all layers.

Order of precedence: argument (command-line flag) > ``NEWSQA_*`` variable > ``newsqa.toml`` in
the working folder > the user's ``config.toml`` > default. An unknown key is an error that
names the nearest known one.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsqa.errors import SettingsError

PACKAGED_ENCODER = "all-MiniLM-L6-v2"
_PREFIX = "NEWSQA_"
# Read by the program's surroundings (tests, make, training), not settings.
_NOT_SETTINGS = {"NEWSQA_SHARED", "NEWSQA_RUNS", "NEWSQA_REQUIRE_BROWSER"}


class Settings(BaseModel):
    """All settings of one run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    index: Path = Field(Path("index"), description="folder of the index")
    host: str = Field("127.0.0.1", description="address the server listens on")
    port: int = Field(7860, ge=0, le=65535, description="port the server listens on")
    admin_token: str = Field("", description="token for changing requests; empty: loopback only")
    allowed_hosts: str = Field(
        "", description="other names the server is known by, behind a proxy; with commas"
    )
    read_only: bool = Field(False, description="nothing can be uploaded or changed by any route")
    folder_roots: str = Field(
        "", description="folders below which the page may add articles by path; ':' between them"
    )
    requests_per_minute: int = Field(
        300, ge=0, description="of one client, a quarter at once; 0: no limit; none on this machine"
    )
    access_log: Literal["off", "plain", "full"] = Field(
        "plain", description="what stderr gets of each request; only 'full' has what was asked"
    )
    encoder: str = Field(PACKAGED_ENCODER, description="packaged name, hub id or folder")
    reader: str = Field(
        "auto", description="'none': model-free; 'shipped'; 'auto': that one, without it the other"
    )
    threads: int = Field(2, ge=1, le=256, description="processor threads a model may use")
    cache_dir: Path = Field(
        Path(platformdirs.user_cache_dir("newsqa")), description="folder for converted models"
    )
    passage_tokens: int = Field(192, ge=64, le=8192, description="header and passage, in tokens")
    overlap_sentences: int = Field(1, ge=0, le=5, description="sentences shared by neighbours")
    depth: int = Field(100, ge=10, le=1000, description="passages each leg hands to fusion")
    read_passages: int = Field(12, ge=1, le=100, description="passages the reader reads")
    dense_weight: float = Field(0.5, ge=0, le=1, description="share of the dense leg in fusion")
    article_weight: float = Field(
        0.5, ge=0, le=1, description="share of the whole article's words in the ranking"
    )
    day_weight: float = Field(
        0.2, ge=0, le=1, description="share of nearness to the day of asking, where one is given"
    )
    min_confidence: float = Field(
        0.113, ge=0, le=1, description="least probability to answer; higher: fewer, surer answers"
    )
    max_question_chars: int = Field(2000, ge=100, le=10000, description="read of a question")
    chat_history: bool = Field(
        True, description="`newsqa chat` keeps what is typed at a terminal for the arrow keys"
    )
    fetch: bool = Field(False, description="`newsqa fetch` may ask the network for pages")
    parse_memory_mb: int = Field(1024, ge=128, description="memory of a parsing worker, in MB")
    parse_cpu_s: int = Field(10, ge=1, description="processor time for one file, in seconds")
    parse_wall_s: int = Field(20, ge=1, description="wall time for one file, in seconds")
    max_file_mb: int = Field(200, ge=1, description="largest file that is read, in MB")


class Layered:
    """Settings together with where each value comes from."""

    def __init__(self, settings: Settings, origins: dict[str, str]) -> None:
        self.settings = settings
        self.origins = origins


def load(arguments: dict[str, Any] | None = None, *, folder: Path | None = None) -> Settings:
    """Return the settings in force; see `layered`."""
    return layered(arguments, folder=folder).settings


def layered(arguments: dict[str, Any] | None = None, *, folder: Path | None = None) -> Layered:
    """Read all sources of settings, the strongest last.

    Args:
        arguments: Values given by the caller; those that are None are ignored.
        folder: Where ``newsqa.toml`` is looked for; the working folder if None.

    Raises:
        SettingsError: An unknown key, or a value out of its limits; the message names the source.
    """
    user = Path(platformdirs.user_config_dir("newsqa")) / "config.toml"
    project = (folder or Path()) / "newsqa.toml"
    sources = [(str(user), _toml(user)), (str(project), _toml(project))]
    sources += [("environment", _environment())]
    sources += [("argument", {k: v for k, v in (arguments or {}).items() if v is not None})]
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    for origin, table in sources:
        for key, value in table.items():
            _check_known(key, origin)
            values[key] = value
            origins[key] = origin
    try:
        return Layered(Settings(**values), origins)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        message = f"{origins[key]}: {key} = {values[key]!r}: {_requirement(first)}"
        raise SettingsError(message) from None


def _requirement(error: Mapping[str, Any]) -> str:
    """Return what a refused value must be, without the words of the validating library."""
    limits = error.get("ctx", {})
    for name, words in (("ge", "at least"), ("le", "at most")):
        if name in limits:
            return f"must be {words} {limits[name]:g}"
    if "expected" in limits:
        return f"must be {limits['expected']}"
    kinds = {
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
        "path": "a path",
    }
    return f"must be {kinds.get(error['type'].split('_')[0], 'text')}"


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from None


def _environment() -> dict[str, Any]:
    return {
        name.removeprefix(_PREFIX).lower(): value
        for name, value in os.environ.items()
        if name.startswith(_PREFIX) and name not in _NOT_SETTINGS
    }


def _check_known(key: str, origin: str) -> None:
    if key in Settings.model_fields:
        return
    near = get_close_matches(key, Settings.model_fields, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    name = _PREFIX + key.upper() if origin == "environment" else key
    raise SettingsError(f"{origin}: unknown setting {name!r}{hint}")

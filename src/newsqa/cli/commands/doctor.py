"""`newsqa doctor`: checks of the installation, one function a subject; none changes anything."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from newsqa.cli.exit_codes import DONE, NO_ANSWER
from newsqa.cli.session import Session, command

if TYPE_CHECKING:
    from newsqa.settings import Settings

OLDEST_PYTHON = (3, 11)
LITTLE_SPACE_MB, TOO_LITTLE_SPACE_MB = 2000, 200
LOOPBACK = {"127.0.0.1", "::1", "localhost"}

app = typer.Typer()


@command(app, "newsqa doctor", "newsqa doctor --index index --json")
def doctor(session: Session) -> None:
    """Check what newsqa needs and say what to do. Exit code 1 if something is wrong."""
    findings = examine(session)
    if session.json:
        session.screen.json({"findings": [finding.to_dict() for finding in findings]})
    else:
        for finding in findings:
            session.screen.text(f"{finding.state:<5}{finding.subject}: {finding.says}")
            if finding.cure and finding.state != "ok":
                session.screen.text(f"     {finding.cure}")
    broken = any(finding.state == "fail" for finding in findings)
    raise typer.Exit(NO_ANSWER if broken else DONE)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check, and what to do about it."""

    state: Literal["ok", "warn", "fail"]
    subject: str
    says: str
    cure: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        return asdict(self)


def examine(session: Session) -> list[Finding]:
    """Return the findings of all checks, in a fixed order; a check that breaks is a finding."""
    from newsqa.errors import SettingsError

    findings = [*_run_check("Python", python), *_run_check("packages", packages)]
    try:
        settings = session.settings
    except SettingsError as error:
        cure = "correct the setting that the message names; `newsqa config show --origin` lists all"
        return [*findings, Finding("fail", "settings", str(error), cure)]
    findings.append(Finding("ok", "settings", "all known and within their limits"))
    checks: list[tuple[str, Callable[[Settings], Iterator[Finding]]]] = [
        ("weights", weights),
        ("reader", reader),
        ("model cache", model_cache),
        ("token tables", token_tables),
        ("disk", disk),
        ("address", address),
    ]
    for subject, check in checks:
        findings += _run_check(subject, partial(check, settings))
    findings += _run_check("index", partial(index, session))
    return findings


def _run_check(subject: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:
        says = f"the check itself failed: {type(error).__name__}: {error}"
        return [Finding("fail", subject, says, "correct what the message names, or report it")]


def python() -> Iterator[Finding]:
    """Check the version of Python."""
    says = sys.version.split()[0]
    if sys.version_info >= OLDEST_PYTHON:
        yield Finding("ok", "Python", says)
    else:
        yield Finding("fail", "Python", says, "install Python 3.11 or later")


def packages() -> Iterator[Finding]:
    """Check that every declared package is installed in a fitting version."""
    from packaging.requirements import Requirement

    try:
        declared = [Requirement(text) for text in metadata.requires("newsqa") or ()]
    except metadata.PackageNotFoundError:
        cure = "install it with `pip install .`"
        yield Finding("warn", "packages", "newsqa runs from its source, not installed", cure)
        return
    needed = [r for r in declared if r.marker is None or r.marker.evaluate({"extra": ""})]
    wrong = [says for requirement in needed if (says := _wrong(requirement))]
    for says in wrong:
        yield Finding("fail", "packages", says, "install newsqa again with pip")
    if not wrong:
        yield Finding("ok", "packages", f"{len(needed)} packages in fitting versions")


def _wrong(requirement: Any) -> str:
    try:
        there = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    if requirement.specifier.contains(there, prereleases=True):
        return ""
    return f"{requirement.name} is {there}, {requirement.specifier} is needed"


def weights(settings: Settings) -> Iterator[Finding]:
    """Check that the encoder's weights exist and match their checksums."""
    from newsqa.errors import ModelNotFoundError
    from newsqa.models.model_files import locate

    try:
        folder = locate(settings.encoder)
        for file, _ in folder.known:
            folder.check(file)
    except ModelNotFoundError as error:
        cure = "do what the message says, or name another encoder with NEWSQA_ENCODER"
        yield Finding("fail", "weights", str(error), cure)
        return
    checked = "checksums as published" if folder.known else "no published checksum to compare with"
    yield Finding("ok", "weights", f"{folder.name}, {checked}")


def reader(settings: Settings, folder: Path | None = None) -> Iterator[Finding]:
    """Check that the reader is known and that its files match their checksums.

    Without it, 'auto' answers questions without a model, and worse.
    """
    from newsqa.errors import ModelNotFoundError
    from newsqa.models import examine_reader
    from newsqa.models.onnx_reader import WEIGHTS

    try:
        name = examine_reader(settings.reader, folder=folder or WEIGHTS)
    except ModelNotFoundError as error:
        cure = "install newsqa again; until then NEWSQA_READER=none answers without a model"
        yield Finding("fail", "reader", str(error), cure)
        return
    checked = "model-free" if name == "none" else "checksums as shipped"
    yield Finding("ok", "reader", f"{name}, {checked}")


def model_cache(settings: Settings) -> Iterator[Finding]:
    """Check that the folder of converted models is writable, and what it holds."""
    folder = settings.cache_dir
    if not _writable(folder):
        cure = "make it writable, or name another folder with NEWSQA_CACHE_DIR; else it is slower"
        yield Finding("warn", "model cache", f"{folder} is not writable", cure)
    elif any(folder.rglob("*.onnx")):
        yield Finding("ok", "model cache", f"{folder} holds the converted encoder")
    else:
        cure = "nothing to do: the first build writes it"
        yield Finding("warn", "model cache", f"{folder} holds no converted encoder yet", cure)


def token_tables(settings: Settings) -> Iterator[Finding]:
    """Check that tiktoken finds its tables."""
    from newsqa.models import open_token_counter

    if open_token_counter().exact:
        yield Finding("ok", "token tables", "cl100k_base is on this machine")
    else:
        says = "cl100k_base is not on this machine; the encoder's own tokens are counted"
        cure = "only --max-tokens is less exact; put the table where TIKTOKEN_CACHE_DIR points"
        yield Finding("warn", "token tables", says, cure)


def disk(settings: Settings) -> Iterator[Finding]:
    """Check that the index can grow: free space and write permission."""
    folder = _nearest(settings.index)
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    says = f"{free_mb:,} MB free at {folder}"
    if free_mb < TOO_LITTLE_SPACE_MB:
        yield Finding("fail", "disk", says, "make room, or put the index elsewhere with --index")
    elif free_mb < LITTLE_SPACE_MB:
        yield Finding("warn", "disk", says, "enough to ask; make room before a large build")
    else:
        yield Finding("ok", "disk", says)
    if not _writable(settings.index):
        says = f"{settings.index} is not writable: it can be asked, not changed"
        yield Finding("warn", "disk", says, "give yourself the right to write there")


def address(settings: Settings) -> Iterator[Finding]:
    """Check the address that the server would listen on."""
    place = f"{settings.host}:{settings.port}"
    host = settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, settings.port))
        except OSError as error:
            cure = "stop what listens there, or choose another with --host or --port"
            yield Finding("warn", "address", f"{place}: {error.strerror}", cure)
        else:
            yield Finding("ok", "address", f"{place} is free")
    if host not in LOOPBACK and not (settings.admin_token or settings.read_only):
        says = f"{settings.host} is open to the network and no admin token is set"
        yield Finding("warn", "address", says, "set NEWSQA_ADMIN_TOKEN, or serve with --read-only")


def index(session: Session) -> Iterator[Finding]:
    """Check that the index opens and that every row and file is what was written."""
    from newsqa.errors import IndexFileError, IndexNotFoundError

    try:
        result = session.services.verify(session.settings).to_dict()
        facts = _facts(session) if not result["damaged"] else {}
    except IndexNotFoundError as error:
        yield Finding("warn", "index", str(error), "build one")
        return
    except IndexFileError as error:
        cure = "`newsqa index verify` lists it all; `newsqa index build` makes a new one"
        yield Finding("fail", "index", str(error), cure)
        return
    folder, damaged = session.settings.index, result["damaged"]
    if result["state"] == "sound":
        says = f"{folder}: sound, {facts['articles']} articles, {facts['passages']} passages"
        yield Finding("ok", "index", says)
    else:
        cure = (
            "run `newsqa index repair`" if result["state"] == "repairable" else "restore a backup"
        )
        says = f"{folder}: {result['state']}, {len(damaged)} things; first {damaged[0]['what']}"
        yield Finding("fail", "index", says, cure)


def _facts(session: Session) -> dict[str, Any]:
    with session.index() as index:
        return index.describe()


def _nearest(folder: Path) -> Path:
    """Return the folder, or its nearest parent that exists."""
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _writable(folder: Path) -> bool:
    return os.access(_nearest(folder), os.W_OK | os.X_OK)

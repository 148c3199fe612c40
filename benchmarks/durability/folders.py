"""Folders that are missing, foreign, shut or read-only: a search that works, or a clear error."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.durability.children import Child, Say, forked
from benchmarks.durability.results import SEED, Row
from benchmarks.durability.states import Shelf, first_answer
from newsqa.errors import NewsQAError

ROOT = Path(__file__).parents[2]

Seen = dict[str, list[Any]]


def folders(root: Path, n: int = 0) -> list[Row]:
    """Try every case once; ``n`` is not used, there are as many as there are."""
    shelf = Shelf(root, SEED)
    forked(shelf.prepare)
    bound = _unprivileged()
    tally = {"searched": 0, "refused": 0}
    problems: list[str] = []
    cases = [case for case in CASES if bound is not None or not case[3]]
    for name, prepare, wanted, _ in cases:
        folder = shelf.renew()
        prepare(folder)
        before = _look(folder)
        told = _tried(root, folder, bound or [])
        after = _look(folder)
        _open_up(folder)
        if before != after:
            problems.append(f"{name}: something was written: {_difference(before, after)}")
        if told[0] != wanted:
            problems.append(f"{name}: {told}, not {wanted}")
        tally[told[0]] = tally.get(told[0], 0) + 1
    return [_row(tally, len(cases), problems, bound=bound is not None)]


def _row(tally: dict[str, int], n: int, problems: list[str], *, bound: bool) -> Row:
    without = "" if bound else "; permissions do not bind here, those cases are left out"
    return Row(
        name="folders",
        what="read-only, missing and empty folders, foreign files, no permission" + without,
        n=n,
        must="search works or a clear error; nothing written",
        found=f"{tally['searched']} searched, {tally['refused']} refused clearly, "
        f"{len(problems)} otherwise or written to",
        held=not problems,
        figures={"tally": tally, "cases": [case[0] for case in CASES], "problems": problems},
    )


# -- the cases: what is done to a sound index, what must come of it, whether rights matter --


def _read_only(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def _read_only_without_caches(folder: Path) -> None:
    shutil.rmtree(folder / "cache")
    _read_only(folder)


def _read_only_with_log(folder: Path) -> None:
    Child.start(_leave_log, folder).lines()
    assert (folder / "newsqa.db-wal").stat().st_size
    _read_only(folder)


def _leave_log(folder: Path, _: Say) -> None:
    db = sqlite3.connect(folder / "newsqa.db")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    os._exit(0)


def _missing(folder: Path) -> None:
    shutil.rmtree(folder)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _text_for_database(folder: Path) -> None:
    (folder / "newsqa.db").write_bytes(b"not a database at all, but text " * 200)


def _nothing_for_database(folder: Path) -> None:
    (folder / "newsqa.db").write_bytes(b"")


def _foreign_database(folder: Path) -> None:
    (folder / "newsqa.db").unlink()
    with closing(sqlite3.connect(folder / "newsqa.db")) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
        db.commit()


def _folder_for_database(folder: Path) -> None:
    (folder / "newsqa.db").unlink()
    (folder / "newsqa.db").mkdir()


def _foreign_beside(folder: Path) -> None:
    (folder / "holiday.jpg").write_bytes(b"\xff\xd8\xff" * 100)
    (folder / "cache" / "notes").mkdir()
    (folder / "cache" / "notes" / "mine.txt").write_text("keep", encoding="utf-8")
    (folder / "cache" / "vectors-x-y").write_text("keep", encoding="utf-8")


def _shut_folder(folder: Path) -> None:
    folder.chmod(0o000)


def _shut_database(folder: Path) -> None:
    (folder / "newsqa.db").chmod(0o000)


def _shut_head(folder: Path) -> None:
    (folder / "head").chmod(0o000)


def _shut_caches(folder: Path) -> None:
    (folder / "cache").chmod(0o000)
    folder.chmod(0o555)


CASES: tuple[tuple[str, Callable[[Path], None], str, bool], ...] = (
    ("read-only", _read_only, "searched", True),
    ("read-only, caches missing", _read_only_without_caches, "searched", True),
    ("read-only, a log left beside", _read_only_with_log, "searched", True),
    ("missing folder", _missing, "refused", False),
    ("empty folder", _empty, "refused", False),
    ("text for a database", _text_for_database, "refused", False),
    ("an empty file for a database", _nothing_for_database, "refused", False),
    ("another program's database", _foreign_database, "refused", False),
    ("a folder for a database", _folder_for_database, "refused", False),
    ("foreign files beside", _foreign_beside, "searched", False),
    ("folder shut", _shut_folder, "refused", True),
    ("database shut", _shut_database, "refused", True),
    ("head shut", _shut_head, "refused", True),
    ("caches shut", _shut_caches, "searched", True),
)


# -- trying --


def _tried(root: Path, folder: Path, bound: list[str]) -> list[str]:
    """Open, search and try to change, in a process that rights bind; return what came of it."""
    command = [*bound, sys.executable, "-m", "benchmarks.durability.folders"]
    environment = dict(os.environ, PYTHONPATH=f"{ROOT / 'src'}{os.pathsep}{ROOT}")
    out = subprocess.run(
        [*command, str(root), str(folder)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    try:
        told: list[str] = json.loads(out.stdout.decode().splitlines()[-1])
    except (ValueError, IndexError):
        return ["crashed", f"exit {out.returncode}"]
    return told


def _search(shelf: Shelf, folder: Path) -> list[str]:
    try:
        with shelf.opened(folder) as index:
            first_answer(index)
            if index.snapshot().article_count != len(shelf.first):
                return ["wrong", "not all articles are there"]
    except NewsQAError as error:
        return ["refused", str(error)]
    except Exception as error:
        return ["unclear", f"{type(error).__name__}: {error}"]
    return ["searched", ""]


def _unprivileged() -> list[str] | None:
    """Return what to put before a command so that permissions bind it; None if nothing can."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        return None
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]


def _look(folder: Path) -> Seen:
    """Return what lies in a folder, and what is in it, seen with all rights."""
    if not folder.exists():
        return {}
    seen: Seen = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        stat = path.lstat()
        # SQLite's index of the log is no content: every reader of a writable folder touches it.
        if path.name.endswith("-shm"):
            continue
        content = path.read_bytes() if path.is_file() else b""
        seen[str(path)] = [stat.st_mode, content.hex() if len(content) < 2**22 else len(content)]
    return seen


def _difference(before: Seen, after: Seen) -> list[str]:
    names = before.keys() | after.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))


def _open_up(folder: Path) -> None:
    if folder.exists():
        folder.chmod(0o755)
        for path in folder.rglob("*"):
            path.chmod(0o755)


if __name__ == "__main__":
    print(json.dumps(_search(Shelf(Path(sys.argv[1]), SEED), Path(sys.argv[2]))))

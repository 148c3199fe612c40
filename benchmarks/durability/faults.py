"""Every file operation of a commit and of a swap fails once; disks of many sizes run full."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.durability.children import ChildFailedError, forked, warm_up
from benchmarks.durability.results import SEED, Row
from benchmarks.durability.states import ENCODERS, Shelf, State, Step, body, contents, explained
from newsqa.errors import NewsQAError

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("failing.c")
SAYS_UNDONE = ("was not indexed", "cannot be changed", "cannot be read", "is published, but")
KINDS = ("add", "swap")
# Without a C compiler: only what Python itself does.
OPERATIONS = ("open", "fsync", "rename", "replace", "unlink", "rmdir")


def faults(root: Path, step: int) -> list[Row]:
    """Let every ``step``-th operation of one commit and one swap fail, each in its own run."""
    environment = dict(os.environ, PYTHONPATH=f"{ROOT / 'src'}{os.pathsep}{ROOT}")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is not None:
        library = root / "failing.so"
        make = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(make, check=True)
        environment["LD_PRELOAD"] = str(library)
    runs = []
    for kind in KINDS:  # side by side: neither is timed
        command = [sys.executable, "-m", "benchmarks.durability.faults", str(root), kind, str(step)]
        runs.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE))
    told = [json.loads(run.communicate()[0]) for run in runs]
    return [_fault_row(told, step, preloaded=compiler is not None)]


def _fault_row(told: list[dict[str, Any]], step: int, *, preloaded: bool) -> Row:
    tally: Counter[str] = Counter()
    operations: Counter[str] = Counter()
    for part in told:
        tally.update(part["tally"])
        operations.update(part["operations"])
    each = ", ".join(f"{n} {kind}" for kind, n in sorted(operations.items()))
    wrong = tally["wrong"] + tally["unclear"]
    by = "all made through the C library" if preloaded else "those made by Python itself"
    return Row(
        name="faults",
        what=f"{'every' if step == 1 else f'every {step}th'} file operation of one commit (add) "
        f"and one swap (build with another encoder) fails once; {by}",
        n=sum(operations.values()),
        must="0 lost; old generation answers",
        found=f"{each}: old state and a clear refusal {tally['refused']}, new state "
        f"{tally['published']}, lost or mixed {tally['wrong']}, unclear error {tally['unclear']}; "
        "the same command then succeeds each time",
        held=not wrong,
        figures={
            "tally": dict(tally),
            "operations": dict(operations),
            "problems": [problem for part in told for problem in part["problems"]],
        },
    )


class Failing:
    """Counts file operations below a folder and lets one fail; preloaded, or else in Python."""

    def __init__(self, folder: Path, at: int) -> None:
        self._folder, self._at = str(folder), at
        self._count, self._failed = 0, ""
        library = ctypes.CDLL(None)
        self._library = library if hasattr(library, "durability_arm") else None
        if self._library is not None:
            self._library.durability_count.restype = ctypes.c_long
            self._library.durability_failed.restype = ctypes.c_char_p

    def arm(self) -> None:
        """Begin to count."""
        if self._library is not None:
            self._library.durability_arm(ctypes.c_long(self._at), self._folder.encode())
            return
        for name in OPERATIONS:
            setattr(os, name, self._counting(name, getattr(os, name)))

    def _counting(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **kwargs: Any) -> Any:
            if str(args[0]).startswith(self._folder):
                self._count += 1
                if self._count - 1 == self._at:
                    self._failed = f"{name} {Path(str(args[0])).name}"
                    raise OSError(errno.EIO, os.strerror(errno.EIO), str(args[0]))
            return real(*args, **kwargs)

        return operation

    @property
    def failed(self) -> str:
        """The operation that failed, and on what; empty if there were fewer."""
        if self._library is not None:
            return str(self._library.durability_failed().decode())
        return self._failed


def _each(root: Path, kind: str, step: int, first: int = 0) -> dict[str, Any]:
    """In the preloaded process: make the change again until no operation is left to fail."""
    shelf = Shelf(root / kind, SEED)
    forked(shelf.prepare)
    tally: Counter[str] = Counter()
    operations: Counter[str] = Counter()
    problems: list[str] = []
    change = shelf.plan(kind, random.Random(SEED), 1)[0]
    at = first
    while True:
        told = _one(shelf, change, at)
        if not told["failed"]:
            break
        operations[told["failed"].split()[0]] += 1
        tally[told["outcome"]] += 1
        if told["outcome"] in ("wrong", "unclear"):
            problems.append(f"{kind} {at} {told['failed']}: {told['said']} {told['found']}")
        at += step
    return {"tally": tally, "operations": operations, "problems": problems[:20]}


def _one(shelf: Shelf, step: Step, at: int) -> dict[str, Any]:
    folder = shelf.renew()

    def work() -> dict[str, str]:
        failing = Failing(folder, at)
        failing.arm()
        said = ""
        try:
            shelf.do(step, folder)
        except NewsQAError as error:
            said = str(error)
        except Exception as error:
            said = f"!{type(error).__name__}: {error}"
        return {"failed": failing.failed, "said": said}

    told = forked(work)
    if told["failed"]:
        told |= _outcome(shelf, step, told["said"])
    return dict(told)


def _outcome(shelf: Shelf, step: Step, said: str) -> dict[str, str]:
    """Compare what is there with what was said, then do the same again."""
    published = not said or "is published, but" in said
    try:
        found = forked(_afterwards, shelf, step, published)
    except ChildFailedError as error:
        found = str(error).strip().splitlines()[-1]
    outcome = "published" if published else "refused" if _clear(said) else "unclear"
    return {"outcome": "wrong" if found else outcome, "found": found}


def _clear(said: str) -> bool:
    """Whether a refusal says what was not done, or why the index could not be opened."""
    if said.startswith("!"):  # an error that is not one of ours
        return False
    return any(part in said for part in SAYS_UNDONE) or "newsqa.db" in said


def _afterwards(shelf: Shelf, step: Step, published: bool) -> str:
    """Return what is wrong with the index that a failure left; empty if nothing."""
    with shelf.opened(shelf.copy) as index:
        problem = explained(contents(index), [step.after if published else shelf.first])
        if problem or index.verify().state == "damaged":
            return problem or "damaged"
        # The articles stay in a swap: which encoder answers tells the states apart.
        swapped = index.encoder.name != ENCODERS[0]
    if swapped != (published and step.kind == "swap"):
        return "the other encoder answers"
    if not swapped:
        shelf.do(step, shelf.copy)
    with shelf.opened(shelf.copy) as index:
        if contents(index) != step.after or index.repair().state != "sound":
            return "the same command again did not lead to its state"
    return ""


# -- a full disk --


@contextmanager
def _disk(folder: Path, kib: int) -> Iterator[None]:
    """A file system of so many KiB at ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={kib}k"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def _can_mount(root: Path) -> bool:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    try:
        with _disk(root / "probe", 64):
            return True
    except (subprocess.CalledProcessError, OSError):
        return False


def full_disks(root: Path, sizes: int) -> list[Row]:
    """Rebuild with new articles on disks of ``sizes`` sizes, all of them too small for it."""
    shelf = Shelf(root, SEED)
    forked(shelf.prepare)
    draw = random.Random(SEED)
    new = Step("build", {f"b{n}": body(draw, f"b{n}", 9) for n in range(120)})
    real = _can_mount(root)
    attempt = _on_tmpfs if real else _limited
    least = 64 if not real else _used(shelf.template) + 80  # locks, head and the log need a place
    enough = _enough(shelf, new, attempt, least)
    tally: Counter[str] = Counter()
    problems: list[str] = []
    for at in range(sizes):
        kib = least + (enough - least) * at // sizes
        told = attempt(shelf, new, kib)
        tally[told["outcome"]] += 1
        if told["outcome"] != "refused":
            problems.append(f"{kib} KiB: {told}")
    clean = tally["refused"]
    kind = "tmpfs" if real else "RLIMIT_FSIZE"
    return [
        Row(
            name="full disks",
            what=f"a rebuild on a disk that runs full ({kind}, {least} to {enough} KiB)",
            n=sizes,
            must=f"clean refusal {sizes}/{sizes}, saying what was not indexed",
            found=f"clean refusal, old state answers, and after making room the same command "
            f"succeeds: {clean}/{sizes}",
            held=clean == sizes,
            figures={"tally": dict(tally), "kind": kind, "problems": problems[:20]},
        )
    ]


def _used(folder: Path) -> int:
    """Return how many KiB a folder takes on a tmpfs."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(-(-path.stat().st_size // 4096) * 4 for path in files)


def _enough(shelf: Shelf, new: Step, attempt: Any, least: int) -> int:
    """Return the size, in KiB, from which on the rebuild is published."""
    low, high = least, 65_536
    while high - low > 16:
        middle = (low + high) // 2
        if attempt(shelf, new, middle)["outcome"] == "refused":
            low = middle
        else:
            high = middle
    return high


def _on_tmpfs(shelf: Shelf, new: Step, kib: int) -> dict[str, str]:
    place = shelf.root / "disk"
    with _disk(place, kib):
        folder = place / "index"
        shutil.copytree(shelf.template, folder)
        shelf.write(shelf.first)
        said = forked(_try, shelf, new, folder, 0)
        roomy = shelf.root / "roomy" / "index"
        told = _outcome_of(shelf, new, folder, said)
        shutil.rmtree(roomy, ignore_errors=True)
        shutil.copytree(folder, roomy)
    return told if told["outcome"] != "refused" else _roomier(shelf, new, roomy, told)


def _limited(shelf: Shelf, new: Step, kib: int) -> dict[str, str]:
    folder = shelf.renew()
    said = forked(_try, shelf, new, folder, kib * 1024)
    told = _outcome_of(shelf, new, folder, said)
    return told if told["outcome"] != "refused" else _roomier(shelf, new, folder, told)


def _try(shelf: Shelf, new: Step, folder: Path, limit: int) -> str:
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writes fail instead
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        shelf.do(new, folder)
    except NewsQAError as error:
        return str(error)
    except Exception as error:
        return f"!{type(error).__name__}: {error}"
    return ""


def _outcome_of(shelf: Shelf, new: Step, folder: Path, said: str) -> dict[str, str]:
    published = not said or "is published, but" in said
    try:
        found = forked(_state_of, shelf, folder, new.after if published else shelf.first)
    except ChildFailedError as error:
        found = str(error).strip().splitlines()[-1]
    clear = "was not indexed" in said
    outcome = "published" if published else "refused" if clear else "unclear"
    return {"outcome": "wrong" if found else outcome, "said": said, "found": found}


def _state_of(shelf: Shelf, folder: Path, wanted: State) -> str:
    with shelf.opened(folder) as index:
        problem = explained(contents(index), [wanted])
        return problem or ("damaged" if index.verify().state == "damaged" else "")


def _roomier(shelf: Shelf, new: Step, folder: Path, told: dict[str, str]) -> dict[str, str]:
    """Do the same again where there is room."""
    said = forked(_try, shelf, new, folder, 0)
    again = _outcome_of(shelf, new, folder, said)
    return told if again["outcome"] == "published" else {**again, "outcome": "not afterwards"}


if __name__ == "__main__":
    warm_up()
    print(json.dumps(_each(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))))

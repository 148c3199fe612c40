"""Kills, second writers, readers during changes, damage, folders that cannot be written."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsqa.errors import (
    CorpusError,
    IndexDamagedError,
    IndexFileError,
    IndexLockedError,
    IndexNotFoundError,
)
from newsqa.index import Index
from newsqa.index.locking import held
from newsqa.text import analysis as text
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import SETTINGS, Place, ids, record, shown, write_corpus

ROOT = Path(__file__).parents[3]
STORM = record("storm", "A storm broke the harbour wall. Nobody was hurt.", date="2026-03-01")
MAYOR = record("mayor", "The mayor resigns. She leaves in May.", date="2026-04-01", source="Post")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def many(n: int, word: str = "harbour") -> list[dict[str, str]]:
    return [record(f"a{i}", f"The {word} number {i} is open. It has {i} boats.") for i in range(n)]


@contextmanager
def run(place: Place, script: str, before: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    """Run a script in another process, with the same index and encoder; killed at the end."""
    head = f"""
import sys, time
from pathlib import Path
from tests.indexes import *
place = Place(Path({str(place.root)!r}))
"""
    with subprocess.Popen(
        [*before, sys.executable, "-c", head + script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def test_a_killed_build_changes_nothing_and_goes_on(place: Place) -> None:
    place.build([STORM])
    write_corpus(place.corpus, many(400))
    script = """
def tell(stage, done, total, detail=""):
    print(stage, done, flush=True)
    if stage == "embedding":
        time.sleep(0.05)
place.rebuild([place.corpus], progress=tell)
"""
    with run(place, script) as child:
        assert child.stdout is not None
        for line in child.stdout:
            stage, done = line.split()
            if stage == "embedding" and int(done) >= 128:
                child.send_signal(signal.SIGKILL)
                break
    with place.opened() as index:
        assert ids(index) == ["storm"]
    told: list[tuple[str, int, int | None]] = []
    encoded = place.encoder.encoded
    report = place.rebuild([place.corpus], progress=lambda s, d, t, _="": told.append((s, d, t)))
    assert report.indexed == 400
    embedding = [(done, total) for stage, done, total in told if stage == "embedding"]
    assert embedding[0][0] > 128  # began behind what was stored
    assert embedding[-1] == (400, 400)
    assert place.encoder.encoded - encoded <= 400 - 128
    with place.opened() as index:
        assert len(ids(index)) == 400


def test_a_second_writer_is_refused_at_once_and_told_who_writes(place: Place) -> None:
    place.build([STORM])
    script = """
from newsqa.index.locking import held
with held(place.folder):
    print("held", flush=True)
    time.sleep(30)
"""
    with run(place, script) as child, place.opened() as index:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        start = time.perf_counter()
        with pytest.raises(IndexLockedError, match=rf"process {child.pid} on .* since 20"):
            index.remove(["storm"])
        assert time.perf_counter() - start < 1
        assert ids(index) == ["storm"]  # readers take no lock
    with place.opened() as index:
        assert index.remove(["storm"]).removed == 1  # the lock ended with its holder


def test_two_threads_of_one_process_are_two_writers(place: Place) -> None:
    place.build([STORM])
    with place.opened() as index, held(place.folder), pytest.raises(IndexLockedError):
        index.remove(["storm"])


def test_a_snapshot_stays_what_it_was(place: Place) -> None:
    place.build([STORM, MAYOR])
    with place.opened() as index:
        old = index.snapshot()
        keys = old.columns.keys.tolist()
        terms = text.terms("harbour")
        before = (old.lexical(terms, 5), old.passages(keys), old.frequency(terms[0]))
        index.remove(["storm"])
        place.build([record("other", "Quite another harbour.")])
        assert index.snapshot() is not old
        assert index.snapshot() is index.snapshot()
        assert (old.lexical(terms, 5), old.passages(keys), old.frequency(terms[0])) == before


def test_another_process_sees_a_change_with_its_next_question(place: Place) -> None:
    place.build([STORM, MAYOR])
    with place.opened() as here, place.opened() as there:
        assert ids(there) == ["mayor", "storm"]
        place.add(here, record("new", "The bridge opens in 2031."))
        here.remove(["storm"])
        assert ids(there) == ["mayor", "new"]
        assert shown(there) == shown(here)


def test_readers_see_one_generation_while_a_writer_swaps(place: Place) -> None:
    """Every article says the number of its build; no reader may see two numbers."""

    def edition(n: int) -> list[dict[str, str]]:
        return [record(f"a{i}", f"Edition {n} of harbour {i}.") for i in range(30)]

    place.build(edition(0))
    mixed: list[set[str]] = []
    errors: list[BaseException] = []
    stop = threading.Event()

    def read(index: Index) -> None:
        try:
            while not stop.is_set():
                snapshot = index.snapshot()
                keys = [key for key, _ in snapshot.lexical(["harbour"], 100)]
                seen = {p.text.split()[1] for p in snapshot.passages(keys)}
                if len(seen) != 1 or len(keys) != 30:
                    mixed.append(seen)
        except BaseException as error:
            errors.append(error)

    with place.opened() as index:
        threads = [threading.Thread(target=read, args=(index,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for n in range(1, 9):
            place.build(edition(n))
        stop.set()
        for thread in threads:
            thread.join()
    assert (mixed, errors) == ([], [])


def caches_of(place: Place) -> list[Path]:
    return sorted((place.folder / "cache").iterdir())


def test_caches_are_made_again_when_missing(place: Place) -> None:
    place.build([STORM, MAYOR])
    with place.opened() as index:
        before = shown(index)
    shutil.rmtree(place.folder / "cache")
    with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
        assert index.verify().state == "repairable"
        assert shown(index) == before
        assert index.verify().state == "sound"


@pytest.mark.parametrize("kind", ["vectors", "words"])
def test_a_flipped_bit_in_a_cache_is_noticed_and_mended(place: Place, kind: str) -> None:
    place.build([STORM, MAYOR])
    with place.opened() as index:
        before = shown(index)

    def files() -> list[Path]:
        found = (path for folder in caches_of(place) for path in folder.rglob("*"))
        return sorted(
            path
            for path in found
            if kind in str(path.parent) and path.is_file() and path.stat().st_size
        )

    for at in range(len(files())):
        path = files()[at]  # repair gives files new names
        raw = path.read_bytes()
        path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
        with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
            assert index.verify().state == "repairable", path.name
            assert shown(index) == before
            assert index.repair().state == "sound"


def test_leftover_caches_of_a_killed_build_are_not_used(place: Place) -> None:
    place.build([STORM, MAYOR])
    for path in caches_of(place):
        kind = path.name.split("-")[0]
        shutil.copytree(path, path.with_name(f"{kind}-9-0123456789abcdef"))
    with place.opened() as index:
        assert ids(index) == ["mayor", "storm"]
        index.remove(["storm"])  # a long tail for so small an index: folds, and clears up
        assert [path.name.split("-")[1] for path in caches_of(place)] == ["2", "2"]


def flip(place: Place, needle: bytes) -> None:
    database = place.folder / "newsqa.db"
    raw = database.read_bytes()
    at = raw.index(needle)
    database.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])


def test_a_damaged_body_is_never_served(place: Place) -> None:
    place.build([STORM, MAYOR])
    flip(place, b"storm broke the harbour")
    with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
        snapshot = index.snapshot()
        with pytest.raises(IndexDamagedError, match="storm"):
            snapshot.article("storm", 1)
        with pytest.raises(IndexDamagedError, match="storm"):
            snapshot.passages(snapshot.columns.keys.tolist())
        found = index.verify()
        assert found.state == "damaged"
        assert any("storm" in damage.what for damage in found.damaged)
        assert snapshot.article("mayor", 1).title == "About mayor"


def test_a_damaged_title_is_never_served(place: Place) -> None:
    place.build([STORM, MAYOR])
    flip(place, b"About storm")
    with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
        with pytest.raises(IndexDamagedError):
            index.article("storm")
        assert index.verify().state == "damaged"


def test_a_lost_acknowledged_change_is_noticed(place: Place) -> None:
    place.build([STORM])
    old = (place.folder / "newsqa.db").read_bytes()
    place.build([STORM, MAYOR])
    (place.folder / "newsqa.db").write_bytes(old)
    with pytest.raises(IndexDamagedError, match="generation 2 was acknowledged"):
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)
    with pytest.raises(IndexDamagedError):
        place.build([STORM, MAYOR])


def test_an_unreadable_head_is_mended(place: Place) -> None:
    place.build([STORM])
    (place.folder / "head").write_text("{", encoding="utf-8")
    with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
        assert index.verify().state == "repairable"
        assert index.repair().state == "sound"


@pytest.mark.parametrize("content", [b"", b"not a database at all, but text " * 200])
def test_foreign_files_are_told_from_an_index(place: Place, content: bytes) -> None:
    place.folder.mkdir()
    (place.folder / "newsqa.db").write_bytes(content)
    with pytest.raises((IndexNotFoundError, IndexDamagedError)):
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)


def test_caches_that_cannot_be_written_are_kept_in_memory(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.build([STORM, MAYOR])
    shutil.rmtree(place.folder / "cache")
    (place.folder / "cache").write_text("in the way", encoding="utf-8")
    with (
        caplog.at_level(logging.WARNING),
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index,
    ):
        assert ids(index) == ["mayor", "storm"]
        assert "made in memory" in caplog.text


def unprivileged() -> list[str]:
    """What to put before a command so that permissions bind it, root or not."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("running as root without setpriv: permissions do not bind")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]


@pytest.mark.parametrize("wal", [False, True], ids=["no WAL", "a WAL left"])
def test_a_folder_that_cannot_be_written_is_searched_and_not_touched(
    place: Place, wal: bool
) -> None:
    place.build([STORM, MAYOR])
    if wal:
        script = """
import os
with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
    index.snapshot()
    place.add(index, record("third", "The museum is open."))
    index.snapshot()
    os._exit(9)
"""
        with run(place, script) as child:
            assert child.wait() == 9
        assert (place.folder / "newsqa.db-wal").exists()
    paths = [place.folder, *place.folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in paths}
    script = """
from newsqa.errors import IndexFileError
with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
    print(ids(index), index.verify().state, flush=True)
    try:
        index.remove(["storm"])
    except IndexFileError as error:
        print(error, flush=True)
"""
    with run(place, script, unprivileged()) as child:
        out, _ = child.communicate()
    paths = [place.folder, *place.folder.rglob("*")]
    after = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in paths}
    for path in paths:
        path.chmod(0o755)
    articles = ["mayor", "storm", "third"] if wal else ["mayor", "storm"]
    assert out.startswith(f"{articles} sound\n")
    assert "cannot be changed" in out
    assert after == before


def test_a_failing_encoder_changes_nothing(place: Place) -> None:
    place.build([STORM])

    class Failing(FakeEncoder):
        def encode_passages(self, texts: object) -> object:  # type: ignore[override]
            raise OSError(28, "No space left on device")

    place.encoder = Failing()
    with pytest.raises(IndexFileError, match=r"corpus\.jsonl was not indexed.*No space left"):
        place.build([STORM, MAYOR])
    place.encoder = FakeEncoder()
    with place.opened() as index:
        assert ids(index) == ["storm"]


def test_an_interrupted_build_can_be_followed_by_another(place: Place) -> None:
    def interrupt(stage: str, done: int, total: int | None, detail: str = "") -> None:
        if stage == "embedding":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.build([STORM], progress=interrupt)
    with pytest.raises(IndexNotFoundError):
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)
    with pytest.raises(CorpusError):
        place.rebuild([])
    assert place.build([MAYOR]).indexed == 1
    with place.opened() as index:
        assert ids(index) == ["mayor"]

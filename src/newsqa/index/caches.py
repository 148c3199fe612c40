"""The caches: vectors and words of one generation, written whole, checked before they are read.

``cache/<kind>-<generation>-<publish id>/`` holds ``store/``, ``keys.npy`` and ``manifest.json``
with the SHA-256 sum of every file. A cache is never changed after it has its name, and never the
truth: whatever is missing or damaged is made again from the catalog.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from newsqa.index.atomic_files import make_folder, sha256_of
from newsqa.index.catalog import CatalogReader, Recipe
from newsqa.index.chunking import WORDS_RECIPE, document
from newsqa.index.stores import FaissStore, TantivyStore

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Progress

KINDS = ("vectors", "words")
_STEP = 4096

Store = TypeVar("Store")


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """The generation a cache belongs to, and the publish id that proves it."""

    generation: int
    publish_id: str

    def folder(self, index: Path, kind: str) -> Path:
        """Return where the cache of this kind lies."""
        return index / "cache" / f"{kind}-{self.generation}-{self.publish_id}"


@dataclass(frozen=True, slots=True)
class Cache(Generic[Store]):
    """A store together with the keys it holds, ascending."""

    stamp: Stamp
    keys: Keys
    store: Store


@dataclass(frozen=True, slots=True)
class Source:
    """Where caches are made from, and how far it has come."""

    catalog: CatalogReader
    recipe: Recipe
    progress: Progress | None = None

    def tell(self, done: int, total: int, kind: str) -> None:
        """Report progress."""
        if self.progress is not None:
            self.progress("writing", done, total, kind)


def make_vectors(source: Source, keys: Keys, stamp: Stamp) -> Cache[FaissStore]:
    """Make the vector cache from the catalog, in memory."""
    store = FaissStore(source.recipe.dim)
    step = _STEP * 4
    for at in range(0, len(keys), step):
        part = keys[at : at + step]
        store.add(part, source.catalog.vectors(part, source.recipe.encoder, source.recipe.dim))
        source.tell(at + len(part), len(keys), "vectors")
    return Cache(stamp, keys, store)


def make_words(source: Source, keys: Keys, stamp: Stamp) -> Cache[TantivyStore]:
    """Make the word cache from the catalog, in memory."""
    store = TantivyStore()
    for found, documents in _documents(source, keys, stamp):
        store.add(found, documents)
    return Cache(stamp, keys, store)


def _documents(source: Source, keys: Keys, stamp: Stamp) -> Iterator[tuple[Keys, list[list[str]]]]:
    """Yield the terms of passages, a few thousand passages at a time."""
    for at in range(0, len(keys), _STEP):
        part = source.catalog.passages(keys[at : at + _STEP].tolist(), stamp.generation)
        found = np.array([stored.key for stored in part], dtype=np.int64)
        yield found, [document(stored.passage) for stored in part]
        source.tell(at + len(part), len(keys), "words")


def save_vectors(index: Path, source: Source, keys: Keys, stamp: Stamp) -> None:
    """Write the vector cache."""

    def fill(folder: Path) -> None:
        make_vectors(source, keys, stamp).store.write(folder)

    _save(index, "vectors", keys, stamp, source.recipe, fill)


def save_words(index: Path, source: Source, keys: Keys, stamp: Stamp) -> None:
    """Write the word cache; the texts are never all in memory."""

    def fill(folder: Path) -> None:
        TantivyStore.write_batches(folder, _documents(source, keys, stamp))

    _save(index, "words", keys, stamp, source.recipe, fill)


def _save(
    index: Path,
    kind: str,
    keys: Keys,
    stamp: Stamp,
    recipe: Recipe,
    write: Callable[[Path], None],
) -> None:
    """Write a cache beside and rename it; nothing is left of it if that fails."""

    def fill(folder: Path) -> None:
        write(folder / "store")
        np.save(folder / "keys.npy", keys, allow_pickle=False)
        sums = {name: sha256_of(folder / name) for name in _files_of(folder)}
        manifest = {**_labels(kind, stamp, recipe), "files": sums}
        manifest["check"] = _check(manifest)
        text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
        (folder / "manifest.json").write_text(text, encoding="utf-8")

    target = stamp.folder(index, kind)
    if target.exists():  # damaged, or it would have been read
        _remove(target)
    make_folder(target, fill)


def _labels(kind: str, stamp: Stamp, recipe: Recipe) -> dict[str, Any]:
    recipes = {"vectors": recipe.fingerprint, "words": WORDS_RECIPE}
    return {
        "kind": kind,
        "generation": stamp.generation,
        "publish_id": stamp.publish_id,
        "made_by": recipes[kind],
        "recipe": recipe.recipe,
    }


def _check(manifest: dict[str, Any]) -> str:
    return sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _files_of(folder: Path) -> list[str]:
    inner = (path for path in folder.rglob("*") if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in inner)
    return sorted(name for name in names if name != "manifest.json")


def complaint(index: Path, kind: str, stamp: Stamp, recipe: Recipe) -> str | None:
    """Return why a cache cannot be used, or None if every byte is as it was written."""
    folder = stamp.folder(index, kind)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        check = manifest.pop("check")
        if check != _check(manifest):
            return "manifest.json is not what was written"
        for name, value in _labels(kind, stamp, recipe).items():
            if manifest[name] != value:
                return f"made with {name} {manifest[name]!r}, {value!r} is needed"
        found = {name: sha256_of(folder / name) for name in _files_of(folder)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"unreadable: {type(error).__name__}: {error}"
    if found != manifest["files"]:
        names = {name for name, _ in set(found.items()) ^ set(manifest["files"].items())}
        return f"not what was written: {', '.join(sorted(names))}"
    return None


def load(
    index: Path, kind: str, stamp: Stamp, recipe: Recipe, read: Callable[[Path], Store]
) -> Cache[Store] | None:
    """Return a cache, or None if there is none whose every checksum holds."""
    if complaint(index, kind, stamp, recipe) is not None:
        return None
    folder = stamp.folder(index, kind)
    try:
        keys = np.load(folder / "keys.npy", allow_pickle=False)
        return Cache(stamp, keys, read(folder / "store"))
    except Exception:  # the folder vanished, or the library cannot read what it once wrote
        return None


def stamps(index: Path, published: dict[str, int]) -> list[Stamp]:
    """Return the stamps of caches that belong to a published generation, newest first."""
    found = set()
    for stamp in all_stamps(index):
        if stamp is not None and published.get(stamp.publish_id) == stamp.generation:
            found.add(stamp)
    return sorted(found, reverse=True)


def all_stamps(index: Path) -> list[Stamp | None]:
    """Return the stamp of every folder among the caches, None for what is no cache."""
    try:
        folders = list((index / "cache").iterdir())
    except OSError:
        return []
    return [_stamp_of(folder.name) for folder in folders]


def _stamp_of(name: str) -> Stamp | None:
    kind, _, rest = name.partition("-")
    generation, _, publish_id = rest.partition("-")
    if kind not in KINDS or not generation.isdecimal() or not publish_id:
        return None
    return Stamp(int(generation), publish_id)


def newest_keys(index: Path, recipe: Recipe, before: int) -> Keys | None:
    """Return the keys of the newest vector cache, unchecked, to judge how much has changed."""
    known = [stamp for stamp in all_stamps(index) if stamp and stamp.generation < before]
    for stamp in sorted(known, reverse=True):
        folder = stamp.folder(index, "vectors")
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            if manifest["recipe"] == recipe.recipe:
                keys: Keys = np.load(folder / "keys.npy", allow_pickle=False)
                return keys
    return None


def clean(index: Path, keep: Stamp) -> None:
    """Delete every cache but one generation's. The caller holds the caches lock."""
    with contextlib.suppress(OSError):
        for folder in list((index / "cache").iterdir()):
            if _stamp_of(folder.name) != keep:
                _remove(folder)


def _remove(folder: Path) -> None:
    """Take a cache away at once: half of one must not lie there under its name."""
    gone = folder.with_name(f".old-{folder.name.lstrip('.')}")
    with contextlib.suppress(OSError):
        if folder != gone:
            folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

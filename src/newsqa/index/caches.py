"""Caches of vectors and words for one generation: written whole, checked before each read.

``cache/<kind>-<generation>-<publish id>/`` holds ``store/``, ``keys.npy`` and ``manifest.json``
with the SHA-256 sum of every file. A cache is never changed after it has its name, and never the
truth: whatever is missing or damaged is made again from the catalog.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from newsqa.files.atomic import make_folder, sha256_of
from newsqa.index.catalog import CatalogReader, Recipe
from newsqa.index.chunking import WORDS_RECIPE, document
from newsqa.protocols import Backend, LexicalStore, Progress, Stores, VectorStore

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Vectors

KINDS = ("vectors", "words")
_VECTORS_STEP = 16_384  # passages in one batch
_WORDS_STEP = 4_096

Store = TypeVar("Store")
Batch = TypeVar("Batch")


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """The generation a cache belongs to, and the publish id that proves it."""

    generation: int
    publish_id: str

    def folder(self, index: Path, kind: str) -> Path:
        """Return the folder of the cache of this kind."""
        return index / "cache" / f"{kind}-{self.generation}-{self.publish_id}"


@dataclass(frozen=True, slots=True)
class Cache(Generic[Store]):
    """A store together with the keys it holds, ascending."""

    stamp: Stamp
    keys: Keys
    store: Store


@dataclass(frozen=True, slots=True)
class Caches:
    """The two caches that snapshots search; they hold the same keys."""

    vectors: Cache[VectorStore]
    words: Cache[LexicalStore]

    @property
    def keys(self) -> Keys:
        """The passages they hold, ascending."""
        return self.vectors.keys


@dataclass(frozen=True, slots=True)
class CacheFolder:
    """Make, write, check and read the caches of one index."""

    index: Path
    catalog: CatalogReader
    recipe: Recipe
    stores: Stores
    progress: Progress | None = None

    # -- making --

    def build(self, keys: Keys, stamp: Stamp) -> Caches:
        """Build the caches of these passages from the catalog, in memory."""
        vectors = self.stores.vectors.build(self._vectors(keys))
        words = self.stores.words.build(self.documents(keys, stamp.generation))
        return Caches(Cache(stamp, keys, vectors), Cache(stamp, keys, words))

    def save(self, keys: Keys, stamp: Stamp) -> Caches:
        """Write the caches to disk, unless they exist. The caller holds the caches lock.

        Raises:
            OSError: They could not be written; nothing is left of the one that failed.
        """
        words = self.documents(keys, stamp.generation)
        return Caches(
            self._saved("vectors", self.stores.vectors, self._vectors(keys), keys, stamp),
            self._saved("words", self.stores.words, words, keys, stamp),
        )

    def _saved(
        self,
        kind: str,
        backend: Backend[Batch, Store],
        batches: Iterable[tuple[Keys, Batch]],
        keys: Keys,
        stamp: Stamp,
    ) -> Cache[Store]:
        existing = self._load(kind, backend, stamp)
        if existing is not None and np.array_equal(existing.keys, keys):
            return existing
        self._write(kind, lambda folder: backend.write(batches, folder), keys, stamp)
        # What was written is what everybody else will read.
        written = self._load(kind, backend, stamp)
        if written is None:
            raise OSError(f"the cache of {kind} could not be read back")
        return written

    def _write(self, kind: str, write: Callable[[Path], None], keys: Keys, stamp: Stamp) -> None:
        """Write a cache to a temporary folder and rename it; delete it on failure."""

        def fill(folder: Path) -> None:
            write(folder / "store")
            np.save(folder / "keys.npy", keys, allow_pickle=False)
            sums = {name: sha256_of(folder / name) for name in _files_of(folder)}
            manifest = {**self._labels(kind, stamp), "files": sums}
            manifest["check"] = _check(manifest)
            text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
            (folder / "manifest.json").write_text(text, encoding="utf-8")

        target = stamp.folder(self.index, kind)
        if target.exists():  # damaged, or it would have been read
            _remove(target)
        make_folder(target, fill)

    def _labels(self, kind: str, stamp: Stamp) -> dict[str, Any]:
        vectors = kind == "vectors"
        return {
            "kind": kind,
            "store": (self.stores.vectors if vectors else self.stores.words).name,
            "generation": stamp.generation,
            "publish_id": stamp.publish_id,
            "made_by": self.recipe.fingerprint if vectors else WORDS_RECIPE,
            "recipe": self.recipe.recipe,
        }

    def _vectors(self, keys: Keys) -> Iterator[tuple[Keys, Vectors]]:
        for at in range(0, max(1, len(keys)), _VECTORS_STEP):
            part = keys[at : at + _VECTORS_STEP]
            yield part, self.catalog.vectors(part, self.recipe.encoder, self.recipe.dim)
            self._tell(at + len(part), len(keys), "vectors")

    def documents(self, keys: Keys, generation: int) -> Iterator[tuple[Keys, list[list[str]]]]:
        """Yield the terms of passages, a few thousand passages at a time."""
        for at in range(0, max(1, len(keys)), _WORDS_STEP):
            part = self.catalog.passages(keys[at : at + _WORDS_STEP].tolist(), generation)
            stored_keys = np.array([stored.key for stored in part], dtype=np.int64)
            yield stored_keys, [document(stored.passage) for stored in part]
            self._tell(at + len(part), len(keys), "words")

    def _tell(self, done: int, total: int, kind: str) -> None:
        if self.progress is not None:
            self.progress("writing", done, total, kind)

    # -- reading --

    def load(self, stamp: Stamp) -> Caches | None:
        """Return the caches of a generation, or None if either is missing or damaged."""
        vectors = self._load("vectors", self.stores.vectors, stamp)
        words = self._load("words", self.stores.words, stamp)
        return None if vectors is None or words is None else Caches(vectors, words)

    def _load(self, kind: str, backend: Backend[Batch, Store], stamp: Stamp) -> Cache[Store] | None:
        if self.complaint(kind, stamp) is not None:
            return None
        folder = stamp.folder(self.index, kind)
        try:
            keys = np.load(folder / "keys.npy", allow_pickle=False)
            return Cache(stamp, keys, backend.open(folder / "store"))
        except Exception:  # the folder vanished, or the library cannot read what it once wrote
            return None

    def complaint(self, kind: str, stamp: Stamp) -> str | None:
        """Return why a cache cannot be used, or None if every byte is as it was written."""
        folder = stamp.folder(self.index, kind)
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            check = manifest.pop("check")
            if check != _check(manifest):
                return "manifest.json is not what was written"
            for name, value in self._labels(kind, stamp).items():
                if manifest[name] != value:
                    return f"made with {name} {manifest[name]!r}, {value!r} is needed"
            sums = {name: sha256_of(folder / name) for name in _files_of(folder)}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            return f"unreadable: {type(error).__name__}: {error}"
        if sums != manifest["files"]:
            names = {name for name, _ in set(sums.items()) ^ set(manifest["files"].items())}
            return f"not what was written: {', '.join(sorted(names))}"
        return None

    def stamps(self) -> list[Stamp]:
        """Return the stamps of caches that belong to a published generation, newest first."""
        published = self.catalog.publish_ids()
        known = {stamp for stamp in all_stamps(self.index) if stamp is not None}
        return sorted(
            (stamp for stamp in known if published.get(stamp.publish_id) == stamp.generation),
            reverse=True,
        )


def _check(manifest: dict[str, Any]) -> str:
    return sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _files_of(folder: Path) -> list[str]:
    inner = (path for path in folder.rglob("*") if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in inner)
    return sorted(name for name in names if name != "manifest.json")


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
    """Rename a cache before deleting it: half of one must not remain under its name."""
    gone = folder.with_name(f".old-{folder.name.lstrip('.')}")
    with contextlib.suppress(OSError):
        if folder != gone:
            folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

"""Article keys of added files: one for each file, whatever was added before it.

A build names files as seen from the folder among its PATHs, or the one that holds them all. What is
added later is named as seen from the same folder, so that two files never share a key by accident
and the order of the commands does not matter.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from newsqa.index.catalog import CatalogWriter
from newsqa.ingest import InputFile, Walk, format_of, key_seen_from


def with_keys(files: Walk, writer: CatalogWriter, index: Path) -> Walk:
    """Return the files with their keys in this index.

    A file that was read before keeps its key. Files in the index's own folder (uploads, what came
    by stdin, fetched pages) go by their names alone.
    """
    base, own = _base(writer), index.resolve()

    def keyed(file: InputFile) -> InputFile:
        key = writer.key_of_file(file.path)
        if key is None and file.path.is_relative_to(own):
            key = key_seen_from(file.path.parent, file.path)
        elif key is None and base is not None:
            key = key_seen_from(base, file.path)
        return file if key is None else replace(file, article_key=key)

    return replace(files, files=tuple(map(keyed, files.files)))


def _base(writer: CatalogWriter) -> Path | None:
    """Return the folder that the last build named its files from, or None if none is known."""
    base = writer.base()
    root = None if base else writer.first_root()  # an index of before the base was noted
    return root.parent if root is not None and format_of(root) else base or root

"""Define every error that newsqa raises on purpose.

NewsQAError
├── SettingsError             a settings file or variable has an unknown key or a bad value
├── CorpusError               no article could be read from the paths given
├── UnknownArticleError       no such article, version or generation in the index
├── QuestionSetError          a folder is not a question set of the common form
├── IndexFileError            something is wrong with an index folder
│   ├── IndexNotFoundError    no index at that path
│   ├── IndexMismatchError    built with another encoder, recipe or format
│   ├── IndexLockedError      another writer holds the lock
│   └── IndexDamagedError     a stored row or file is not what was written
├── ModelNotFoundError        the weights are not on this machine, or not the right ones
└── CitationError             a quote is not the text its span points at (always a bug)

A wrong argument is a plain ``ValueError``; "nothing found" is a value, not an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_MOST_LINES = 20  # problems named in the text of one error


@dataclass(frozen=True, slots=True)
class Problem:
    """An input that was skipped or failed, and why; ``path`` may end in ``#line``."""

    path: str
    reason: str


class NewsQAError(Exception):
    """Base class: ``except NewsQAError`` catches all the errors above and nothing else."""


class SettingsError(NewsQAError):
    """A settings file or variable has an unknown key or a bad value."""


class CorpusError(NewsQAError):
    """No article could be read from the paths given; the index is as it was.

    ``message`` is one line; ``problems`` names each input and why it holds no article.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        self.message = message
        self.problems = tuple(problems)
        super().__init__(message)

    def __str__(self) -> str:
        lines = [f"{p.path}: {p.reason}" for p in self.problems[:_MOST_LINES]]
        more = len(self.problems) - len(lines)
        return "\n".join([self.message, *lines, *([f"and {more} more"] if more else [])])


class UnknownArticleError(NewsQAError):
    """The index holds no such article, version or generation."""


class QuestionSetError(NewsQAError):
    """A folder is not a question set; the message names file, line and what is wrong."""


class IndexFileError(NewsQAError):
    """Something is wrong with an index folder."""


class IndexNotFoundError(IndexFileError):
    """There is no index at that path, or its first build is ``unfinished``."""

    def __init__(self, folder: object, *, unfinished: bool = False) -> None:
        command = f"`newsqa index build PATH --index {folder}`"
        super().__init__(
            f"the first build of {str(folder)!r} has not finished; if it was interrupted, "
            f"{command} continues it"
            if unfinished
            else f"no index at {str(folder)!r}; make one with {command}"
        )


class IndexMismatchError(IndexFileError):
    """The index was built with something that differs from what was asked for now."""

    def __init__(self, field: str, *, built_with: object, asked_for: object) -> None:
        self.field = field
        self.built_with = built_with
        self.asked_for = asked_for
        super().__init__(
            f"index was built with {field}={built_with!r}, but {asked_for!r} was asked for; "
            "rebuild it with `newsqa index build`"
        )


class IndexLockedError(IndexFileError):
    """Another writer holds the index; the message says who."""


class IndexDamagedError(IndexFileError):
    """A stored row or file is not what was written; `newsqa index verify` lists it all."""


class ModelNotFoundError(NewsQAError):
    """The weights asked for are not on this machine, or their checksum is wrong."""


class CitationError(NewsQAError):
    """A quote is not the text its span points at."""

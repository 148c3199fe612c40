"""Exit codes, and which error means which.

The interrupted and the broken-off follow the shell: 128 and the number of the signal.
"""

from __future__ import annotations

from typing import Final

from newsqa import errors

DONE: Final = 0  # answered, found, done
NO_ANSWER: Final = 1  # no answer, no hits, no such article
USAGE: Final = 2  # wrong argument, a PATH that does not exist, a wrong setting
INDEX: Final = 3  # index missing, mismatched, locked or damaged; model missing
SOME_FAILED: Final = 4  # some input failed: each named, the rest done
BUG: Final = 70  # an error nobody foresaw
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141

PROOF: Final = {"exact": DONE, "changed": NO_ANSWER, "unknown": INDEX}
SOUNDNESS: Final = {"sound": DONE, "repairable": NO_ANSWER, "damaged": INDEX}


def code_of(error: Exception) -> int:
    """Return the exit code that ``error`` ends the command with."""
    if isinstance(error, errors.UnknownArticleError):
        return NO_ANSWER
    if isinstance(error, errors.SettingsError | errors.QuestionSetError):
        return USAGE
    if isinstance(error, errors.CorpusError):
        return SOME_FAILED
    if isinstance(error, errors.NewsQAError | OSError):
        return INDEX
    return BUG

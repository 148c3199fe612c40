"""Opening one input file safely and reading it once."""

from __future__ import annotations

import os
from hashlib import sha256

from newsqa.ingest.types import LINK, InputFile
from newsqa.ingest.walk import kind_reason

_CHUNK = 1 << 20


class CannotReadError(Exception):
    """The file is not read; the message is the reason that people are shown."""


def read_once(file: InputFile, max_file_mb: int) -> tuple[bytes, str]:
    """Return the file's bytes and the SHA-256 of exactly these bytes.

    The file is opened without following a link and without waiting (a pipe would block), and is
    looked at through its descriptor, so that it cannot be exchanged in between.

    Raises:
        CannotReadError: It is no regular file, is too large, or the system refuses it.
    """
    if os.path.realpath(file.path) != os.fspath(file.path):
        raise CannotReadError(LINK)  # a folder above it has become a link since the walk
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(file.path, flags)
        with open(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if reason := kind_reason(status.st_mode):
                raise CannotReadError(reason)
            limit = max_file_mb * 1_000_000
            if status.st_size > limit:
                raise CannotReadError(_too_large(max_file_mb))
            digest = sha256()
            content = bytearray()
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                content += chunk
                if len(content) > limit:  # it grew while it was read
                    raise CannotReadError(_too_large(max_file_mb))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CannotReadError(f"cannot be read: {reason}") from None
    return bytes(content), digest.hexdigest()


def _too_large(max_file_mb: int) -> str:
    return f"larger than {max_file_mb} MB"

"""Messages between the parsing worker and its parent: a length in eight bytes, then the bytes.

JSON and raw bytes only, so that nothing a worker sends can run code in the parent.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

LENGTH_BYTES = 8
MAX_FRAME_BYTES = 1 << 30
OUT_OF_MEMORY = 77  # exit code of a worker that ran out of its memory


def pack(payload: bytes) -> bytes:
    """Return the frame of one message."""
    return len(payload).to_bytes(LENGTH_BYTES, "big") + payload


def to_json(message: dict[str, Any]) -> bytes:
    """Return a message as JSON."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def read_frame(stream: BinaryIO) -> bytes | None:
    """Read one message, or None at the end of the stream."""
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    length = int.from_bytes(head, "big")
    payload = stream.read(length)
    return payload if len(payload) == length else None

"""The parsing worker: a process that turns bytes into drafts and may be killed at any time.

Run as ``python -m newsqa.ingest.sandbox.worker``. It reads from standard input and writes to
standard output: one message with its limits first, then for each file a header and the file's
bytes; it replies with one batch or several. Its processor time is limited anew for each batch:
the soft limit is set to what it has used so far and the allowance, and the kernel ends it beyond
that.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from newsqa.ingest.draft import Batch, Draft, EmptyError, RefusedError, SkippedError, finished
from newsqa.ingest.sandbox.framing import OUT_OF_MEMORY, pack, read_frame, to_json
from newsqa.ingest.types import EMPTY


def main() -> None:
    """Serve until standard input ends."""
    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)  # what a library prints must not get between the messages
    limits = json.loads(read_frame(source) or b"{}")
    if not limits:
        return
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, limits["memory_mb"] << 20)
    try:
        while (head := read_frame(source)) is not None:
            request = json.loads(head)
            content = read_frame(source) or b""
            parser = parser_for(request["format"])  # imports are not charged to the file
            _allow(limits["cpu_s"])
            for batch in replies(parser, content, request["name"]):
                target.write(pack(to_json(batch.to_dict())))
                target.flush()
                _allow(limits["cpu_s"])
            del content
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BrokenPipeError:
        os._exit(0)


def replies(
    parser: Callable[[bytes], Draft | Iterator[Batch]], content: bytes, name: str
) -> Iterator[Batch]:
    """Yield what ``parser`` makes of ``content``; whatever it raises becomes a reason.

    Raises:
        MemoryError: The memory ran out.
    """
    try:
        found = parser(content)
        if not isinstance(found, Draft):
            yield from found
            return
        if not found.title:
            found = _named(found, name)
        yield Batch([finished(found)])
    except EmptyError:
        yield Batch(skipped=[(None, EMPTY)])
    except SkippedError as error:
        yield Batch(skipped=[(None, str(error))])
    except RefusedError as error:
        yield Batch(failed=[(None, str(error))])
    except MemoryError:
        raise
    except RecursionError:
        yield Batch(failed=[(None, "cannot be parsed: nested too deeply")])
    except Exception as error:  # parsers of hostile files raise anything at all
        words = " ".join(str(error).split())[:150]
        reason = f"cannot be parsed ({type(error).__name__}{': ' if words else ''}{words})"
        yield Batch(failed=[(None, reason)])


def _named(draft: Draft, name: str) -> Draft:
    """A file that tells no title is called by its name."""
    from dataclasses import replace

    return replace(draft, title=PurePosixPath(name).stem)


def parser_for(kind: str) -> Callable[[bytes], Draft | Iterator[Batch]]:
    """Return the parser of a format, its libraries loaded; where one is missing, it says so."""
    try:
        return _archive_parser(kind) or _rare_parser(kind) or _common_parser(kind)
    except ModuleNotFoundError as error:
        missing = str(error.name)

    def not_installed(_content: bytes) -> Draft:
        raise SkippedError(f"{missing!r} is not installed; install newsqa[formats] to read {kind}")

    return not_installed


def _archive_parser(kind: str) -> Callable[[bytes], Iterator[Batch]] | None:
    from functools import partial

    from newsqa.ingest.formats.archives import ARCHIVES, parse_archive

    if kind not in ARCHIVES:
        return None
    return partial(parse_archive, kind=kind, parser_of=parser_for, replies=replies)


def _rare_parser(kind: str) -> Callable[[bytes], Draft | Iterator[Batch]] | None:
    """Return the parser of a format whose library not everybody has."""
    if kind == "feed":
        import dateutil.parser  # noqa: F401
        import feedparser  # noqa: F401

        from newsqa.ingest.formats.feed import parse_feed

        return parse_feed
    if kind == "docx":
        import docx  # noqa: F401

        from newsqa.ingest.formats.docx import parse_docx

        return parse_docx
    if kind == "warc":
        import brotli  # noqa: F401
        import fastwarc.warc  # noqa: F401
        import zstandard  # noqa: F401

        from newsqa.ingest.formats.warc import parse_warc

        return parse_warc
    return None


def _common_parser(kind: str) -> Callable[[bytes], Draft | Iterator[Batch]]:
    from functools import partial

    if kind == "mail":
        from newsqa.ingest.formats.mail import parse_mail

        return parse_mail
    if kind == "html":
        import trafilatura  # noqa: F401

        from newsqa.ingest.formats.html import parse_html

        return parse_html
    if kind == "pdf":
        import pypdf  # noqa: F401

        from newsqa.ingest.formats.pdf import parse_pdf

        return parse_pdf
    if kind == "markdown":
        from newsqa.ingest.formats.markdown import parse_markdown

        return parse_markdown
    if kind == "text":
        from newsqa.ingest.formats.plain_text import parse_text

        return parse_text
    if kind == "rtf":
        import striprtf.striprtf  # noqa: F401

        from newsqa.ingest.formats.rtf import parse_rtf

        return parse_rtf
    if kind == "csv":
        from newsqa.ingest.formats.csv import parse_csv

        return parse_csv
    from newsqa.ingest.formats.jsonl import parse_jsonl

    return partial(parse_jsonl, gzipped=kind == "jsonl.gz")


def _allow(cpu_s: int) -> None:
    _limit(resource.RLIMIT_CPU, math.ceil(time.process_time()) + cpu_s)


def _limit(what: int, soft: int) -> None:
    """Set a soft limit, not above the hard one; a system without that limit does without."""
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    try:
        resource.setrlimit(what, (soft, hard))
    except (ValueError, OSError):  # macOS refuses RLIMIT_AS; the parent watches the memory there
        return


if __name__ == "__main__":
    main()
    sys.exit(0)

"""Bytes to text: byte order mark, UTF-8, the charset declared, detection, Windows-1252.

The first step that fits wins. The UTF-8 step also takes files that are UTF-8 but for damage:
a character cut off at the end, an overlong form, a line of Windows-1252 in between.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Names of other codecs (utf-7, unicode_escape, rot13) could hide markup or are no charsets.
_CHARSET = re.compile(
    r"utf-8|iso8859-\d+|cp\d{3,4}|koi8-[rut]|gb(k|2312|18030)|hz|big5(hkscs)?|shift_jis\w*|"
    r"euc_\w+|iso2022_jp\w*|johab|mac-\w+|ascii|tis-620|ptcp154|kz1048"
)
# Browsers read these labels as the larger set, and so were the pages written.
# Source: https://encoding.spec.whatwg.org/#names-and-labels
_READ_AS = {
    **dict.fromkeys(("iso8859-1", "ascii"), "cp1252"),
    "iso8859-9": "cp1254",
    **dict.fromkeys(("iso8859-11", "tis-620"), "cp874"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    **dict.fromkeys(("big5",), "big5hkscs"),
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_LABELS = {  # of that list, those that Python does not know
    **dict.fromkeys(("windows-874", "dos-874"), "cp874"),
    **dict.fromkeys(("x-sjis", "windows-31j", "ms932"), "cp932"),
    "x-gbk": "gb18030",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-roman": "mac-roman",
    **{f"x-cp{number}": f"cp{number}" for number in range(1250, 1259)},
}
_ESCAPED = re.compile("iso2022|hz")  # written in ASCII, with escapes
_DAMAGE_SHARE = 0.001  # of a text's characters that may not fit the charset declared
_DECLARED = (
    re.compile(rb"<meta[^<>]{1,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,30})", re.IGNORECASE),
    re.compile(rb"<\?xml[^<>]{1,200}?encoding\s*=\s*[\"']([\w.:-]{2,30})", re.IGNORECASE),
)
_DECLARED_WITHIN = 4096
_BAD_RUN = re.compile("[\udc80-\udcff]+")
# The shape of one multi-byte character, well-formed or overlong or a surrogate.
_SHAPE = re.compile(rb"[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}")
_CUT_OFF = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
_DETECTED_FROM = 200_000
# Tried one after another where nothing is declared: encodings that news is found in.
_CANDIDATES = [
    *("cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("koi8_r", "koi8_u", "iso8859_2", "iso8859_5", "iso8859_7", "cp866"),
    *("shift_jis", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp949"),
]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and the encoding it was read in, by the name under which Python knows it."""

    text: str
    encoding: str


def decode(content: bytes, *, markup: bool = False, charset: str = "") -> Decoded:
    """Return ``content`` as text; bytes that fit nowhere become U+FFFD. Never raises.

    Args:
        content: The bytes.
        markup: A charset may be declared in a ``meta`` tag or XML declaration.
        charset: What a header says; it counts for more than what markup declares.
    """
    for mark, name in _BOMS:
        if content.startswith(mark):
            return Decoded(content.decode(name, "replace"), name)
    if wide := _without_mark(content):
        return wide
    names = [known_charset(charset), declared(content) if markup else None]
    for name in filter(None, names):
        if _ESCAPED.match(name) and (text := _strict(content, name)) is not None:
            return Decoded(text, name)
    if (text := _utf8(content)) is not None:
        return Decoded(text, "utf-8")
    for name in filter(None, names):
        if (text := _nearly(content, name)) is not None:
            return Decoded(text, name)
    if detected := _detect(content):
        return detected
    return Decoded(content.decode("cp1252", "replace"), "cp1252")


def declared(content: bytes) -> str | None:
    """Return the charset that markup declares near its start, if it is one that may be used."""
    head = content[:_DECLARED_WITHIN]
    for pattern in _DECLARED:
        label = pattern.search(head)
        if label and (name := known_charset(label[1].decode("ascii", "replace"))):
            return name
    return None


def known_charset(label: str) -> str | None:
    """Return Python's name of the encoding that browsers read under a label, if there is one."""
    try:
        name = codecs.lookup(_LABELS.get(label.strip().lower(), label.strip())).name
    except (LookupError, ValueError):
        return None
    return _READ_AS.get(name, name) if _CHARSET.fullmatch(name) else None


def _without_mark(content: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 without its mark shows as NULs in every second byte, or three of four."""
    head = content[:4096]
    if len(head) < 4 or head.count(0) < len(head) * 0.3:
        return None
    nuls = [head[at::4].count(0) / max(1, len(head[at::4])) for at in range(4)]
    big, little = nuls[0] > 0.7 and nuls[2] > 0.7, nuls[1] > 0.7 and nuls[3] > 0.7
    if big and nuls[1] > 0.7:
        names = ["utf-32-be"]
    elif little and nuls[2] > 0.7:
        names = ["utf-32-le"]
    else:
        names = ["utf-16-be"] * big + ["utf-16-le"] * little
    for name in names:
        if (text := _strict(content, name)) is not None:
            return Decoded(text, name)
    return None


def _utf8(content: bytes) -> str | None:
    """Read as UTF-8, strictly or with a little damage; None where it is another encoding."""
    if (text := _strict(content, "utf-8")) is not None:
        return text
    good = sum(1 for _ in _SHAPE.finditer(content)) or int(_only_cut_off(content))
    if not good:
        return None
    whole = _CUT_OFF.sub(b"", content)
    marked = whole.decode("utf-8", "surrogateescape")
    bad = sum(len(_SHAPE.sub(b"", _raw(run))) for run in _BAD_RUN.finditer(marked))
    if good < bad:
        return None
    return _BAD_RUN.sub(_mend, marked) + "\ufffd" * (len(whole) < len(content))


def _only_cut_off(content: bytes) -> bool:
    """Whether an English text was cut inside its last character, and is else plain ASCII."""
    cut = _CUT_OFF.search(content)
    if cut is None or not content[: cut.start()].isascii():
        return False
    # One byte alone may be the letter é of another encoding; capitals there are unlikely.
    before = content[cut.start() - 1 : cut.start()]
    return len(cut[0]) > 1 or (cut[0] < b"\xe0" and before.islower())


def _raw(run: re.Match[str]) -> bytes:
    return run[0].encode("utf-8", "surrogateescape")


def _mend(run: re.Match[str]) -> str:
    """Read a bad run: U+FFFD for each thing shaped like UTF-8, Windows-1252 for other bytes."""
    parts = re.split(b"(" + _SHAPE.pattern + b")", _raw(run))
    return "".join(
        "\ufffd" if at % 2 else p.decode("cp1252", "replace") for at, p in enumerate(parts)
    )


def _strict(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except (UnicodeError, LookupError):
        return None


def _nearly(content: bytes, name: str) -> str | None:
    """Read as a declared charset, with the little damage that single bytes may do."""
    if (text := _strict(content, name)) is not None:
        return text
    try:
        text = content.decode(name, "replace")
    except (UnicodeError, LookupError):
        return None
    return text if text.count("\ufffd") <= max(1, _DAMAGE_SHARE * len(text)) else None


def _detect(content: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes

    head = content[:_DETECTED_FROM]
    if _western(head):
        return None
    best = from_bytes(head, cp_isolation=_CANDIDATES, preemptive_behaviour=False).best()
    if best is None:
        return None
    text = content.decode(best.encoding, "replace")
    return Decoded(text, codecs.lookup(best.encoding).name)


def _western(content: bytes) -> bool:
    """Whether the text is Latin letters with a few accents: Windows-1252 then, whatever else fits.

    Detectors mistake short French or German for Baltic or Central European.
    """
    text = content.decode("cp1252", "replace")
    accents = sum(1 for letter in text if letter in "àâäçéèêëîïôöùûüÿñæœßåøáíóúÀÂÄÇÉÈÊÎÔÖÙÛÜÑÆŒÅØ")
    quotes = sum(1 for sign in text if sign in "‘’“”–—…€£°«»\u00a0§©®·´")
    high = sum(1 for byte in content if byte >= 0x80)
    plain = sum(1 for letter in text if letter.isascii() and letter.isalpha())
    return high > 0 and accents + quotes >= high * 0.95 and plain > 2 * high

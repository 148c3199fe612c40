"""What a mail repeats of other mails: replies quote them, forwards append them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any

from newsqa.ingest.fields.dates import parse_day, written_days
from newsqa.types import Span

OPEN, CLOSE = "\ue0f0", "\ue0f1"  # stand in the text of an HTML mail round what it quotes

_QUOTED_LINE = re.compile(r"[ \t]*(?:>|\|[ \t]|[A-Z]{1,3}>)")
_WROTE = (
    r"wrote|writes|schrieb|schreef|a écrit|écrit|escribió|escreveu|ha scritto|scrisse|skrev|"
    r"kirjoitti|napisał(?:\(a\))?|написал(?:\(?а\)?)?|пишет|yazdı|写道|wrote on .{1,40}|said"
)
_ATTRIBUTION = re.compile(
    rf"^(?!\s*>)(?=[^\n]{{0,300}}(?:\d|@))[^\n]{{3,300}}(?:{_WROTE})\b[^\n]{{0,60}}[:：]\s*$",
    re.IGNORECASE,
)
_ON_DAY = re.compile(r"\s*(?:on|am|le|el|il|op|em|den|w dniu)\b[^\n]*\d", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"\s*[-_=*]{2,}\s*(?:original message|original appointment|ursprüngliche nachricht|"
    r"message d'origine|mensaje original|mensagem original|messaggio originale|"
    r"oorspronkelijk bericht|reply message|исходное сообщение)\s*[-_=*]{2,}\s*",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"\s*(?:[-_=*]{2,}\s*(?:forwarded (?:message|mail|by .{1,80})|weitergeleitete nachricht|"
    r"message transféré|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht)\s*[-_=*]*|"
    r"begin forwarded message\s*:|anfang der weitergeleiteten nachricht\s*:)\s*",
    re.IGNORECASE,
)
_FIELDS = {
    **dict.fromkeys(("from", "von", "de", "da", "van", "от"), "from"),
    **dict.fromkeys(("date", "sent", "datum", "gesendet", "envoyé", "enviado", "data"), "date"),
    **dict.fromkeys(("subject", "betreff", "objet", "asunto", "assunto", "oggetto"), "subject"),
    **dict.fromkeys(("to", "an", "à", "para", "a", "aan", "cc", "reply-to", "bcc"), "to"),
}
_FIELD = re.compile(
    rf"\s*>?\s*\*?(?P<name>{'|'.join(sorted(_FIELDS, key=len, reverse=True))})\s*:\*?\s*"
    r"(?P<value>[^\n]*?)\s*",
    re.IGNORECASE,
)
_SENDER = re.compile(r"[\"']?(?P<name>[^\"'<>\[\]]*?)[\"']?\s*(?:[<\[].*|$)")
_HTML_QUOTES = (
    "//blockquote[@type='cite' or contains(@class,'gmail_quote') or contains(@class,'cite')]"
    "|//*[contains(@class,'gmail_quote') or contains(@class,'gmail_extra')]"
    "|//*[contains(@class,'yahoo_quoted') or contains(@class,'protonmail_quote')]"
    "|//*[contains(@class,'moz-cite-prefix') or contains(@class,'tutanota_quote')]"
    "|//*[contains(@class,'OutlookMessageHeader')]"
)
_HTML_REST = "//*[@id='appendonsend' or @id='divRplyFwdMsg' or contains(@id,'_divRplyFwdMsg')]"


@dataclass(frozen=True, slots=True)
class Forward:
    """A mail that another one holds in its text: its own sender, day, subject and words."""

    sender: str
    published: date | None
    title: str
    body: str


def mark_quotes(root: Any) -> None:
    """Put `OPEN` and `CLOSE` round the parts of an HTML mail that repeat another mail."""
    marked: set[Any] = set()
    for element in root.xpath(_HTML_QUOTES):
        is_inner = any(parent in marked for parent in element.iterancestors())
        is_forward = _FORWARD.match("".join(element.itertext())[:300].strip()[:80])
        if not is_inner and not is_forward:
            marked.add(element)
            _mark(element, element)
    for element in root.xpath(_HTML_REST):
        parents = [element, *element.iterancestors()]
        if not any(parent in marked for parent in parents):
            rest = [element, *element.itersiblings()]
            marked.update(rest)
            _mark(element, rest[-1])


def _mark(first: Any, last: Any) -> None:
    for element, text, put in ((first, OPEN, "addprevious"), (last, CLOSE, "addnext")):
        paragraph = element.makeelement("p")
        paragraph.text = text
        tail, element.tail = element.tail, None
        getattr(element, put)(paragraph)
        (paragraph if put == "addnext" else element).tail = tail


def without_marks(text: str) -> tuple[str, list[Span]]:
    """Return the text of an HTML mail and the stretches of it that were marked as quoted."""
    parts: list[str] = []
    spans: list[Span] = []
    size, depth, start = 0, 0, 0
    for part in re.split(f"({OPEN}|{CLOSE})", text):
        if part == OPEN:
            start, depth = (size, depth + 1) if depth == 0 else (start, depth + 1)
        elif part == CLOSE:
            depth = max(0, depth - 1)
            if depth == 0 and size > start:
                spans.append(Span(start, size))
        else:
            parts.append(part)
            size += len(part)
    if depth and size > start:
        spans.append(Span(start, size))
    return "".join(parts), spans


def split_forward(text: str) -> tuple[str, Forward | None]:
    """Cut off the mail that a text forwards, if it holds one with a sender."""
    for line, start, end in _lines(text):
        if _FORWARD.fullmatch(line):
            fields, rest = _header(text, end)
            if "from" in fields:
                return text[:start], _forward(fields, text[rest:])
    return text, None


def quoted(text: str) -> list[Span]:
    """Return the stretches of a plain text that quote another mail, with the line that says so."""
    spans: list[Span] = []
    lines = list(_lines(text))
    for at, (line, start, end) in enumerate(lines):
        if spans and start < spans[-1].end:
            continue
        if _QUOTED_LINE.match(line):
            spans.append(Span(_attribution(lines, at), end))
        elif _ORIGINAL.fullmatch(line) or _is_header(text, lines, at):
            spans.append(Span(start, len(text)))
            break
        elif _ends_in_attribution(lines, at):
            spans.append(Span(_attribution(lines, at + 1), len(text)))
            break
    return _joined(text, spans)


def _lines(text: str) -> Iterator[tuple[str, int, int]]:
    at = 0
    for line in text.splitlines(keepends=True):
        yield line.rstrip("\n"), at, at + len(line.rstrip("\n"))
        at += len(line)


def _attribution(lines: list[tuple[str, int, int]], at: int) -> int:
    """Return where a quotation begins: at "On Monday … wrote:" before it, else with its line."""
    before = [n for n in range(max(0, at - 4), at) if lines[n][0].strip()][-2:]
    both = " ".join(lines[n][0] for n in before)
    if len(before) == 2 and _ON_DAY.match(lines[before[0]][0]) and _ATTRIBUTION.search(both):
        return lines[before[0]][1]
    if before and _ATTRIBUTION.search(lines[before[-1]][0]):
        return lines[before[-1]][1]
    return lines[at][1] if at < len(lines) else lines[-1][2]


def _ends_in_attribution(lines: list[tuple[str, int, int]], at: int) -> bool:
    """Whether a mail is quoted below this line without signs: "On 3 March 2026, A <a@b> wrote:"."""
    line = lines[at][0]
    if not (_ATTRIBUTION.search(line) and re.search(r"<[^<>]*@[^<>]*>|\d{1,2}:\d\d", line)):
        return False
    following = next((text for text, _, _ in lines[at + 1 :] if text.strip()), "")
    return not _QUOTED_LINE.match(following)


def _is_header(text: str, lines: list[tuple[str, int, int]], at: int) -> bool:
    """Whether the header of another mail begins here: From and at least two other fields."""
    field = _FIELD.fullmatch(lines[at][0])
    if field is None or _FIELDS[field["name"].lower()] != "from":
        return False
    return len(_header(text, lines[at][1])[0]) >= 3


def _header(text: str, at: int) -> tuple[dict[str, str], int]:
    """Return the fields of a mail's header in its text, and where they end."""
    fields: dict[str, str] = {}
    end = at
    for line, _, stop in _lines(text[at:]):
        field = _FIELD.fullmatch(line)
        if field:
            fields.setdefault(_FIELDS[field["name"].lower()], field["value"])
            end = at + stop
        elif line.strip() and not (fields and "@" in line and line[:1].isspace()):
            break
    return fields, end


def _forward(fields: dict[str, str], body: str) -> Forward:
    sender = _SENDER.match(fields["from"])
    name = (sender["name"] if sender else "").strip() or fields["from"].strip("<> ")
    return Forward(name, _day(fields.get("date", "")), fields.get("subject", ""), body.strip())


def _day(written: str) -> date | None:
    try:
        return parsedate_to_datetime(written).date()
    except (ValueError, TypeError):
        days = written_days(written)
        return parse_day(written) or (days[0] if len(days) == 1 else None)


def _joined(text: str, spans: list[Span]) -> list[Span]:
    """Join quotations that only white space parts."""
    joined: list[Span] = []
    for span in spans:
        if joined and not text[joined[-1].end : span.start].strip():
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined

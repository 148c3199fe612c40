"""Titles and authors that programs put into a file and that nobody wrote."""

from __future__ import annotations

import re

_TITLE = re.compile(
    r"microsoft (?:office )?(?:word|powerpoint|excel|publisher)\b.*|untitled.*|no ?name.*|"
    r"(?:powerpoint|keynote|google slides) presentation|presentation ?\d*|slides? ?\d*|"
    r"documents?\W*\d*|dokument\W*\d*|doc\W*\d+|layout \d+|page \d+|blank(?: (?:page|document))?|"
    r"template|new document|normal(?:\.dot[xm]?)?|book ?\d+|sheet ?\d+|scan(?:ned)?\b.{0,30}|"
    r"(?:hp|canon|epson|xerox|brother) scan.*|image ?\d*|print(?: job| preview)?|"
    r"(?:adobe )?(?:photoshop|indesign|illustrator|acrobat)\b.*|quarkxpress\b.*|title|"
    r".*\.(?:docx?|dotx?|pdf|indd|qxp|qxd|rtf|pages|pptx?|xlsx?|tiff?|jpe?g|png|eps|ai|psd|txt|"
    r"html?|wpd|odt|pub|ps)(?::\w.*|\W*\d*)?",
    re.IGNORECASE | re.DOTALL,
)
_AUTHOR = re.compile(
    r"(?:(?:microsoft|ms)(?: office)?|windows|office|default|test|local|home|guest|admin|system|hp|"
    r"dell|lenovo|acer|asus|toshiba|sony|apple|mac|pc|company|staff|laptop|desktop|new|current|"
    r"authori[sz]ed|registered|valued?|preferred|your|the|a)(?:[ _-]?(?:user|account|customer|"
    r"owner|name|computer|pc|admin(?:istrator)?|guest|desktop|notebook|laptop))+\W*\d*|"
    r"users?\W*\d*|owner|admin(?:istrator)?\W*\d*|author|authors?|anonymous|unknown|nobody|none|"
    r"n/?a|root|guest|test|me|name|default|microsoft(?: corporation)?|windows|apple inc\.?|"
    r"python-docx|openpyxl|libreoffice|openoffice(?:\.org)?|google docs|apache poi|un-?named|"
    r"(?:hp|canon|epson|xerox|ricoh|brother|kyocera|konica minolta|scanner|scansnap|printer)\b.*|"
    r".*\b(?:scan(?:ner)?|copier|printer|workstation|converter|generator|server)\b.*",
    re.IGNORECASE,
)


def is_program_title(title: str) -> bool:
    """Return whether a program made this title: "Layout 1", "PowerPoint Presentation"."""
    return bool(_TITLE.fullmatch(" ".join(title.split())))


def is_program_author(author: str) -> bool:
    """Return whether this names a program, a machine or a role, and no person: "Windows User"."""
    return bool(_AUTHOR.fullmatch(" ".join(author.split())))

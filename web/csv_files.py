"""Read CSV files that somebody sends: their media types, their encoding, their rows."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

from errors import Invalid

# As what programs send such files.
TYPES = ("text/csv", "application/csv", "text/plain", "application/vnd.ms-excel", "application/octet-stream")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a text with one delimiter, each with the number of its first line.

    `broken` is the line of the first one that cannot be read, None if all can.
    """

    read: list[tuple[int, list[str]]]
    broken: int | None = None

    def require_whole(self) -> None:
        """Raise Invalid if a row cannot be read: what follows it would be lost."""
        if self.broken is not None:
            raise refusal(f"Line {self.broken} cannot be read: one of its quotation marks is missing or too many.")


def text_of(content: bytes) -> str:
    """Decode a file that a spreadsheet or a bank has written.

    Raises Invalid if it is no text.
    """
    named = next((name for bom, name in _BOMS.items() if content.startswith(bom)), None)
    for encoding in [named] if named else ["utf-8", "cp1252", "latin-1"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise refusal("This is no text. Please export the list as CSV.")


def rows_of(text: str, delimiter: str) -> Rows:
    """Split a text into rows, up to the first one that cannot be read.

    Only what is a line's end in CSV ends one: a cell may have other separators of Unicode.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    read: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for row in reader:
            read.append((begins, row))
            begins = reader.line_num + 1
    except csv.Error:
        return Rows(read, broken=begins)
    return Rows(read)


def refusal(sentence: str) -> Invalid:
    """Return the error that says in one sentence what is wrong with a file."""
    return Invalid({"file": [sentence]}, sentence)

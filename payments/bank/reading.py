"""Read a bank's file, whatever the bank.

Encoding, delimiter, preamble, columns, signs and dates are recognised.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from errors import Invalid
from payments.bank import values
from payments.bank.models import Entry
from web.csv_files import refusal, rows_of, text_of

MOST_LINES = 2_000
# What banks write above the names of the columns: the account, its owner, the stretch of time.
MOST_PREAMBLE = 40
LONGEST_CELL = 2_000
_DELIMITERS = ";,\t|"

# How columns are called, without accents and in small letters, in some languages of Europe. The first that fits counts.
_NAMES = {
    "balance": r"saldo|balance|kontostand|solde",
    "out": r"soll|belastung|debit|paid out|money out|withdrawals?|ausgang|ausgaben",
    "in": r"haben|gutschrift|credit|paid in|money in|deposits?|eingang|einnahmen",
    "amount": r"betrag|umsatz|amount|montant|importe|importo|bedrag|kwota|belob",
    "direction": r"soll ?/ ?haben|debit ?/ ?credit|af bij|kennzeichen|dr ?/ ?cr|s ?/ ?h",
    "date": r"buchungstag|buchungsdatum|buchung|datum|date|fecha|data|valuta(datum)?|wertstellung|booked|started date",
    "currency": r"wahrung|currency|devise|moneda|divisa|munt|waluta",
}
_OUTGOING = ("s", "d", "dr", "af", "soll", "debit", "debet", "-")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the names of the columns stand, and which column is which."""

    row: int
    places: dict[str, int]


def entries(content: bytes) -> list[Entry]:
    """Read the lines below the names of the columns.

    Raises Invalid if it is no such file, or one with too many lines.
    """
    rows, columns = _table(text_of(content))
    below = [(number, row) for number, row in rows[columns.row + 1 :] if any(cell.strip() for cell in row)]
    if len(below) > MOST_LINES:
        raise _too_long()
    money = [columns.places[name] for name in ("amount", "in", "out") if name in columns.places]
    sign = values.decimal_sign([row[place] for _, row in below for place in money if place < len(row)])
    where = columns.places.get("date")
    order = "" if where is None else values.date_order([row[where] for _, row in below if where < len(row)])
    return [_entry(number, row, columns.places, sign, order) for number, row in below]


def _table(text: str) -> tuple[list[tuple[int, list[str]]], Columns]:
    """Split a text into rows, by the delimiter with which most columns have a name that is known."""
    # Three times as many as are taken, because some are empty or stand above the names.
    if sum(1 for _ in io.StringIO(text, newline="")) > 3 * MOST_LINES:
        raise _too_long()
    found = []
    for delimiter in _DELIMITERS:
        rows = rows_of(text, delimiter)
        if columns := _columns([row for _, row in rows.read[:MOST_PREAMBLE]]):
            found.append((len(columns.places), len(rows.read[columns.row][1]), rows, columns))
    if not found:
        raise refusal("No column with amounts was found. Its name has to stand above it, for example “Amount”.")
    _, _, rows, columns = max(found, key=lambda it: it[:2])
    rows.require_whole()
    return [(number, [cell[:LONGEST_CELL] for cell in row]) for number, row in rows.read], columns


def _columns(rows: Sequence[Sequence[str]]) -> Columns | None:
    """Find the row with the names of the columns.

    One is for amounts, or one for those that came in, and there is another one.
    """
    for number, row in enumerate(rows):
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            if (meaning := _meaning(cell)) and meaning not in places:
                places[meaning] = place
        if len([cell for cell in row if cell.strip()]) >= 2 and ("amount" in places or "in" in places):
            return Columns(number, places)
    return None


def _meaning(cell: str) -> str | None:
    plain = unicodedata.normalize("NFKD", cell.strip().lower())
    plain = "".join(it for it in plain if not unicodedata.combining(it))
    # The names of columns are short; a sentence above the table is none.
    if not plain or len(plain) > 40:
        return None
    if re.fullmatch(_NAMES["direction"], plain):
        return "direction"
    begins = (name for name, words in _NAMES.items() if re.match(rf"({words})\b", plain))
    # Such as "Transaction amount" and "Posted date".
    contains = (name for name in ("amount", "date") if re.search(rf"\b({_NAMES[name]})\b", plain))
    return next(begins, None) or next(contains, None)


def _entry(number: int, row: list[str], places: dict[str, int], sign: str, order: str) -> Entry:
    cell = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
    amount = _amount(cell, sign)
    day = values.day(cell["date"], order) if "date" in cell else None
    if amount is None:
        return Entry(number=number, cells=tuple(row), day=day, problem="There is no amount that can be read.")
    if "date" in cell and day is None:
        return Entry(number=number, cells=tuple(row), problem="There is no date that can be read.")
    written = cell.get("currency") or cell.get("amount") or cell.get("in") or ""
    currency = values.currency_in(written)
    known = {place for name, place in places.items() if name != "balance"}
    rest = tuple(text for place, text in enumerate(row) if place not in known)
    return Entry(number=number, cells=rest, day=day, amount_cents=amount, currency=currency)


def _amount(cell: dict[str, str], sign: str) -> int | None:
    """Return the cents that came in, negative if they went out."""
    if cell.get("amount"):
        found = values.cents(cell["amount"], sign)
        outgoing = cell.get("direction", "").lower() in _OUTGOING
        return -abs(found) if found is not None and outgoing else found
    if cell.get("in"):
        found = values.cents(cell["in"], sign)
        return found if found or not cell.get("out") else _out(cell, sign)
    return _out(cell, sign) if cell.get("out") else None


def _out(cell: dict[str, str], sign: str) -> int | None:
    found = values.cents(cell["out"], sign)
    return None if found is None else -abs(found)


def _too_long() -> Invalid:
    return refusal(f"This file has more than {MOST_LINES:,} lines. Please export a shorter stretch of time.")

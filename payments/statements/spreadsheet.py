"""A statement as CSV, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from jsontext import JsonObject
from payments.statements import words
from web.csv_text import BYTE_ORDER_MARK, harmless

# How the OpenAPI document describes such an answer.
FILE = {"type": "string"}
_HEADINGS = ("Date", "Time", "What", "Lesson", "Student", "Teacher", "Reference", "Reason")
_AMOUNTS = ("Currency", "Charged", "Paid", "Owed", "Credit")


def as_csv(statement: JsonObject, zone: str) -> bytes:
    """Write a row of text for each row of a statement, and one for what was owed before."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*_HEADINGS, *_AMOUNTS])
    for part in statement["data"]:
        writer.writerows(_rows(part, zone))
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _rows(part: JsonObject, zone: str) -> Iterable[list[str]]:
    currency = part["currency"]
    yield ["", "", "Balance before", "", "", "", "", "", currency, "", "", *_balance(part["opening_cents"])]
    for row in part["rows"]:
        at, effect = words.day_of(row, zone), row["effect_cents"]
        people = (row["student"]["name"], row["teacher"]["name"])
        texts = (words.title(row), *people, row["reference"], row["reason"])
        paid = (_amount(effect) if effect > 0 else "", _amount(-effect) if effect < 0 else "")
        moment = (f"{at:%Y-%m-%d}", f"{at:%H:%M}")
        yield [*moment, words.what(row), *map(harmless, texts), currency, *paid, *_balance(row["balance_cents"])]


def _balance(cents: int) -> tuple[str, str]:
    """Write what is owed, or the credit: no cell begins with a minus sign."""
    return (_amount(cents), "") if cents >= 0 else ("", _amount(-cents))


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"

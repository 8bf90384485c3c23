"""A statement as a PDF."""

from __future__ import annotations

from datetime import datetime, timedelta

from jsontext import JsonObject
from payments.printing import paper as printing
from payments.printing.document import Column, written_day
from payments.statements import words
from school.head import Head
from web.amounts import money

_COLUMNS = (
    Column(heading="Date", width=24),
    Column(heading="What", width=82),
    Column(heading="Amount", width=27, is_amount=True),
    Column(heading="Balance", width=27, is_amount=True),
)


def as_pdf(
    statement: JsonObject, head: Head, *, name: str, role: str, start: datetime, end: datetime, now: datetime
) -> bytes:
    """Print a statement of a person, whose clock `start` and `end` are on."""
    zone = str(start.tzinfo)
    paper = printing.Paper(f"Statement of {name}", author=name, at=now)
    until = written_day((end - timedelta(days=1)).date())
    paper.school(head)
    paper.heading("Statement", f"{name}, {written_day(start.date())} to {until}")
    for part in statement["data"]:
        _print_part(paper, part, role, zone)
    if not statement["data"]:
        paper.text("There was nothing to pay, and nothing was paid.")
    paper.text(f"Times are those of {zone.rpartition('/')[2].replace('_', ' ')}. {explained(role)}")
    return paper.bytes()


def explained(role: str) -> str:
    """Say what the balance means to its reader."""
    owed = "what your students owe you" if role == "teacher" else "what you owe"
    return f"The balance is {owed}. Below zero it is credit for other lessons."


def _print_part(paper: printing.Paper, part: JsonObject, role: str, zone: str) -> None:
    currency = part["currency"]
    paper.subheading(currency)
    before = ["", "Balance before", "", money(part["opening_cents"], currency, exact=True)]
    paper.rows(_COLUMNS, [before, *(_cells(row, role, currency, zone) for row in part["rows"])])
    paper.sums(("Balance", money(part["closing_cents"], currency, exact=True)))


def _cells(row: JsonObject, role: str, currency: str, zone: str) -> list[str]:
    at, further = words.day_of(row, zone), words.further(row)
    text = f"{words.what(row)}: {words.about(row, role)}" + (f"\n{further}" if further else "")
    amount = money(row["effect_cents"] or row["amount_cents"], currency, exact=True)
    # What is not verified does not count.
    shown = amount if row["effect_cents"] else f"({amount})"
    return [f"{at.day} {at:%b %Y}", text, shown, money(row["balance_cents"], currency, exact=True)]

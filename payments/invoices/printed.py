"""An invoice as a PDF, made anew from its rows each time: they never change."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from jsontext import JsonObject
from payments.printing import paper as printing
from payments.printing.document import Column, written_day, written_lesson
from school.head import Head
from web.amounts import money

_COLUMNS = (
    Column(heading="What", width=58),
    Column(heading="When", width=42),
    Column(heading="Amount", width=22, is_amount=True),
)


def as_pdf(invoice: JsonObject, head: Head) -> bytes:
    """Print an invoice that `queries.invoice` has shown, with the school's head above it."""
    made, seller, buyer = datetime.fromisoformat(invoice["created_at"]), invoice["seller"], invoice["buyer"]
    paper = printing.Paper(title_of(invoice), author=seller["name"], at=made)
    paper.school(head, but_not=seller["name"])
    paper.letterhead(seller["name"], seller["address"])
    facts = [("Number", invoice["number"]), ("Date", written_day(date.fromisoformat(invoice["issued_on"])))]
    facts += [("Student", invoice["student"]["name"]), ("Teacher", invoice["teacher"]["name"])]
    facts += [("Tax number", seller["tax_id"])] if seller["tax_id"] else []
    paper.sides([buyer["name"], buyer["address"]], facts)
    paper.heading(title_of(invoice), correction_of(invoice))
    paper.rows(_COLUMNS, [_cells(line, invoice) for line in invoice["lines"]])
    paper.sums(*sums_of(invoice))
    if zone := invoice["time_zone"]:
        paper.text(f"Times are those of {zone.rpartition('/')[2].replace('_', ' ')}.")
    if invoice["note"]:
        paper.text(invoice["note"])
    return paper.bytes()


def title_of(invoice: JsonObject) -> str:
    """Say what it is: an invoice, or one that takes back another."""
    return f"{'Counter-invoice' if invoice['corrects'] else 'Invoice'} {invoice['number']}"


def file_name(invoice: JsonObject) -> str:
    """Return under which name it is saved."""
    return f"invoice-{invoice['number']}.pdf"


def correction_of(invoice: JsonObject) -> str:
    """Say which invoice this one takes back, and why, if it does."""
    if not invoice["corrects"]:
        return ""
    return f"This takes back invoice {invoice['corrects']['number']}. {invoice['reason']}"


def sums_of(invoice: JsonObject) -> list[tuple[str, str]]:
    """List what stands below the lessons, ready to be read."""
    total, paid, currency = invoice["total_cents"], invoice["paid_cents"], invoice["currency"]
    if invoice["corrects"]:
        return [("Total", money(total, currency, exact=True))]
    return [
        ("Total", money(total, currency, exact=True)),
        ("Paid already, with thanks", money(paid, currency, exact=True)),
        ("Still to pay", money(total - paid, currency, exact=True)),
    ]


def lesson_of(line: JsonObject) -> str:
    """Say what a line is for."""
    if line["package_id"]:
        return f"{line['lessons']} lessons of {line['title']}, paid in advance"
    return f"{line['title']} (did not take place: fee)" if line["is_fee"] else str(line["title"])


def time_of(line: JsonObject, zone: str) -> str:
    """Say when the lesson of a line was, or its package was paid, on the clock of its teacher."""
    if line["package_id"]:
        paid = datetime.fromisoformat(line["paid_at"]).astimezone(ZoneInfo(zone))
        return f"paid {paid.day} {paid:%b %Y}"
    start, end = (datetime.fromisoformat(line[name]).astimezone(ZoneInfo(zone)) for name in ("starts_at", "ends_at"))
    return written_lesson(start, end)


def _cells(line: JsonObject, invoice: JsonObject) -> list[str]:
    amount = money(line["amount_cents"], invoice["currency"], exact=True)
    return [lesson_of(line), time_of(line, invoice["time_zone"]), amount]

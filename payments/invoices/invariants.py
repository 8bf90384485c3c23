"""What is true of every invoice, whatever has happened: for tests and for operators."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from bookings.models import Booking
from payments.invoices.models import Invoice, InvoiceCounter, InvoiceLine, number_text
from payments.packages.models import Package, PackageUnit


def violations(connection: Connection) -> Iterator[str]:
    """Say in one sentence each what is wrong with the invoices: nothing, if all is well."""
    invoices = {row.id: row for row in connection.execute(select(Invoice.__table__).order_by(Invoice.id))}
    lines: dict[int, list[Row[Any]]] = defaultdict(list)
    for line in connection.execute(select(InvoiceLine.__table__).order_by(InvoiceLine.position)):
        lines[line.invoice_id].append(line)
    yield from _about_numbers(connection, [*invoices.values()])
    for row in invoices.values():
        yield from _about_sums(row, lines[row.id])
        if row.corrects_id:
            yield from _about_correction(row, invoices[row.corrects_id], lines)
    yield from _about_subjects(connection, invoices, lines)


def _about_numbers(connection: Connection, invoices: list[Row[Any]]) -> Iterator[str]:
    used: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in invoices:
        used[row.teacher_id, row.year].append(row.number)
    counters = {(row.teacher_id, row.year): row.last for row in connection.execute(select(InvoiceCounter.__table__))}
    for teacher_id, year in sorted(used.keys() | counters.keys()):
        numbers, last = used[teacher_id, year], counters.get((teacher_id, year))
        # In the order in which they were made, from 1 on.
        if numbers != [*range(1, len(numbers) + 1)]:
            yield f"The invoices of teacher {teacher_id} in {year} are not numbered one by one."
        if last != len(numbers):
            yield f"The counter of teacher {teacher_id} in {year} is {last} after {len(numbers)} invoices."


def _about_sums(row: Row[Any], lines: list[Row[Any]]) -> Iterator[str]:
    if row.total_cents != sum(line.amount_cents for line in lines):
        yield f"The lines of invoice {_name(row)} are not its total."
    if [line.position for line in lines] != [*range(1, row.line_count + 1)]:
        yield f"Invoice {_name(row)} does not have the lines that it was made with."
    if not 0 <= row.paid_cents <= max(row.total_cents, 0):
        yield f"More of invoice {_name(row)} was paid than it is."


def _about_correction(row: Row[Any], original: Row[Any], lines: dict[int, list[Row[Any]]]) -> Iterator[str]:
    taken_back = [(*_subject(line), -line.amount_cents) for line in lines[row.id]]
    if original.corrects_id or taken_back != [(*_subject(line), line.amount_cents) for line in lines[original.id]]:
        yield f"Invoice {_name(row)} does not mirror the one that it takes back."
    names = ("student_id", "teacher_id", "currency", "buyer_name", "seller_name")
    if any(getattr(row, name) != getattr(original, name) for name in names):
        yield f"Invoice {_name(row)} has other people, or another currency, than the one that it takes back."


def _about_subjects(connection: Connection, invoices: dict[int, Row[Any]], lines: dict[int, list[Row[Any]]]) -> Any:
    taken_back = {row.corrects_id for row in invoices.values()}
    standing = [row for row in invoices.values() if not row.corrects_id and row.id not in taken_back]
    often = Counter(_subject(line) for row in standing for line in lines[row.id])
    yield from (f"{kind} {id_} stands on {count} invoices." for (kind, id_), count in often.items() if count > 1)
    columns = ("id", "student_id", "teacher_id", "currency")
    known = {
        (kind, row.id): row[1:]
        for kind, model in (("Booking", Booking), ("Package", Package))
        for row in connection.execute(select(*(getattr(model, name) for name in columns)))
    }
    for row in invoices.values():
        whose = (row.student_id, row.teacher_id, row.currency)
        if any(known[_subject(line)] != whose for line in lines[row.id]):
            yield f"Invoice {_name(row)} has other people, or another currency, than what stands on it."
    of_packages = select(PackageUnit.booking_id).where(PackageUnit.released_at.is_(None))
    covered = {("Booking", id_) for id_ in connection.scalars(of_packages)}
    twice = sorted(id_ for _, id_ in often.keys() & covered)
    yield from (f"Booking {id_} stands on an invoice, and a package pays for it." for id_ in twice)


def _subject(line: Row[Any]) -> tuple[str, int]:
    """Say what a line is about."""
    return ("Package", line.package_id) if line.booking_id is None else ("Booking", line.booking_id)


def _name(row: Row[Any]) -> str:
    return f"{number_text(row.year, row.number)} of teacher {row.teacher_id}"

"""What stands on an invoice that was not taken back: a lesson or a package is on one at most."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, select

from bookings.models import Booking
from database import alias_of
from payments.invoices.models import Invoice, InvoiceLine
from payments.packages.models import Package

_Correction = alias_of(Invoice)


def lesson_stands() -> ColumnElement[bool]:
    """Match the bookings that stand on an invoice."""
    return _stands(InvoiceLine.booking_id, Booking)


def package_stands() -> ColumnElement[bool]:
    """Match the packages that stand on an invoice."""
    return _stands(InvoiceLine.package_id, Package)


def _stands(subject: Any, model: Any) -> ColumnElement[bool]:
    taken_back = exists().where(_Correction.corrects_id == Invoice.id)
    on_one = select(subject).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    return on_one.where(subject == model.id, Invoice.corrects_id.is_(None), ~taken_back).correlate(model).exists()

"""What is true of all packages, whatever has happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from bookings.models import Booking
from payments.packages.models import Package, PackageEvent, PackagePayment, PackageRefund, PackageStatus, PackageUnit
from payments.packages.states import uses_unit

_S = PackageStatus
# All that can have happened to a package, in this order.
_LIVES = ([_S.ORDERED], [_S.ORDERED, _S.PAID], [_S.ORDERED, _S.CANCELLED], [_S.ORDERED, _S.PAID, _S.CLOSED])


def violations(connection: Connection) -> Iterator[str]:
    """Say in one sentence each what is wrong with packages: nothing, if all is well."""
    packages = {row.id: row for row in _all(connection, Package)}
    steps: dict[int, list[Row[Any]]] = defaultdict(list)
    for step in _all(connection, PackageEvent):
        steps[step.package_id].append(step)
    for package in packages.values():
        yield from _about_steps(package, steps[package.id])
    yield from _about_money(connection, packages, steps)
    live = [unit for unit in _all(connection, PackageUnit) if unit.released_at is None]
    yield from _about_units(connection, packages, steps, live)


def _all(connection: Connection, table: Any) -> list[Row[Any]]:
    return list(connection.execute(select(table.__table__).order_by(table.id)))


def _about_steps(package: Row[Any], steps: list[Row[Any]]) -> Iterator[str]:
    if [step.status for step in steps] not in _LIVES:
        yield f"Package {package.id} has another life than one: {', '.join(step.status for step in steps)}."


def _about_money(
    connection: Connection, packages: dict[int, Row[Any]], steps: dict[int, list[Row[Any]]]
) -> Iterator[str]:
    """Look whether no more was given back than came, and whether cards paid what the package says."""
    payments = {row.id: row for row in _all(connection, PackagePayment)}
    refunds = _all(connection, PackageRefund)
    for package in packages.values():
        ended = sum(step.refunded_cents for step in steps[package.id])
        back = sum(it.amount_cents for it in refunds if it.package_id == package.id and it.payment_id is None)
        if ended + back > package.price_cents:
            yield f"More was given back of package {package.id} than it was."
        if back and _S.PAID not in [step.status for step in steps[package.id]]:
            yield f"Something was given back of package {package.id}, which was never paid."
    for payment in payments.values():
        package = packages[payment.package_id]
        paid = _S.PAID in [step.status for step in steps[package.id]]
        if payment.needed and not (paid and payment.amount_cents == package.price_cents):
            yield f"The payment by card {payment.id} is not what package {package.id} was paid with."
        back = sum(it.amount_cents for it in refunds if it.payment_id == payment.id)
        if back > payment.amount_cents or any(
            it.payment_id == payment.id and it.package_id != payment.package_id for it in refunds
        ):
            yield f"More was given back of the payment by card {payment.id} than it was, or for another package."


def _about_units(
    connection: Connection,
    packages: dict[int, Row[Any]],
    steps: dict[int, list[Row[Any]]],
    live: list[Row[Any]],
) -> Iterator[str]:
    """Look whether each unit is for one lesson of the package's student and gig, which it can pay for."""
    columns = ("id", "gig_id", "student_id", "status", "price_cents", "cancellation_fee_cents")
    found = select(*(getattr(Booking, name) for name in columns)).join(
        PackageUnit, PackageUnit.booking_id == Booking.id
    )
    bookings = {row.id: row for row in connection.execute(found)}
    numbers, covered = set(), set()
    for unit in live:
        package, booking = packages[unit.package_id], bookings[unit.booking_id]
        if (package.id, unit.number) in numbers or booking.id in covered or unit.number > package.lessons:
            yield f"More lessons are taken from package {package.id} than it has, or one of them twice."
        numbers.add((package.id, unit.number))
        covered.add(booking.id)
        if (booking.gig_id, booking.student_id) != (package.gig_id, package.student_id):
            yield f"Package {package.id} pays for lesson {booking.id}, which is of other people or another gig."
        if _S.PAID not in [step.status for step in steps[package.id]]:
            yield f"Package {package.id} pays for lesson {booking.id}, and is not paid."
        if not uses_unit(booking.status, booking.price_cents, booking.cancellation_fee_cents):
            yield f"Package {package.id} pays for lesson {booking.id}, which is {booking.status}."

"""What was paid for packages and is still theirs: the one place where their money is added up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select

from payments.packages.models import Package, PackageEvent, PackageStatus

_OF_PACKAGE = PackageEvent.package_id == Package.id

# When the money for a package came, or None.
PAID_AT: Any = (
    select(PackageEvent.at).where(_OF_PACKAGE, PackageEvent.status == PackageStatus.PAID).correlate(Package)
).scalar_subquery()
# What was given back of it.
REFUNDED: ColumnElement[int] = (
    select(func.coalesce(func.max(PackageEvent.refunded_cents), 0)).where(_OF_PACKAGE).correlate(Package)
).scalar_subquery()

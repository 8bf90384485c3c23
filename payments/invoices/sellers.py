"""What teachers want on their invoices: read and replaced as a whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from database import insert_into, writing
from payments.invoices.models import Seller, SellerDetails

_COLUMNS = (Seller.name, Seller.address, Seller.tax_id, Seller.note)


def details_of(session: Session | Connection, teacher_id: int) -> SellerDetails:
    """Return what a teacher wants on their invoices, which is nothing at first."""
    found: Any = session.execute(select(*_COLUMNS).where(Seller.teacher_id == teacher_id)).one_or_none()
    return SellerDetails(**found._mapping) if found else SellerDetails()


def replace_details(teacher_id: int, details: SellerDetails) -> None:
    """Put these details on the teacher's invoices from now on."""
    values = asdict(details)
    with writing() as session:
        row = insert_into(Seller.__table__, session.get_bind().dialect.name).values(teacher_id=teacher_id, **values)
        session.execute(row.on_conflict_do_update(index_elements=[Seller.teacher_id], set_=values))

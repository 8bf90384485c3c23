"""Gigs from a list: a draft for each that its teacher does not have yet."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from accounts.models import Role, User
from accounts.names import normalise_email
from administration.importing.lines import Kind, Line, Planned, Table, problems
from database import reading, writing
from gigs.models import Gig, GigDraft, GigStatus
from gigs.schemas import NewGigSchema
from gigs.service import create
from school.queries import school

# The fields of a gig that a list can have; a schedule is its teacher's own.
_SCHEMA = NewGigSchema()
FIELDS = tuple(name for name in _SCHEMA.fields if name != "schedule_id")
COLUMNS = {
    **{name: name for name in FIELDS},
    **dict.fromkeys(("teacher_email", "teacher", "teacher_mail", "teacher.email"), "teacher_email"),
    "subject": "category",
    "price": "price",
    **dict.fromkeys(("duration", "minutes"), "duration_minutes"),
}
# These need no column of this name: a price may be written as an amount, and the school has a currency.
_FILLED_IN = ("currency", "price_cents", "skills")
REQUIRED = ("teacher_email", *(it for it in FIELDS if _SCHEMA.fields[it].required and it not in _FILLED_IN))
_NUMBERS = ("price_cents", "duration_minutes", "capacity", "free_cancellation_hours", "late_cancellation_percent")
# As people write an amount: "30", "30.00" or "30,00".
_PRICE = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?", re.ASCII)


def plan(table: Table) -> list[Planned]:
    """Say what each line would do: a gig that its teacher has under this title already stays as it is."""
    teachers = _teachers([line.values.get("teacher_email", "") for line in table.lines])
    with reading() as connection:
        have = _titles(connection, teachers.values())
    planned, currency = [], str(school().json()["currency"])
    for line in table.lines:
        one = _plan_one(line, teachers, have, currency)
        planned.append(one)
        if one.made:
            teacher_id, draft = one.made
            have.add((teacher_id, draft.title.casefold()))
    return planned


def apply(planned: list[Planned], *, now: datetime) -> None:
    """Make a draft of each new line, all of them or none.

    One that its teacher has got meanwhile stays as it is. Raises Forbidden if somebody does not teach any more by now.
    """
    new = [one.made for one in planned if one.kind is Kind.NEW]
    teachers = {teacher_id for teacher_id, _ in new}
    with writing() as session:
        # A second import of the same list waits here, and then finds what the first one has made.
        locked = select(User.id).where(User.id.in_(teachers)).order_by(User.id).with_for_update(key_share=True)
        session.execute(locked)
        have = _titles(session, teachers)
        for teacher_id, draft in new:
            if (teacher_id, draft.title.casefold()) not in have:
                create(teacher_id, draft, now=now)


def _plan_one(line: Line, teachers: dict[str, int], have: set[tuple[int, str]], currency: str) -> Planned:
    shown = " · ".join(filter(None, (line.values.get("title"), line.values.get("teacher_email"))))
    teacher_id = teachers.get(normalise_email(line.values.get("teacher_email", "")))
    errors: dict[str, list[str]] = {}
    if teacher_id is None:
        errors["teacher_email"] = ["No teacher has an account with this address."]
    try:
        draft: GigDraft = _SCHEMA.load({"currency": currency, **_fields(line)})
    except ValidationError as error:
        errors |= problems(error)
    if errors or teacher_id is None:
        return Planned(line=line, kind=Kind.INVALID, shown=shown, errors=errors)
    if (teacher_id, draft.title.casefold()) in have:
        return Planned(line=line, kind=Kind.EXISTS, shown=shown)
    return Planned(line=line, kind=Kind.NEW, shown=shown, made=(teacher_id, draft))


def _fields(line: Line) -> dict[str, Any]:
    """Make of a line's texts what the schema of gigs reads."""
    values: dict[str, Any] = {name: text for name, text in line.values.items() if name in FIELDS}
    for name in _NUMBERS:
        if name in values and values[name].isascii() and values[name].isdigit():
            values[name] = int(values[name][:12])
    if "price" in line.values and "price_cents" not in values:
        price = _PRICE.fullmatch(line.values["price"])
        if price is None:
            raise ValidationError({"price": ["Write an amount such as 30 or 30.00."]})
        values["price_cents"] = int(price[1]) * 100 + int((price[2] or "").ljust(2, "0"))
    values["skills"] = [word.strip() for word in re.split(r"[;,]", line.values.get("skills", "")) if word.strip()]
    return values


def _teachers(addresses: list[str]) -> dict[str, int]:
    asked = {normalise_email(address) for address in addresses}
    teaching = (User.email.in_(asked), User.active, User.role == Role.TEACHER)
    with reading() as connection:
        rows = connection.execute(select(User.id, User.email).where(*teaching)).all()
    return {row.email: row.id for row in rows}


def _titles(connection: Connection | Session, teachers: Collection[int]) -> set[tuple[int, str]]:
    theirs = (Gig.teacher_id.in_(teachers), Gig.status != GigStatus.ARCHIVED)
    rows = connection.execute(select(Gig.teacher_id, Gig.title).where(*theirs))
    return {(row.teacher_id, row.title.casefold()) for row in rows}

"""People from a list: an account for each address that has none."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select

from accounts.by_mail import notices
from accounts.models import LONGEST_NAME, NewAccount, Role, User
from accounts.names import normalise_email
from accounts.schemas import EmailField
from accounts.service import new_hash, register
from administration.importing.lines import Kind, Line, Planned, Table, problems
from database import reading, writing
from school.queries import school
from web.fields import Choice, StrictSchema, TimeZoneName
from web.fields import Line as LineField

COLUMNS = {
    "name": "name",
    **dict.fromkeys(("email", "e_mail", "mail", "address"), "email"),
    "role": "role",
    **dict.fromkeys(("time_zone", "zone", "timezone"), "time_zone"),
}


class PersonLineSchema(StrictSchema):
    """A person of a list.

    Those who run the school are given their roles on their own pages.
    """

    name = LineField(at_least=1, at_most=LONGEST_NAME, required=True)
    email = EmailField(required=True)
    role = Choice((str(Role.STUDENT), str(Role.TEACHER)), load_default=str(Role.STUDENT))
    time_zone = TimeZoneName(load_default=None, allow_none=True)


_SCHEMA = PersonLineSchema()
REQUIRED = tuple(name for name, field in _SCHEMA.fields.items() if field.required)


def plan(table: Table) -> list[Planned]:
    """Say what each line would do: whoever has an account already keeps it as it is."""
    planned, seen = [], _known([line.values.get("email", "") for line in table.lines])
    for line in table.lines:
        one = _plan_one(line, seen)
        planned.append(one)
        if one.made:
            seen.add(normalise_email(one.made["email"]))
    return planned


def apply(planned: list[Planned], *, invite: bool, now: datetime) -> None:
    """Make an account for each new line, all of them or none.

    Nobody knows their passwords; with `invite` each person gets a mail with which they choose one. Raises EmailTaken
    if somebody has registered with one of the addresses meanwhile.
    """
    new = [one.made for one in planned if one.kind is Kind.NEW]
    unknown = secrets.token_urlsafe(32)
    # Hashing takes its time, so it happens once, and before other writers wait.
    hashed, zone = new_hash(unknown), str(school().json()["time_zone"])
    with writing() as session:
        for person in new:
            account = NewAccount(
                name=person["name"],
                email=person["email"],
                password=unknown,
                role=Role(person["role"]),
                time_zone=person["time_zone"] or zone,
            )
            user_id = register(account, now=now, confirmed=True, password_hash=hashed)
            if invite:
                notices.send_welcome(session, user_id)


def _plan_one(line: Line, known: set[str]) -> Planned:
    shown = " · ".join(filter(None, (line.values.get("name"), line.values.get("email"))))
    try:
        person: dict[str, Any] = _SCHEMA.load(_small(line))
    except ValidationError as error:
        return Planned(line=line, kind=Kind.INVALID, shown=shown, errors=problems(error))
    if normalise_email(person["email"]) in known:
        return Planned(line=line, kind=Kind.EXISTS, shown=shown)
    return Planned(line=line, kind=Kind.NEW, shown=shown, made=person)


def _small(line: Line) -> dict[str, str]:
    """Take the role in whatever letters it is written."""
    return dict(line.values) | ({"role": line.values["role"].lower()} if "role" in line.values else {})


def _known(addresses: list[str]) -> set[str]:
    asked = {normalise_email(address) for address in addresses}
    with reading() as connection:
        return set(connection.scalars(select(User.email).where(User.email.in_(asked))))

"""Reads of the table of mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from database import reading
from jsontext import JsonObject
from mail.models import MailState, SentMail
from web.pagination import Position, page

# Of so many, the newest, lists show what became of them.
MOST_LISTED = 1_000


def comes_back(address: str) -> bool:
    """Tell whether the newest mail to this address was refused for good."""
    newest = select(SentMail.state).where(SentMail.address == address).order_by(SentMail.id.desc()).limit(1)
    with reading() as connection:
        return connection.scalar(newest) == MailState.REFUSED


def newest_mails(limit: int, *, state: MailState | None = None, address: str | None = None) -> Sequence[Row[Any]]:
    """Return the newest mails, the newest first."""
    query = select(SentMail).order_by(SentMail.id.desc()).limit(limit)
    if state:
        query = query.where(SentMail.state == state)
    if address:
        query = query.where(SentMail.address == address)
    with reading() as connection:
        return connection.execute(query).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailsQuery:
    """What the list is narrowed to."""

    state: MailState | None = None
    address: str | None = None
    limit: int
    after: Position | None = None


def mails_page(query: MailsQuery) -> JsonObject:
    """List the newest mails of all, without what stood in them.

    It is not cached.
    """
    newest = select(SentMail.id).order_by(SentMail.id.desc()).limit(MOST_LISTED).subquery()
    found = select(*SentMail.__table__.columns).where(SentMail.id >= select(func.min(newest.c.id)).scalar_subquery())
    if query.state:
        found = found.where(SentMail.state == query.state)
    if query.address:
        found = found.where(SentMail.address == query.address.lower())
    if query.after:
        found = found.where(SentMail.id < query.after[1])
    with reading() as connection:
        rows = connection.execute(found.order_by(SentMail.id.desc()).limit(query.limit + 1)).all()
    return page(rows, limit=query.limit, order="newest", position=lambda row: (0, row.id), show=_show)


def _show(row: Row[Any]) -> JsonObject:
    names = ("id", "at", "state", "address", "user_id", "type", "subject", "reason")
    return {name: getattr(row, name) for name in names}

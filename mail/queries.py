"""Reads of the table of mails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from database import reading
from mail.models import MailState, SentMail


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

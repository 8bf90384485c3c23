"""Erase a person: their words and all that names them go, lessons and money stay without names."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, String, Table, delete, func, or_, select, update

from accounts.models import User
from caching import maintenance
from caching.store import current_store
from database import reading
from enrolment.leaving import close_account
from errors import NotFound
from extensions import Base
from gigs.models import Gig
from gigs.search import index
from mail.models import SentMail
from notifications.models import Notification
from operators.backup.loading import without_triggers
from operators.data.declared import TABLES
from operators.data.rules import ADDRESS, NAME, is_of
from revisions import engine_for_migrating

# Where the program has written a name into a sentence.
_GENERATED = {(Notification.__tablename__, "title"), (Notification.__tablename__, "text")} | {
    (SentMail.__tablename__, "subject")
}
# What the search knows is written anew, and other people may have the same name.
_NOT_SEARCHED = frozenset({"users", "gig_documents", "search_words", "cache_outbox", "cache_state"})


@dataclass(frozen=True, slots=True)
class _Person:
    id: int
    role: str
    name: str
    addresses: tuple[str, ...]

    def without(self, text: str) -> str:
        """Return a text in which they are not named any more."""
        for address in self.addresses:
            text = re.sub(re.escape(address), ADDRESS.about(self.role, self.id), text, flags=re.IGNORECASE)
        return re.sub(rf"(?<!\w){re.escape(self.name)}(?!\w)", NAME.about(self.role, self.id), text, flags=re.I)


def erase(user_id: int, *, url: str, instance: Path, now: datetime) -> None:
    """Close the account of a person, and erase what is known about them.

    It may be repeated, and goes on where it was interrupted. Raises NotFound if there is no such person, and
    redis.RedisError if Redis is away, before anything happened: their name would be left there.
    """
    store = current_store()
    if store:
        store.backend.client.ping()
    person = _find(user_id)
    close_account(user_id, now)
    with engine_for_migrating(url).begin() as connection, without_triggers(connection, TABLES):
        _erase_rows(connection, person)
        _take_name_out(connection, person)
    if _has_gigs(user_id):
        index.write_all()
    _remove_mails(instance / "mail", person)
    if store:
        maintenance.clear_all(store.backend.client, store.prefix)


def _find(user_id: int) -> _Person:
    with reading() as connection:
        columns = (User.role, User.name, User.email, User.new_email)
        row = connection.execute(select(*columns).where(User.id == user_id)).one_or_none()
    if row is None:
        raise NotFound
    return _Person(user_id, str(row.role.value), row.name, tuple(filter(None, (row.email, row.new_email))))


def _has_gigs(user_id: int) -> bool:
    with reading() as connection:
        return connection.scalar(select(Gig.id).where(Gig.teacher_id == user_id).limit(1)) is not None


def _erase_rows(connection: Connection, person: _Person) -> None:
    """Do what is declared, first with the tables that refer to others."""
    for table in reversed(Base.metadata.sorted_tables):
        declared = TABLES[table.name]
        if declared.by:
            connection.execute(delete(table).where(_any_of(table, declared.by, person)))
        for column, words in declared.texts.items():
            value = words.without(person.role, person.id)
            here = _any_of(table, words.by, person) & _is_filled(table, column)
            connection.execute(update(table).values({column: value}).where(here))


def _any_of(table: Table, paths: Iterable[str], person: _Person) -> ColumnElement[bool]:
    return or_(*(is_of(table, path, person.id) for path in paths))


def _is_filled(table: Table, column: str) -> ColumnElement[bool]:
    """Leave an empty text alone: that there is one may mean something, such as a review without an answer."""
    return table.c[column].is_not(None)


def _take_name_out(connection: Connection, person: _Person) -> None:
    """Take the person's address and full name out of all other texts.

    A name of one word is taken out of sentences of the program alone: elsewhere it may be any word, or another person.
    """
    for table in Base.metadata.sorted_tables:
        if table.name in _NOT_SEARCHED:
            continue
        for column in table.columns:
            if isinstance(column.type, String):
                named = " " in person.name or (table.name, column.name) in _GENERATED
                _take_out_of(connection, table, column.name, person, named=named)
            elif isinstance(column.type, LargeBinary):
                _forget_answers(connection, table, column.name, person)


def _take_out_of(connection: Connection, table: Table, column: str, person: _Person, *, named: bool) -> None:
    key = list(table.primary_key)
    searched = (*person.addresses, person.name) if named else person.addresses
    found = or_(*(_has(table.c[column], text) for text in searched))
    for row in connection.execute(select(*key, table.c[column]).where(found)).all():
        here = [part == value for part, value in zip(key, row, strict=False)]
        connection.execute(update(table).values({column: person.without(row[-1])}).where(*here))


def _has(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Build a condition that is wider than what is taken out: SQLite knows capitals of ASCII alone."""
    return column.contains(text, autoescape=True) | func.lower(column).contains(text.lower(), autoescape=True)


def _forget_answers(connection: Connection, table: Table, column: str, person: _Person) -> None:
    """Delete answers to other people that are kept for a day and name the person."""
    if table.name != "kept_answers":
        return
    words = [text.encode() for text in (*person.addresses, person.name)]
    rows: Sequence[Any] = connection.execute(select(table.c.id, table.c[column])).all()
    naming = [row_id for row_id, answer in rows if any(word in answer for word in words)]
    connection.execute(delete(table).where(table.c.id.in_(naming)))


def _remove_mails(folder: Path, person: _Person) -> None:
    """Remove mails that are kept as files, and are to the person or name them."""
    for file in folder.glob("*.eml"):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        said = "\n".join((*(f"{value}" for value in message.values()), *map(str, parts)))
        if person.without(said) != said:
            file.unlink(missing_ok=True)

"""Note beside reads what people look at and search for, and write it down later.

A read writes nothing to the database, so each process collects in memory what it has seen, and a thread of its own
writes it down about three times a second. If the database is away, it waits. A process that is killed loses what it has
noted since; Redis has no part in this.
"""

from __future__ import annotations

import hmac
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy.exc import DataError, IntegrityError

from gigs.traces import service
from gigs.traces.service import Looked, Searched

_EXTENSION = "lectern-notebook"
# More than any process sees in a second. Without a database the oldest notes are lost beyond that.
MOST = 10_000
SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class _Notebook:
    secret: bytes
    notes: deque[Looked | Searched]


def init_app(app: Flask, secret: str) -> None:
    """Give `app` an empty notebook."""
    key = hmac.digest(secret.encode(), b"lectern views", "sha256")
    app.extensions[_EXTENSION] = _Notebook(key, deque(maxlen=MOST))


def note_view(gig_id: int, *, user_id: int | None, address: str, now: datetime) -> None:
    """Note that somebody has looked at a gig.

    Who is signed in is known by their account, others by their address, which is hashed with another key each day.
    """
    notebook = _present()
    who = f"user {user_id}" if user_id else f"address {now.date()} {address}"
    viewer = hmac.digest(notebook.secret, who.encode(), "sha256").hex()[:32]
    notebook.notes.append(Looked(gig_id, viewer, user_id, now))


def note_search(user_id: int, words: str, *, now: datetime) -> None:
    """Note what a person has searched for."""
    _present().notes.append(Searched(user_id, words, now))


def write_down() -> None:
    """Write down what this process has noted.

    While the database is away it stays noted.
    """
    notes = _present().notes
    taken = [notes.popleft() for _ in range(len(notes))]
    if not taken:
        return
    try:
        service.write_down(taken)
    except (DataError, IntegrityError):
        # No database takes one of them, which would keep all others back for ever.
        raise
    except Exception:
        notes.extendleft(reversed(taken))
        raise


def _present() -> _Notebook:
    notebook: _Notebook = current_app.extensions[_EXTENSION]
    return notebook

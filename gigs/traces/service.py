"""Write down what people have looked at and searched for, and forget it when they say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import tags
from accounts.dependents import ended_by_closing, ended_by_keeping_no_searches
from accounts.models import User
from caching import invalidate
from database import change_in_bulk, in_batches, insert_into, writing
from errors import NotFound
from gigs.models import Gig
from gigs.search.text import search_words
from gigs.traces.models import GigView, RecentGig, Search

MOST_KEPT = 50
# Statistics go back a year.
VIEWS_KEPT_FOR = timedelta(days=400)
BATCH = 5_000
LONGEST_WORDS, LONGEST_KEY = 100, 300


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody has looked at a gig."""

    gig_id: int
    # The hash of an account or of an address.
    viewer: str
    user_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Searched:
    """A person has searched."""

    user_id: int
    words: str
    at: datetime


def write_down(notes: Sequence[Looked | Searched]) -> None:
    """Write all of it in one transaction."""
    looked = [note for note in notes if isinstance(note, Looked)]
    searched = [note for note in notes if isinstance(note, Searched)]
    with writing() as session:
        _views(session, looked)
        _recent(session, [note for note in looked if note.user_id is not None])
        _searches(session, searched)


def forget_views(user_id: int) -> None:
    """Empty the list of what a person has looked at.

    That a gig was looked at stays counted.
    """
    with writing() as session:
        change_in_bulk(session, delete(RecentGig).where(RecentGig.user_id == user_id))
        invalidate(tags.user_traces(user_id))


def forget_searches(user_id: int) -> None:
    """Delete all that a person has searched for."""
    with writing() as session:
        _delete_searches(session, user_id)


def forget_search(user_id: int, search_id: int) -> None:
    """Delete one search.

    Raises NotFound if it is not this person's.
    """
    with writing() as session:
        search = session.get(Search, search_id)
        if search is None or search.user_id != user_id:
            raise NotFound
        session.delete(search)
        invalidate(tags.user_traces(user_id))


def tidy_up(now: datetime) -> None:
    """Delete views that no statistics show any more."""
    in_batches(partial(_tidy_batch, before=(now - VIEWS_KEPT_FOR).date()), size=BATCH)


def _tidy_batch(session: Session, *, before: date) -> int:
    rows = session.execute(select(GigView.id, GigView.gig_id).where(GigView.day < before).limit(BATCH)).all()
    invalidate(*{tags.gig_views(row.gig_id) for row in rows})
    if rows:
        change_in_bulk(session, delete(GigView).where(GigView.id.in_([row.id for row in rows])))
    return len(rows)


def _views(session: Session, looked: Sequence[Looked]) -> None:
    known = _known(session, looked)
    rows = {(note.gig_id, note.at.date(), note.viewer) for note in looked if note.gig_id in known}
    if not rows:
        return
    invalidate(*{tags.gig_views(gig_id) for gig_id, _, _ in rows})
    values = [{"gig_id": gig_id, "day": day, "viewer": viewer} for gig_id, day, viewer in sorted(rows)]
    session.execute(_insert(session, GigView).values(values).on_conflict_do_nothing())


def _recent(session: Session, looked: Sequence[Looked]) -> None:
    known = _known(session, looked)
    latest = {(note.user_id, note.gig_id): note.at for note in looked if note.gig_id in known}
    for (user_id, gig_id), at in sorted(latest.items(), key=lambda it: it[1]):
        statement = _insert(session, RecentGig).values(user_id=user_id, gig_id=gig_id, seen_at=at)
        session.execute(statement.on_conflict_do_update(index_elements=["user_id", "gig_id"], set_={"seen_at": at}))
    for user_id in sorted({user_id for user_id, _ in latest if user_id is not None}):
        invalidate(tags.user_traces(user_id))
        theirs = select(RecentGig.gig_id).where(RecentGig.user_id == user_id)
        beyond = session.scalars(theirs.order_by(RecentGig.seen_at.desc(), RecentGig.gig_id).offset(MOST_KEPT)).all()
        if beyond:
            old = delete(RecentGig).where(RecentGig.user_id == user_id, RecentGig.gig_id.in_(beyond))
            change_in_bulk(session, old)


def _searches(session: Session, searched: Sequence[Searched]) -> None:
    wanted = select(User.id).where(User.id.in_({note.user_id for note in searched}), User.active, User.keeps_searches)
    keep = set(session.scalars(wanted)) if searched else set()
    for note in searched:
        key = " ".join(search_words(note.words))[:LONGEST_KEY]
        if note.user_id not in keep or not key:
            continue
        words = note.words.strip()[:LONGEST_WORDS]
        given = {"user_id": note.user_id, "key": key, "words": words, "searched_at": note.at}
        again = {"words": words, "searched_at": note.at}
        statement = _insert(session, Search).values(**given)
        session.execute(statement.on_conflict_do_update(index_elements=["user_id", "key"], set_=again))
    for user_id in sorted(keep):
        invalidate(tags.user_traces(user_id))
        theirs = select(Search.id).where(Search.user_id == user_id)
        beyond = session.scalars(theirs.order_by(Search.searched_at.desc(), Search.id.desc()).offset(MOST_KEPT)).all()
        if beyond:
            change_in_bulk(session, delete(Search).where(Search.id.in_(beyond)))


def _delete_searches(session: Session, user_id: int) -> None:
    change_in_bulk(session, delete(Search).where(Search.user_id == user_id))
    invalidate(tags.user_traces(user_id))


def _delete_all(session: Session, user_id: int) -> None:
    """Forget what a user whose account is closed has looked at and searched for."""
    change_in_bulk(session, delete(RecentGig).where(RecentGig.user_id == user_id))
    _delete_searches(session, user_id)


ended_by_keeping_no_searches.append(_delete_searches)
ended_by_closing.append(_delete_all)


def _known(session: Session, looked: Iterable[Looked]) -> set[int]:
    """Return which of these gigs there are."""
    ids = {note.gig_id for note in looked}
    return set(session.scalars(select(Gig.id).where(Gig.id.in_(ids)))) if ids else set()


def _insert(session: Session, table: type[GigView | RecentGig | Search]):  # type: ignore[no-untyped-def]
    return insert_into(table, session.get_bind().dialect.name)

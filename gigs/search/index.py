"""Keep the documents of the search equal to what they are about.

Every transaction that changes what a gig says, or its teacher's name, writes the document anew. So a search never knows
less than the gig's own page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, Row, Text, cast, delete, func, insert, literal, select
from sqlalchemy.orm import Session

import tags
from accounts.dependents import renamed
from accounts.models import User
from caching import invalidate
from database import insert_into, writing
from gigs.models import Gig, GigSkill
from gigs.search.models import GigDocument, SearchWord
from gigs.search.words import other_forms, words_of

# Shorter ones are not corrected to: nearly every word of three letters is one error away from another one.
SHORTEST_CORRECTED = 4
# So many documents are written in one transaction when all of them are.
BATCH = 500
# Below the 65,535 parameters that a statement of PostgreSQL can have.
_AT_ONCE = 5_000

_ENTERED: tuple[Any, ...] = (Gig.id, Gig.title, Gig.summary, Gig.description, Gig.category, User.name)


def write(session: Session, gig_ids: Collection[int]) -> None:
    """Write the documents of these gigs anew, in the caller's transaction."""
    session.flush()
    skills = defaultdict(list)
    for gig_id, skill in session.execute(select(GigSkill.gig_id, GigSkill.skill).where(GigSkill.gig_id.in_(gig_ids))):
        skills[gig_id].append(skill)
    rows: Sequence[Row[Any]] = session.execute(select(*_ENTERED).join(User).where(Gig.id.in_(gig_ids))).all()
    session.execute(delete(GigDocument).where(GigDocument.gig_id.in_(gig_ids)))
    known: set[str] = set()
    dialect = session.get_bind().dialect.name
    for row in rows:
        said = _said(row, skills[row.id])
        words = sorted({word for text in said.values() for word in (*words_of(text), *other_forms(text))})
        known.update(words)
        stored = {name: _in_order(text) for name, text in said.items() if name != "description"}
        session.execute(insert(GigDocument).values(gig_id=row.id, words=_stored(words, dialect), **stored))
    _remember(session, known)


def write_all() -> int:
    """Write all documents anew, forget words that no gig has any more, and return how many gigs there are."""
    number, last = 0, 0
    with writing() as session:
        session.execute(delete(SearchWord))
    while True:
        with writing() as session:
            ids = session.scalars(select(Gig.id).where(Gig.id > last).order_by(Gig.id).limit(BATCH)).all()
            if ids:
                write(session, ids)
                invalidate(tags.public_gigs())
        if not ids:
            return number
        number, last = number + len(ids), ids[-1]


@renamed.append
def _rename(session: Session, user_id: int) -> None:
    """Write the gigs of a person who has another name."""
    if gig_ids := session.scalars(select(Gig.id).where(Gig.teacher_id == user_id)).all():
        write(session, gig_ids)


def _said(row: Row[Any], skills: Iterable[str]) -> dict[str, str]:
    named = "\n".join((*skills, row.category, row.name))
    return {"title": row.title, "named": named, "summary": row.summary, "description": row.description}


def _in_order(text: str) -> str:
    """Write words so that each can be found between two blanks.

    They come in their order, and what else they are found as comes behind a stroke.
    """
    return f" {' '.join((*words_of(text), '|', *other_forms(text)))} "


def _stored(words: list[str], dialect: str) -> Any:
    if dialect == "postgresql":
        return func.array_to_tsvector(cast(literal(words, ARRAY(Text)), ARRAY(Text)))
    return " ".join(words)


def _remember(session: Session, words: Iterable[str]) -> None:
    """Add the words that nobody has written before."""
    # In one order in all transactions, so that two of them wait for each other but not both at once.
    long = sorted(word for word in words if len(word) >= SHORTEST_CORRECTED)
    for begin in range(0, len(long), _AT_ONCE):
        part = long[begin : begin + _AT_ONCE]
        there = set(session.scalars(select(SearchWord.word).where(SearchWord.word.in_(part))))
        new = [{"word": word, "backwards": word[::-1]} for word in part if word not in there]
        if new:
            add = insert_into(SearchWord, session.get_bind().dialect.name).on_conflict_do_nothing()
            session.execute(add, new)

"""Keep the documents of the search equal to what they are about.

Every transaction that changes what a gig says, or its teacher's name, writes the document anew. So a search never knows
less than the gig's own page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Session

import tags
from accounts.dependents import renamed
from accounts.models import User
from caching import invalidate
from database import change_in_bulk, insert_into, reading, writing
from gigs.models import Gig, GigSkill
from gigs.search.counts import count_anew, recount
from gigs.search.matching import has_word
from gigs.search.models import GigDocument, SearchWord
from gigs.search.words import in_order, other_forms, words_of

# Shorter ones are not corrected to: nearly every word of three letters is one error away from another one.
SHORTEST_CORRECTED = 4
# So many documents are written in one transaction when all of them are.
BATCH = 500
# So many words are looked up in one statement.
_AT_ONCE = 1_000

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
    documents = []
    dialect = session.get_bind().dialect.name
    for row in rows:
        said = _said(row, skills[row.id])
        words = sorted({word for text in said.values() for word in (*words_of(text), *other_forms(text))})
        known.update(words)
        stored = {name: in_order(text) for name, text in said.items() if name != "description"}
        documents.append(
            {"gig_id": row.id, "all_words": words if dialect == "postgresql" else " ".join(words)} | stored
        )
    if documents:
        session.execute(insert(GigDocument).values(words=_stored_words(dialect)), documents)
    _remember(session, known)


def write_all() -> int:
    """Write all documents anew, forget words that no gig has any more, and return how many gigs there are."""
    number, last = 0, 0
    while True:
        with writing() as session:
            ids = session.scalars(select(Gig.id).where(Gig.id > last).order_by(Gig.id).limit(BATCH)).all()
            if ids:
                write(session, ids)
                recount(session, ids)
                invalidate(tags.public_gigs())
        if not ids:
            break
        number, last = number + len(ids), ids[-1]
    # Only now: corrections know every word meanwhile.
    forget_words()
    count_anew()
    return number


def forget_words(_now: datetime | None = None) -> int:
    """Forget the words that no gig has any more, and return how many there were."""
    number, last = 0, ""
    while True:
        with reading() as connection:
            following = select(SearchWord.word).where(SearchWord.word > last).order_by(SearchWord.word).limit(BATCH)
            words = connection.scalars(following).all()
            unused = connection.scalars(_unused(words, connection.dialect.name)).all()
        if not words:
            return number
        if unused:
            number += _forget(unused)
        last = words[-1]


@renamed.append
def _rename(session: Session, user_id: int) -> None:
    """Write the gigs of a person who has another name."""
    if gig_ids := session.scalars(select(Gig.id).where(Gig.teacher_id == user_id)).all():
        write(session, gig_ids)


def _said(row: Row[Any], skills: Iterable[str]) -> dict[str, str]:
    named = "\n".join((*skills, row.category, row.name))
    return {"title": row.title, "named": named, "summary": row.summary, "description": row.description}


def _stored_words(dialect: str) -> ColumnElement[Any]:
    if dialect == "postgresql":
        return func.array_to_tsvector(cast(bindparam("all_words", type_=ARRAY(Text)), ARRAY(Text)))
    return bindparam("all_words", type_=Text)


def _unused(words: Collection[str], dialect: str) -> Select[str]:
    return select(SearchWord.word).where(SearchWord.word.in_(words), ~has_word(SearchWord.word, dialect).exists())


def _forget(words: Collection[str]) -> int:
    """Delete those of these words that no document has."""
    with writing() as session:
        # A transaction that writes a document holds its words, or waits here and then enters them again. So what is
        # locked now is not about to be used, and the second look finds what was written just before.
        unused = _unused(words, session.get_bind().dialect.name)
        mine = session.scalars(unused.with_for_update(of=SearchWord, skip_locked=True)).all()
        still = _unused(mine, session.get_bind().dialect.name)
        return change_in_bulk(session, delete(SearchWord).where(SearchWord.word.in_(still)))


def _remember(session: Session, words: Iterable[str]) -> None:
    """Add the words that nobody has written before, and hold the others until the end of the transaction."""
    # In one order in all transactions, so that two of them wait for each other but not both at once.
    long = sorted(word for word in words if len(word) >= SHORTEST_CORRECTED)
    dialect = session.get_bind().dialect.name
    for begin in range(0, len(long), _AT_ONCE):
        part = long[begin : begin + _AT_ONCE]
        known = select(SearchWord.word).where(_is_one_of(part, dialect)).order_by(SearchWord.word)
        there = set(session.scalars(known.with_for_update(read=True, key_share=True)))
        new = [{"word": word, "backwards": word[::-1]} for word in part if word not in there]
        if new:
            add = insert_into(SearchWord, dialect)
            # What another transaction has just entered is held as well.
            session.execute(add.on_conflict_do_update(index_elements=["word"], set_={"word": add.excluded.word}), new)


def _is_one_of(words: Sequence[str], dialect: str) -> ColumnElement[bool]:
    """Return the condition that a known word is one of these."""
    if dialect == "postgresql":
        # One parameter: with one for each word the statement alone took seconds to prepare.
        return SearchWord.word == any_(cast(literal(words, ARRAY(Text)), ARRAY(Text)))
    return SearchWord.word.in_(words)

"""Keep counts of the public list, so that no reader has to count all of it.

A gig is counted as what it is: its subject, its skills, its band of prices and its teacher's stars, each by itself and
beside each of the others. What it is counted as stands in `counted_gigs`. A change compares that with what is true now
and adds the differences as rows to `facet_counts`, some of them negative. A count is a sum. So two changes never wait
for the same number, and the sums of each snapshot fit its gigs. Only a change of a gig and one of its teacher wait for
each other: both hold the gig's row of `counted_gigs`, and look at the two only then.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, bindparam, delete, event, func, insert, or_, select, update
from sqlalchemy.orm import Session

import tags
from accounts.dependents import teaching_changed
from accounts.models import User
from caching import invalidate
from database import change_in_bulk, insert_into, reading, writing
from extensions import db
from gigs.models import Gig, GigSkill
from gigs.search.bands import band_of
from gigs.search.filters import LISTED
from gigs.search.listed import listed_row, stored_rows
from gigs.search.models import CountedGig, FacetCount

# The whole list, which is counted beside the four facets.
TOTAL = "total"
# So many gigs are compared in one step, and so many rows are added up in one.
BATCH, ROWS = 500, 5_000

_NOTED = "lectern_gigs_to_count"
_KEY = (FacetCount.chosen, FacetCount.chosen_value, FacetCount.facet, FacetCount.value, FacetCount.label)


class Fact(NamedTuple):
    """What a gig is counted as: a value of a facet, and how it is written."""

    facet: str
    value: str
    label: str


class Present(NamedTuple):
    """What gigs are to be counted as, and the rows of those that are in the public list."""

    facts: defaultdict[int, list[Fact]]
    rows: dict[int, dict[str, Any]]


class Key(NamedTuple):
    """What one number is about: how many gigs have a value, among those with a chosen one."""

    chosen: str
    chosen_value: str
    facet: str
    value: str
    label: str


def recount(session: Session, gig_ids: Collection[int]) -> None:
    """Let these gigs be counted as what they are when the transaction commits."""
    # At the end, so that nothing is waited for while their rows are held.
    session.info.setdefault(_NOTED, set()).update(gig_ids)


def recount_everything(_now: datetime | None = None) -> int:
    """Count gigs anew that are counted as something else than they are, and return how many there were.

    Every change does so itself. What an older version has changed during an upgrade is found here.
    """
    number, last = 0, 0
    while True:
        with reading() as connection:
            ids = connection.scalars(select(Gig.id).where(Gig.id > last).order_by(Gig.id).limit(BATCH)).all()
            wrong = wrongly_counted(connection, ids)
        if wrong:
            with writing() as session:
                _count(session, wrong)
                invalidate(tags.public_gigs())
        if not ids:
            return number
        number, last = number + len(wrong), ids[-1]


def add_up(_now: datetime | None = None) -> None:
    """Put one row in the place of several that are added up anyway."""
    while True:
        with reading() as connection:
            ids = connection.scalars(_crowded()).all()
        if not ids:
            return
        with writing() as session:
            # Nothing but this deletes rows. Should another process do it as well, each adds up what it has deleted.
            gone = delete(FacetCount).where(FacetCount.id.in_(ids)).returning(*_KEY, FacetCount.number)
            sums: Counter[Key] = Counter()
            for row in session.execute(gone, execution_options={"synchronize_session": False}):
                sums[Key(*row[:-1])] += row.number
            _add(session, sums)


def count_anew() -> None:
    """Write all counts anew, from what each gig is counted as."""
    with writing() as session:
        # One snapshot for all: what commits meanwhile has its rows in neither table.
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        sums: Counter[Key] = Counter()
        for facts in session.scalars(select(CountedGig.facts)):
            sums.update(keys_of(_loaded(facts)))
        change_in_bulk(session, delete(FacetCount))
        _add(session, sums)
        invalidate(tags.public_gigs())


def wrongly_counted(connection: Connection, gig_ids: Collection[int]) -> list[int]:
    """Return those of these gigs that are counted as something else than they are."""
    stored = select(CountedGig.gig_id, CountedGig.facts).where(CountedGig.gig_id.in_(gig_ids))
    counted = {row.gig_id: _loaded(row.facts) for row in connection.execute(stored)}
    listed = stored_rows(connection, gig_ids)
    present = present_of(connection, gig_ids)
    return [
        gig_id
        for gig_id in gig_ids
        if counted.get(gig_id, []) != present.facts[gig_id] or listed.get(gig_id) != present.rows.get(gig_id)
    ]


def present_of(connection: Connection, gig_ids: Collection[int]) -> Present:
    """Return what these gigs are to be counted as: nothing where they are not public."""
    columns: list[Any] = [Gig.id, Gig.category_key, Gig.category, Gig.currency, Gig.hourly_cents, Gig.price_cents]
    columns += [Gig.title, User.rating_sum, User.rating_count]
    listed = select(*columns).join(User, User.id == Gig.teacher_id).where(*LISTED, Gig.id.in_(gig_ids))
    found = {row.id: row for row in connection.execute(listed)}
    chosen = select(GigSkill.gig_id, GigSkill.skill_key, GigSkill.skill).where(GigSkill.gig_id.in_(found.keys()))
    skills = defaultdict(list)
    for gig_id, key, skill in connection.execute(chosen.order_by(GigSkill.gig_id, GigSkill.position)):
        skills[gig_id].append(Fact("skill", key, skill))
    present = Present(defaultdict(list), {})
    for gig_id, row in found.items():
        present.facts[gig_id] = [*_facts(row), *skills[gig_id]]
        present.rows[gig_id] = listed_row(row, present.facts[gig_id])
    return present


def keys_of(facts: Sequence[Fact]) -> Iterator[Key]:
    """Yield what a gig is counted in: all of the list, and what is chosen by one of its own values."""
    if not facts:
        return
    counted = [Fact(TOTAL, "", ""), *facts]
    yield from (Key("", "", *fact) for fact in counted)
    for chosen, value, _ in facts:
        yield from (Key(chosen, value, *fact) for fact in counted if fact.facet != chosen)


def price_value(hourly_cents: int, currency: str) -> str:
    """Write a band of prices so that texts sort as prices do."""
    return f"{band_of(hourly_cents)[0]:010} {currency}"


def _facts(row: Row[Any]) -> Iterator[Fact]:
    yield Fact("category", row.category_key, row.category)
    yield Fact("price", price_value(row.hourly_cents, row.currency), "")
    # Whole stars, rounded down: somebody with as many or more is asked for.
    yield Fact("rating", str(row.rating_sum // row.rating_count if row.rating_count else 0), "")


@teaching_changed.append
def _recount_of(session: Session, teacher_id: int) -> None:
    """Let a teacher's gigs be counted who begins or ceases to teach, or has another rating."""
    recount(session, session.scalars(select(Gig.id).where(Gig.teacher_id == teacher_id)).all())


def _before_commit(session: Session) -> None:
    """Count the gigs that the transaction has changed.

    A released savepoint also comes by here and is no commit.
    """
    if session.in_nested_transaction():
        return
    noted = sorted(session.info.pop(_NOTED, ()))
    session.flush()
    for begin in range(0, len(noted), BATCH):
        _count(session, noted[begin : begin + BATCH])


def _after_transaction_end(session: Session, transaction: Any) -> None:
    """Forget what a rollback has undone."""
    if transaction.parent is None:
        session.info.pop(_NOTED, None)


def _count(session: Session, gig_ids: Sequence[int]) -> None:
    """Add the differences between what gigs are counted as and what they are."""
    before = _held(session, gig_ids)
    after = present_of(session.connection(), gig_ids).facts
    changes: Counter[Key] = Counter()
    changed = [gig_id for gig_id, facts in before.items() if facts != after[gig_id]]
    for gig_id in changed:
        changes.update(keys_of(after[gig_id]))
        changes.subtract(keys_of(before[gig_id]))
    if changed:
        store = update(CountedGig).where(CountedGig.gig_id == bindparam("of")).values(facts=bindparam("now"))
        session.connection().execute(
            store, [{"of": gig_id, "now": json.dumps(after[gig_id], ensure_ascii=False)} for gig_id in changed]
        )
    _add(session, changes)


def _held(session: Session, gig_ids: Sequence[int]) -> dict[int, list[Fact]]:
    """Return what these gigs are counted as, and hold their rows until the end of the transaction.

    Triggers write what searches read of a gig whose row is held.
    """
    add = insert_into(CountedGig, session.get_bind().dialect.name)
    add = add.values([{"gig_id": gig_id, "facts": "[]"} for gig_id in gig_ids])
    held = add.on_conflict_do_update(index_elements=["gig_id"], set_={"gig_id": add.excluded.gig_id})
    rows = session.execute(held.returning(CountedGig.gig_id, CountedGig.facts))
    return {gig_id: _loaded(facts) for gig_id, facts in rows}


def _loaded(facts: str) -> list[Fact]:
    return [Fact(*each) for each in json.loads(facts)]


def _add(session: Session, sums: Counter[Key]) -> None:
    rows = [{**key._asdict(), "number": number} for key, number in sorted(sums.items()) if number]
    if rows:
        session.execute(insert(FacetCount), rows)


def _crowded() -> Any:
    """Select some of the rows that are added up with others, or come to nothing."""
    crowded = select(*_KEY).group_by(*_KEY).having(or_(func.count() > 1, func.sum(FacetCount.number) == 0)).subquery()
    same = and_(*(column == crowded.c[column.key] for column in _KEY))
    # Those of one sum follow each other, so that at least one sum becomes shorter.
    return select(FacetCount.id).join(crowded, same).order_by(*_KEY, FacetCount.id).limit(ROWS)


event.listen(db.session, "before_commit", _before_commit, insert=True)
event.listen(db.session, "after_transaction_end", _after_transaction_end)

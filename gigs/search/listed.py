"""Keep `listed_gigs`: what searches read of each gig of the public list, in one short row.

It is short so that a search for a common word, which has to look at thousands of gigs, reads few pages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, inspect, select
from sqlalchemy.orm import Session

from database import insert_into
from gigs.search.models import ListedGig
from gigs.search.words import in_order

# Before each fact of a gig. No name can have it, because texts have no control characters.
SEPARATOR = "\x1f"
# With which letter a fact of each facet begins.
LETTERS = {"category": "c", "price": "p", "rating": "r", "skill": "s"}

_COLUMNS = [column.key for column in inspect(ListedGig).columns]


def listed_row(row: Any, facts: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """Return what is stored of a gig that is in the list: facts are facet, value, and how it is written."""
    values = {facet: value for facet, value, _ in facts}
    return {
        "gig_id": row.id,
        "category_key": row.category_key,
        "price": values["price"],
        "stars": int(values["rating"]),
        "hourly_cents": row.hourly_cents,
        "price_cents": row.price_cents,
        "title": in_order(row.title),
        "facts": "".join(f"{SEPARATOR}{LETTERS[facet]}{label or value}" for facet, value, label in facts),
    }


def stored_rows(connection: Connection, gig_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return what is stored of these gigs."""
    columns = [getattr(ListedGig, name) for name in _COLUMNS]
    rows = connection.execute(select(*columns).where(ListedGig.gig_id.in_(gig_ids)))
    return {row.gig_id: dict(row._mapping) for row in rows}


def store_rows(session: Session, before: Mapping[int, Any], after: Mapping[int, dict[str, Any]]) -> None:
    """Write what is new or has changed, and delete what is not in the list any more."""
    connection = session.connection()
    if gone := sorted(before.keys() - after.keys()):
        connection.execute(delete(ListedGig).where(ListedGig.gig_id.in_(gone)))
    if rows := [row for gig_id, row in sorted(after.items()) if before.get(gig_id) != row]:
        add = insert_into(ListedGig, connection.dialect.name)
        changed = {name: add.excluded[name] for name in _COLUMNS if name != "gig_id"}
        connection.execute(add.on_conflict_do_update(index_elements=["gig_id"], set_=changed), rows)

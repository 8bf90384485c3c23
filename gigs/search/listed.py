"""Say what `listed_gigs` has to have: what searches read of each public gig, in one short row.

It is short so that a search for a common word, which has to look at thousands of gigs, reads few pages. Triggers write
it whenever a row of `counted_gigs` is held, so that a server of another version writes it, too. What stands there is
compared with what is said here: by periodic work, and by `flask doctor`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, inspect, select

from gigs.search.models import ListedGig
from gigs.search.words import in_order

# Before each fact of a gig. No name can have it, because texts have no control characters.
SEPARATOR = "\x1f"
# With which letter a fact of each facet begins.
LETTERS = {"category": "c", "price": "p", "rating": "r", "skill": "s"}

_COLUMNS = [column.key for column in inspect(ListedGig).columns]


def listed_row(row: Any, facts: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """Return what is to be stored of a gig in the list: facts are facet, value, and how it is written."""
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

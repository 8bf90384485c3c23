"""What is true of the search's counts in every database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from gigs.models import Gig
from gigs.search.counts import BATCH, Key, keys_of, present_of
from gigs.search.listed import stored_rows
from gigs.search.models import FacetCount


def wrong_counts(connection: Connection) -> Iterator[str]:
    """Compare the counts that are kept with the gigs of the public list."""
    present, last = Counter[Key](), 0
    while ids := connection.scalars(select(Gig.id).where(Gig.id > last).order_by(Gig.id).limit(BATCH)).all():
        facts_of, rows = present_of(connection, ids)
        for facts in facts_of.values():
            present.update(keys_of(facts))
        stored = stored_rows(connection, ids)
        for gig_id in ids:
            if stored.get(gig_id) != rows.get(gig_id):
                yield f"Searches read of gig {gig_id} what is not true of it."
        last = ids[-1]
    key = [getattr(FacetCount, name) for name in Key._fields]
    kept = select(*key, func.sum(FacetCount.number)).group_by(*key)
    counted = {Key(*row[:-1]): int(row[-1]) for row in connection.execute(kept)}
    for each in sorted({*present, *counted}):
        if counted.get(each, 0) != present[each]:
            beside = f" beside the {each.chosen} “{each.chosen_value}”" if each.chosen else ""
            what = f"the {each.facet} “{each.label or each.value}”" if each.value else "gigs"
            yield f"Of {what}{beside} searches count {counted.get(each, 0)}, and there are {present[each]}."

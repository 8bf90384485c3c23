"""Counts of the public list, kept so that no reader has to count all of it.

Revision ID: 0037
"""

import json
from bisect import bisect_right
from collections import Counter, defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# In the order of code points, whatever the server sorts by.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BATCH = 500


def upgrade():
    op.create_table(
        "counted_gigs",
        sa.Column("gig_id", ID, nullable=False, autoincrement=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("gig_id", name="pk_counted_gigs"),
    )
    op.create_table(
        "facet_counts",
        sa.Column("id", ID, nullable=False),
        *(sa.Column(name, WORD, nullable=False) for name in ("chosen", "chosen_value", "facet", "value")),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_facet_counts"),
    )
    op.create_index("ix_facet_counts_chosen", "facet_counts", ["chosen", "chosen_value", "facet"])
    fill(op.get_bind())


def fill(connection):
    """Count every public gig, as `gigs/search/counts.py` did when this was written."""
    skills = defaultdict(list)
    for gig_id, key, skill in connection.execute(
        sa.text("SELECT gig_id, skill_key, skill FROM gig_skills ORDER BY gig_id, position")
    ):
        skills[gig_id].append(("skill", key, skill))
    listed = connection.execute(
        sa.text(
            "SELECT gigs.id, category_key, category, currency, hourly_cents, rating_sum, rating_count FROM gigs "
            "JOIN users ON users.id = teacher_id WHERE status = 'published' AND visibility = 'public' "
            "AND active AND role = 'teacher' ORDER BY gigs.id"
        )
    )
    counted, sums = [], Counter()
    for row in listed:
        facts = [*facts_of(row), *skills[row.id]]
        counted.append({"gig_id": row.id, "facts": json.dumps(facts, ensure_ascii=False)})
        sums.update(keys_of(facts))
    keep = sa.text("INSERT INTO counted_gigs (gig_id, facts) VALUES (:gig_id, :facts)")
    names = ("chosen", "chosen_value", "facet", "value", "label")
    rows = [dict(zip(names, key, strict=True)) | {"number": number} for key, number in sorted(sums.items())]
    values = ", ".join(f":{name}" for name in (*names, "number"))
    add = sa.text(f"INSERT INTO facet_counts ({', '.join(names)}, number) VALUES ({values})")
    for statement, all_of_it in ((keep, counted), (add, rows)):
        for begin in range(0, len(all_of_it), BATCH):
            connection.execute(statement, all_of_it[begin : begin + BATCH])


def facts_of(row):
    band = EDGES[bisect_right(EDGES, row.hourly_cents) - 1]
    stars = row.rating_sum // row.rating_count if row.rating_count else 0
    yield "category", row.category_key, row.category
    yield "price", f"{band:010} {row.currency}", ""
    yield "rating", str(stars), ""


def keys_of(facts):
    counted = [("total", "", ""), *facts]
    yield from (("", "", *fact) for fact in counted)
    for chosen, value, _ in facts:
        yield from ((chosen, value, *fact) for fact in counted if fact[0] != chosen)


# In cents for an hour: 0, 10, 15, 20, 30, 40, 60, 100, 150 and so on.
EDGES = [0, *(step * 10**power // 2 for power in range(3, 9) for step in (2, 3, 4, 6, 8, 12))]

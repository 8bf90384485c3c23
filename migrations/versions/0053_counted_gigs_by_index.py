"""Find counted gigs by what they are counted as, without a look at the gigs.

Revision ID: 0053
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

# In the order of code points, whatever the server sorts by.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
# Where in the facts a value stands. The database reads it, so servers of the version before write it as well.
VALUES = (
    ("category_key", 0, 1, WORD),
    ("category", 0, 2, sa.Text()),
    ("price", 1, 1, WORD),
    ("stars", 2, 1, sa.Integer()),
)


def upgrade():
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, fact, place, kind in VALUES:
        value = f"facts::json -> {fact} ->> {place}" if on_postgresql else f"json_extract(facts, '$[{fact}][{place}]')"
        if name == "stars":
            value = f"CAST(({value}) AS INTEGER)"
        # SQLite can add only columns that it makes when they are read; PostgreSQL 15 knows only stored ones.
        op.add_column("counted_gigs", sa.Column(name, kind, sa.Computed(value, persisted=on_postgresql)))
    op.create_index("ix_counted_gigs_category", "counted_gigs", ["category_key", "price", "stars"])
    op.create_index("ix_counted_gigs_price", "counted_gigs", ["price", "stars", "category_key", "category"])
    # Of a band of prices the newest ones are found in the index alone.
    op.drop_index("ix_gigs_public_price", "gigs")
    op.create_index(
        "ix_gigs_public_price",
        "gigs",
        ["status", "visibility", "hourly_cents", "id", "created_at", "currency", "teacher_id"],
    )

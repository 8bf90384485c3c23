"""What searches read of each gig of the public list in one short row, and an index of the words of titles.

Revision ID: 0057
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# In the order of code points, whatever the server sorts by.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BATCH = 500
SEPARATOR = "\x1f"
LETTERS = {"category": "c", "price": "p", "rating": "r", "skill": "s"}


def upgrade():
    op.create_table(
        "listed_gigs",
        sa.Column("gig_id", ID, nullable=False, autoincrement=False),
        sa.Column("category_key", WORD, nullable=False),
        sa.Column("price", WORD, nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("hourly_cents", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("gig_id", name="pk_listed_gigs"),
    )
    fill(op.get_bind())
    op.create_index("ix_listed_gigs_category", "listed_gigs", ["category_key", "price", "stars"])
    op.create_index("ix_listed_gigs_price", "listed_gigs", ["price", "hourly_cents", "stars", "facts"])
    if op.get_bind().dialect.name == "postgresql":
        on_postgresql()
    else:
        on_sqlite()


def fill(connection):
    """Write a row for each gig that is counted, as `gigs/search/listed.py` did when this was written."""
    counted = sa.text(
        "SELECT counted_gigs.gig_id, counted_gigs.category_key, price, stars, hourly_cents, price_cents, "
        "gig_documents.title, facts FROM counted_gigs JOIN gigs ON gigs.id = counted_gigs.gig_id "
        "JOIN gig_documents ON gig_documents.gig_id = counted_gigs.gig_id "
        "WHERE counted_gigs.category_key IS NOT NULL ORDER BY 1"
    )
    rows = [{**row._mapping, "facts": in_short(row.facts)} for row in connection.execute(counted)]
    names = ("gig_id", "category_key", "price", "stars", "hourly_cents", "price_cents", "title", "facts")
    values = ", ".join(f":{name}" for name in names)
    add = sa.text(f"INSERT INTO listed_gigs ({', '.join(names)}) VALUES ({values})")
    for begin in range(0, len(rows), BATCH):
        connection.execute(add, rows[begin : begin + BATCH])


def in_short(facts):
    return "".join(f"{SEPARATOR}{LETTERS[facet]}{label or value}" for facet, value, label in json.loads(facts))


def on_postgresql():
    op.execute(
        "CREATE INDEX ix_listed_gigs_title ON listed_gigs USING gin "
        "(array_to_tsvector(array_remove(string_to_array(btrim(title), ' '), '')))"
    )
    # A server of the version before knows nothing of these rows. What it takes out of the list is to go here at once;
    # whatever else it changes is found by the hourly comparison.
    op.execute(
        """
        CREATE FUNCTION counted_gigs_leave_list() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM listed_gigs WHERE gig_id = NEW.gig_id;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER counted_gigs_leave_list AFTER UPDATE OF facts ON counted_gigs FOR EACH ROW "
        "WHEN (NEW.facts = '[]') EXECUTE FUNCTION counted_gigs_leave_list()"
    )


def on_sqlite():
    op.execute(
        "CREATE VIRTUAL TABLE gig_titles USING fts5(title, content='listed_gigs', content_rowid='gig_id', "
        "detail='none', columnsize=0, tokenize=\"ascii tokenchars '+#'\")"
    )
    add = "INSERT INTO gig_titles (rowid, title) VALUES (NEW.gig_id, NEW.title);"
    remove = "INSERT INTO gig_titles (gig_titles, rowid, title) VALUES ('delete', OLD.gig_id, OLD.title);"
    for event, steps in {"insert": add, "delete": remove, "update": remove + add}.items():
        op.execute(
            f"CREATE TRIGGER listed_gigs_title_on_{event} AFTER {event.upper()} ON listed_gigs BEGIN {steps} END"
        )
    op.execute("INSERT INTO gig_titles (gig_titles) VALUES ('rebuild')")
    # For servers of the version before, as on PostgreSQL.
    op.execute(
        "CREATE TRIGGER counted_gigs_leave_list AFTER UPDATE OF facts ON counted_gigs WHEN NEW.facts = '[]' "
        "BEGIN DELETE FROM listed_gigs WHERE gig_id = NEW.gig_id; END"
    )

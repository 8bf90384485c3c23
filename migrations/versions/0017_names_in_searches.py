"""People's names in the form that is searched.

Revision ID: 0017
"""

from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    # In place, not by batch_alter_table: that would write the table anew.
    op.execute("ALTER TABLE users ADD COLUMN name_key TEXT NOT NULL DEFAULT ''")
    users = sa.table("users", sa.column("id"), sa.column("name"), sa.column("name_key"))
    connection = op.get_bind()
    folded = [
        {"this": row.id, "folded": _fold(row.name)}
        for row in connection.execute(sa.select(users.c.id, users.c.name)).all()
    ]
    if folded:
        write = users.update().where(users.c.id == sa.bindparam("this")).values(name_key=sa.bindparam("folded"))
        connection.execute(write, folded)


def _fold(name):
    """Fold as `accounts/names.py` did when this was written."""
    return " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).split())

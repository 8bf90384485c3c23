"""Teachers' headlines in the form that is searched.

Revision ID: 0023
"""

from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade():
    # In place, not by batch_alter_table: that would write the table anew.
    op.execute("ALTER TABLE users ADD COLUMN headline_key TEXT NOT NULL DEFAULT ''")
    users = sa.table("users", sa.column("id"), sa.column("headline"), sa.column("headline_key"))
    connection = op.get_bind()
    filled = sa.select(users.c.id, users.c.headline).where(users.c.headline != "")
    folded = [{"this": row.id, "folded": _fold(row.headline)} for row in connection.execute(filled).all()]
    if folded:
        write = users.update().where(users.c.id == sa.bindparam("this")).values(headline_key=sa.bindparam("folded"))
        connection.execute(write, folded)


def _fold(text):
    """Fold as `accounts/names.py` did when this was written."""
    return " ".join(normalize("NFKC", normalize("NFKC", text).casefold()).split())

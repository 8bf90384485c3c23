"""Which account is asked about the lessons that were entered for its address.

Revision ID: 0033

Who was asked before the upgrade finds the question behind the bell, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade():
    # In place, not by batch_alter_table: that would write the table anew.
    number = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE invitations ADD COLUMN asked_id {number} CONSTRAINT fk_invitations_asked_id_users "
        "REFERENCES users (id)"
    )
    asked = sa.text("asked_id IS NOT NULL")
    op.create_index("ix_invitations_asked_id", "invitations", ["asked_id"], sqlite_where=asked, postgresql_where=asked)

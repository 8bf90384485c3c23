"""Who wants to be seen in leaderboards.

Revision ID: 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade():
    # Nobody is shown who has not said so. SQLite adds such a column in place, too.
    op.add_column("users", sa.Column("in_leaderboards", sa.Boolean(), server_default=sa.false(), nullable=False))

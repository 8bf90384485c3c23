"""Reviews that the school has hidden.

Revision ID: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("reviews", sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("reviews", sa.Column("hidden_reason", sa.String(length=500), server_default="", nullable=False))
    op.create_index("ix_reviews_created", "reviews", ["created_at", "id"])
    hidden = sa.text("hidden_at IS NOT NULL")
    op.create_index("ix_reviews_hidden", "reviews", ["created_at", "id"], sqlite_where=hidden, postgresql_where=hidden)

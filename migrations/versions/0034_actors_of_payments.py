"""Find by an index what somebody has decided about payments.

Revision ID: 0034
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_payment_events_actor", "payment_events", ["actor_id"])
    op.create_index("ix_refunds_actor", "refunds", ["actor_id"])

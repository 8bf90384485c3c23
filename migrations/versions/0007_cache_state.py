"""Which Redis server the processes of this installation believe, and the installation's own id.

Revision ID: 0007
"""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    table = op.create_table(
        "cache_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("installation", sa.String(32), nullable=False),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("server", sa.String(100), nullable=False),
        sa.Column("previous", sa.String(100), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cache_state"),
        sa.CheckConstraint("id = 1", name=op.f("ck_cache_state_one_row")),
        sa.CheckConstraint("status IN ('idle', 'settling', 'in_use')", name=op.f("ck_cache_state_status")),
    )
    op.bulk_insert(
        table,
        [
            {
                "id": 1,
                "installation": secrets.token_hex(8),
                "epoch": secrets.token_hex(16),
                "server": "",
                "previous": "",
                "status": "idle",
                "changed_at": _now(),
                "turn": 0,
            }
        ],
    )


def _now():
    now = datetime.now(UTC)
    return now.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else now

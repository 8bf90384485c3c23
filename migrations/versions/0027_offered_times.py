"""The hours that teachers offer every week, as searches compare them.

Revision ID: 0027

The periodic work `schedules.offered-hours` fills them right after the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    # In place, not by batch_alter_table: that would write the table anew.
    op.execute("ALTER TABLE schedules ADD COLUMN offered_until DATE")
    op.create_table(
        "offered_times",
        sa.Column("schedule_id", ID, nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedules.id"], name="fk_offered_times_schedule_id_schedules", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("schedule_id", "from_day", "begins", name="pk_offered_times"),
    )
    op.create_index("ix_offered_times_teacher_id_from_day", "offered_times", ["teacher_id", "from_day"])

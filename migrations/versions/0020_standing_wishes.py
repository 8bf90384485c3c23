"""Standing wishes: students who wait for any time that suits.

Revision ID: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "standing_wishes",
        sa.Column("id", ID, nullable=False),
        sa.Column("gig_id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('waiting', 'offered', 'left', 'lapsed')", name="ck_standing_wishes_status"),
        sa.ForeignKeyConstraint(["gig_id"], ["gigs.id"], name="fk_standing_wishes_gig_id_gigs"),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name="fk_standing_wishes_student_id_users"),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_standing_wishes_teacher_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_standing_wishes"),
    )
    narrowed = {f"{it}_where": sa.text("status IN ('waiting')") for it in ("sqlite", "postgresql")}
    unique = ["student_id", "gig_id"]
    op.create_index("uq_standing_wishes_waiting", "standing_wishes", unique, unique=True, **narrowed)
    op.create_index("ix_standing_wishes_student", "standing_wishes", ["student_id", "id"])
    op.create_index("ix_standing_wishes_teacher", "standing_wishes", ["teacher_id", "id"])
    op.create_index("ix_standing_wishes_gig", "standing_wishes", ["gig_id", "id"])
    op.create_index("ix_standing_wishes_status", "standing_wishes", ["id"], **narrowed)

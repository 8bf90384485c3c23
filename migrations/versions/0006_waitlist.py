"""Waitlists for lessons that are full or taken.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = "status IN ('waiting', 'offered')"


def upgrade():
    op.create_table(
        "waitlist_entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("gig_id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("booking_id", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'offered', 'accepted', 'declined', 'expired', 'left', 'lapsed')",
            name="ck_waitlist_entries_status",
        ),
        sa.ForeignKeyConstraint(["gig_id"], ["gigs.id"], name="fk_waitlist_entries_gig_id_gigs"),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name="fk_waitlist_entries_student_id_users"),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_waitlist_entries_teacher_id_users"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_waitlist_entries_booking_id_bookings"),
        sa.PrimaryKeyConstraint("id", name="pk_waitlist_entries"),
    )
    index("uq_waitlist_entries_open", ["student_id", "gig_id", "starts_at"], OPEN, unique=True)
    index("ix_waitlist_entries_student", ["student_id", "id"])
    index("ix_waitlist_entries_teacher", ["teacher_id", "starts_at"], OPEN)
    index("ix_waitlist_entries_gig", ["gig_id", "starts_at"], OPEN)
    index("ix_waitlist_entries_time", ["starts_at"], OPEN)
    index("ix_waitlist_entries_booking", ["booking_id"])
    # Added in place, not by batch_alter_table: that would write the table anew and lose SQLite's triggers.
    op.add_column("bookings", sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True))
    index("ix_bookings_offered", ["offered_until"], "offered_until IS NOT NULL", table="bookings")


def index(name, columns, where=None, *, table="waitlist_entries", unique=False):
    narrowed = {f"{it}_where": sa.text(where) for it in ("sqlite", "postgresql")} if where else {}
    op.create_index(name, table, columns, unique=unique, **narrowed)

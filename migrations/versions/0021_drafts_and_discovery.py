"""What is typed about gigs, what people have looked at and searched for, and what is recommended.

Revision ID: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "autosaves",
        sa.Column("id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("gig_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_autosaves_teacher_id_users"),
        sa.ForeignKeyConstraint(["gig_id"], ["gigs.id"], name="fk_autosaves_gig_id_gigs"),
        sa.PrimaryKeyConstraint("id", name="pk_autosaves"),
    )
    narrowed = {f"{it}_where": sa.text("gig_id IS NULL") for it in ("sqlite", "postgresql")}
    op.create_index("uq_autosaves_gig", "autosaves", ["gig_id"], unique=True)
    op.create_index("uq_autosaves_new", "autosaves", ["teacher_id"], unique=True, **narrowed)
    op.create_index("ix_autosaves_saved_at", "autosaves", ["saved_at"])
    op.create_table(
        "featured_gigs",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gig_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["gig_id"], ["gigs.id"], name="fk_featured_gigs_gig_id_gigs"),
        sa.PrimaryKeyConstraint("position", name="pk_featured_gigs"),
        sa.UniqueConstraint("gig_id", name="uq_featured_gigs_gig_id"),
    )
    op.create_table(
        "gig_views",
        sa.Column("id", ID, nullable=False),
        sa.Column("gig_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("viewer", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["gig_id"], ["gigs.id"], name="fk_gig_views_gig_id_gigs"),
        sa.PrimaryKeyConstraint("id", name="pk_gig_views"),
        sa.UniqueConstraint("gig_id", "day", "viewer", name="uq_gig_views_gig_id_day_viewer"),
    )
    op.create_table(
        "recent_gigs",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("gig_id", ID, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["gig_id"], ["gigs.id"], name="fk_recent_gigs_gig_id_gigs"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_recent_gigs_user_id_users"),
        sa.PrimaryKeyConstraint("user_id", "gig_id", name="pk_recent_gigs"),
    )
    op.create_index("ix_recent_gigs_newest", "recent_gigs", ["user_id", "seen_at"])
    op.create_table(
        "searches",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_searches_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_searches"),
        sa.UniqueConstraint("user_id", "key", name="uq_searches_user_id_key"),
    )
    op.create_index("ix_searches_newest", "searches", ["user_id", "searched_at"])
    op.add_column("users", sa.Column("keeps_searches", sa.Boolean(), server_default=sa.true(), nullable=False))

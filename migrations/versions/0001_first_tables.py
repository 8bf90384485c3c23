"""First tables, and the database's own guard against overlapping lessons.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "cache_outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("mark", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cache_outbox"),
    )
    op.create_index("ix_cache_outbox_mark", "cache_outbox", ["mark"])

    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("headline", sa.String(length=200), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("rating_sum", sa.Integer(), nullable=False),
        sa.Column("rating_count", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('student', 'teacher', 'admin')", name="ck_users_role"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_index("ix_users_role_id", "users", ["role", "id"])

    op.create_table(
        "gigs",
        sa.Column("id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("enrolment", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("category_key", sa.String(length=120), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("popularity", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("enrolment IN ('booking', 'application')", name="ck_gigs_enrolment"),
        sa.CheckConstraint("status IN ('draft', 'published', 'paused', 'archived')", name="ck_gigs_status"),
        sa.CheckConstraint("visibility IN ('public', 'unlisted', 'private')", name="ck_gigs_visibility"),
        sa.CheckConstraint("capacity BETWEEN 1 AND 500", name="ck_gigs_capacity"),
        sa.CheckConstraint("duration_minutes BETWEEN 5 AND 480", name="ck_gigs_duration"),
        sa.CheckConstraint("price_cents BETWEEN 0 AND 10000000", name="ck_gigs_price"),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_gigs_teacher_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_gigs"),
    )
    op.create_index("ix_gigs_category", "gigs", ["category_key", "id"])
    op.create_index("ix_gigs_public_newest", "gigs", ["status", "visibility", "created_at", "id"])
    op.create_index("ix_gigs_public_popular", "gigs", ["status", "visibility", "popularity", "id"])
    op.create_index("ix_gigs_public_price", "gigs", ["status", "visibility", "price_cents", "id"])
    op.create_index("ix_gigs_teacher", "gigs", ["teacher_id", "id"])

    op.create_table(
        "kept_answers",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_kept_answers_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_kept_answers"),
        sa.UniqueConstraint("user_id", "method", "path", "key", name="uq_kept_answers_user_id_method_path_key"),
    )
    op.create_index("ix_kept_answers_created_at", "kept_answers", ["created_at"])

    op.create_table(
        "sign_ins",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("refresh_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sign_ins_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_expires_at", "sign_ins", ["expires_at"])
    op.create_index("ix_sign_ins_user_id", "sign_ins", ["user_id"])

    op.create_table(
        "bookings",
        sa.Column("id", ID, nullable=False),
        sa.Column("gig_id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("requested_by", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("requested_by IN ('student', 'teacher')", name="ck_bookings_requested_by"),
        sa.CheckConstraint(
            "status IN ('pending', 'accepted', 'rejected', 'cancelled', 'expired', 'completed', 'no_show')",
            name="ck_bookings_status",
        ),
        sa.CheckConstraint("ends_at > starts_at", name="ck_bookings_interval"),
        sa.CheckConstraint("seat >= 1", name="ck_bookings_seat"),
        sa.ForeignKeyConstraint(["gig_id"], ["gigs.id"], name="fk_bookings_gig_id_gigs"),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name="fk_bookings_student_id_users"),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_bookings_teacher_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_bookings"),
    )
    op.create_index("ix_bookings_gig", "bookings", ["gig_id", "starts_at"])
    op.create_index("ix_bookings_starts_at", "bookings", ["starts_at", "id"])
    op.create_index("ix_bookings_status", "bookings", ["status", "starts_at"])
    op.create_index("ix_bookings_student", "bookings", ["student_id", "starts_at", "id"])
    op.create_index("ix_bookings_teacher", "bookings", ["teacher_id", "starts_at", "id"])

    op.create_table(
        "gig_skills",
        sa.Column("gig_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=False),
        sa.Column("skill_key", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["gig_id"], ["gigs.id"], name="fk_gig_skills_gig_id_gigs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("gig_id", "position", name="pk_gig_skills"),
    )
    op.create_index("ix_gig_skills_skill_key", "gig_skills", ["skill_key", "gig_id"])

    op.create_table(
        "booking_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("booking_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_status", sa.String(length=10), nullable=True),
        sa.Column("to_status", sa.String(length=10), nullable=False),
        sa.Column("from_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("to_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_booking_events_actor_id_users"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_booking_events_booking_id_bookings"),
        sa.PrimaryKeyConstraint("id", name="pk_booking_events"),
    )
    op.create_index("ix_booking_events_booking", "booking_events", ["booking_id", "id"])

    op.create_table(
        "reviews",
        sa.Column("id", ID, nullable=False),
        sa.Column("booking_id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="ck_reviews_rating"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_reviews_booking_id_bookings"),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name="fk_reviews_student_id_users"),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_reviews_teacher_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.UniqueConstraint("booking_id", name="uq_reviews_booking_id"),
    )
    op.create_index("ix_reviews_student", "reviews", ["student_id", "created_at", "id"])
    op.create_index("ix_reviews_teacher", "reviews", ["teacher_id", "created_at", "id"])
    if op.get_bind().dialect.name == "postgresql":
        forbid_overlaps_on_postgresql()
    else:
        forbid_overlaps_on_sqlite()


def forbid_overlaps_on_postgresql():
    """Let exclusion constraints keep active lessons apart; only the seats of one group lesson may coincide."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    active = "WHERE (status IN ('pending', 'accepted'))"
    when = "tstzrange(starts_at, ends_at) WITH &&"
    for name, who in {
        "student_overlap": "student_id WITH =",
        "teacher_overlap_of_gigs": "teacher_id WITH =, gig_id WITH <>",
        "teacher_overlap_of_starts": "teacher_id WITH =, starts_at WITH <>",
    }.items():
        op.execute(
            f"ALTER TABLE bookings ADD CONSTRAINT ex_bookings_{name} EXCLUDE USING gist ({who}, {when}) {active}"
        )
    op.execute(f"CREATE UNIQUE INDEX uq_bookings_seat ON bookings (gig_id, starts_at, seat) {active}")


def forbid_overlaps_on_sqlite():
    """Let triggers do the same: SQLite has no exclusion constraints, but one writer at a time."""
    op.execute(
        "CREATE UNIQUE INDEX uq_bookings_seat ON bookings (gig_id, starts_at, seat) "
        "WHERE status IN ('pending', 'accepted')"
    )
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"""
            CREATE TRIGGER bookings_no_overlap_on_{event.lower()} BEFORE {event} ON bookings
            WHEN NEW.status IN ('pending', 'accepted')
            BEGIN
                SELECT RAISE(ABORT, 'bookings overlap') WHERE EXISTS (
                    SELECT 1 FROM bookings AS other
                    WHERE other.student_id = NEW.student_id AND other.id IS NOT NEW.id
                      AND other.status IN ('pending', 'accepted')
                      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
                ) OR EXISTS (
                    SELECT 1 FROM bookings AS other
                    WHERE other.teacher_id = NEW.teacher_id AND other.id IS NOT NEW.id
                      AND other.status IN ('pending', 'accepted')
                      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
                      AND (other.gig_id <> NEW.gig_id OR other.starts_at <> NEW.starts_at)
                );
            END
            """
        )

"""Times that are held, moves that are asked for, changes not seen yet, and gigs that confirm at once.

Revision ID: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# The guards of the first migration stood on the bookings themselves. `held_times` has them from now on.
replaced_triggers = {"bookings_no_overlap_on_insert", "bookings_no_overlap_on_update"}

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ACTIVE = "status IN ('pending', 'accepted')"

HELD = "booking_id, student_id, teacher_id, gig_id, starts_at, ends_at, seat, holder"
THE_LESSON = (
    "{row}.id, {row}.student_id, {row}.teacher_id, {row}.gig_id, {row}.starts_at, {row}.ends_at, {row}.seat, {row}.id"
)
THE_WISH = (
    "{row}.id, {row}.student_id, {row}.teacher_id, {row}.gig_id, "
    "{row}.move_starts_at, {row}.move_ends_at, {row}.move_seat, {row}.id"
)
# What of a booking decides which times it holds.
DECISIVE = (
    "{row}.status IN ('pending', 'accepted'), {row}.student_id, {row}.teacher_id, {row}.gig_id, {row}.starts_at, "
    "{row}.ends_at, {row}.seat, {row}.move_starts_at, {row}.move_ends_at, {row}.move_seat"
)


def upgrade():
    add_columns()
    create_unseen_changes()
    create_held_times()
    lessons = THE_LESSON.format(row="bookings")
    op.execute(f"INSERT INTO held_times ({HELD}) SELECT {lessons} FROM bookings WHERE {ACTIVE}")
    # The indexes are made after the rows, which takes a fraction of the time.
    op.create_index("ix_held_times_booking", "held_times", ["booking_id"])
    op.create_index("ix_held_times_student", "held_times", ["student_id", "starts_at"])
    op.create_index("ix_held_times_teacher", "held_times", ["teacher_id", "starts_at"])
    op.create_index("uq_held_times_seat", "held_times", ["gig_id", "starts_at", "seat"], unique=True)
    op.drop_index("uq_bookings_seat", "bookings")
    if op.get_bind().dialect.name == "postgresql":
        hold_on_postgresql()
    else:
        hold_on_sqlite()


def add_columns():
    # In place, not by batch_alter_table: that would write the tables anew and lose SQLite's triggers.
    op.execute(
        "ALTER TABLE gigs ADD COLUMN confirmation VARCHAR(10) DEFAULT 'ask' NOT NULL "
        "CONSTRAINT ck_gigs_confirmation CHECK (confirmation IN ('ask', 'instant'))"
    )
    for name in ("move_starts_at", "move_ends_at", "move_asked_at"):
        op.add_column("bookings", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("bookings", sa.Column("move_seat", sa.Integer(), nullable=True))
    op.execute(
        "ALTER TABLE bookings ADD COLUMN move_asked_by VARCHAR(10) "
        "CONSTRAINT ck_bookings_move CHECK (move_asked_by IS NULL OR (move_asked_by IN ('student', 'teacher') "
        "AND status = 'accepted' AND move_starts_at IS NOT NULL AND move_ends_at > move_starts_at "
        "AND move_seat >= 1 AND move_asked_at IS NOT NULL))"
    )
    where = {f"{it}_where": sa.text("move_starts_at IS NOT NULL") for it in ("sqlite", "postgresql")}
    op.create_index("ix_bookings_move", "bookings", ["move_starts_at"], **where)
    op.add_column("booking_events", sa.Column("what", sa.String(length=20), nullable=True))


def create_unseen_changes():
    op.create_table(
        "unseen_changes",
        sa.Column("booking_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name="fk_unseen_changes_booking_id_bookings", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_unseen_changes_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("booking_id", "user_id", name="pk_unseen_changes"),
    )
    op.create_index("ix_unseen_changes_user", "unseen_changes", ["user_id", "at"])


def create_held_times():
    op.create_table(
        "held_times",
        sa.Column("id", ID, nullable=False),
        sa.Column("booking_id", ID, nullable=True),
        sa.Column("student_id", ID, nullable=True),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("gig_id", ID, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("holder", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name="fk_held_times_booking_id_bookings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_held_times"),
    )


def hold_on_postgresql():
    """Keep held times apart by exclusion constraints, and let a trigger keep them equal to the bookings."""
    for name in ("student_overlap", "teacher_overlap_of_gigs", "teacher_overlap_of_starts"):
        op.execute(f"ALTER TABLE bookings DROP CONSTRAINT ex_bookings_{name}")
    for name, who in {
        "student": "student_id WITH =, booking_id WITH <>",
        "teacher_of_gigs": "teacher_id WITH =, gig_id WITH <>",
        "teacher_of_starts": "teacher_id WITH =, starts_at WITH <>, holder WITH <>",
    }.items():
        op.execute(
            f"ALTER TABLE held_times ADD CONSTRAINT ex_held_times_{name} "
            f"EXCLUDE USING gist ({who}, tstzrange(starts_at, ends_at) WITH &&)"
        )
    op.execute(
        f"""
        CREATE FUNCTION bookings_hold_times() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                DELETE FROM held_times WHERE booking_id = NEW.id;
            END IF;
            IF NEW.{ACTIVE} THEN
                INSERT INTO held_times ({HELD}) VALUES ({THE_LESSON.format(row="NEW")});
                IF NEW.move_starts_at IS NOT NULL THEN
                    INSERT INTO held_times ({HELD}) VALUES ({THE_WISH.format(row="NEW")});
                END IF;
            END IF;
            RETURN NULL;
        END $$
        """
    )
    changed = f"({DECISIVE.format(row='OLD')}) IS DISTINCT FROM ({DECISIVE.format(row='NEW')})"
    for event, condition in {"INSERT": f"NEW.{ACTIVE}", "UPDATE": changed}.items():
        op.execute(
            f"CREATE TRIGGER bookings_hold_times_on_{event.lower()} AFTER {event} ON bookings "
            f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION bookings_hold_times()"
        )


def hold_on_sqlite():
    """Let triggers do both: SQLite has no exclusion constraints, but one writer at a time."""
    for name in sorted(replaced_triggers):
        op.execute(f"DROP TRIGGER {name}")
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"""
            CREATE TRIGGER held_times_no_overlap_on_{event.lower()} BEFORE {event} ON held_times
            BEGIN
                SELECT RAISE(ABORT, 'held times overlap') WHERE EXISTS (
                    SELECT 1 FROM held_times AS other
                    WHERE other.student_id = NEW.student_id AND other.booking_id <> NEW.booking_id
                      AND other.id IS NOT NEW.id
                      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
                ) OR EXISTS (
                    SELECT 1 FROM held_times AS other
                    WHERE other.teacher_id = NEW.teacher_id AND other.id IS NOT NEW.id
                      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
                      AND (
                        other.gig_id <> NEW.gig_id
                        OR (other.starts_at <> NEW.starts_at AND other.holder <> NEW.holder)
                      )
                );
            END
            """
        )
    wish = f"INSERT INTO held_times ({HELD}) SELECT {THE_WISH.format(row='NEW')} WHERE NEW.move_starts_at IS NOT NULL"
    op.execute(
        f"""
        CREATE TRIGGER bookings_hold_times_on_insert AFTER INSERT ON bookings WHEN NEW.{ACTIVE}
        BEGIN
            INSERT INTO held_times ({HELD}) VALUES ({THE_LESSON.format(row="NEW")});
            {wish};
        END
        """
    )
    op.execute(
        f"""
        CREATE TRIGGER bookings_hold_times_on_update AFTER UPDATE ON bookings
        WHEN ({DECISIVE.format(row="OLD")}) IS NOT ({DECISIVE.format(row="NEW")})
        BEGIN
            DELETE FROM held_times WHERE booking_id = NEW.id;
            INSERT INTO held_times ({HELD}) SELECT {THE_LESSON.format(row="NEW")} WHERE NEW.{ACTIVE};
            {wish} AND NEW.{ACTIVE};
        END
        """
    )

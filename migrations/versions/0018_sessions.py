"""Sessions: the times of a group that its teacher has set, which hold the time while they are empty.

Revision ID: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# They are made anew: they hold the time of a session's bookings in the session's name from now on.
RENEWED = ("bookings_hold_times_on_insert", "bookings_hold_times_on_update")

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ACTIVE = "status IN ('pending', 'accepted')"

HELD = "booking_id, student_id, teacher_id, gig_id, starts_at, ends_at, seat, holder"
# A session's rows have one holder, so that they can be moved one after the other.
HOLDER = "coalesce(-{row}.session_id, {row}.id)"
THE_LESSON = (
    "{row}.id, {row}.student_id, {row}.teacher_id, {row}.gig_id, {row}.starts_at, {row}.ends_at, {row}.seat, " + HOLDER
)
THE_WISH = (
    "{row}.id, {row}.student_id, {row}.teacher_id, {row}.gig_id, "
    "{row}.move_starts_at, {row}.move_ends_at, {row}.move_seat, " + HOLDER
)
# What of a booking decides which times it holds.
DECISIVE = (
    "{row}.status IN ('pending', 'accepted'), {row}.student_id, {row}.teacher_id, {row}.gig_id, {row}.starts_at, "
    "{row}.ends_at, {row}.seat, {row}.move_starts_at, {row}.move_ends_at, {row}.move_seat, {row}.session_id"
)
THE_SESSION = "NULL, NULL, NEW.teacher_id, NEW.gig_id, NEW.starts_at, NEW.ends_at, NULL, -NEW.id"
# What of a session decides the same.
DECISIVE_OF_SESSION = "{row}.status, {row}.teacher_id, {row}.gig_id, {row}.starts_at, {row}.ends_at"
OLD_HOLD = (
    "DELETE FROM held_times WHERE teacher_id = OLD.teacher_id AND starts_at = OLD.starts_at AND holder = -OLD.id "
    "AND booking_id IS NULL"
)
# The session that a place which is to be held belongs to.
ITS_SESSION = "FROM sessions WHERE gig_id = NEW.gig_id AND starts_at = NEW.starts_at AND status = 'scheduled'"


def upgrade():
    # In place, not by batch_alter_table: that would write the tables anew and lose SQLite's triggers.
    op.execute(
        "ALTER TABLE gigs ADD COLUMN times VARCHAR(10) DEFAULT 'open' NOT NULL "
        "CONSTRAINT ck_gigs_times CHECK (times IN ('open', 'timetable'))"
    )
    create_sessions()
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE bookings ADD COLUMN session_id {kind} "
        "CONSTRAINT fk_bookings_session_id_sessions REFERENCES sessions (id)"
    )
    where = {f"{it}_where": sa.text("session_id IS NOT NULL") for it in ("sqlite", "postgresql")}
    op.create_index("ix_bookings_session", "bookings", ["session_id", "id"], **where)
    if op.get_bind().dialect.name == "postgresql":
        hold_on_postgresql()
    else:
        hold_on_sqlite()


def create_sessions():
    op.create_table(
        "sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("gig_id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('scheduled', 'cancelled', 'held')", name="ck_sessions_status"),
        sa.CheckConstraint("capacity BETWEEN 1 AND 500", name="ck_sessions_capacity"),
        sa.CheckConstraint("ends_at > starts_at", name="ck_sessions_interval"),
        sa.ForeignKeyConstraint(["gig_id"], ["gigs.id"], name="fk_sessions_gig_id_gigs"),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_sessions_teacher_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_gig", "sessions", ["gig_id", "starts_at", "id"])
    op.create_index("ix_sessions_teacher", "sessions", ["teacher_id", "starts_at", "id"])
    where = {f"{it}_where": sa.text("status <> 'cancelled'") for it in ("sqlite", "postgresql")}
    op.create_index("uq_sessions_start", "sessions", ["gig_id", "starts_at"], unique=True, **where)


def hold_on_postgresql():
    """Let the triggers of bookings know of sessions, and sessions hold their time and bound their places."""
    for name in RENEWED:
        op.execute(f"DROP TRIGGER {name} ON bookings")
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION bookings_hold_times() RETURNS trigger LANGUAGE plpgsql AS $$
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
        create_trigger("bookings", "bookings_hold_times", event, condition)
    op.execute(
        f"""
        CREATE FUNCTION sessions_hold_time() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                {OLD_HOLD};
            END IF;
            IF NEW.status = 'scheduled' THEN
                INSERT INTO held_times ({HELD}) VALUES ({THE_SESSION});
            END IF;
            RETURN NULL;
        END $$
        """
    )
    changed = f"({DECISIVE_OF_SESSION.format(row='OLD')}) IS DISTINCT FROM ({DECISIVE_OF_SESSION.format(row='NEW')})"
    for event, condition in {"INSERT": "NEW.status = 'scheduled'", "UPDATE": changed}.items():
        create_trigger("sessions", "sessions_hold_time", event, condition)
    # The lock makes a place and a change of its session wait for each other.
    op.execute(
        f"""
        CREATE FUNCTION held_times_fit_session() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            places integer;
        BEGIN
            SELECT capacity INTO places {ITS_SESSION} FOR SHARE;
            IF NEW.seat > places OR (NEW.holder < 0 AND places IS NULL) THEN
                RAISE EXCEPTION 'no such place in the session' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER held_times_fit_session BEFORE INSERT ON held_times "
        "FOR EACH ROW WHEN (NEW.seat IS NOT NULL) EXECUTE FUNCTION held_times_fit_session()"
    )


def create_trigger(table, function, event, condition):
    op.execute(
        f"CREATE TRIGGER {function}_on_{event.lower()} AFTER {event} ON {table} "
        f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {function}()"
    )


def hold_on_sqlite():
    """Do the same on SQLite."""
    for name in RENEWED:
        op.execute(f"DROP TRIGGER {name}")
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
    op.execute(
        f"""
        CREATE TRIGGER sessions_hold_time_on_insert AFTER INSERT ON sessions WHEN NEW.status = 'scheduled'
        BEGIN
            INSERT INTO held_times ({HELD}) VALUES ({THE_SESSION});
        END
        """
    )
    changed = f"({DECISIVE_OF_SESSION.format(row='OLD')}) IS NOT ({DECISIVE_OF_SESSION.format(row='NEW')})"
    op.execute(
        f"""
        CREATE TRIGGER sessions_hold_time_on_update AFTER UPDATE ON sessions WHEN {changed}
        BEGIN
            {OLD_HOLD};
            INSERT INTO held_times ({HELD}) SELECT {THE_SESSION} WHERE NEW.status = 'scheduled';
        END
        """
    )
    op.execute(
        f"""
        CREATE TRIGGER held_times_fit_session BEFORE INSERT ON held_times WHEN NEW.seat IS NOT NULL
        BEGIN
            SELECT RAISE(ABORT, 'no such place in the session')
            WHERE NEW.seat > (SELECT capacity {ITS_SESSION})
               OR (NEW.holder < 0 AND NOT EXISTS (SELECT 1 {ITS_SESSION}));
        END
        """
    )

"""The lessons of two people in each month added up, and the months in which something has changed since.

Triggers note these months, so that sums are right whatever code, of this version or of the one before, changes lessons
or adds to the ledger.

Revision ID: 0059
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
SUMS = ("due_cents", "submitted_cents", "paid_cents", "refunded_cents", "open_cents", "spare_cents")
NOTED = "stale_months (teacher_id, student_id, begins, ends)"
# What of a booking its sums are added up from, and by.
COUNTED = ("teacher_id", "student_id", "starts_at", "status", "currency", "price_cents", "cancellation_fee_cents")
OF_PAYMENT = "(SELECT booking_id FROM payments WHERE id = NEW.payment_id)"
# Rows of other tables that change what a booking costs, or what was paid for it: when, and which booking's.
ABOUT_BOOKINGS = {
    "payments": (("INSERT",), "NEW.booking_id"),
    "payment_events": (("INSERT",), OF_PAYMENT),
    "refunds": (("INSERT",), OF_PAYMENT),
    "credit_uses": (("INSERT",), "NEW.booking_id"),
    "credit_notes": (("INSERT",), "NEW.booking_id"),
    "package_units": (("INSERT", "UPDATE"), "NEW.booking_id"),
}


def upgrade():
    key = [sa.Column(name, ID, autoincrement=False, nullable=False) for name in ("teacher_id", "student_id")]
    op.create_table(
        "lesson_months",
        *key,
        sa.Column("begins", INSTANT, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SUMS),
        sa.PrimaryKeyConstraint("teacher_id", "student_id", "begins", "currency", name="pk_lesson_months"),
    )
    op.create_index("ix_lesson_months_student", "lesson_months", ["student_id"])
    op.create_table(
        "stale_months",
        *(sa.Column(name, ID, nullable=False) for name in ("id", "teacher_id", "student_id")),
        *(sa.Column(name, INSTANT, nullable=False) for name in ("begins", "ends")),
        sa.PrimaryKeyConstraint("id", name="pk_stale_months"),
    )
    op.create_index("ix_stale_months_teacher", "stale_months", ["teacher_id", "student_id", "begins"])
    op.create_index("ix_stale_months_student", "stale_months", ["student_id"])
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in postgresql() if on_postgresql else sqlite():
        op.execute(statement)
    # The triggers come first: what is booked meanwhile is noted, too.
    month = month_on_postgresql("starts_at") if on_postgresql else month_on_sqlite("starts_at")
    op.execute(f"INSERT INTO {NOTED} SELECT DISTINCT teacher_id, student_id, {month} FROM bookings")


def month_on_postgresql(instant):
    begins = f"date_trunc('month', {instant} AT TIME ZONE 'UTC')"
    return f"{begins} AT TIME ZONE 'UTC', ({begins} + interval '1 month') AT TIME ZONE 'UTC'"


def postgresql():
    yield f"""
        CREATE FUNCTION note_stale_month(teacher bigint, student bigint, instant timestamptz)
        RETURNS void LANGUAGE sql AS $$
            INSERT INTO {NOTED} VALUES (teacher, student, {month_on_postgresql("instant")})
        $$
    """
    yield f"""
        CREATE FUNCTION note_stale_months_of_new() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO {NOTED}
            SELECT DISTINCT teacher_id, student_id, {month_on_postgresql("starts_at")} FROM new_rows;
            RETURN NULL;
        END $$
    """
    yield """
        CREATE FUNCTION note_stale_months_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM note_stale_month(OLD.teacher_id, OLD.student_id, OLD.starts_at);
            IF TG_OP = 'UPDATE' THEN
                PERFORM note_stale_month(NEW.teacher_id, NEW.student_id, NEW.starts_at);
            END IF;
            RETURN NULL;
        END $$
    """
    yield """
        CREATE TRIGGER bookings_stale_month_on_insert AFTER INSERT ON bookings
        REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_stale_months_of_new()
    """
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in COUNTED)
    yield f"""
        CREATE TRIGGER bookings_stale_month_on_update AFTER UPDATE OF {", ".join(COUNTED)} ON bookings
        FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION note_stale_months_of_changed()
    """
    yield """
        CREATE TRIGGER bookings_stale_month_on_delete AFTER DELETE ON bookings
        FOR EACH ROW EXECUTE FUNCTION note_stale_months_of_changed()
    """
    for table, (events, booking) in ABOUT_BOOKINGS.items():
        yield f"""
            CREATE FUNCTION {table}_stale_month() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM note_stale_month(teacher_id, student_id, starts_at) FROM bookings WHERE id = {booking};
                RETURN NULL;
            END $$
        """
        yield f"""
            CREATE TRIGGER {table}_stale_month AFTER {" OR ".join(events)} ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_stale_month()
        """


def month_on_sqlite(instant):
    return ", ".join(first_instant(instant, later) for later in ("", ", '+1 month'"))


def first_instant(instant, later=""):
    return f"strftime('%Y-%m-%d 00:00:00.000000', {instant}, 'start of month'{later})"


def sqlite():
    old, new = (
        f"(SELECT {', '.join(f'{row}.{name} AS {name}' for name in ('teacher_id', 'student_id', 'starts_at'))})"
        for row in ("OLD", "NEW")
    )
    yield trigger("bookings", "INSERT", new)
    yield trigger("bookings", f"UPDATE OF {', '.join(COUNTED)}", old, new)
    yield trigger("bookings", "DELETE", old)
    for table, (events, booking) in ABOUT_BOOKINGS.items():
        for event in events:
            yield trigger(table, event, f"(SELECT * FROM bookings WHERE id = {booking})")


def trigger(table, event, *lessons):
    """Write the trigger of one event; one row for a month is enough, because there is one writer at a time."""
    alike = " AND ".join(f"stale_months.{name} = lesson.{name}" for name in ("teacher_id", "student_id"))
    notes = [
        f"INSERT INTO {NOTED} SELECT teacher_id, student_id, {month_on_sqlite('starts_at')} FROM {lesson} AS lesson "
        f"WHERE NOT EXISTS (SELECT 1 FROM stale_months WHERE {alike} "
        f"AND stale_months.begins = {first_instant('lesson.starts_at')});"
        for lesson in lessons
    ]
    name = f"{table}_stale_month_on_{event.split()[0].lower()}"
    return f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {' '.join(notes)} END"

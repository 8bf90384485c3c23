"""The lessons of each hour added up, and the days on which something has changed since.

Triggers note these days, so that figures are right whatever code changes bookings, packages or credit notes.

Revision ID: 0047
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# What of a booking its hour is added up from.
COUNTED = ("student_id", "starts_at", "ends_at", "status", "currency", "price_cents", "cancellation_fee_cents")
# Rows of other tables that change what a booking costs.
ABOUT_BOOKINGS = ("package_units", "credit_notes")


def upgrade():
    hour = sa.DateTime(timezone=True)
    op.create_table(
        "lesson_hours",
        sa.Column("hour", hour, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("due_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "status", "currency", name="pk_lesson_hours"),
    )
    op.create_table(
        "student_hours",
        sa.Column("hour", hour, nullable=False),
        sa.Column("students", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name="pk_student_hours"),
    )
    op.create_table(
        "stale_days",
        sa.Column("id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stale_days"),
    )
    op.create_index("ix_stale_days_day", "stale_days", ["day"])
    for table in ("users", "gigs", "applications"):
        op.create_index(f"ix_{table}_created_at", table, ["created_at"])
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in postgresql() if on_postgresql else sqlite():
        op.execute(statement)
    # The triggers come first: what is booked meanwhile is noted, too.
    day = "(starts_at AT TIME ZONE 'UTC')::date" if on_postgresql else "date(starts_at)"
    op.execute(f"INSERT INTO stale_days (day) SELECT DISTINCT {day} FROM bookings")


def postgresql():
    yield """
        CREATE FUNCTION note_stale_day(starts_at timestamptz) RETURNS void LANGUAGE sql AS $$
            INSERT INTO stale_days (day) VALUES ((starts_at AT TIME ZONE 'UTC')::date)
        $$
    """
    yield """
        CREATE FUNCTION note_stale_days_of_new() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO stale_days (day) SELECT DISTINCT (starts_at AT TIME ZONE 'UTC')::date FROM new_rows;
            RETURN NULL;
        END $$
    """
    yield """
        CREATE FUNCTION note_stale_days_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM note_stale_day(OLD.starts_at);
            IF TG_OP = 'UPDATE' AND NEW.starts_at <> OLD.starts_at THEN
                PERFORM note_stale_day(NEW.starts_at);
            END IF;
            RETURN NULL;
        END $$
    """
    yield """
        CREATE FUNCTION note_stale_days_of_booking() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                PERFORM note_stale_day(starts_at) FROM bookings WHERE id = OLD.booking_id;
            END IF;
            IF TG_OP <> 'DELETE' THEN
                PERFORM note_stale_day(starts_at) FROM bookings WHERE id = NEW.booking_id;
            END IF;
            RETURN NULL;
        END $$
    """
    yield """
        CREATE TRIGGER bookings_stale_on_insert AFTER INSERT ON bookings
        REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_stale_days_of_new()
    """
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in COUNTED)
    yield f"""
        CREATE TRIGGER bookings_stale_on_update AFTER UPDATE OF {", ".join(COUNTED)} ON bookings
        FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION note_stale_days_of_changed()
    """
    yield """
        CREATE TRIGGER bookings_stale_on_delete AFTER DELETE ON bookings
        FOR EACH ROW EXECUTE FUNCTION note_stale_days_of_changed()
    """
    for table in ABOUT_BOOKINGS:
        yield f"""
            CREATE TRIGGER {table}_stale AFTER INSERT OR UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION note_stale_days_of_booking()
        """


def sqlite():
    yield trigger("bookings", "INSERT", "NEW.starts_at")
    yield trigger("bookings", f"UPDATE OF {', '.join(COUNTED)}", "OLD.starts_at", "NEW.starts_at")
    yield trigger("bookings", "DELETE", "OLD.starts_at")
    for table in ABOUT_BOOKINGS:
        old, new = (f"(SELECT starts_at FROM bookings WHERE id = {row}.booking_id)" for row in ("OLD", "NEW"))
        yield trigger(table, "INSERT", new)
        yield trigger(table, "UPDATE", old, new)
        yield trigger(table, "DELETE", old)


def trigger(table, event, *instants):
    """Write the trigger of one event; one row for a day is enough, because there is one writer at a time."""
    notes = [
        f"INSERT INTO stale_days (day) SELECT day FROM (SELECT date({instant}) AS day) AS noted "
        "WHERE day IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stale_days WHERE stale_days.day = noted.day);"
        for instant in instants
    ]
    name = f"{table}_stale_on_{event.split()[0].lower()}"
    return f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {' '.join(notes)} END"

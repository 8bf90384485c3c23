"""Payments about which nothing is decided, so that counting them does not look at all that was ever paid.

Triggers write them, so servers of the version before write them as well. And an
index that says at once whether a teacher and a student have had to do with each other.

Revision ID: 0054
"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAIT = "INSERT INTO waiting_payments (payment_id, teacher_id) VALUES (NEW.id, NEW.teacher_id)"
DECIDED = "NEW.status IN ('verified', 'rejected')"
END = "DELETE FROM waiting_payments WHERE payment_id = NEW.payment_id"


def upgrade():
    op.create_index("ix_bookings_pair", "bookings", ["teacher_id", "student_id"])
    op.create_table(
        "waiting_payments",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_waiting_payments_payment_id_payments"),
        sa.PrimaryKeyConstraint("payment_id", name="pk_waiting_payments"),
    )
    op.create_index("ix_waiting_payments_teacher", "waiting_payments", ["teacher_id"])
    for statement in postgresql() if op.get_bind().dialect.name == "postgresql" else sqlite():
        op.execute(statement)
    op.execute(
        """
        INSERT INTO waiting_payments (payment_id, teacher_id)
        SELECT id, teacher_id FROM payments WHERE NOT EXISTS (
            SELECT 1 FROM payment_events WHERE payment_id = payments.id AND status IN ('verified', 'rejected')
        )
        """
    )


def postgresql():
    # While these exist and before the rows are written nobody else writes payments: creating a trigger locks its table.
    for name, statement in {"payments_wait": WAIT, "payments_decided": END}.items():
        yield f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                {statement};
                RETURN NULL;
            END $$
        """
    yield "CREATE TRIGGER payments_wait AFTER INSERT ON payments FOR EACH ROW EXECUTE FUNCTION payments_wait()"
    yield f"""
        CREATE TRIGGER payments_decided AFTER INSERT ON payment_events
        FOR EACH ROW WHEN ({DECIDED}) EXECUTE FUNCTION payments_decided()
    """


def sqlite():
    yield f"CREATE TRIGGER payments_wait AFTER INSERT ON payments BEGIN {WAIT}; END"
    yield f"CREATE TRIGGER payments_decided AFTER INSERT ON payment_events WHEN {DECIDED} BEGIN {END}; END"

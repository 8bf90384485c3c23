"""The ledger: payments, what is decided about them, refunds, uses of credit and credit notes.

Revision ID: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
METHODS = "'bank_transfer', 'cash', 'mobile_money', 'card', 'other', 'credit'"
DECIDED = "status IN ('verified', 'rejected')"
# An account that takes over the bookings of a stand-in takes over their payments; nothing else of a row ever changes.
PAYMENT = "id, booking_id, teacher_id, method, reference, amount_cents, currency, created_at"
GUARDED = {"payments": PAYMENT, "payment_events": "", "refunds": "", "credit_uses": "", "credit_notes": ""}

TOO_MUCH = """
    NEW.amount_cents + (SELECT COALESCE(SUM(amount_cents), 0) FROM refunds WHERE payment_id = NEW.payment_id)
        > (SELECT amount_cents FROM payments WHERE id = NEW.payment_id)
    OR NOT EXISTS (SELECT 1 FROM payment_events WHERE payment_id = NEW.payment_id AND status = 'verified')
"""


def upgrade():
    create_payments()
    create_payment_events()
    create_amounts("refunds", "payment_id", "payments", *reasoned("refunds"))
    op.create_index("ix_refunds_payment", "refunds", ["payment_id", "id"])
    create_amounts("credit_notes", "booking_id", "bookings", *reasoned("credit_notes"))
    op.create_index("ix_credit_notes_booking", "credit_notes", ["booking_id"])
    create_credit_uses()
    if op.get_bind().dialect.name == "postgresql":
        guard_on_postgresql()
    else:
        guard_on_sqlite()


def narrowed(condition):
    return {f"{it}_where": sa.text(condition) for it in ("sqlite", "postgresql")}


def reference(table, column, target):
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def ids(*names):
    return [sa.Column(name, ID, nullable=False) for name in names]


def positive(table):
    return sa.CheckConstraint("amount_cents >= 1", name=f"ck_{table}_amount_cents")


def reasoned(table):
    return [
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        reference(table, "actor_id", "users"),
    ]


def create_payments():
    op.create_table(
        "payments",
        *ids("id", "booking_id", "student_id", "teacher_id"),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(f"method IN ({METHODS})", name="ck_payments_method"),
        positive("payments"),
        reference("payments", "booking_id", "bookings"),
        reference("payments", "student_id", "users"),
        reference("payments", "teacher_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
    )
    used = narrowed("reference <> ''")
    op.create_index("uq_payments_reference", "payments", ["teacher_id", "reference"], unique=True, **used)
    for name in ("booking", "student", "teacher"):
        op.create_index(f"ix_payments_{name}", "payments", [f"{name}_id", "id"])


def create_payment_events():
    op.create_table(
        "payment_events",
        *ids("id", "payment_id"),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('submitted', 'verified', 'rejected')", name="ck_payment_events_status"),
        reference("payment_events", "payment_id", "payments"),
        reference("payment_events", "actor_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_events"),
        sa.UniqueConstraint("payment_id", "status", name="uq_payment_events_payment_id_status"),
    )
    op.create_index("uq_payment_events_decision", "payment_events", ["payment_id"], unique=True, **narrowed(DECIDED))


def create_amounts(table, column, target, *more):
    op.create_table(
        table,
        *ids("id", column),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        *more,
        positive(table),
        reference(table, column, target),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def create_credit_uses():
    booking = sa.Column("booking_id", ID, nullable=False)
    unique = sa.UniqueConstraint("payment_id", "booking_id", name="uq_credit_uses_payment_id_booking_id")
    more = (booking, reference("credit_uses", "booking_id", "bookings"), unique)
    create_amounts("credit_uses", "payment_id", "payments", *more)
    op.create_index("ix_credit_uses_booking", "credit_uses", ["booking_id"])


def guard_on_postgresql():
    """Refuse changes of rows, and refunds that are more than their payment, which is locked for that."""
    op.execute(
        """
        CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of the ledger are only added' USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    for table, columns in GUARDED.items():
        update = f"UPDATE OF {columns}" if columns else "UPDATE"
        op.execute(
            f"CREATE TRIGGER {table}_only_grow BEFORE DELETE OR {update} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()"
        )
    op.execute(
        f"""
        CREATE FUNCTION refunds_fit_payment() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM 1 FROM payments WHERE id = NEW.payment_id FOR UPDATE;
            IF {TOO_MUCH} THEN
                RAISE EXCEPTION 'refunds are more than their payment'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER refunds_fit_payment BEFORE INSERT ON refunds "
        "FOR EACH ROW EXECUTE FUNCTION refunds_fit_payment()"
    )


def guard_on_sqlite():
    refused = "BEGIN SELECT RAISE(ABORT, 'rows of the ledger are only added'); END"
    for table, columns in GUARDED.items():
        update = f"UPDATE OF {columns}" if columns else "UPDATE"
        op.execute(f"CREATE TRIGGER {table}_only_grow_no_update BEFORE {update} ON {table} {refused}")
        op.execute(f"CREATE TRIGGER {table}_only_grow_no_delete BEFORE DELETE ON {table} {refused}")
    op.execute(
        f"CREATE TRIGGER refunds_fit_payment BEFORE INSERT ON refunds WHEN {TOO_MUCH} "
        "BEGIN SELECT RAISE(ABORT, 'refunds are more than their payment'); END"
    )

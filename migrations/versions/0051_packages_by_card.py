"""Packages that are paid by card, and what is given back of them.

Revision ID: 0051
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
SUBJECT = "(booking_id IS NULL) <> (package_id IS NULL)"
GUARDED = ("package_payments", "package_refunds")

GIVEN_BACK = "COALESCE((SELECT SUM(amount_cents) FROM package_refunds WHERE {}), 0)"
OF_PRICE = GIVEN_BACK.format("package_id = NEW.package_id AND payment_id IS NULL")
ENDED = "COALESCE((SELECT SUM(refunded_cents) FROM package_events WHERE package_id = NEW.package_id), 0)"
PRICE, LESSONS = (f"(SELECT {it} FROM packages WHERE id = NEW.package_id)" for it in ("price_cents", "lessons"))
OF_PAYMENT = GIVEN_BACK.format("payment_id = NEW.payment_id")
PAYMENT = "(SELECT amount_cents FROM package_payments WHERE id = NEW.payment_id AND package_id = NEW.package_id)"
TAKEN = "(SELECT COUNT(*) FROM package_units WHERE package_id = NEW.package_id AND released_at IS NULL)"
# What is refused when a row is added: by trigger the table, the condition, and what the database says.
REFUSED = {
    "package_refunds_fit": (
        "package_refunds",
        f"""
        (NEW.payment_id IS NULL AND NEW.amount_cents + {OF_PRICE} + {ENDED} > {PRICE})
        OR (NEW.payment_id IS NOT NULL AND NEW.amount_cents + {OF_PAYMENT} > COALESCE({PAYMENT}, 0))
        """,
        "refunds are more than the package has cost",
    ),
    # As in payments/packages/money.py: so much money pays back so many lessons.
    "units_not_paid_back": (
        "package_units",
        f"{TAKEN} + ({OF_PRICE} + {ENDED}) * {LESSONS} / {PRICE} >= {LESSONS}",
        "the lessons of the package are taken or were paid back",
    ),
}


def upgrade():
    create_payments()
    create_refunds()
    if op.get_bind().dialect.name == "postgresql":
        widen_checkouts()
        guard_on_postgresql()
    else:
        write_checkouts_anew()
        guard_on_sqlite()
    op.create_index("ix_checkouts_package", "checkouts", ["package_id", "id"])


def reference(table, column, target):
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def create_payments():
    op.create_table(
        "package_payments",
        sa.Column("id", ID, nullable=False),
        sa.Column("package_id", ID, nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("amount_cents >= 1", name="ck_package_payments_amount_cents"),
        reference("package_payments", "package_id", "packages"),
        sa.PrimaryKeyConstraint("id", name="pk_package_payments"),
        sa.UniqueConstraint("package_id", "reference", name="uq_package_payments_package_id_reference"),
    )
    needed = {f"{it}_where": sa.text("needed") for it in ("sqlite", "postgresql")}
    op.create_index("uq_package_payments_needed", "package_payments", ["package_id"], unique=True, **needed)


def create_refunds():
    op.create_table(
        "package_refunds",
        sa.Column("id", ID, nullable=False),
        sa.Column("package_id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=True),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("amount_cents >= 1", name="ck_package_refunds_amount_cents"),
        reference("package_refunds", "package_id", "packages"),
        reference("package_refunds", "payment_id", "package_payments"),
        reference("package_refunds", "actor_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_package_refunds"),
    )
    op.create_index("ix_package_refunds_package", "package_refunds", ["package_id", "id"])
    op.create_index("ix_package_refunds_actor", "package_refunds", ["actor_id"])
    op.create_index("ix_package_refunds_at", "package_refunds", ["at"])


def widen_checkouts():
    op.alter_column("checkouts", "booking_id", nullable=True)
    op.add_column("checkouts", sa.Column("package_id", ID, nullable=True))
    op.create_foreign_key("fk_checkouts_package_id_packages", "checkouts", "packages", ["package_id"], ["id"])
    op.create_check_constraint("ck_checkouts_subject", "checkouts", SUBJECT)


def write_checkouts_anew():
    """Write the table of SQLite anew, which cannot take a NOT NULL away; no trigger stands on it."""
    op.create_table(
        "new_checkouts",
        sa.Column("id", ID, nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("booking_id", ID, nullable=True),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("package_id", ID, nullable=True),
        sa.CheckConstraint("status IN ('preparing', 'open', 'paid', 'expired', 'failed')", name="ck_checkouts_status"),
        sa.CheckConstraint("amount_cents >= 1", name="ck_checkouts_amount_cents"),
        sa.CheckConstraint(SUBJECT, name="ck_checkouts_subject"),
        reference("checkouts", "booking_id", "bookings"),
        reference("checkouts", "package_id", "packages"),
        sa.PrimaryKeyConstraint("id", name="pk_checkouts"),
        sa.UniqueConstraint("token", name="uq_checkouts_token"),
    )
    kept = "id, token, booking_id, amount_cents, currency, status, failures, url, created_at, expires_at"
    op.execute(f"INSERT INTO new_checkouts ({kept}) SELECT {kept} FROM checkouts")
    op.drop_table("checkouts")
    op.rename_table("new_checkouts", "checkouts")
    op.create_index("ix_checkouts_booking", "checkouts", ["booking_id", "id"])


def guard_on_postgresql():
    """Refuse changes of rows, and what does not fit the package, which is locked for that."""
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER {table}_only_grow BEFORE DELETE OR UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()"
        )
    for name, (table, condition, words) in REFUSED.items():
        op.execute(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM 1 FROM packages WHERE id = NEW.package_id FOR UPDATE;
                IF {condition} THEN
                    RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END $$
            """
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def guard_on_sqlite():
    refused = "BEGIN SELECT RAISE(ABORT, 'rows of the ledger are only added'); END"
    for table in GUARDED:
        for event in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_only_grow_no_{event.lower()} BEFORE {event} ON {table} {refused}")
    for name, (table, condition, words) in REFUSED.items():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )

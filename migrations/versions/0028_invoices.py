"""Invoices, their lines, the counters of their numbers, and what teachers want on them.

Revision ID: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
# An account that takes over the bookings of a stand-in takes over their invoices; nothing else of a row ever changes.
INVOICE = (
    "id, teacher_id, year, number, issued_on, time_zone, currency, total_cents, paid_cents, line_count, "
    "student_name, teacher_name, seller_name, seller_address, tax_id, note, buyer_name, buyer_address, corrects_id, "
    "reason, actor_id, created_at"
)
GUARDED = {"invoices": INVOICE, "invoice_lines": ""}
GAP = """
    NEW.number <> 1 + COALESCE(
        (SELECT MAX(number) FROM invoices WHERE teacher_id = NEW.teacher_id AND year = NEW.year), 0
    )
"""
ADDED_LATER = "NEW.position > (SELECT line_count FROM invoices WHERE id = NEW.invoice_id)"
# What is refused when a row is added: by trigger the table, the condition, and what the database says.
REFUSED = {
    "invoices_without_gap": ("invoices", GAP, "the number of an invoice leaves a gap"),
    "invoice_lines_complete": ("invoice_lines", ADDED_LATER, "an invoice has its lines already"),
}


def upgrade():
    create_counters()
    create_invoices()
    create_lines()
    create_sellers()
    if op.get_bind().dialect.name == "postgresql":
        guard_on_postgresql()
    else:
        guard_on_sqlite()


def reference(table, column, target):
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def ids(*names):
    return [sa.Column(name, ID, nullable=False) for name in names]


def texts(**lengths):
    return [
        sa.Column(name, sa.String(length) if length else sa.Text(), nullable=False) for name, length in lengths.items()
    ]


def numbers(*names):
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def create_counters():
    op.create_table(
        "invoice_counters",
        *ids("teacher_id"),
        *numbers("year", "last"),
        reference("invoice_counters", "teacher_id", "users"),
        sa.PrimaryKeyConstraint("teacher_id", "year", name="pk_invoice_counters"),
    )


def create_invoices():
    op.create_table(
        "invoices",
        *ids("id", "teacher_id", "student_id"),
        *numbers("year", "number"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        *texts(time_zone=64, currency=3),
        *numbers("total_cents", "paid_cents", "line_count"),
        *texts(student_name=80, teacher_name=80, seller_name=120, seller_address=None, tax_id=60, note=None),
        *texts(buyer_name=120, buyer_address=None),
        sa.Column("corrects_id", ID, nullable=True),
        *texts(reason=None),
        *ids("actor_id"),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("number >= 1", name="ck_invoices_number"),
        sa.CheckConstraint("line_count >= 1", name="ck_invoices_line_count"),
        sa.CheckConstraint(
            "(corrects_id IS NULL AND total_cents >= 1) OR (corrects_id IS NOT NULL AND total_cents <= -1)",
            name="ck_invoices_correction",
        ),
        reference("invoices", "teacher_id", "users"),
        reference("invoices", "student_id", "users"),
        reference("invoices", "corrects_id", "invoices"),
        reference("invoices", "actor_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_invoices"),
        sa.UniqueConstraint("teacher_id", "year", "number", name="uq_invoices_teacher_id_year_number"),
        sa.UniqueConstraint("corrects_id", name="uq_invoices_corrects_id"),
    )
    for name in ("student", "teacher"):
        op.create_index(f"ix_invoices_{name}", "invoices", [f"{name}_id", "id"])


def create_lines():
    op.create_table(
        "invoice_lines",
        *ids("invoice_id"),
        *numbers("position"),
        *ids("booking_id"),
        *texts(title=120),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("is_fee", sa.Boolean(), nullable=False),
        *numbers("amount_cents"),
        sa.CheckConstraint("position >= 1", name="ck_invoice_lines_position"),
        reference("invoice_lines", "invoice_id", "invoices"),
        reference("invoice_lines", "booking_id", "bookings"),
        sa.PrimaryKeyConstraint("invoice_id", "position", name="pk_invoice_lines"),
    )
    op.create_index("ix_invoice_lines_booking", "invoice_lines", ["booking_id", "invoice_id"])


def create_sellers():
    op.create_table(
        "sellers",
        *ids("teacher_id"),
        *texts(name=120, address=None, tax_id=60, note=None),
        reference("sellers", "teacher_id", "users"),
        sa.PrimaryKeyConstraint("teacher_id", name="pk_sellers"),
    )


def guard_on_postgresql():
    """Refuse changes of rows as the ledger does, and what does not fit the rows that are there."""
    for table, columns in GUARDED.items():
        update = f"UPDATE OF {columns}" if columns else "UPDATE"
        op.execute(
            f"CREATE TRIGGER {table}_only_grow BEFORE DELETE OR {update} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()"
        )
    for name, (table, condition, words) in REFUSED.items():
        op.execute(
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
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
    for table, columns in GUARDED.items():
        update = f"UPDATE OF {columns}" if columns else "UPDATE"
        op.execute(f"CREATE TRIGGER {table}_only_grow_no_update BEFORE {update} ON {table} {refused}")
        op.execute(f"CREATE TRIGGER {table}_only_grow_no_delete BEFORE DELETE ON {table} {refused}")
    for name, (table, condition, words) in REFUSED.items():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )

"""Packages on invoices: a line is about a lesson or about a package.

Revision ID: 0050
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
OF_LESSON = ("booking_id", "starts_at", "ends_at")
OF_PACKAGE = ("package_id", "lessons", "paid_at")


def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        widen()
    else:
        write_anew()
    op.create_index("ix_invoice_lines_package", "invoice_lines", ["package_id", "invoice_id"])


def said(names, what):
    return " AND ".join(f"{name} IS {what}" for name in names)


def subject():
    lesson = f"{said(OF_LESSON, 'NOT NULL')} AND {said(OF_PACKAGE, 'NULL')}"
    package = f"{said(OF_PACKAGE, 'NOT NULL')} AND {said(OF_LESSON, 'NULL')} AND NOT is_fee"
    return f"({lesson}) OR ({package})"


def added():
    return [
        sa.Column("package_id", ID, nullable=True),
        sa.Column("lessons", sa.Integer(), nullable=True),
        sa.Column("paid_at", INSTANT, nullable=True),
    ]


def widen():
    for name in OF_LESSON:
        op.alter_column("invoice_lines", name, nullable=True)
    for column in added():
        op.add_column("invoice_lines", column)
    op.create_foreign_key("fk_invoice_lines_package_id_packages", "invoice_lines", "packages", ["package_id"], ["id"])
    op.create_check_constraint("ck_invoice_lines_subject", "invoice_lines", subject())


def write_anew():
    """Write the table of SQLite anew, which cannot take a NOT NULL away, with the triggers that guard it."""
    guards = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'invoice_lines'")
    triggers = op.get_bind().execute(guards).scalars().all()
    op.create_table(
        "new_invoice_lines",
        sa.Column("invoice_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("booking_id", ID, nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("is_fee", sa.Boolean(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        *added(),
        sa.CheckConstraint("position >= 1", name="ck_invoice_lines_position"),
        sa.CheckConstraint(subject(), name="ck_invoice_lines_subject"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_invoice_lines_invoice_id_invoices"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_invoice_lines_booking_id_bookings"),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name="fk_invoice_lines_package_id_packages"),
        sa.PrimaryKeyConstraint("invoice_id", "position", name="pk_invoice_lines"),
    )
    kept = "invoice_id, position, booking_id, title, starts_at, ends_at, is_fee, amount_cents"
    op.execute(f"INSERT INTO new_invoice_lines ({kept}) SELECT {kept} FROM invoice_lines")
    op.drop_table("invoice_lines")
    op.rename_table("new_invoice_lines", "invoice_lines")
    op.create_index("ix_invoice_lines_booking", "invoice_lines", ["booking_id", "invoice_id"])
    for trigger in triggers:
        op.execute(trigger)

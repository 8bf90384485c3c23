"""How teachers want to be paid: a few words, and an account.

Revision ID: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "payment_instructions",
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("account_holder", sa.String(length=70), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_payment_instructions_teacher_id_users"),
        sa.PrimaryKeyConstraint("teacher_id", name="pk_payment_instructions"),
    )

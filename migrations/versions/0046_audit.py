"""The log of what those who run the school did: it only grows.

Revision ID: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("audit_entries", "audit_people")


def upgrade():
    op.create_table(
        "audit_entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("looked", sa.Boolean(), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('office', 'admin', 'operator')", name="ck_audit_entries_role"),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_audit_entries_actor_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_at", "audit_entries", ["at", "id"])
    op.create_index("ix_audit_entries_actor", "audit_entries", ["actor_id", "at", "id"])
    op.create_index("ix_audit_entries_action", "audit_entries", ["action", "at", "id"])
    op.create_table(
        "audit_people",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entries.id"], name="fk_audit_people_entry_id_audit_entries"),
        sa.PrimaryKeyConstraint("entry_id", "user_id", name="pk_audit_people"),
    )
    op.create_index("ix_audit_people_user", "audit_people", ["user_id", "entry_id"])
    if op.get_bind().dialect.name == "postgresql":
        guard_on_postgresql()
    else:
        guard_on_sqlite()


def guard_on_postgresql():
    op.execute(
        """
        CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'entries of the audit log are only added' USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_only_grow BEFORE DELETE OR UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_only_grows()"
        )


def guard_on_sqlite():
    refused = "BEGIN SELECT RAISE(ABORT, 'entries of the audit log are only added'); END"
    for table in TABLES:
        op.execute(f"CREATE TRIGGER {table}_only_grow_no_update BEFORE UPDATE ON {table} {refused}")
        op.execute(f"CREATE TRIGGER {table}_only_grow_no_delete BEFORE DELETE ON {table} {refused}")

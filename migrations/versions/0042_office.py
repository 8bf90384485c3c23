"""The role of those who run the school day by day.

Revision ID: 0042
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

OLD = "role IN ('student', 'teacher', 'admin')"
NEW = "role IN ('student', 'teacher', 'office', 'admin')"


def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("ck_users_role", "users", type_="check")
        op.create_check_constraint("ck_users_role", "users", NEW)
    else:
        widen_on_sqlite()


def widen_on_sqlite():
    """Write the table anew with another condition, which SQLite cannot change.

    It has no triggers, and its indexes are made again.
    """
    stored = op.get_bind().exec_driver_sql(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'users' AND sql IS NOT NULL ORDER BY rowid"
    )
    statements = [(kind, sql) for kind, sql in stored]
    table = next(sql for kind, sql in statements if kind == "table")
    op.execute("ALTER TABLE users RENAME TO old_users")
    op.get_bind().exec_driver_sql(table.replace(OLD, NEW))
    op.execute("INSERT INTO users SELECT * FROM old_users")
    op.execute("DROP TABLE old_users")
    for kind, sql in statements:
        if kind == "index":
            op.get_bind().exec_driver_sql(sql)

"""Applications, assignments, tasks and submissions, and how many places of a gig are taken.

Revision ID: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
ACTIVE = "status IN ('active')"
COUNT = "UPDATE gigs SET places_taken = places_taken {by} 1 WHERE id = {row}.gig_id"


def upgrade():
    # In place, because a table that SQLite writes anew loses its triggers.
    op.execute(
        "ALTER TABLE gigs ADD COLUMN places_taken INTEGER DEFAULT 0 NOT NULL "
        "CONSTRAINT ck_gigs_places_taken CHECK (places_taken BETWEEN 0 AND capacity)"
    )
    create_applications()
    create_assignments()
    create_tasks()
    create_submissions()
    if op.get_bind().dialect.name == "postgresql":
        count_on_postgresql()
    else:
        count_on_sqlite()


def narrowed(condition):
    return {f"{it}_where": sa.text(condition) for it in ("sqlite", "postgresql")}


def reference(table, column, target):
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def people_and_gig(table):
    return [
        reference(table, "gig_id", "gigs"),
        reference(table, "student_id", "users"),
        reference(table, "teacher_id", "users"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]


def ids(*names):
    return [sa.Column(name, ID, nullable=False) for name in names]


def create_applications():
    op.create_table(
        "applications",
        *ids("id", "gig_id", "student_id", "teacher_id"),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.CheckConstraint("status IN ('pending', 'accepted', 'rejected', 'withdrawn')", name="ck_applications_status"),
        *people_and_gig("applications"),
    )
    pending = narrowed("status IN ('pending')")
    op.create_index("uq_applications_pending", "applications", ["gig_id", "student_id"], unique=True, **pending)
    for name in ("student", "teacher", "gig"):
        op.create_index(f"ix_applications_{name}", "applications", [f"{name}_id", "id"])


def create_assignments():
    op.create_table(
        "assignments",
        *ids("id", "application_id", "gig_id", "student_id", "teacher_id"),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("status IN ('active', 'completed', 'dropped')", name="ck_assignments_status"),
        sa.CheckConstraint(f"({ACTIVE}) = (ended_at IS NULL)", name="ck_assignments_ended_at"),
        sa.CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="ck_assignments_rating"),
        reference("assignments", "application_id", "applications"),
        *people_and_gig("assignments"),
        sa.UniqueConstraint("application_id", name="uq_assignments_application_id"),
    )
    active = narrowed(ACTIVE)
    op.create_index("uq_assignments_active", "assignments", ["gig_id", "student_id"], unique=True, **active)
    for name in ("student", "teacher", "gig"):
        op.create_index(f"ix_assignments_{name}", "assignments", [f"{name}_id", "id"])
    for name in ("student", "teacher"):
        op.create_index(f"ix_assignments_{name}_ended", "assignments", [f"{name}_id", "ended_at", "id"])


def create_tasks():
    op.create_table(
        "tasks",
        *ids("id", "assignment_id", "gig_id", "student_id", "teacher_id"),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("due_order", INSTANT, nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("reminded_for", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("status IN ('open', 'submitted', 'revision_requested', 'approved')", name="ck_tasks_status"),
        reference("tasks", "assignment_id", "assignments"),
        *people_and_gig("tasks"),
    )
    for name in ("assignment", "student", "teacher"):
        op.create_index(f"ix_tasks_{name}", "tasks", [f"{name}_id", "due_order", "id"])
    op.create_index("ix_tasks_due", "tasks", ["due_order", "id"])
    op.create_index("ix_tasks_gig", "tasks", ["gig_id"])


def create_submissions():
    op.create_table(
        "submissions",
        *ids("id", "task_id", "assignment_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.CheckConstraint("status IN ('submitted', 'revision_requested', 'approved')", name="ck_submissions_status"),
        reference("submissions", "task_id", "tasks"),
        reference("submissions", "assignment_id", "assignments"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("task_id", "version", name="uq_submissions_task_id_version"),
    )
    op.create_index("ix_submissions_assignment", "submissions", ["assignment_id", "id"])


def count_on_postgresql():
    """Let a trigger count: its UPDATE locks the gig's row, and the row's constraint refuses a place too many."""
    op.execute(
        f"""
        CREATE FUNCTION assignments_take_places() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' AND OLD.{ACTIVE} THEN
                {COUNT.format(by="-", row="OLD")};
            END IF;
            IF TG_OP <> 'DELETE' AND NEW.{ACTIVE} THEN
                {COUNT.format(by="+", row="NEW")};
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER assignments_take_places AFTER INSERT OR DELETE OR UPDATE OF status ON assignments "
        "FOR EACH ROW EXECUTE FUNCTION assignments_take_places()"
    )


def count_on_sqlite():
    now, before = f"(NEW.{ACTIVE})", f"(OLD.{ACTIVE})"
    for event, condition, change, row in (
        ("INSERT", now, "+ 1", "NEW"),
        ("DELETE", before, "- 1", "OLD"),
        ("UPDATE OF status", f"{now} <> {before}", f"+ {now} - {before}", "NEW"),
    ):
        op.execute(
            f"CREATE TRIGGER assignments_take_places_on_{event.split()[0].lower()} AFTER {event} ON assignments "
            f"WHEN {condition} BEGIN "
            f"UPDATE gigs SET places_taken = places_taken {change} WHERE id = {row}.gig_id; END"
        )

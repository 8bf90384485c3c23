"""Packages: what is offered, what was bought, what happened to it, and its lessons.

Revision ID: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
STATUSES = "'ordered', 'paid', 'cancelled', 'closed'"
# A lesson of a package is given back once. Nothing else of these rows ever changes.
TAKEN = "id, package_id, number, booking_id, taken_at"
GUARDED = {"packages": "", "package_events": "", "package_units": TAKEN}
TOO_MANY = "NEW.number > (SELECT lessons FROM packages WHERE id = NEW.package_id)"
GIVEN_BACK = "OLD.released_at IS NOT NULL"


def upgrade():
    create_offers()
    create_packages()
    create_events()
    create_units()
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


def priced(table):
    return [
        sa.Column("lessons", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("lessons BETWEEN 2 AND 100", name=f"ck_{table}_lessons"),
        sa.CheckConstraint("price_cents >= 1", name=f"ck_{table}_price_cents"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]


def create_offers():
    op.create_table(
        "package_offers",
        *ids("id", "gig_id"),
        *priced("package_offers"),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        reference("package_offers", "gig_id", "gigs"),
    )
    op.create_index("ix_package_offers_gig", "package_offers", ["gig_id", "id"])
    live = narrowed("withdrawn_at IS NULL")
    op.create_index("uq_package_offers_lessons", "package_offers", ["gig_id", "lessons"], unique=True, **live)


def create_packages():
    op.create_table(
        "packages",
        *ids("id", "offer_id", "gig_id", "student_id", "teacher_id"),
        *priced("packages"),
        reference("packages", "offer_id", "package_offers"),
        reference("packages", "gig_id", "gigs"),
        reference("packages", "student_id", "users"),
        reference("packages", "teacher_id", "users"),
    )
    op.create_index("ix_packages_student", "packages", ["student_id", "id"])
    op.create_index("ix_packages_teacher", "packages", ["teacher_id", "id"])
    op.create_index("ix_packages_gig", "packages", ["gig_id", "student_id"])


def create_events():
    op.create_table(
        "package_events",
        *ids("id", "package_id"),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refunded_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"status IN ({STATUSES})", name="ck_package_events_status"),
        sa.CheckConstraint(
            "refunded_cents = 0 OR refunded_cents > 0 AND status = 'closed'", name="ck_package_events_refunded_cents"
        ),
        reference("package_events", "package_id", "packages"),
        reference("package_events", "actor_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_package_events"),
        sa.UniqueConstraint("package_id", "status", name="uq_package_events_package_id_status"),
    )
    answered = narrowed("status IN ('paid', 'cancelled')")
    op.create_index("uq_package_events_answer", "package_events", ["package_id"], unique=True, **answered)
    op.create_index("ix_package_events_actor", "package_events", ["actor_id"])
    op.create_index("ix_package_events_at", "package_events", ["status", "at"])


def create_units():
    op.create_table(
        "package_units",
        *ids("id", "package_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        *ids("booking_id"),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.CheckConstraint("number BETWEEN 1 AND 100", name="ck_package_units_number"),
        reference("package_units", "package_id", "packages"),
        reference("package_units", "booking_id", "bookings"),
        sa.PrimaryKeyConstraint("id", name="pk_package_units"),
    )
    live = narrowed("released_at IS NULL")
    op.create_index("uq_package_units_number", "package_units", ["package_id", "number"], unique=True, **live)
    op.create_index("uq_package_units_booking", "package_units", ["booking_id"], unique=True, **live)
    op.create_index("ix_package_units_package", "package_units", ["package_id", "id"])


def guard_on_postgresql():
    """Refuse changes of rows, and more lessons than were bought."""
    for table, columns in GUARDED.items():
        update = f"UPDATE OF {columns}" if columns else "UPDATE"
        op.execute(
            f"CREATE TRIGGER {table}_only_grow BEFORE DELETE OR {update} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()"
        )
    op.execute(
        f"CREATE TRIGGER package_units_released_once BEFORE UPDATE ON package_units "
        f"FOR EACH ROW WHEN ({GIVEN_BACK}) EXECUTE FUNCTION ledger_only_grows()"
    )
    op.execute(
        f"""
        CREATE FUNCTION units_fit_package() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {TOO_MANY} THEN
                RAISE EXCEPTION 'the package has fewer lessons' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER units_fit_package BEFORE INSERT ON package_units "
        "FOR EACH ROW EXECUTE FUNCTION units_fit_package()"
    )


def guard_on_sqlite():
    refused = "BEGIN SELECT RAISE(ABORT, 'rows of the ledger are only added'); END"
    for table, columns in GUARDED.items():
        update = f"UPDATE OF {columns}" if columns else "UPDATE"
        op.execute(f"CREATE TRIGGER {table}_only_grow_no_update BEFORE {update} ON {table} {refused}")
        op.execute(f"CREATE TRIGGER {table}_only_grow_no_delete BEFORE DELETE ON {table} {refused}")
    op.execute(f"CREATE TRIGGER package_units_released_once BEFORE UPDATE ON package_units WHEN {GIVEN_BACK} {refused}")
    op.execute(
        f"CREATE TRIGGER units_fit_package BEFORE INSERT ON package_units WHEN {TOO_MANY} "
        "BEGIN SELECT RAISE(ABORT, 'the package has fewer lessons'); END"
    )

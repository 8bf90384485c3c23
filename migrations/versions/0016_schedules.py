"""Several schedules of a teacher, each with its zone, and blocked time.

Revision ID: 0016
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOTHING_SAID = {
    "weekly": [],
    "exceptions": [],
    "time_off": [],
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "minimum_notice_minutes": 0,
    "horizon_days": 730,
    "max_per_day": None,
    "max_per_week": None,
    "slot_step_minutes": None,
}


def upgrade():
    schedules = op.create_table(
        "schedules",
        sa.Column("id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_schedules_teacher_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
    )
    op.create_index("ix_schedules_teacher_id_id", "schedules", ["teacher_id", "id"])
    narrowed = {f"{it}_where": sa.text("is_default") for it in ("sqlite", "postgresql")}
    op.create_index("uq_schedules_default", "schedules", ["teacher_id"], unique=True, **narrowed)
    carried_over = list(_schedules(op.get_bind()))
    if carried_over:
        op.bulk_insert(schedules, carried_over)
    op.drop_table("availability")
    op.create_table(
        "blocks",
        sa.Column("id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="ck_blocks_ends_after_start"),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_blocks_teacher_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_blocks"),
    )
    op.create_index("ix_blocks_teacher_id_ends_at", "blocks", ["teacher_id", "ends_at"])
    # In place, not by batch_alter_table: that would write the table anew and lose SQLite's triggers.
    number = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE gigs ADD COLUMN schedule_id {number} CONSTRAINT fk_gigs_schedule_id_schedules "
        "REFERENCES schedules (id)"
    )


def _schedules(connection):
    """Yield a default schedule for each teacher that offers what they offered so far.

    Who has published gigs and never entered anything could be booked at any time; others offer nothing until they say
    when. Those who teach no more keep what they entered.
    """
    users = sa.table("users", sa.column("id"), sa.column("role"), sa.column("time_zone"))
    entered = sa.table("availability", sa.column("teacher_id"), sa.column("rules", sa.JSON()), sa.column("updated_at"))
    gigs = sa.table("gigs", sa.column("teacher_id"), sa.column("status"))
    stored = entered.c.updated_at
    if connection.dialect.name == "sqlite":
        stored = sa.type_coerce(stored, sa.DateTime())
    columns = (users.c.id, users.c.time_zone, entered.c.rules, stored.label("updated_at"))
    joined = users.outerjoin(entered, entered.c.teacher_id == users.c.id)
    theirs = sa.or_(users.c.role == "teacher", entered.c.teacher_id.is_not(None))
    offering = set(connection.scalars(sa.select(gigs.c.teacher_id).distinct().where(gigs.c.status == "published")))
    now = datetime.now(UTC).replace(tzinfo=None if connection.dialect.name == "sqlite" else UTC)
    for row in connection.execute(sa.select(*columns).select_from(joined).where(theirs).order_by(users.c.id)).all():
        made = {"teacher_id": row.id, "is_default": True, "name": "My hours", "time_zone": row.time_zone}
        if row.rules is not None:
            yield made | {"rules": row.rules, "updated_at": row.updated_at}
        elif row.id in offering:
            yield made | {"rules": NOTHING_SAID | {"weekly": None}, "updated_at": now}
        else:
            yield made | {"rules": NOTHING_SAID, "time_zone": None, "updated_at": None}

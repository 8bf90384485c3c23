"""Stand-ins for those whom a teacher names by an address.

Revision ID: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF_PAIR = "teacher_id = :teacher_id AND student_id = :student_id AND student_alias IS NOT NULL"


def upgrade():
    op.create_table(
        "invitations",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_invitations_teacher_id_users"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_invitations_user_id_users"),
        sa.PrimaryKeyConstraint("user_id", name="pk_invitations"),
        sa.UniqueConstraint("teacher_id", "email", name="uq_invitations_teacher_id_email"),
    )
    op.create_index("ix_invitations_email", "invitations", ["email"])
    make_stand_ins(op.get_bind())
    op.drop_column("bookings", "student_alias")


def make_stand_ins(connection):
    """Give strangers who have not said yes a stand-in, because what they are called stood beside the lesson."""
    pairs = sa.text(
        "SELECT bookings.teacher_id, bookings.student_id, max(bookings.student_alias) AS name, "
        "max(student.email) AS email, max(teacher.time_zone) AS zone, min(bookings.created_at) AS at "
        "FROM bookings JOIN users AS student ON student.id = bookings.student_id "
        "JOIN users AS teacher ON teacher.id = bookings.teacher_id "
        "WHERE bookings.student_alias IS NOT NULL GROUP BY bookings.teacher_id, bookings.student_id"
    )
    for pair in connection.execute(pairs).mappings().all():
        address = f"nobody:{pair['teacher_id']}-{pair['student_id']}"
        made = dict(pair) | {"key": pair["name"].lower(), "address": address}
        made["new_id"] = connection.scalar(
            sa.text(
                "INSERT INTO users (email, name, name_key, password_hash, role, time_zone, headline, bio, "
                "rating_sum, rating_count, active, created_at) "
                "VALUES (:address, :name, :key, '', 'student', :zone, '', '', 0, 0, true, :at) RETURNING id"
            ),
            made,
        )
        for statement in (
            "INSERT INTO invitations (user_id, teacher_id, email, created_at) "
            "VALUES (:new_id, :teacher_id, :email, :at)",
            f"UPDATE booking_events SET actor_id = :new_id WHERE actor_id = :student_id "
            f"AND booking_id IN (SELECT id FROM bookings WHERE {OF_PAIR})",
            f"UPDATE unseen_changes SET user_id = :new_id WHERE user_id = :student_id "
            f"AND booking_id IN (SELECT id FROM bookings WHERE {OF_PAIR})",
            f"UPDATE messages SET author_id = :new_id WHERE author_id = :student_id "
            f"AND booking_id IN (SELECT id FROM bookings WHERE {OF_PAIR})",
            f"UPDATE messages SET recipient_id = :new_id WHERE recipient_id = :student_id "
            f"AND booking_id IN (SELECT id FROM bookings WHERE {OF_PAIR})",
            f"UPDATE bookings SET student_id = :new_id WHERE {OF_PAIR}",
        ):
            connection.execute(sa.text(statement), made)

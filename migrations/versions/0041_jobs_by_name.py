"""An index that finds the due jobs of one name among many others.

Revision ID: 0041
"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_jobs_name", "jobs", ["name", "state", "run_at", "id"])


def downgrade():
    op.drop_index("ix_jobs_name", table_name="jobs")

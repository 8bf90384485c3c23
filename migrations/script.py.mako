<%
    # Alembic's own remarks are left out.
    steps = "\n".join(line for line in (upgrades or "").splitlines() if "###" not in line).strip()
%>\
"""${message.rstrip(".")}.

Revision ID: ${up_revision}
"""

import sqlalchemy as sa
from alembic import op

revision = "${up_revision}"
down_revision = ${f'"{down_revision}"' if down_revision else None}
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    ${steps or "pass"}

"""An index for counting the exchanges that ended in a span of time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    closed = sa.text("kind = 'exchange.closed'")
    op.create_index("closed_by_time", "entries", ["time"], sqlite_where=closed, postgresql_where=closed)

"""Runs the revisions on the connection (and in the transaction) that ``audit.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from web.accounts.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()

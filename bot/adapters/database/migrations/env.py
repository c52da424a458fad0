"""Runs the revisions on the connection (and in the transaction) that ``audit.migrate`` hands over.

The file is the log's, which counts its own revisions; these are counted in a table of their own.
"""

from __future__ import annotations

from alembic import context

from bot.adapters.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=context.config.attributes["version_table"],
)
context.run_migrations()

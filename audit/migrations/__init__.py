"""The history of the log's tables (Alembic). A published revision never changes."""

"""The history of the accounts' tables (Alembic). A published revision never changes."""

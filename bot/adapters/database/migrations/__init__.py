"""The history of the tables of cases and notices (Alembic). A published revision never changes."""

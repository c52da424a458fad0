"""The databases a log can lie in: an SQLite file beside its keys, or a schema of a PostgreSQL server's."""

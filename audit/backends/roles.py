"""The roles of one schema, and the SQL with which an administrator of the server makes them.

Nobody logs in as one of them. The service's login may become them (``SET``) and inherits nothing, so that a statement
that forgets to say who it is may do nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

OWNER: Final = "owner"
"""Makes and changes the tables. No connection that serves people is ever this."""
WRITER: Final = "writer"
"""Reads, and adds entries; changes cases and notices."""
SEQUENCER: Final = "sequencer"
"""Gives entries their index, and the tree its new head."""
ERASER: Final = "eraser"
"""A writer that may also delete sealed contents, give what stays another key, and empty expired leaves."""

ROLES: Final = (OWNER, WRITER, SEQUENCER, ERASER)
SCHEMA_PREFIX: Final = "madoguchi_"

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)  # a role's name, schema and all, stays under 63 bytes


def is_schema(name: str) -> bool:
    """Whether a schema may be called so: nothing that would need quoting."""
    return _NAME.fullmatch(name) is not None


def role(schema: str, name: str) -> str:
    """The name of one of ``ROLES`` on the server, whose roles are those of all its databases."""
    return f"{schema}_{name}"


def statements(schemas: Sequence[str], login: str) -> Sequence[str]:
    """What a superuser runs once in the database: roles, schemas, and who may become what. Again it does no harm.

    ``login`` is the role that the service logs in as; it must be there. Raises ValueError for names that would need
    quoting.
    """
    if not all(map(is_schema, (*schemas, login))):
        raise ValueError("a name of small letters, digits and underscores")
    return [line for schema in schemas for line in _of_one(schema, login)]


def _of_one(schema: str, login: str) -> list[str]:
    named = {name: role(schema, name) for name in ROLES}
    made = [
        f"DO $$ BEGIN IF to_regrole('{each}') IS NULL THEN CREATE ROLE {each} NOLOGIN; END IF; END $$"
        for each in named.values()
    ]
    members = ", ".join(named[name] for name in (WRITER, SEQUENCER, ERASER))
    return [
        *made,
        f"GRANT {named[WRITER]} TO {named[ERASER]} WITH INHERIT TRUE, SET FALSE",
        f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {named[OWNER]}",
        f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema} TO {members}",
        f"GRANT {', '.join(named.values())} TO {login} WITH INHERIT FALSE, SET TRUE",
    ]

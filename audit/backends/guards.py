"""What PostgreSQL itself refuses: rights of roles, triggers on tables; and whether both are as they should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, text

from audit.backends.roles import ERASER, OWNER, SEQUENCER, WRITER, role
from audit.tables import METADATA

_GIVEN: Final = "(entry, kind, time, conversation, exchange, leaf, leaf_hash, mac)"

# Beside reading everything. No role may change or remove what is in ``entries``, but for the two columns that are
# filled or emptied later, once.
_RIGHTS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "entries": {WRITER: [f"INSERT {_GIVEN}"], SEQUENCER: ["UPDATE (tree_index)"], ERASER: ["UPDATE (leaf)"]},
    "contents": {WRITER: ["INSERT"], ERASER: ["DELETE", "UPDATE (subject_key, wrapped)"]},
    "links": {WRITER: ["INSERT"], ERASER: ["DELETE"]},
    "receipts": {WRITER: ["INSERT"]},
    "subjects": {WRITER: ["INSERT", "UPDATE (subject_key)"], ERASER: ["DELETE"]},
    "identity": {WRITER: ["INSERT"]},
    "head": {SEQUENCER: ["UPDATE"]},
    "tiles": {SEQUENCER: ["INSERT", "UPDATE (hashes)"]},
    "checkpoints": {SEQUENCER: ["INSERT"]},
}
_OF_OTHER_ROOMS: Final = {
    WRITER: ["INSERT", "UPDATE", "DELETE"]
}  # cases and notices repeat or follow; they prove nothing
_SERVANTS: Final = (WRITER, SEQUENCER, ERASER)

_KEPT: Final = "sequence, entry, kind, time, conversation, exchange, leaf_hash, mac"

# Name, when, table, under which condition, and what is said: as the triggers of the SQLite file, for slips of the roles
# that have a right, and of the owner.
_GUARDS: Final = (
    ("entries_are_never_removed", "DELETE", "entries", None, "entries are never removed"),
    ("entries_are_never_changed", f"UPDATE OF {_KEPT}", "entries", None, "entries are never changed"),
    ("leaves_are_never_changed", "UPDATE OF leaf", "entries", "NEW.leaf IS NOT NULL", "leaves are never changed"),
    ("indices_are_given_once", "UPDATE OF tree_index", "entries", "OLD.tree_index IS NOT NULL",
     "a tree index is given once"),
    ("the_tree_never_shrinks", "UPDATE", "head", "NEW.size <= OLD.size OR NEW.sequence < OLD.sequence",
     "the tree never shrinks"),
    ("there_is_one_head", "INSERT", "head", None, "there is one head"),
    ("the_head_is_never_removed", "DELETE", "head", None, "the head is never removed"),
    ("tiles_are_never_removed", "DELETE", "tiles", None, "tiles are never removed"),
    ("tiles_only_grow", "UPDATE", "tiles",
     "NEW.level <> OLD.level OR NEW.number <> OLD.number OR length(NEW.hashes) <= length(OLD.hashes) "
     "OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes", "tiles only grow, they are never changed"),
    ("checkpoints_are_never_changed", "UPDATE OR DELETE", "checkpoints", None,
     "checkpoints are never changed or removed"),
)  # fmt: skip

_REFUSE: Final = (
    "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END $$"
)
# What has no index yet is found without going through the log; entries leave it as they get theirs.
_WAITING: Final = "CREATE INDEX IF NOT EXISTS entries_waiting ON entries (sequence) WHERE tree_index IS NULL"


def arm(connection: Connection, schema: str) -> None:
    """Rights and guards for the tables that are there, exactly; to be run by the owner after every upgrade."""
    there = _tables(connection, schema)
    for statement in (*_guarding(there), *_granting(schema, there)):
        connection.exec_driver_sql(statement)


def findings(connection: Connection, schema: str) -> Sequence[tuple[bool, str]]:
    """A line for the database, and one for each thing about it that somebody has to see to."""
    version = connection.execute(text("SHOW server_version")).scalar_one()
    said = f"schema {schema} (PostgreSQL {version})"
    wrong = [*_unsafe(connection), *_too_much(connection, schema), *_missing(connection, schema)]
    return [(True, f"log in {said}"), *((False, f"{said}: {each}") for each in wrong)]


def _tables(connection: Connection, schema: str) -> list[str]:
    """Version tables left out: they are the owner's, and read by the writer alone."""
    rows = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = :schema"), {"schema": schema})
    return sorted(name for (name,) in rows if not name.endswith("_version"))


def _guarding(there: Iterable[str]) -> Iterator[str]:
    guarded = [each for each in _GUARDS if each[2] in set(there)]
    if guarded:
        yield _REFUSE
        yield _WAITING
    for name, event, table, condition, said in guarded:
        when = f" WHEN ({condition})" if condition else ""
        yield (
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} "
            f"FOR EACH ROW{when} EXECUTE FUNCTION refuse('{said}')"
        )
    for table in dict.fromkeys(each[2] for each in guarded):
        yield (
            f"CREATE OR REPLACE TRIGGER {table}_are_never_emptied BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse('{table} are never removed')"
        )


def _granting(schema: str, there: Iterable[str]) -> Iterator[str]:
    servants = ", ".join(role(schema, name) for name in _SERVANTS)
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {servants}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {servants}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role(schema, WRITER)}"
    for table in there:
        for name, rights in _rights(table).items():
            for right in rights:
                yield f"GRANT {right} ON {table} TO {role(schema, name)}"


def _rights(table: str) -> Mapping[str, Sequence[str]]:
    return _RIGHTS.get(table, {}) if table in METADATA.tables else _OF_OTHER_ROOMS


def _unsafe(connection: Connection) -> Iterator[str]:
    """Settings under which the server acknowledges what it may lose."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        if connection.execute(text("SELECT current_setting(:name)"), {"name": setting}).scalar_one() == "off":
            yield f"{setting} is off: what is acknowledged may be lost"
    login = connection.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")).scalar_one()
    if login:
        yield "the service logs in as a superuser, whom no right stops"


def _too_much(connection: Connection, schema: str) -> Iterator[str]:
    """Rights that somebody gave beside those of ``_RIGHTS``."""
    asked = text("SELECT has_any_column_privilege(:who, :table, :what)")
    whole = text("SELECT has_table_privilege(:who, :table, :what)")
    for table in METADATA.tables:
        for name in _SERVANTS:
            allowed = {each.split()[0] for each in (*_rights(table).get(name, ()), *_inherited(table, name))}
            for what in {"INSERT", "UPDATE", "DELETE", "TRUNCATE"} - allowed:
                values = {"who": role(schema, name), "table": f"{schema}.{table}", "what": what}
                if connection.execute(whole if what in {"DELETE", "TRUNCATE"} else asked, values).scalar_one():
                    yield f"{name} may {what} {table}; madoguchi database prepare"
    for name in (*_SERVANTS, OWNER):
        inherits = text("SELECT pg_has_role(session_user, :who, 'USAGE') AND NOT rolsuper FROM pg_roles "
                        "WHERE rolname = session_user")  # fmt: skip
        if connection.execute(inherits, {"who": role(schema, name)}).scalar_one():
            yield f"the service's login inherits what the {name} may; grant it WITH INHERIT FALSE"


def _missing(connection: Connection, schema: str) -> Iterator[str]:
    """Guards that are not there, or were switched off."""
    rows = connection.execute(
        text(
            "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' AND tgrelid IN "
            "(SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace(:schema))"
        ),
        {"schema": schema},
    )
    there = {name for (name,) in rows}
    for name, *_ in _GUARDS:
        if name not in there:
            yield f"the guard {name} is not there; madoguchi database prepare"


def _inherited(table: str, name: str) -> Sequence[str]:
    return _rights(table).get(WRITER, ()) if name == ERASER else ()

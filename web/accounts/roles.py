"""Roles, rights and grants: who may do what, and at which desk. Pure.

The table of roles stands in roles.toml with the reason for each; it is published as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Literal

from bot.records import DeskName, Stamp


class Role(StrEnum):
    """What somebody is to the service (DESIGN §1)."""

    STAFF = "staff"
    RESPONDER = "responder"
    AUDITOR = "auditor"
    KNOWLEDGE_EDITOR = "knowledge_editor"
    APPROVER = "approver"
    RECORDS_OFFICER = "records_officer"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """One thing that somebody may do."""

    USE_DESK = "use_desk"
    ANSWER_CASES = "answer_cases"
    READ_RECORD = "read_record"
    PROPOSE = "propose"
    APPROVE = "approve"
    EDIT_NOTES = "edit_notes"
    KEEP_RECORD = "keep_record"
    SEE_ACCOUNTS = "see_accounts"
    CHANGE_ACCOUNTS = "change_accounts"
    THROW_SWITCH = "throw_switch"


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One role, at one desk or (``desk`` None) for the whole service. Written ``role@desk`` or ``role``."""

    role: Role
    desk: DeskName | None = None

    def __str__(self) -> str:
        return self.role.value if self.desk is None else f"{self.role.value}@{self.desk.value}"


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role as published. ``where``: ``desk`` may be given for one desk or for all, ``service`` only for all."""

    role: Role
    name: str
    where: Literal["desk", "service"]
    rights: frozenset[Right]
    why: str


@dataclass(frozen=True, slots=True)
class RoleTable:
    """Every role, what each right means, and which rights show what people wrote."""

    rows: Mapping[Role, RoleRow]
    what: Mapping[Right, str]
    reading: frozenset[Right]
    stamp: Stamp


class BadGrant(ValueError):
    """What was written is no grant; the message says what to write."""


@cache
def role_table() -> RoleTable:
    """The published table. Raises ValueError or KeyError where the file does not name every role and right."""
    raw = resources.files("web.accounts").joinpath("roles.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    rights = {Right(name): row for name, row in data["right"].items()}
    rows = {
        role: RoleRow(
            role,
            data["role"][role]["name"],
            data["role"][role]["where"],
            frozenset(Right(each) for each in data["role"][role]["rights"]),
            data["role"][role]["why"],
        )
        for role in Role
    }
    return RoleTable(
        rows,
        {right: rights[right]["what"] for right in Right},
        frozenset(right for right in Right if rights[right].get("reads_contents", False)),
        Stamp("roles", data["version"], sha256(raw).hexdigest()),
    )


def allowed(grants: Collection[Grant], right: Right, desk: DeskName | None = None) -> bool:
    """Whether these grants give a right at a desk; ``desk`` None asks for the whole service.

    A grant for one desk never reaches the other one, nor what belongs to both.
    """
    table = role_table()
    return any(right in table.rows[each.role].rights and each.desk in (None, desk) for each in grants)


def allowed_somewhere(grants: Collection[Grant], right: Right) -> bool:
    """Whether these grants give a right at any desk: enough to show a page that lists only what is allowed there."""
    return any(right in role_table().rows[each.role].rights for each in grants)


def conflict(grants: Collection[Grant]) -> bool:
    """Whether these grants would let an administrator read what people wrote, which no administrator may."""
    table = role_table()
    return any(each.role is Role.ADMINISTRATOR for each in grants) and any(
        table.rows[each.role].rights & table.reading for each in grants
    )


def grant_named(text: str) -> Grant:
    """A grant as people write it: ``staff@staff``, ``auditor@public``, ``administrator``. Raises BadGrant."""
    name, at, where = text.strip().partition("@")
    try:
        role = Role(name)
        desk = DeskName(where) if at else None
    except ValueError:
        roles = ", ".join(role.value for role in Role)
        raise BadGrant(f"write ROLE or ROLE@public or ROLE@staff; the roles are {roles}") from None
    if desk is not None and role_table().rows[role].where == "service":
        raise BadGrant(f"{role.value} is for the whole service; write {role.value}")
    return Grant(role, desk)

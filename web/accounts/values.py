"""The nouns of accounts, and every way in which a request about them is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from bot.records import DeskName
from web.accounts.roles import Grant, Right, allowed, allowed_somewhere

AccountId = NewType("AccountId", str)
"""``ac_`` and random letters; the name of a person in every ``meta`` of a log."""

COMMAND_LINE: Final = AccountId("command_line")
"""Who acts where a command is used: whoever owns the files."""
FIRST_START: Final = AccountId("first_start")
PROVIDER: Final = AccountId("provider")
"""The identity provider, whose groups give roles where the operator says so."""


class Door(StrEnum):
    """Where a session or token is good. One that is shown at another door is refused and recorded."""

    STAFF = "staff"
    ADMIN = "admin"
    RESPONDER_PUBLIC = "responder_public"
    RESPONDER_STAFF = "responder_staff"
    AUDITOR_PUBLIC = "auditor_public"
    AUDITOR_STAFF = "auditor_staff"


class Cause(StrEnum):
    """Why a sign-in, a session or a token was refused. For the record: people are never told which (but ``NO_RIGHT``,
    after they have proved who they are).
    """

    UNKNOWN_LOGIN = "unknown_login"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a cause
    NO_PASSWORD = "no_password"  # noqa: S105 - a cause: signs in at the identity provider only
    LOCKED = "locked"
    DISABLED = "disabled"
    NO_RIGHT = "no_right"
    CONFLICT = "conflict"
    OTHER_DOOR = "other_door"
    UNKNOWN_SUBJECT = "unknown_subject"
    BAD_FLOW = "bad_flow"
    PROVIDER_FAILED = "provider_failed"
    BAD_ID_TOKEN = "bad_id_token"  # noqa: S105 - a cause


class SignInRefused(Exception):
    """Nobody is signed in. Show one and the same sentence for every cause but ``NO_RIGHT``."""

    def __init__(self, cause: Cause) -> None:
        super().__init__("the sign-in is refused")
        self.cause = cause

    @property
    def proven(self) -> bool:
        """Whether the person proved who they are, and may be told that their roles do not open this door."""
        return self.cause is Cause.NO_RIGHT


class PasswordProblem(StrEnum):
    """Why a new password is not taken; to be told to the person, who chose it."""

    SHORT = "short"
    LONG = "long"
    LOGIN_INSIDE = "login_inside"
    COMMON = "common"
    SAME = "same"


class PasswordRefused(Exception):
    """A new password is not taken; ``problem`` says why. The message never holds the password."""

    def __init__(self, problem: PasswordProblem) -> None:
        super().__init__(f"the password is not taken: {problem.value}")
        self.problem = problem


class AccountProblem(StrEnum):
    """Why a change of accounts is refused; to be told to whoever asked for it."""

    NOT_ALLOWED = "not_allowed"
    UNKNOWN = "unknown"
    LOGIN_TAKEN = "login_taken"
    BAD_LOGIN = "bad_login"
    BAD_NAME = "bad_name"
    OWN_ROLES = "own_roles"
    CONFLICT = "conflict"
    LAST_ADMINISTRATOR = "last_administrator"
    LINK_TAKEN = "link_taken"
    TOO_MANY = "too_many"


class AccountRefused(Exception):
    """A change of accounts is refused; ``problem`` says why. Nothing was changed."""

    def __init__(self, problem: AccountProblem) -> None:
        super().__init__(f"the account is not changed: {problem.value}")
        self.problem = problem


class AccountsUnavailable(Exception):
    """The accounts cannot be read or changed. ``cause`` as in ``bot.ports.LogUnavailable``; nothing was changed."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the accounts are unavailable: {cause}")
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things last. ``idle`` without a request, ``absolute`` in all; ``token``: a token of the
    programming interface; ``flow``: one visit to the identity provider; ``busy``: the wait for other writers.
    """

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=10)
    token: timedelta = timedelta(days=90)
    flow: timedelta = timedelta(minutes=10)
    busy: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Account:
    """An account as an administrator sees it. ``linked``: signs in at the identity provider; ``local``: by password."""

    id: AccountId
    login: str
    name: str
    grants: frozenset[Grant]
    must_change: bool
    disabled: bool
    locked: bool
    local: bool
    linked: bool
    created: datetime
    last_sign_in: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in at one door, by a session or (``bearer``) by a token.

    ``id`` names the session for a list and for the log; it opens nothing. While ``must_change`` is True the only page
    is the one where the password is changed: no right is given.
    """

    id: str
    account: AccountId
    login: str
    name: str
    door: Door
    grants: frozenset[Grant]
    must_change: bool
    opened: datetime
    ends: datetime
    bearer: bool = False

    def may(self, right: Right, desk: DeskName | None = None) -> bool:
        """``roles.allowed`` for this person, now."""
        return not self.must_change and allowed(self.grants, right, desk)

    def may_somewhere(self, right: Right) -> bool:
        """``roles.allowed_somewhere`` for this person, now."""
        return not self.must_change and allowed_somewhere(self.grants, right)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session and its token (256 random bits), which stands nowhere else: put it into the door's cookie."""

    token: str = field(repr=False)
    session: Session


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One session as a list shows it."""

    id: str
    door: Door
    opened: datetime
    seen: datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token of the programming interface as a list shows it: never the token itself."""

    id: str
    door: Door
    label: str
    created: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the identity provider says somebody is. ``login``: the claim that may link an account on the first sign-in;
    ``grants``: what the groups give, None where groups give nothing here.
    """

    issuer: str
    subject: str = field(repr=False)
    login: str | None = field(default=None, repr=False)
    grants: frozenset[Grant] | None = None


@dataclass(frozen=True, slots=True)
class Initial:
    """A login and the password it begins with, shown once and then to be changed. Only its hash is kept."""

    account: AccountId
    login: str
    password: str = field(repr=False)


_BEHIND_ADMIN: Final = frozenset(
    {
        Right.SEE_ACCOUNTS,
        Right.CHANGE_ACCOUNTS,
        Right.THROW_SWITCH,
        Right.PROPOSE,
        Right.APPROVE,
        Right.EDIT_NOTES,
        Right.KEEP_RECORD,
    }
)


RESPONDING: Final[Mapping[Door, DeskName]] = {
    Door.RESPONDER_PUBLIC: DeskName.PUBLIC,
    Door.RESPONDER_STAFF: DeskName.STAFF,
}
"""The desk whose cases are answered behind a door."""
AUDITING: Final[Mapping[Door, DeskName]] = {
    Door.AUDITOR_PUBLIC: DeskName.PUBLIC,
    Door.AUDITOR_STAFF: DeskName.STAFF,
}
"""The desk whose record is read behind a door."""


def opens(grants: Collection[Grant], door: Door) -> bool:
    """Whether these grants give any right that is used behind a door."""
    if door is Door.STAFF:
        return allowed(grants, Right.USE_DESK, DeskName.STAFF)
    if (answered := RESPONDING.get(door)) is not None:
        return allowed(grants, Right.ANSWER_CASES, answered)
    if (read := AUDITING.get(door)) is not None:
        return allowed(grants, Right.READ_RECORD, read)
    return any(allowed_somewhere(grants, right) for right in _BEHIND_ADMIN)

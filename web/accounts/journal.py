"""Entries of the system log about accounts and sessions.

``meta`` names accounts by id alone. Names, logins and what was typed are contents: sealed, and erasable.

========================  =====================================  =========================================
kind                      meta (beside ``account``)              contents
========================  =====================================  =========================================
account.created           by, roles, local                       login, name
account.granted, .taken   by, roles (what was given or taken)
account.disabled          by, sessions (ended)
account.enabled           by
account.password          by, sessions                           (changed by its owner)
account.reset             by, sessions                           (a new initial password)
account.linked            by                                     issuer, subject
account.token_created     by, token, door, expires               label
account.token_revoked     by, token, door
session.opened            session, door, how, roles
session.closed            session, door, cause, by
session.verified          door                                   (one command, no session)
session.refused           door, cause, failures, waits (seconds)  login: the beginning of an unknown one
========================  =====================================  =========================================

The subject is the account's id, or ``unknown``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from bot.ports import SystemLog
from bot.records import ConversationId, Entry, Json
from web.accounts.roles import Grant
from web.accounts.values import AccountId

CREATED: Final = "account.created"
GRANTED: Final = "account.granted"
TAKEN: Final = "account.taken"
DISABLED: Final = "account.disabled"
ENABLED: Final = "account.enabled"
PASSWORD: Final = "account.password"  # noqa: S105 - a kind of entry
RESET: Final = "account.reset"
LINKED: Final = "account.linked"
TOKEN_CREATED: Final = "account.token_created"  # noqa: S105 - a kind of entry
TOKEN_REVOKED: Final = "account.token_revoked"  # noqa: S105 - a kind of entry
OPENED: Final = "session.opened"
CLOSED: Final = "session.closed"
REFUSED: Final = "session.refused"
VERIFIED: Final = "session.verified"

UNKNOWN: Final = AccountId("unknown")

_SHOWN: Final = 2


class Journal:
    """Writes the entries. Raises LogUnavailable: then what was to be recorded must not happen."""

    def __init__(self, log: SystemLog) -> None:
        self._log = log

    def write(
        self, kind: str, account: AccountId, meta: Mapping[str, Json], contents: Mapping[str, str] | None = None
    ) -> None:
        """One entry about an account, on disk when this returns."""
        entry = Entry(kind, ConversationId(account), {"account": account, **meta}, contents or {})
        self._log.append(entry)


def role_names(grants: Iterable[Grant]) -> list[Json]:
    """Grants as an entry names them."""
    return [*sorted(str(each) for each in grants)]


def shortened(typed: str) -> str:
    """How much of an unknown login is kept: people type passwords into the wrong field."""
    shown = "".join(each for each in typed[:_SHOWN] if each.isprintable())
    return f"{shown}… ({min(len(typed), 999)})"

"""What several parts ask: is there such an account, does it wait, may it change others, how is it shown."""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

from sqlalchemy import Connection

from web.accounts.journal import LINKED, Journal
from web.accounts.roles import Right, allowed
from web.accounts.store import Stored, by_id, by_link, moment, set_values
from web.accounts.values import COMMAND_LINE, Account, AccountId, AccountProblem, AccountRefused

FAILURES: Final = 5
"""Wrong passwords in a row after which an account waits (NIST SP 800-63B-4, 3.2.2 allows at most 100)."""
_FIRST_WAIT: Final = 60  # seconds; doubles with each further failure
_LONGEST_WAIT: Final = 3600


def plain_login(typed: str) -> str:
    """A login as it is stored and compared."""
    return normalize("NFKC", typed[:200]).strip().casefold().encode("utf-8", "replace").decode()


def is_locked(account: Stored, now: int) -> bool:
    """Whether an account waits after failures. A wait longer than any that is given shows that the clock went back."""
    return account.locked_until is not None and now < account.locked_until <= now + _LONGEST_WAIT


def wait_after(failures: int) -> int:
    """Seconds to wait after so many failures in a row."""
    return 0 if failures < FAILURES else int(min(_FIRST_WAIT * 2 ** min(failures - FAILURES, 10), _LONGEST_WAIT))


def demand_administrator(connection: Connection, by: AccountId) -> None:
    """Looked up anew inside each change: a page may have been open since before the right was taken."""
    if by == COMMAND_LINE:
        return
    acting = by_id(connection, by)
    if acting is None or acting.disabled or acting.must_change or not allowed(acting.grants, Right.CHANGE_ACCOUNTS):
        raise AccountRefused(AccountProblem.NOT_ALLOWED)


def there(found: Stored | None) -> Stored:
    if found is None:
        raise AccountRefused(AccountProblem.UNKNOWN)
    return found


def link_account(
    connection: Connection, journal: Journal, account: AccountId, link: tuple[str, str], by: AccountId
) -> None:
    """Let an account sign in as (issuer, subject). Raises AccountRefused (LINK_TAKEN)."""
    held = by_link(connection, *link)
    if held is not None and held.id != account:
        raise AccountRefused(AccountProblem.LINK_TAKEN)
    set_values(connection, account, issuer=link[0], subject=link[1])
    journal.write(LINKED, account, {"by": by}, {"issuer": link[0], "subject": link[1]})


def shown(stored: Stored, now: int) -> Account:
    return Account(
        id=stored.id,
        login=stored.login,
        name=stored.name,
        grants=stored.grants,
        must_change=stored.must_change,
        disabled=stored.disabled,
        locked=is_locked(stored, now),
        local=stored.password is not None,
        linked=stored.linked,
        created=moment(stored.created),
        last_sign_in=None if stored.last_sign_in is None else moment(stored.last_sign_in),
    )

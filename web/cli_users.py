"""``madoguchi user``: accounts and roles from the command line.

Who may use it is whoever owns the files; the record names the actor ``command_line``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from web.accounts.roles import BadGrant, grant_named
from web.accounts.values import COMMAND_LINE, AccountRefused
from web.cli_support import Stop
from web.cli_system import system_opened

if TYPE_CHECKING:
    from web.accounts.roles import Grant
    from web.accounts.values import Account, Initial
    from web.cli_system import System

users = typer.Typer(no_args_is_help=True, help="Accounts and roles of staff; every change is recorded.")

LoginArgument = Annotated[str, typer.Argument(help="the login")]
RoleArgument = Annotated[str, typer.Argument(help="ROLE for the whole service, or ROLE@public, ROLE@staff")]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]

_SAID: Final = {
    "unknown": "no account has this login; madoguchi user list shows them",
    "login_taken": "an account has this login already",
    "bad_login": "a login has 3 to 64 of a-z 0-9 . _ @ + - and begins with a letter or digit",
    "bad_name": "--name has 1 to 100 printable characters",
    "conflict": "an administrator cannot have a role that reads contents; make a second account",
    "last_administrator": "the last administrator stays; make another one first",
    "link_taken": "another account signs in as this subject",
}
_WRONG_USE: Final = frozenset({"bad_login", "bad_name", "unknown"})


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(users, name="user")


@users.command()
def add(
    login: LoginArgument,
    name: Annotated[str, typer.Option("--name", help="the name that others see; default the login")] = "",
    role: Annotated[list[str] | None, typer.Option("--role", help="ROLE or ROLE@public or ROLE@staff; repeat")] = None,
    provider: Annotated[
        bool, typer.Option("--provider", help="no password here: signs in at the identity provider")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make an account; prints its first password once."""
    grants = [_grant(each) for each in role or []]
    with _changing() as system:
        administration = system.accounts.administration
        if provider:
            account = administration.create_linked(login, name or login, grants, by=COMMAND_LINE)
            _say({"account": account, "login": login}, f"{login}: {account}", as_json=as_json)
            return
        initial = administration.create(login, name or login, grants, by=COMMAND_LINE)
    _print_initial(initial, as_json=as_json)


@users.command("list")
def list_(as_json: JsonOption = False) -> None:
    """Every account with its roles and state."""
    with _changing() as system:
        found = system.accounts.administration.list()
    if as_json:
        sys.stdout.write(json.dumps({"accounts": [_row(each) for each in found]}, ensure_ascii=False) + "\n")
        return
    for each in found:
        row = _row(each)
        state = ", ".join(name for name in ("disabled", "locked", "must_change") if row[name])
        roles = ", ".join(row["roles"]) or "no role"
        sys.stdout.write(f"{each.login}  {each.name}  [{roles}]{f'  ({state})' if state else ''}\n")


@users.command()
def disable(login: LoginArgument) -> None:
    """Close an account; its sessions and tokens end."""
    with _changing() as system:
        system.accounts.administration.disable(_found(system, login).id, by=COMMAND_LINE)


@users.command()
def enable(login: LoginArgument) -> None:
    """Open a closed account again, or end its wait after wrong passwords."""
    with _changing() as system:
        system.accounts.administration.enable(_found(system, login).id, by=COMMAND_LINE)


@users.command()
def give(login: LoginArgument, role: RoleArgument) -> None:
    """Give a role; the account's sessions end."""
    with _changing() as system:
        system.accounts.administration.give(_found(system, login).id, _grant(role), by=COMMAND_LINE)


@users.command()
def take(login: LoginArgument, role: RoleArgument) -> None:
    """Take a role away; the account's sessions end."""
    with _changing() as system:
        system.accounts.administration.take(_found(system, login).id, _grant(role), by=COMMAND_LINE)


@users.command()
def reset(login: LoginArgument, as_json: JsonOption = False) -> None:
    """Give a new first password, printed once; sessions and tokens end."""
    with _changing() as system:
        initial = system.accounts.administration.reset_password(_found(system, login).id, by=COMMAND_LINE)
    _print_initial(initial, as_json=as_json)


@users.command()
def link(
    login: LoginArgument,
    subject: Annotated[str, typer.Argument(help="the person's `sub` at the identity provider")],
) -> None:
    """Let the account sign in as this subject of the configured identity provider."""
    with _changing() as system:
        issuer = system.settings.oidc_issuer
        if issuer is None:
            raise Stop("no identity provider is configured; set MADOGUCHI_OIDC_ISSUER", 3)
        system.accounts.administration.link(_found(system, login).id, issuer, subject, by=COMMAND_LINE)


@contextmanager
def _changing() -> Iterator[System]:
    """The accounts; what is refused is one line."""
    with system_opened() as system:
        try:
            yield system
        except AccountRefused as refused:
            code = refused.problem.value
            raise Stop(_SAID.get(code, str(refused)), 2 if code in _WRONG_USE else 1) from None


def _grant(text: str) -> Grant:
    try:
        return grant_named(text)
    except BadGrant as problem:
        raise Stop(str(problem), 2) from None


def _found(system: System, login: str) -> Account:
    return system.accounts.administration.named(login)


def _row(account: Account) -> dict[str, Any]:
    return {
        "account": account.id,
        "login": account.login,
        "name": account.name,
        "roles": sorted(str(each) for each in account.grants),
        "disabled": account.disabled,
        "locked": account.locked,
        "must_change": account.must_change,
        "local": account.local,
        "linked": account.linked,
        "created": account.created.isoformat(),
        "last_sign_in": account.last_sign_in and account.last_sign_in.isoformat(),
    }


def _print_initial(initial: Initial, *, as_json: bool) -> None:
    told = {"account": initial.account, "login": initial.login, "password": initial.password}
    _say(told, f"{initial.login}  最初のパスワード (shown once): {initial.password}", as_json=as_json)


def _say(told: dict[str, Any], line: str, *, as_json: bool) -> None:
    sys.stdout.write((json.dumps(told, ensure_ascii=False) if as_json else line) + "\n")

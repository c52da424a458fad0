"""``madoguchi register`` and ``madoguchi switch``: what people decide for the whole service, and who decided it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from web.cli_support import Stop, configure_logging, settings_read

if TYPE_CHECKING:
    from audit.log import DeskLog
    from bot.deciding import Actor
    from bot.register_history import Proposal
    from web.accounts.service import Accounts

JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]
ByOption = Annotated[
    str, typer.Option("--by", help="your login; the password is asked for, or read from standard input")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="why; kept with the entry")]
ProposalArgument = Annotated[str, typer.Argument(help="id of the proposal, or its beginning")]
ScopeOption = Annotated[str, typer.Option("--scope", help="all, public or staff")]

# The command was used wrongly; everything else that is refused is an answer: no.
_WRONG_USE: Final = frozenset({"unknown_proposal", "bad_register", "no_reason", "unchanged"})

register = typer.Typer(no_args_is_help=True, help="Which inquiries are answered by AI, and who decided it.")
switch = typer.Typer(no_args_is_help=True, help="The off switch for AI answers.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(register, name="register")
    app.add_typer(switch, name="switch")


@register.command()
def show(
    as_json: JsonOption = False,
    as_toml: Annotated[bool, typer.Option("--toml", help="print a file to edit and propose")] = False,
) -> None:
    """The version in force."""
    from bot.register_history import ActiveRegister  # noqa: PLC0415 - reading the help needs none of this
    from web import cli_register_text  # noqa: PLC0415 - as above

    with _opened() as room:
        history = ActiveRegister(room.log).history()
    if as_toml:
        sys.stdout.write(cli_register_text.toml(history))
    else:
        _print(cli_register_text.active_json(history) if as_json else cli_register_text.active_lines(history))


@register.command()
def propose(
    file: Annotated[Path, typer.Argument(help="the whole new version, as `register show --toml` prints one")],
    by: ByOption,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """Propose a version; it counts when somebody else approves it."""
    from bot.register import read_register  # noqa: PLC0415 - reading the help needs none of this
    from bot.register_changes import propose as record  # noqa: PLC0415 - as above
    from bot.register_rows import BadRegister  # noqa: PLC0415 - as above

    try:
        proposed = read_register(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise Stop(f"{file} cannot be read: {getattr(problem, 'strerror', None) or 'not UTF-8'}", 2) from None
    except BadRegister as problem:
        raise Stop(f"{file}: {problem}", 2) from None
    with _opened() as room:
        _print_proposal(record(room.log, proposed, room.actor(by), reason), as_json=as_json)


@register.command()
def approve(proposal: ProposalArgument, by: ByOption, as_json: JsonOption = False) -> None:
    """Approve somebody else's proposal: from then on it is in force, also in a server that runs."""
    from bot.register_changes import approve as record  # noqa: PLC0415 - reading the help needs none of this

    with _opened() as room:
        _print_proposal(record(room.log, proposal, room.actor(by)), as_json=as_json)


@register.command()
def reject(proposal: ProposalArgument, by: ByOption, reason: ReasonOption = "", as_json: JsonOption = False) -> None:
    """Turn a proposal down, or take your own back."""
    from bot.register_changes import reject as record  # noqa: PLC0415 - reading the help needs none of this

    with _opened() as room:
        _print_proposal(record(room.log, proposal, room.actor(by), reason), as_json=as_json)


@register.command()
def history(as_json: JsonOption = False) -> None:
    """Every proposal and what became of it, and decisions that count for nothing."""
    from bot.register_history import ActiveRegister  # noqa: PLC0415 - reading the help needs none of this
    from web import cli_register_text  # noqa: PLC0415 - as above

    with _opened() as room:
        told = ActiveRegister(room.log).history()
    _print(cli_register_text.history_json(told) if as_json else cli_register_text.history_lines(told))


@switch.command("show")
def show_switch(as_json: JsonOption = False) -> None:
    """Whether AI answers are on; who switched them off, why, when."""
    from bot.switch import OffSwitch  # noqa: PLC0415 - reading the help needs none of this
    from web import cli_register_text  # noqa: PLC0415 - as above

    with _opened() as room:
        thrown = OffSwitch(room.log).thrown()
    _print(cli_register_text.switch_json(thrown) if as_json else cli_register_text.switch_lines(thrown))


@switch.command()
def off(
    why: Annotated[str, typer.Option("--why", help="why; shown to everybody on every page")],
    by: ByOption,
    scope: ScopeOption = "all",
    as_json: JsonOption = False,
) -> None:
    """Switch AI answers off; the way to people stays open."""
    _throw([scope], by, why, off=True, as_json=as_json)


@switch.command()
def on(
    by: ByOption,
    scope: Annotated[str | None, typer.Option("--scope", help="all, public or staff; else whatever is off")] = None,
    why: Annotated[str, typer.Option("--why", help="why; kept with the entry")] = "",
    as_json: JsonOption = False,
) -> None:
    """Switch AI answers on again."""
    _throw(None if scope is None else [scope], by, why, off=False, as_json=as_json)


def _throw(scopes: list[str] | None, by: str, why: str, *, off: bool, as_json: bool) -> None:
    from bot.switch import OffSwitch, Scope, throw  # noqa: PLC0415 - reading the help needs none of this
    from web import cli_register_text  # noqa: PLC0415 - as above

    try:
        named = None if scopes is None else [Scope(each) for each in scopes]
    except ValueError:
        raise Stop("--scope is all, public or staff", 2) from None
    with _opened() as room:
        actor = room.actor(by)
        thrown = OffSwitch(room.log).thrown()
        for each in named or list(thrown) or [Scope.ALL]:
            thrown = throw(room.log, each, actor, why, off=off)
    _print(cli_register_text.switch_json(thrown) if as_json else cli_register_text.switch_lines(thrown))


@dataclass(frozen=True, slots=True)
class _Room:
    """The system log, and the accounts that say who acts."""

    log: DeskLog
    accounts: Accounts

    def actor(self, login: str) -> Actor:
        """Whoever has this login, proved by the password. Raises Stop where it is not right."""
        from web.accounts.values import SignInRefused  # noqa: PLC0415 - reading the help needs none of this
        from web.decisions import actor_of  # noqa: PLC0415 - as above

        try:
            account = self.accounts.verified(login, _password())
        except SignInRefused:
            raise Stop("login and password do not fit, or the account is locked or disabled", 1) from None
        if account.must_change:
            raise Stop("sign in and choose a password of your own first", 1)
        return actor_of(account.id, account.name, account.grants)


@contextmanager
def _opened() -> Iterator[_Room]:
    """The system log of the configured data directory, made where there is none; what fails is one line."""
    from bot.adapters.clock import SystemClock  # noqa: PLC0415 - reading the help needs none of this
    from bot.deciding import DecisionRefused  # noqa: PLC0415 - as above
    from bot.ports import LogUnavailable  # noqa: PLC0415 - as above
    from web.accounts.service import Accounts  # noqa: PLC0415 - as above
    from web.accounts.values import AccountsUnavailable  # noqa: PLC0415 - as above
    from web.directory import SYSTEM, make_private  # noqa: PLC0415 - as above
    from web.log_places import log_of, prepare_log  # noqa: PLC0415 - as above

    configure_logging()
    settings = settings_read()
    clock = SystemClock()
    log = log_of(settings, SYSTEM, clock)
    accounts = Accounts(settings.data / SYSTEM, log, clock)
    try:
        make_private(settings.data)
        prepare_log(settings, SYSTEM, clock)
        accounts.prepare()
        yield _Room(log, accounts)
    except DecisionRefused as refused:
        raise Stop(str(refused), 2 if refused.code in _WRONG_USE else 1) from None
    except (LogUnavailable, AccountsUnavailable) as problem:
        raise Stop(f"{problem}; check the data directory {settings.data}", 3) from None
    except OSError as problem:
        raise Stop(f"the data directory {settings.data} cannot be used: {problem.strerror or problem}", 3) from None
    finally:
        accounts.close()
        log.close()


def _password() -> str:
    """Asked for at a terminal; else the first line of standard input. Never an argument: those are seen by others."""
    if sys.stdin.isatty():
        return getpass.getpass("パスワード: ")
    return sys.stdin.readline().rstrip("\r\n")


def _print_proposal(proposal: Proposal, *, as_json: bool) -> None:
    from web import cli_register_text  # noqa: PLC0415 - reading the help needs none of this

    _print(cli_register_text.proposal_json(proposal) if as_json else cli_register_text.proposal_lines(proposal))


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")

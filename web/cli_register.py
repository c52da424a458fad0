"""``madoguchi register`` and ``madoguchi switch``: what people decide for the whole service, and who decided it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from web.cli_deciding import system_opened
from web.cli_support import Stop

if TYPE_CHECKING:
    from bot.register_history import Proposal

JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]
ByOption = Annotated[
    str, typer.Option("--by", help="your login; the password is asked for, or read from standard input")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="why; kept with the entry")]
ProposalArgument = Annotated[str, typer.Argument(help="id of the proposal, or its beginning")]
ScopeOption = Annotated[str, typer.Option("--scope", help="all, public or staff")]

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

    with system_opened() as room:
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
    with system_opened() as room:
        _print_proposal(record(room.log, proposed, room.actor(by), reason), as_json=as_json)


@register.command()
def approve(proposal: ProposalArgument, by: ByOption, as_json: JsonOption = False) -> None:
    """Approve somebody else's proposal: from then on it is in force, also in a server that runs."""
    from bot.register_changes import approve as record  # noqa: PLC0415 - reading the help needs none of this

    with system_opened() as room:
        _print_proposal(record(room.log, proposal, room.actor(by)), as_json=as_json)


@register.command()
def reject(proposal: ProposalArgument, by: ByOption, reason: ReasonOption = "", as_json: JsonOption = False) -> None:
    """Turn a proposal down, or take your own back."""
    from bot.register_changes import reject as record  # noqa: PLC0415 - reading the help needs none of this

    with system_opened() as room:
        _print_proposal(record(room.log, proposal, room.actor(by), reason), as_json=as_json)


@register.command()
def history(as_json: JsonOption = False) -> None:
    """Every proposal and what became of it, and decisions that count for nothing."""
    from bot.register_history import ActiveRegister  # noqa: PLC0415 - reading the help needs none of this
    from web import cli_register_text  # noqa: PLC0415 - as above

    with system_opened() as room:
        told = ActiveRegister(room.log).history()
    _print(cli_register_text.history_json(told) if as_json else cli_register_text.history_lines(told))


@switch.command("show")
def show_switch(as_json: JsonOption = False) -> None:
    """Whether AI answers are on; who switched them off, why, when."""
    from bot.switch import OffSwitch  # noqa: PLC0415 - reading the help needs none of this
    from web import cli_register_text  # noqa: PLC0415 - as above

    with system_opened() as room:
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
    with system_opened() as room:
        actor = room.actor(by)
        thrown = OffSwitch(room.log).thrown()
        for each in named or list(thrown) or [Scope.ALL]:
            thrown = throw(room.log, each, actor, why, off=off)
    _print(cli_register_text.switch_json(thrown) if as_json else cli_register_text.switch_lines(thrown))


def _print_proposal(proposal: Proposal, *, as_json: bool) -> None:
    from web import cli_register_text  # noqa: PLC0415 - reading the help needs none of this

    _print(cli_register_text.proposal_json(proposal) if as_json else cli_register_text.proposal_lines(proposal))


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")

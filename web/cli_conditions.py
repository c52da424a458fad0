"""``madoguchi conditions``: which rows may go on answering directly, and who decided it."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from web.cli_deciding import system_opened
from web.cli_support import Stop, settings_read

if TYPE_CHECKING:
    from audit.log import DeskLog
    from bot.conditions import Conditions
    from bot.conditions_values import Permit

DeskOption = Annotated[str, typer.Option("--desk", help="public or staff")]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]
ByOption = Annotated[
    str, typer.Option("--by", help="your login; the password is asked for, or read from standard input")
]
ProposalArgument = Annotated[str, typer.Argument(help="id of the proposal, or its beginning")]

conditions = typer.Typer(
    no_args_is_help=True, help="Which topics may go on being answered directly, and who decided it."
)


def add_to(app: typer.Typer) -> None:
    app.add_typer(conditions, name="conditions")


@conditions.command()
def show(desk: DeskOption = "public", as_json: JsonOption = False) -> None:
    """How every row stands that the register lets answer directly, and the proposals; figures as the desk told."""
    from web import cli_conditions_text  # noqa: PLC0415 - reading the help needs none of this

    with system_opened() as room:
        asked = _conditions(room.log, desk)
        standing = asked.now()
    if as_json:
        _print_line(cli_conditions_text.as_json(standing, demo=asked.demo))
        return
    sys.stdout.write(cli_conditions_text.lines(standing, demo=asked.demo) + "\n")


@conditions.command()
def propose(
    row: Annotated[str, typer.Argument(help="the row, as `conditions show` names it")],
    *,
    until: Annotated[str, typer.Option("--until", help="the last day, like 2027-03-31")],
    reason: Annotated[str, typer.Option("--reason", help="why; kept with the entry")],
    by: ByOption,
    desk: DeskOption = "public",
    as_json: JsonOption = False,
) -> None:
    """Propose that a row answers directly though it is not measured, or again though errors were exceeded."""
    from bot.conditions_changes import propose as record  # noqa: PLC0415 - reading the help needs none of this

    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise Stop("--until is a day like 2027-03-31", 2) from None
    with system_opened() as room:
        _print(record(room.log, _conditions(room.log, desk), row, day, room.actor(by), reason), as_json=as_json)


@conditions.command()
def approve(proposal: ProposalArgument, by: ByOption, desk: DeskOption = "public", as_json: JsonOption = False) -> None:
    """Approve somebody else's proposal: from then on it holds, also in a server that runs."""
    from bot.conditions_changes import approve as record  # noqa: PLC0415 - reading the help needs none of this

    with system_opened() as room:
        _print(record(room.log, _conditions(room.log, desk), proposal, room.actor(by)), as_json=as_json)


@conditions.command()
def reject(
    proposal: ProposalArgument,
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", help="why; kept with the entry")] = "",
    *,
    desk: DeskOption = "public",
    as_json: JsonOption = False,
) -> None:
    """Turn a proposal down, or take your own back."""
    from bot.conditions_changes import reject as record  # noqa: PLC0415 - reading the help needs none of this

    with system_opened() as room:
        _print(record(room.log, _conditions(room.log, desk), proposal, room.actor(by), reason), as_json=as_json)


def _conditions(system: DeskLog, desk: str) -> Conditions:
    """Raises Stop."""
    from audit import statistics  # noqa: PLC0415 - reading the help needs none of this
    from bot.adapters.clock import SystemClock  # noqa: PLC0415 - as above
    from bot.conditions import Conditions  # noqa: PLC0415 - as above
    from bot.records import DeskName  # noqa: PLC0415 - as above
    from bot.register_history import ActiveRegister  # noqa: PLC0415 - as above

    if desk not in set(DeskName):
        raise Stop("--desk is public or staff", 2)
    name, demo = DeskName(desk), settings_read().mode == "demo"
    register = ActiveRegister(system).of(name)
    return Conditions(name, system, register, statistics, SystemClock(), measuring=None, demo=demo)


def _print(permit: Permit, *, as_json: bool) -> None:
    from web import cli_conditions_text  # noqa: PLC0415 - reading the help needs none of this

    if as_json:
        _print_line(cli_conditions_text.permit_json(permit))
    else:
        sys.stdout.write(cli_conditions_text.permit_line(permit) + "\n")


def _print_line(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")

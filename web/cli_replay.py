"""``madoguchi audit replay``: one recorded answer again, compared with the record."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from web.cli_support import Stop, house_ready

if TYPE_CHECKING:
    from bot.records import Reply
    from bot.replaying import Replayed

_BY: Final = "command_line"


def add_to(audit: typer.Typer) -> None:
    """Add the command to ``madoguchi audit``."""
    audit.command()(replay)


def replay(
    exchange: Annotated[str, typer.Argument(help="the exchange's id (ex_…)")],
    *,
    desk: Annotated[str, typer.Option("--desk", help="public or staff")] = "public",
    purpose: Annotated[str, typer.Option("--purpose", help="why it is read; it is recorded")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Answer a recorded question again as it was then, and show what differs. Ends with 1 where something does."""
    from audit.reading import Purpose, PurposeKind, Reader, ReadingRefused  # noqa: PLC0415 - the help needs none of it
    from bot.records import ExchangeId  # noqa: PLC0415 - as above
    from web.batch import desk_named  # noqa: PLC0415 - as above
    from web.replaying import Replayer, UnknownExchange  # noqa: PLC0415 - as above

    name, named = desk_named(desk), ExchangeId(exchange)
    if not purpose.strip():
        raise Stop("say why in --purpose; it is recorded", 2)
    with house_ready() as house:
        reader = Reader(_BY, _BY, _BY)
        try:
            house.readings[name].open(reader, named, Purpose(PurposeKind.OTHER, purpose.strip()), "replay")
            done = Replayer(house.desks[name], house.logs[name], house.shelves[name], house.system)(named)
        except (ReadingRefused, UnknownExchange):
            raise Stop("no exchange of this desk has this id; see --desk", 2) from None
        if as_json:
            sys.stdout.write(json.dumps(_as_json(done), ensure_ascii=False) + "\n")
        else:
            sys.stdout.writelines(line + "\n" for line in _lines(done))
    if not done.same:
        raise Stop("the answer is not the one recorded", 1)


def _as_json(done: Replayed) -> dict[str, Any]:
    return {
        "exchange": done.exchange,
        "same": done.same,
        "reply": _reply(done.reply),
        "recorded": _reply(done.recorded),
        "held": _reply(done.held),
        "recorded_held": _reply(done.recorded_held),
        "differing": [{"part": each.part.value, "then": each.then, "now": each.now} for each in done.differing],
        "stamps": [
            {"name": each.name, "same": each.same, "then": _stamp(each.then), "now": _stamp(each.now)}
            for each in done.stamps
        ],
        "decisions": [{"name": each.name, "then": each.then, "now": each.now} for each in done.decisions],
        "missing": [each.value for each in done.missing],
    }


def _reply(reply: Reply | None) -> dict[str, Any] | None:
    from bot.records_json import reply_to_json  # noqa: PLC0415 - reading the help needs none of this

    read: dict[str, Any] | None = None if reply is None else json.loads(reply_to_json(reply))
    return read


def _stamp(stamp: Any) -> dict[str, str] | None:
    return None if stamp is None else {"version": stamp.version, "digest": stamp.digest}


def _lines(done: Replayed) -> Iterator[str]:
    """The result in plain lines: ``-`` was recorded, ``+`` came out now."""
    yield "same: the reply is byte for byte the one recorded" if done.same else "not the same"
    for missing in done.missing:
        yield f"  ! {missing.value}"
    for line in done.differing:
        yield f"  {line.part.value}"
        yield from (f"    {sign} {text}" for sign, text in (("-", line.then), ("+", line.now)) if text is not None)
    for stamp in done.changed:
        then, now = (f"{each.version} {each.digest[:12]}" if each else "none" for each in (stamp.then, stamp.now))
        yield f"  version of {stamp.name}: {then} -> {now}"
    for decision in done.decisions:
        yield f"  {decision.name}: {decision.then or 'none'} -> {decision.now or 'none'}"
    if not done.changed and done.stamps:
        yield f"  all {len(done.stamps)} versions are those recorded"

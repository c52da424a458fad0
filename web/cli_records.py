"""``madoguchi audit erase``, ``hold`` and ``retention``: what people decide about a desk's record, and what rules do.

No text of a person is printed: ids, counts, who decided and why.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from web.cli_records_room import opened
from web.cli_support import Stop

if TYPE_CHECKING:
    from audit.erasing_history import Proposal
    from audit.holds import Hold
    from web.records import Records

erase = typer.Typer(no_args_is_help=True, help="Erase texts of the record: one person proposes, another approves.")
hold = typer.Typer(no_args_is_help=True, help="Hold what must not be erased: one person places, another lifts.")
retention = typer.Typer(no_args_is_help=True, help="The retention schedule, and what it says is over.")

Desk = Annotated[str, typer.Option("--desk", help="public or staff")]
By = Annotated[str, typer.Option("--by", help="your login; the password is asked for, or read from standard input")]
Named = Annotated[str, typer.Argument(help="code of a receipt, case number, or id of an exchange or conversation")]
Reason = Annotated[str, typer.Option("--reason", help="why; kept with the entry")]
Reference = Annotated[str, typer.Option("--reference", help="the request or proceedings it follows")]
Id = Annotated[str, typer.Argument(help="id of the proposal (or its beginning) or of the hold")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to ``madoguchi audit``."""
    app.add_typer(erase, name="erase")
    app.add_typer(hold, name="hold")
    app.add_typer(retention, name="retention")


@erase.command("propose")
def propose_erasure(
    named: Named,
    *,
    by: By,
    basis: Annotated[str, typer.Option("--basis", help="suspension or unlawful")],
    reference: Reference,
    reason: Reason,
    desk: Desk = "public",
    whole: Annotated[bool, typer.Option("--whole", help="the whole conversation")] = False,
) -> None:
    """Propose to erase the texts of an exchange, a case or a conversation."""
    from web.records_changes import Asked, propose  # noqa: PLC0415 - reading the help needs none of this

    with opened(desk) as room:
        actor, scope = room.actor(by), room.records.find(named, whole=whole)
        _say(_proposal(propose(room.records, actor, Asked(scope, basis, reference, reason))))


@erase.command("approve")
def approve_erasure(proposal: Id, by: By, desk: Desk = "public") -> None:
    """Approve somebody else's proposal: the texts are gone, for good."""
    from web.records_changes import approve  # noqa: PLC0415 - reading the help needs none of this

    with opened(desk) as room:
        _say(_proposal(approve(room.records, proposal, room.actor(by))))
        _finish(room.records)


@erase.command("reject")
def reject_erasure(proposal: Id, by: By, desk: Desk = "public", reason: Reason = "") -> None:
    """Turn a proposal down, or take your own back."""
    from web.records_changes import reject  # noqa: PLC0415 - reading the help needs none of this

    with opened(desk) as room:
        _say(_proposal(reject(room.records, proposal, room.actor(by), reason)))


@erase.command("list")
def list_erasures(desk: Desk = "public") -> None:
    """Every proposal, and every erasure with its state."""
    with opened(desk) as room:
        told = room.records.history()
    for proposal in told.proposals:
        _say(_proposal(proposal))
    for done in told.done:
        state = "not swept yet" if done.swept is None else f"gone from files in use, complete on {done.complete}"
        void = f"  VOID: {done.void}" if done.void else ""
        _say(f"{done.id}  {done.time:%Y-%m-%d %H:%M}  {done.basis} {done.rule or ''}  {done.texts} texts, "
             f"{done.leaves} whole entries  {state}{void}")  # fmt: skip


@hold.command("place")
def place(
    named: Named,
    *,
    by: By,
    why: Annotated[str, typer.Option("--why", help="disclosure, review or legal")],
    reason: Reason,
    reference: Reference = "",
    desk: Desk = "public",
) -> None:
    """Hold the conversation of what is named: nothing of it is erased or expires."""
    from web.records_changes import Asked, place_hold  # noqa: PLC0415 - reading the help needs none of this

    with opened(desk) as room:
        actor, scope = room.actor(by), room.records.find(named, whole=True)
        _say(_hold(place_hold(room.records, actor, Asked(scope, why, reference, reason))))


@hold.command("lift")
def lift(placed: Id, by: By, reason: Reason, desk: Desk = "public") -> None:
    """Lift a hold that somebody else placed."""
    from web.records_changes import lift_hold  # noqa: PLC0415 - reading the help needs none of this

    with opened(desk) as room:
        _say(_hold(lift_hold(room.records, placed, room.actor(by), reason)))


@hold.command("list")
def list_holds(desk: Desk = "public") -> None:
    """Every hold."""
    with opened(desk) as room:
        for each in room.records.holds():
            _say(_hold(each))


@retention.command("show")
def show() -> None:
    """The schedule as it is shown to people and applied."""
    with opened("public") as room:
        schedule = room.records.schedule()
        applies = room.records.applies(schedule)
    whose = "own" if schedule.own else "default"
    _say(f"version {schedule.version}  sha256 {schedule.digest}  {whose}, {'in force' if applies else 'not adopted'}")
    for name, period in schedule.periods.items():
        many = f"{period.years} years" if period.years else f"{period.days} days"
        _say(f"  {name}: {f'with {period.along}' if period.along else many}")


@retention.command("propose")
def propose_retention(by: By, reason: Reason) -> None:
    """Propose to apply the body's own schedule as it is configured now (records_officer)."""
    from web.schedules import propose_schedule  # noqa: PLC0415 - reading the help needs none of this

    with opened("public") as room:
        propose_schedule(room.system, room.records.schedule(), room.decider(by), reason)
    _say("proposed; somebody else adopts it: madoguchi audit retention adopt --by LOGIN")


@retention.command("adopt")
def adopt_retention(by: By) -> None:
    """Adopt the schedule that somebody else proposed: what it says is over is erased from then on."""
    from web.schedules import adopt_schedule  # noqa: PLC0415 - reading the help needs none of this

    with opened("public") as room:
        adopt_schedule(room.system, room.records.schedule(), room.decider(by))
    _say("adopted")


@retention.command("apply")
def apply(desk: Annotated[str, typer.Option("--desk", help="public, staff or all")] = "all") -> None:
    """Erase what is over, as a running server does every hour."""
    for name in ("public", "staff") if desk == "all" else (desk,):
        with opened(name) as room:
            if not room.records.applies(room.records.schedule()):
                raise Stop("the body's own schedule was not adopted; madoguchi audit retention propose, adopt", 1)
            _say(f"{name}: {room.records.expire()} entries")
            _finish(room.records)


def _finish(records: Records) -> None:
    from audit.search_values import IndexUnavailable  # noqa: PLC0415 - reading the help needs none of this

    try:
        records.sweep()
        left = len(records.erasing.unfinished())
    except IndexUnavailable as problem:
        raise Stop(f"{problem}; erased from the record, the rest is done again by the server", 3) from None
    if left:
        _say(f"{left} erasures are not gone from every file yet: somebody still reads; the server goes on trying")


def _proposal(each: Proposal) -> str:
    about = each.scope
    what = "?" if about is None else about.case or about.exchange or about.conversation
    return f"{each.id}  {each.state.value}  {each.basis}  {what}  by {each.by} ({each.role})"


def _hold(each: Hold) -> str:
    return f"{each.id}  {'open' if each.open else 'lifted'}  {each.why}  {each.held}  by {each.by} ({each.role})"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")

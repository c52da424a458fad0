"""``madoguchi knowledge notes``: what a desk learned from its cases, as the system log tells it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from web.cli_support import house_ready
from web.cli_versions import print_json

if TYPE_CHECKING:
    from bot.learning_values import Flag, NoteProposal


def notes(
    desk: Annotated[str, typer.Option("--desk", help="public or staff")] = "public",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, a line each")] = False,
) -> None:
    """Notes proposed, approved and published, and what people found wrong; decisions are made at /admin/notes."""
    from bot.learning_history import DeskLearning  # noqa: PLC0415 - reading the help needs none of this
    from web.batch import desk_named  # noqa: PLC0415 - as above

    name = desk_named(desk)
    with house_ready(knowledge=False) as house:
        learned = DeskLearning(house.system, name).now()
    for flag in learned.flags:
        if as_json:
            print_json(_flag(flag))
        else:
            state = "settled" if flag.settled else "open"
            sys.stdout.write(f"flag      {state:10} {flag.raised.time:%Y-%m-%d}  {flag.passage or flag.rule or '-'}\n")
    for proposal in learned.proposals:
        if as_json:
            print_json(_proposal(proposal))
        else:
            what = "withdraw" if proposal.withdraws else "note"
            title = proposal.text.title if proposal.text else ""
            line = f"{what:9} {proposal.state.value:10} {proposal.proposed.time:%Y-%m-%d}  {proposal.note}  {title}"
            sys.stdout.write(f"{line.rstrip()}\n")
    if not as_json:
        open_flags, waiting = len(learned.open_flags), len(learned.waiting)
        sys.stderr.write(
            f"{open_flags} flags open, {waiting} proposals to decide, {len(learned.live)} notes published\n"
        )


def _flag(flag: Flag) -> dict[str, Any]:
    return {
        "flag": flag.id,
        "state": "settled" if flag.settled else "open",
        "time": flag.raised.time.isoformat(),
        "passage": flag.passage,
        "rule": flag.rule,
        "case": flag.case,
    }


def _proposal(proposal: NoteProposal) -> dict[str, Any]:
    outcome, text = proposal.outcome, proposal.text
    return {
        "proposal": proposal.id,
        "state": proposal.state.value,
        "withdraws": proposal.withdraws,
        "note": proposal.note,
        "title": text.title if text else None,
        "time": proposal.proposed.time.isoformat(),
        "case": proposal.case,
        "versions": len(proposal.versions),
        "approval": proposal.approval,
        "snapshot": outcome.snapshot if outcome else None,
        "activated": outcome.activated if outcome else None,
        "refused": outcome.refused if outcome else None,
        "figures": dict(outcome.figures) if outcome else {},
    }

"""``madoguchi cases``: what waits for people, and what the watcher is told. Never what anybody wrote."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.records import DeskName
from web.cli_support import Stop, house_ready

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cases import Case

DeskOption = Annotated[str, typer.Option("--desk", help="public or staff")]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]

cases = typer.Typer(no_args_is_help=True, help="Cases that people work on: how many, since when, due when.")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(cases, name="cases")


@cases.command("list")
def list_(
    desk: DeskOption = "public",
    every: Annotated[bool, typer.Option("--all", help="closed ones too")] = False,
    as_json: JsonOption = False,
) -> None:
    """The cases of a desk, the most urgent first: state, kind, priority, due date and alarms."""
    from bot.cases import LIVE, CaseState  # noqa: PLC0415 - reading the help needs none of this

    name = _named(desk)
    with house_ready(knowledge=False) as house:
        at = house.desks[name]
        found = at.queue.cases.in_states(frozenset(CaseState) if every else LIVE)
        rows = [_row(case, at.clock.now()) for case in found]
    if as_json:
        sys.stdout.write(json.dumps({"desk": name.value, "cases": rows}, ensure_ascii=False) + "\n")
        return
    for row in rows:
        told = (row["priority"], row["kind"], row["opened"], row["due"] or "-", ",".join(row["alarms"]))
        sys.stdout.write("  ".join((row["case"], f"{row['state']:<17}", *told)).rstrip() + "\n")


@cases.command()
def daily(desk: DeskOption = "public", as_json: JsonOption = False) -> None:
    """The message that the desk's watchers get today; prints it and sends nothing."""
    from bot.notice_words import day_words  # noqa: PLC0415 - reading the help needs none of this
    from bot.rounds import day_of  # noqa: PLC0415 - as above

    name = _named(desk)
    with house_ready(knowledge=False) as house:
        at = house.desks[name]
        day = day_of(at, at.clock.now())
        subject, body = day_words(day, at.name, at.queue.recipients.console)
    if as_json:
        told: dict[str, Any] = {
            "desk": name.value,
            "day": day.day.isoformat(),
            "first": day.first.isoformat(),
            "last": day.last.isoformat(),
            "outcomes": dict(sorted(day.outcomes.items())),
            "live": day.live,
            "open": day.open,
            "needs_information": day.needs_information,
            "overdue": day.overdue,
            "unclaimed": day.unclaimed,
            "backlog": dict(sorted(day.backlog.items())),
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(f"{subject}\n\n{body}")


@cases.command()
def check(
    desk: DeskOption = "public",
    mend: Annotated[bool, typer.Option("--mend", help="write the rows that differ anew from the log")] = False,
    as_json: JsonOption = False,
) -> None:
    """Whether the desk's list of cases is what its log amounts to. Ends with 1 where it is not and was not mended."""
    from bot.adapters.database.comparing import make_alike, unlike  # noqa: PLC0415 - reading the help needs none of it
    from web.case_storage import cases_in  # noqa: PLC0415 - as above

    name = _named(desk)
    with house_ready(knowledge=False) as house:
        log, kept = house.logs[name], cases_in(house.settings.data / name.value, house.logs[name])
        found = make_alike(log, kept) if mend else unlike(log, kept)
        left = unlike(log, kept) if mend else found
    if as_json:
        told = {"desk": name.value, "differing": list(found), "left": list(left)}
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        sys.stdout.write(f"{name.value}: {len(found)} cases differ from the log, {len(left)} still do\n")
        sys.stdout.writelines(f"  {each}\n" for each in found)
    if left:
        raise Stop("the list of cases is not what the log says; --mend writes it anew, see docs/operations.md", 1)


def _named(desk: str) -> DeskName:
    try:
        return DeskName(desk)
    except ValueError:
        raise Stop("--desk is public or staff", 2) from None


def _row(case: Case, now: datetime) -> dict[str, Any]:
    return {
        "case": case.id,
        "state": case.state.value,
        "kind": case.kind.value,
        "reason": case.reason.value,
        "priority": case.priority.value,
        "department": case.department and case.department.value,
        "opened": case.opened.isoformat(),
        "due": case.due and case.due.isoformat(),
        "overdue": case.overdue(now),
        "alarms": sorted(alarm.value for alarm in case.alarms),
        "reopened": case.reopened,
    }

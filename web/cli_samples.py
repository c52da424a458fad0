"""``madoguchi audit sample`` and ``madoguchi audit report``: samples for grading, and what was found with them."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from web.cli_logs import OpenedLog, logs_opened
from web.cli_support import Stop, settings_read

if TYPE_CHECKING:
    from audit.drawing import DeskSampling

DeskOption = Annotated[str, typer.Option("--desk", help="public or staff")]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]
_WHY: Final = {
    "no_checkpoint": "the log has no signed head yet; madoguchi audit checkpoint makes one",
    "empty": "no answer fits",
}


def add_to(audit: typer.Typer) -> None:
    """Add the commands to ``madoguchi audit``."""
    audit.command()(sample)
    audit.command()(report)


def sample(
    size: Annotated[int, typer.Option("--size", min=1, max=2000, help="how many answers")] = 50,
    *,
    desk: DeskOption = "public",
    stratified: Annotated[bool, typer.Option("--stratified", help="shared out among topics and risks")] = False,
    graders: Annotated[int, typer.Option("--graders", min=1, max=2, help="people who grade each answer")] = 1,
    row: Annotated[list[str] | None, typer.Option("--row", help="only this row; may be repeated")] = None,
    since: Annotated[str | None, typer.Option("--since", help="from this day")] = None,
    until: Annotated[str | None, typer.Option("--until", help="up to this day")] = None,
    seed: Annotated[str, typer.Option("--seed", help="made by chance where it is not given")] = "",
    as_json: JsonOption = False,
) -> None:
    """Draw a sample of directly answered exchanges, recorded so that anybody can draw it again; it shows no text."""
    from audit.drawing import GradeRefused  # noqa: PLC0415 - reading the help needs none of this
    from audit.sampling import Drawing, Plan  # noqa: PLC0415 - as above
    from audit.search_values import Reader  # noqa: PLC0415 - as above
    from web import cli_conditions_text  # noqa: PLC0415 - as above

    kind = Drawing.STRATIFIED if stratified else Drawing.RANDOM
    plan = Plan(kind, size, graders, frozenset(row or ()), _midnight(since), _midnight(until, timedelta(days=1)))
    with logs_opened([_desk(desk)]) as [log]:
        try:
            drawn = _sampling(log).draw(Reader("command_line", "command_line", ""), plan, seed)
        except GradeRefused as refused:
            raise Stop(_WHY[refused.code], 1) from None
    told = cli_conditions_text.sample_json(drawn)
    if as_json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(f"抽出 {drawn.id}　{drawn.population} 件から {len(drawn.items)} 件　種 {drawn.seed}\n")


def report(desk: DeskOption = "public", as_json: JsonOption = False) -> None:
    """Error rates by topic with their bounds, agreement of graders, and whether each sample can be drawn again.

    Ends with 1 where one cannot.
    """
    from audit import statistics  # noqa: PLC0415 - reading the help needs none of this
    from bot.adapters.clock import SystemClock  # noqa: PLC0415 - as above
    from bot.conditions import Conditions  # noqa: PLC0415 - as above
    from bot.records import DeskName  # noqa: PLC0415 - as above
    from bot.register_history import ActiveRegister  # noqa: PLC0415 - as above
    from web import cli_conditions_text  # noqa: PLC0415 - as above

    with logs_opened([_desk(desk), "system"]) as [own, system]:
        sampling, name = _sampling(own), DeskName(desk)
        conditions = Conditions(
            name,
            system.log,
            ActiveRegister(system.log).of(name),
            statistics,
            SystemClock(),
            measuring=sampling.grades,
            demo=settings_read().mode == "demo",
        )
        standing, book = conditions.now(), sampling.grades.book()
        again = {each.id: sampling.draws_again(each) for each in book.samples.values()}
    agreed = statistics.agreement([(first.grade, second.grade) for first, second in book.pairs])
    if as_json:
        told = cli_conditions_text.report_json(standing, book, agreed, again)
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(cli_conditions_text.report_lines(standing, book, agreed, again)) + "\n")
    if not all(again.values()):
        raise Stop("a sample cannot be drawn again from the log; see docs/operations.md", 1)


def _sampling(log: OpenedLog) -> DeskSampling:
    from audit.drawing import DeskSampling  # noqa: PLC0415 - reading the help needs none of this
    from bot.masking import mask  # noqa: PLC0415 - as above

    return DeskSampling(log.log, log.proofs, mask)


def _desk(name: str) -> str:
    if name not in {"public", "staff"}:
        raise Stop("--desk is public or staff", 2)
    return name


def _midnight(day: str | None, later: timedelta = timedelta(0)) -> datetime | None:
    from bot.office import JAPAN  # noqa: PLC0415 - reading the help needs none of this

    try:
        return datetime.combine(date.fromisoformat(day) + later, time(), JAPAN) if day else None
    except ValueError:
        raise Stop("--since and --until are days like 2026-11-23", 2) from None

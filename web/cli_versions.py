"""How the commands renew or switch a desk's version of knowledge: judged, activated, recorded, reported."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from web.cli_support import Stop, bar, house_ready, settings_read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.records import DeskName, SnapshotId
    from knowledge.ingest import Admit, IngestReport
    from web.admission import Comparison
    from web.assembly import House
    from web.cli_support import Progressing


def renewed(
    desk: str,
    renew: Callable[[House, DeskName, Admit | None, Progressing], IngestReport],
    command: str,
    questions: str | None,
    force: str | None,
    *,
    as_json: bool,
) -> list[IngestReport]:
    """Build the next version of each desk, judge it where there are questions, and record what was activated."""
    from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this
    from web.activations import record_activation  # noqa: PLC0415 - as above

    names = desks_named(desk)
    rows = _questions(questions, force, names)
    reports = []
    with house_ready() as house, bar() as show:
        for name in names:
            judge = _Judge(house, name, rows, force)
            report = renew(house, name, judge.admit if rows else None, show)
            active = snapshots.active(house.settings.data / name.value)
            if active is not None and active != report.before:
                record_activation(
                    house.logs[name],
                    name,
                    report.before,
                    active,
                    by=command,
                    figures=judge.figures,
                    forced=judge.forced,
                )
            reports.append(report)
    _print_reports(reports, as_json=as_json)
    held = next((report.held for report in reports if report.held), None)
    if held:
        raise Stop(f"not activated: {held}; mend it, or activate it with --force REASON", 1)
    return reports


def switched(
    desk: str,
    choose: Callable[[Path], SnapshotId],
    command: str,
    questions: str | None,
    force: str | None,
    *,
    as_json: bool,
) -> None:
    """Activate another finished version, judged where there are questions, and record it."""
    from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this
    from knowledge.durable import held  # noqa: PLC0415 - as above
    from knowledge.ingest import LOCK  # noqa: PLC0415 - as above
    from web.activations import record_activation  # noqa: PLC0415 - as above
    from web.batch import desk_named  # noqa: PLC0415 - as above

    name = desk_named(desk)
    rows = _questions(questions, force, [name])
    with house_ready() as house, version_errors(), held(house.settings.data / name.value / LOCK):
        directory = house.settings.data / name.value
        before, chosen = snapshots.active(directory), choose(directory)
        judge = _Judge(house, name, rows, force)
        worse = judge.admit(chosen) if rows and chosen != before else None
        if worse:
            raise Stop(f"not activated: {worse}; choose another, or use --force REASON", 1)
        if command == "rollback":
            snapshots.rollback(directory)
        else:
            snapshots.activate(directory, chosen)
        if chosen != before:
            record_activation(
                house.logs[name], name, before, chosen, by=command, figures=judge.figures, forced=judge.forced
            )
    if as_json:
        print_json({"desk": name.value, "active": chosen, "before": before, "evaluation": judge.figures})
    else:
        sys.stdout.write(f"{chosen}\n")


class _Judge:
    """Compares a version waiting with the active one, and remembers the figures for the record."""

    def __init__(self, house: House, desk: DeskName, rows: Sequence[Mapping[str, Any]], force: str | None) -> None:
        self.figures: Mapping[str, Any] | None = None
        self.forced: str | None = None
        self._house, self._desk, self._rows, self._force = house, desk, rows, force

    def admit(self, waiting: SnapshotId) -> str | None:
        """None where it may be activated, else why not. One that is worse may be with a reason, which is kept."""
        from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this
        from web.admission import compare  # noqa: PLC0415 - as above

        active = snapshots.active(self._house.settings.data / self._desk.value)
        if active is None:
            return None
        compared: Comparison = compare(self._house, self._desk, active, waiting, self._rows)
        self.figures = compared.figures()
        if compared.worse and self._force:
            self.forced = self._force
            return None
        return compared.worse


def _questions(file: str | None, force: str | None, desks: Sequence[DeskName]) -> Sequence[Mapping[str, Any]]:
    if file is None:
        if force is not None:
            raise Stop("--force gives the reason to pass over --questions; there are none", 2)
        return []
    from web.trials import question_rows  # noqa: PLC0415 - reading the help needs none of this

    return question_rows(file, desks)


def desks_named(desk: str) -> list[DeskName]:
    """The desks that ``public``, ``staff`` or ``both`` means."""
    from bot.records import DeskName  # noqa: PLC0415 - reading the help needs none of this
    from web.batch import desk_named  # noqa: PLC0415 - as above

    return list(DeskName) if desk == "both" else [desk_named(desk)]


def added_to_desk(desk: DeskName) -> set[str]:
    """The documents of the active version that were added here; none where there is no version yet."""
    from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this

    directory = settings_read().data / desk.value
    active = snapshots.active(directory)
    if active is None:
        return set()
    with version_errors():
        return {each.id for each in snapshots.show(directory, active).documents if not each.bundled}


@contextmanager
def version_errors() -> Iterator[None]:
    from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this
    from knowledge.manifests import SnapshotDamaged  # noqa: PLC0415 - as above

    try:
        yield
    except (snapshots.NoSuchSnapshot, SnapshotDamaged) as problem:
        raise Stop(str(problem), 2) from None


def directory_of(desk: str) -> Path:
    from web.batch import desk_named  # noqa: PLC0415 - reading the help needs none of this

    return settings_read().data / desk_named(desk).value


def snapshot_named(name: str | None, directory: Path) -> SnapshotId:
    """The id of a version, of which the first signs are enough; the active one's where none is named."""
    from bot.records import SnapshotId  # noqa: PLC0415 - reading the help needs none of this
    from knowledge import snapshots  # noqa: PLC0415 - as above

    if name is None:
        active = snapshots.active(directory)
        if active is None:
            raise Stop("no version is active; run madoguchi ingest", 3)
        return active
    known = [manifest.id for manifest in snapshots.listing(directory) if manifest.id.startswith(name)]
    return known[0] if len(known) == 1 else SnapshotId(name)


def print_json(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _print_reports(reports: Sequence[IngestReport], *, as_json: bool) -> None:
    if as_json:
        for report in reports:
            print_json(asdict(report))
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for report in reports:
        console.print(f"{report.desk.value}: active version {report.active}")
        if report.held:
            console.print(f"  held back  version {report.built}: {report.held}")
        for each in report.files:
            passages = f" ({each.passages} passages)" if each.passages else ""
            console.print(f"  {each.status.value:10} {each.file}: {each.line}{passages}")
        for remark in report.remarks:
            console.print(f"  remark     {remark}")

"""``madoguchi ingest`` and ``madoguchi knowledge``: documents in; versions listed, compared, activated."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from web.cli_support import Stop, bar, house_ready, settings_read

if TYPE_CHECKING:
    from bot.records import DeskName, SnapshotId
    from knowledge.ingest import IngestReport
    from web.cli_support import Progressing

DeskOption = Annotated[str, typer.Option("--desk", help="public or staff")]
knowledge = typer.Typer(no_args_is_help=True, help="The immutable versions of a desk's documents.")


def add_to(app: typer.Typer) -> None:
    app.command()(ingest)
    app.add_typer(knowledge, name="knowledge")


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="files or directories of notes (Markdown)")],
    desk: Annotated[str, typer.Option(help="public, staff or both")],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Read documents into a desk: a line for every file, then the new version is active."""
    from bot.records import DeskName  # noqa: PLC0415 - reading the help needs none of this
    from knowledge.ingest import Status  # noqa: PLC0415 - as above
    from knowledge.ingest import ingest as read_in  # noqa: PLC0415 - as above
    from web.batch import desk_named  # noqa: PLC0415 - as above

    names = list(DeskName) if desk == "both" else [desk_named(desk)]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise Stop(f"{missing[0]} does not exist", 2)
    with house_ready() as house, bar() as show:
        reports = [
            read_in(
                paths,
                name,
                house.settings.data / name.value,
                house.embedder,
                house.analyzer,
                shared=house.settings.data / "system" / "vectors.sqlite",
                progress=_progress(show, name),
            )
            for name in names
        ]
    _print_reports(reports, as_json=as_json)
    if any(report.count(Status.REFUSED) for report in reports):
        raise Stop("some files were refused; the lines above say why and what to do", 1)


@knowledge.command("list")
def list_versions(desk: DeskOption = "public") -> None:
    """All versions of a desk, newest last; * marks the active one."""
    from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this

    directory = _directory(desk)
    active = snapshots.active(directory)
    for manifest in snapshots.listing(directory):
        mark = "*" if manifest.id == active else " "
        sys.stdout.write(f"{mark} {manifest.id}  {len(manifest.documents)} documents\n")


@knowledge.command()
def show(snapshot: str, desk: DeskOption = "public") -> None:
    """The documents of one version."""
    from knowledge import snapshots  # noqa: PLC0415 - as above
    from knowledge.manifests import SnapshotDamaged  # noqa: PLC0415 - as above

    try:
        manifest = snapshots.show(_directory(desk), _snapshot(snapshot))
    except (snapshots.NoSuchSnapshot, SnapshotDamaged) as problem:
        raise Stop(str(problem), 2) from None
    for document in manifest.documents:
        sys.stdout.write(f"{document.id}  {document.title}\n")


@knowledge.command()
def diff(before: str, after: str, desk: DeskOption = "public") -> None:
    """What one version has that another has not."""
    from knowledge import snapshots  # noqa: PLC0415 - as above
    from knowledge.manifests import SnapshotDamaged  # noqa: PLC0415 - as above

    try:
        difference = snapshots.diff(_directory(desk), _snapshot(before), _snapshot(after))
    except (snapshots.NoSuchSnapshot, SnapshotDamaged) as problem:
        raise Stop(str(problem), 2) from None
    for mark, ids in (("+", difference.added), ("-", difference.removed), ("~", difference.changed)):
        for each in ids:
            sys.stdout.write(f"{mark} {each}\n")


@knowledge.command()
def activate(snapshot: str, desk: DeskOption = "public") -> None:
    """Make a version the active one; a running server uses it from the next question on."""
    from knowledge import snapshots  # noqa: PLC0415 - as above
    from knowledge.manifests import SnapshotDamaged  # noqa: PLC0415 - as above

    try:
        snapshots.activate(_directory(desk), _snapshot(snapshot))
    except (snapshots.NoSuchSnapshot, SnapshotDamaged) as problem:
        raise Stop(str(problem), 2) from None


@knowledge.command()
def rollback(desk: DeskOption = "public") -> None:
    """Go back to the version that was active before."""
    from knowledge import snapshots  # noqa: PLC0415 - as above
    from knowledge.manifests import SnapshotDamaged  # noqa: PLC0415 - as above

    try:
        snapshot = snapshots.rollback(_directory(desk))
    except (snapshots.NoSuchSnapshot, SnapshotDamaged) as problem:
        raise Stop(str(problem), 2) from None
    sys.stdout.write(f"{snapshot}\n")


def _directory(desk: str) -> Path:
    from web.batch import desk_named  # noqa: PLC0415 - reading the help needs none of this

    return settings_read().data / desk_named(desk).value


def _snapshot(name: str) -> SnapshotId:
    from bot.records import SnapshotId  # noqa: PLC0415 - as above

    return SnapshotId(name)


def _progress(show: Progressing, desk: DeskName) -> Callable[[int, int], None]:
    return lambda done, total: show(desk, done, total)


def _print_reports(reports: Sequence[IngestReport], *, as_json: bool) -> None:
    if as_json:
        for report in reports:
            files = [{"file": each.file, "status": each.status.value, "line": each.line} for each in report.files]
            made = {"desk": report.desk.value, "active": report.active, "before": report.before}
            sys.stdout.write(
                json.dumps({**made, "files": files, "remarks": list(report.remarks)}, ensure_ascii=False) + "\n"
            )
        return
    console = Console(highlight=False, markup=False)
    for report in reports:
        console.print(f"{report.desk.value}: active version {report.active}")
        for each in report.files:
            console.print(f"  {each.status.value:10} {each.file}: {each.line}")
        for remark in report.remarks:
            console.print(f"  remark     {remark}")

"""``madoguchi ingest`` and ``madoguchi knowledge``: documents in; versions listed, compared, activated."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from web.cli_notes import notes
from web.cli_support import Stop, house_ready
from web.cli_versions import (
    added_to_desk,
    desks_named,
    directory_of,
    print_json,
    renewed,
    snapshot_named,
    switched,
    version_errors,
)

if TYPE_CHECKING:
    from bot.records import DeskName, SnapshotId
    from knowledge.ingest import Admit, IngestReport
    from knowledge.loading.declared import Declared
    from knowledge.manifests import Manifest
    from web.assembly import House
    from web.cli_support import Progressing

DeskOption = Annotated[str, typer.Option("--desk", help="public or staff")]
DesksOption = Annotated[str, typer.Option("--desk", help="public, staff or both")]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]
QuestionsOption = Annotated[
    str | None, typer.Option("--questions", help="question set; a version that answers it worse is not activated")
]
ForceOption = Annotated[str | None, typer.Option("--force", help="reason to activate it all the same; is recorded")]
knowledge = typer.Typer(no_args_is_help=True, help="The immutable versions of a desk's documents.")


def add_to(app: typer.Typer) -> None:
    app.command()(ingest)
    knowledge.command()(notes)
    app.add_typer(knowledge, name="knowledge")


def ingest(  # noqa: PLR0917 - the options of the command
    paths: Annotated[list[Path], typer.Argument(help="files or directories: PDF, Word, HTML, Markdown, text, notes")],
    desk: DesksOption,
    title: Annotated[str | None, typer.Option(help="what the document is called")] = None,
    publisher: Annotated[str | None, typer.Option(help="who published it")] = None,
    source: Annotated[str | None, typer.Option(help="the work it is (a part of)")] = None,
    validity: Annotated[str | None, typer.Option(help="draft, final, superseded or withdrawn")] = None,
    as_of: Annotated[str | None, typer.Option(help="its date, ISO 8601 as exact as known")] = None,
    url: Annotated[str | None, typer.Option(help="where it is published")] = None,
    supersedes: Annotated[list[str] | None, typer.Option(help="id, title or source it replaces; repeatable")] = None,
    questions: QuestionsOption = None,
    force: ForceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read documents into a desk: a line for every file, then the new version is active."""
    from knowledge.ingest import Status  # noqa: PLC0415 - reading the help needs none of this
    from knowledge.ingest import ingest as read_in  # noqa: PLC0415 - as above

    said = {"title": title, "publisher": publisher, "source": source, "validity": validity, "as_of": as_of, "url": url}
    _check_paths(paths)
    declared = _declared({**said, "supersedes": tuple(supersedes or ())}, paths)

    def renew(house: House, name: DeskName, admit: Admit | None, show: Progressing) -> IngestReport:
        directory = house.settings.data / name.value
        return read_in(
            paths,
            name,
            directory,
            house.embedder,
            house.analyzer,
            declared=declared,
            admit=admit,
            shared=house.settings.data / "system" / "vectors.sqlite",
            progress=_progress(show, name),
        )

    reports = renewed(desk, renew, "ingest", questions, force, as_json=as_json)
    if any(report.count(Status.REFUSED) for report in reports):
        raise Stop("some files were refused; the lines above say why and what to do", 1)


@knowledge.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="document ids, as `knowledge show` prints them")],
    desk: DesksOption = "public",
    questions: QuestionsOption = None,
    force: ForceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build and activate a version without some documents that were added here."""
    from knowledge.ingest import remove as take_out  # noqa: PLC0415 - reading the help needs none of this

    removable = {name: added_to_desk(name) & set(documents) for name in desks_named(desk)}
    missing = [each for each in documents if not any(each in own for own in removable.values())]
    if missing:
        raise Stop(f"{missing[0]} is not among the documents that were added to this desk", 2)

    def renew(house: House, name: DeskName, admit: Admit | None, show: Progressing) -> IngestReport:
        directory = house.settings.data / name.value
        shared = house.settings.data / "system" / "vectors.sqlite"
        return take_out(
            sorted(removable[name]),
            name,
            directory,
            house.embedder,
            house.analyzer,
            admit=admit,
            shared=shared,
            progress=_progress(show, name),
        )

    renewed(desk, renew, "remove", questions, force, as_json=as_json)


@knowledge.command("list")
def list_versions(desk: DeskOption = "public", as_json: JsonOption = False) -> None:
    """All versions of a desk, oldest first; * marks the active one."""
    from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this

    directory = directory_of(desk)
    active = snapshots.active(directory)
    for manifest in snapshots.listing(directory):
        if as_json:
            print_json({**_summary(manifest), "active": manifest.id == active})
        else:
            mark = "*" if manifest.id == active else " "
            count = f"{len(manifest.documents)} documents, {manifest.counts['passages']} passages"
            sys.stdout.write(f"{mark} {manifest.id}  {manifest.created}  {count}\n")


@knowledge.command()
def show(
    snapshot: Annotated[str | None, typer.Argument(help="a version; the active one if none is named")] = None,
    desk: DeskOption = "public",
    as_json: JsonOption = False,
) -> None:
    """The documents of one version."""
    from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this

    directory = directory_of(desk)
    with version_errors():
        manifest = snapshots.show(directory, snapshot_named(snapshot, directory))
    if as_json:
        print_json({**_summary(manifest), "documents": [asdict(document) for document in manifest.documents]})
        return
    for document in manifest.documents:
        origin = "bundled" if document.bundled else f"{document.passages} passages"
        sys.stdout.write(f"{document.id}  {document.title}  ({document.validity}, {document.as_of}, {origin})\n")


@knowledge.command()
def diff(before: str, after: str, desk: DeskOption = "public", as_json: JsonOption = False) -> None:
    """What one version has that another has not."""
    from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this

    directory = directory_of(desk)
    with version_errors():
        difference = snapshots.diff(directory, snapshot_named(before, directory), snapshot_named(after, directory))
    if as_json:
        print_json(asdict(difference))
        return
    for mark, ids in (("+", difference.added), ("-", difference.removed), ("~", difference.changed)):
        for each in ids:
            sys.stdout.write(f"{mark} {each}\n")


@knowledge.command()
def activate(
    snapshot: str,
    desk: DeskOption = "public",
    questions: QuestionsOption = None,
    force: ForceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a version the active one; a running server uses it from the next question on."""
    from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this

    def chosen(directory: Path) -> SnapshotId:
        return snapshots.show(directory, snapshot_named(snapshot, directory)).id

    switched(desk, chosen, "activate", questions, force, as_json=as_json)


@knowledge.command()
def rollback(
    desk: DeskOption = "public",
    questions: QuestionsOption = None,
    force: ForceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go back to the version that was active before."""
    from knowledge import snapshots  # noqa: PLC0415 - reading the help needs none of this

    switched(desk, snapshots.earlier, "rollback", questions, force, as_json=as_json)


@knowledge.command()
def cited(document: str, desk: DeskOption = "public", as_json: JsonOption = False) -> None:
    """The exchanges whose reply cited a document: what was said before it was superseded or found wrong."""
    from web.batch import desk_named  # noqa: PLC0415 - reading the help needs none of this

    with house_ready(knowledge=False) as house:
        found = house.logs[desk_named(desk)].citing(document)
    for each in found:
        if as_json:
            print_json(asdict(each))
        else:
            sys.stdout.write(f"{each.time}  {each.exchange}  {each.receipt or '-'}  {' '.join(each.passages)}\n")
    if not as_json:
        sys.stderr.write(f"{len(found)} exchanges cited {document}\n")


def _check_paths(paths: Sequence[Path]) -> None:
    for path in paths:
        try:
            there = path.exists()
        except OSError as problem:
            raise Stop(f"{path} cannot be read ({problem.strerror})", 2) from None
        if not there:
            raise Stop(f"{path} does not exist", 2)


def _declared(values: Mapping[str, Any], paths: Sequence[Path]) -> Declared:
    from knowledge.documents import BadDocument  # noqa: PLC0415 - reading the help needs none of this
    from knowledge.loading.declared import declared  # noqa: PLC0415 - as above

    said = {name: value for name, value in values.items() if value}
    own = said.keys() & {"title", "url", "supersedes"}
    if own and (len(paths) != 1 or paths[0].is_dir()):
        raise Stop(f"--{min(own)} is said of one document; give one file, or put it into FILE.yaml beside each", 2)
    try:
        return declared(said, "the command line")
    except BadDocument as problem:
        raise Stop(str(problem), 2) from None


def _progress(show: Progressing, desk: DeskName) -> Callable[[int, int], None]:
    return lambda done, total: show(desk, done, total)


def _summary(manifest: Manifest) -> dict[str, Any]:
    return {
        "id": manifest.id,
        "created": manifest.created,
        "documents": len(manifest.documents),
        "counts": dict(manifest.counts),
        "embedding": asdict(manifest.embedding),
        "retrieval": asdict(manifest.retrieval),
    }

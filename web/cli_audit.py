"""``madoguchi audit``: check the logs, prove an entry, sign checkpoints, export. docs/record.md has the formats."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from web import cli_replay, cli_samples
from web.cli_logs import OpenedLog, logs_opened, name_of, names_of, notes_in
from web.cli_support import Stop

if TYPE_CHECKING:
    from audit.report import Report
    from bot.records import EntryId, Json

audit = typer.Typer(no_args_is_help=True, help="Check, prove and export the record.")

EveryDesk = Annotated[str, typer.Option("--desk", help="public, staff, system or all")]
OneDesk = Annotated[str, typer.Option("--desk", help="public, staff or system")]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]
OutOption = Annotated[str, typer.Option("--out", help="file to write, or - for standard output")]
Contents = Annotated[bool, typer.Option("--contents", help="with the texts; needs --purpose")]
Purpose = Annotated[str, typer.Option("--purpose", help="why the texts are read; it is recorded")]
Kept = Annotated[
    list[Path] | None,
    typer.Option("--checkpoint", help="a checkpoint or receipt kept outside; may be repeated"),
]
_SUBJECT: Final = "reading"
_BY: Final = "command_line"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    cli_replay.add_to(audit)
    cli_samples.add_to(audit)
    app.add_typer(audit, name="audit")


@audit.command()
def verify(desk: EveryDesk = "all", checkpoint: Kept = None, as_json: JsonOption = False) -> None:
    """Check whole logs: entries, tree, checkpoints, texts, links, receipts. Ends with 1 on bad news."""
    from web.verification import Verifying, verified  # noqa: PLC0415 - reading the help needs none of this

    kept = [note for file in checkpoint or [] for note in notes_in(file)]
    reports: dict[str, Report] = {}
    with logs_opened(names_of(desk)) as logs:
        sorted_notes = _by_log(logs, kept)
        for each in logs:
            reports[each.name] = verified(each.log, each.proofs, sorted_notes[each.name], Verifying())
    if as_json:
        _print_line({name: _as_json(report) for name, report in reports.items()})
    else:
        for name, report in reports.items():
            _say(*_lines(name, report))
    bad = [name for name, report in reports.items() if not report.well]
    if bad:
        raise Stop(
            f"the record is not whole: {', '.join(bad)}; keep the files as they are and see docs/operations.md", 1
        )


@audit.command()
def checkpoint(desk: EveryDesk = "all", as_json: JsonOption = False) -> None:
    """Put everything that waits under a signed checkpoint, and print the newest ones."""
    with logs_opened(names_of(desk)) as logs:
        notes = {each.name: _sequenced(each) for each in logs}
        keys = {each.name: each.proofs.verifier().text for each in logs}
    if as_json:
        _print_line({name: {"checkpoint": note, "key": keys[name]} for name, note in notes.items()})
        return
    for name, note in notes.items():
        _say(f"# {name}  {keys[name]}", (note or "(no entries yet)").rstrip("\n"), "")


@audit.command()
def prove(
    entry: Annotated[str, typer.Argument(help="an entry's id, or the code of a receipt")],
    *,
    desk: OneDesk = "public",
    checkpoint: Kept = None,
    contents: Contents = False,
    purpose: Purpose = "",
    out: OutOption = "-",
) -> None:
    """Make the proof of one entry as one file that anyone can check offline."""
    from audit.bundles import NotInTree  # noqa: PLC0415 - reading the help needs none of this
    from audit.canonical import canonical  # noqa: PLC0415 - as above
    from audit.checkpoint import BadNote  # noqa: PLC0415 - as above

    older = [note for file in checkpoint or [] for note in notes_in(file)]
    with logs_opened(name_of(desk)) as [log]:
        found = log.proofs.entry_named(entry)
        if found is None:
            raise Stop("no entry of this log has this id or receipt; see --desk", 2)
        _record_reading(log, "bundle", contents, purpose, found)
        _sequenced(log)
        try:
            made = log.proofs.bundle(found, older, contents=contents)
        except NotInTree:
            raise Stop("the entry is under no checkpoint; madoguchi audit verify says more", 1) from None
        except (BadNote, ValueError) as problem:
            raise Stop(f"a checkpoint given is not one of this log ({problem})", 1) from None
        with _writing(out) as write:
            write(canonical(made) + b"\n")


@audit.command()
def export(desk: OneDesk = "public", contents: Contents = False, purpose: Purpose = "", out: OutOption = "-") -> None:
    """Write a whole log as JSON lines that anyone can check offline; without --contents no text of a person."""
    from audit.bundles import NotInTree  # noqa: PLC0415 - reading the help needs none of this

    with logs_opened(name_of(desk)) as [log]:
        _record_reading(log, "export", contents, purpose, None)
        _sequenced(log)
        try:
            with _writing(out) as write:
                log.proofs.export(write, contents=contents)
        except NotInTree:
            raise Stop("the log has no entries yet", 1) from None


def _sequenced(log: OpenedLog) -> str | None:
    """Everything that waits, and the newest checkpoint."""
    from audit.clock_steps import entry_of  # noqa: PLC0415 - reading the help needs none of this

    added = 1
    while added:
        done = log.proofs.sequence()
        added = done.added
        for step in done.steps:
            log.log.append(entry_of(step))
    return log.proofs.checkpoint()


def _record_reading(log: OpenedLog, what: str, contents: bool, purpose: str, entry: EntryId | None) -> None:
    """The entry comes before anything leaves."""
    from bot.records import ConversationId, Entry  # noqa: PLC0415 - as above

    if contents and not purpose.strip():
        raise Stop("with --contents say why in --purpose; it is recorded", 2)
    meta: dict[str, Json] = {"by": _BY, "what": what, "contents": contents}
    said = {"purpose": purpose.strip()} if purpose.strip() else {}
    log.log.append(Entry("read", ConversationId(_SUBJECT), meta, said, (entry,) if entry else ()))


def _by_log(logs: Sequence[OpenedLog], notes: Sequence[str]) -> Mapping[str, list[str]]:
    """The notes kept outside by the log whose origin they begin with. Raises Stop where one is of none of them."""
    by_origin = {each.proofs.verifier().name: each.name for each in logs}
    found: dict[str, list[str]] = {each.name: [] for each in logs}
    for note in notes:
        name = by_origin.get(note.partition("\n")[0])
        if name is None:
            raise Stop("a checkpoint given is of none of these logs; see --desk", 2)
        found[name].append(note)
    return found


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "log": report.origin,
        "key": report.key,
        "well": report.well,
        "size": report.size,
        "root": report.root,
        "waiting": report.waiting,
        "checkpoints": report.checkpoints,
        "receipts": report.receipts,
        "fields": dict(report.fields),
        "leaves": dict(report.leaves),
        "outside": report.outside,
        "bad": report.bad,
        "findings": [{"code": each.code, "index": each.index, "what": each.what} for each in report.findings],
    }


def _lines(name: str, report: Report) -> Iterator[str]:
    from audit.report import MEANING  # noqa: PLC0415 - reading the help needs none of this

    state = "whole" if report.well else f"{report.bad} pieces of bad news"
    yield f"{name}: {state} ({report.origin})"
    yield f"  {report.size} entries and {report.waiting} waiting"
    yield f"  {report.checkpoints} checkpoints, {report.receipts} receipts"
    told = {**report.fields, **{f"leaf {verdict}": count for verdict, count in report.leaves.items()}}
    yield "  texts: " + (", ".join(f"{count} {verdict}" for verdict, count in sorted(told.items())) or "none")
    yield f"  root {report.root}"
    if report.outside:
        yield f"  agrees with the checkpoints kept outside over {', '.join(map(str, report.outside))} entries"
    for each in report.findings[:20]:
        place = " ".join(part for part in (str(each.index) if each.index is not None else "", each.what) if part)
        yield f"  ! {each.code} {place}: {MEANING[each.code]}"
    if report.bad > 20:
        yield f"  ! and {report.bad - 20} more (--json)"


@contextmanager
def _writing(out: str) -> Iterator[Callable[[bytes], object]]:
    if out == "-":
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    try:
        file = Path(out).open("wb")  # noqa: SIM115 - closed below, where writing ends
    except OSError as problem:
        raise Stop(f"{out} cannot be written: {problem.strerror}", 2) from None
    with file:
        yield file.write


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")


def _print_line(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")

"""Logs checked and the run written down: by the command line, and at the auditors' console.

The entry is ``verification``: by, size, root, bad, outside (sizes of checkpoints from outside that agree), waiting,
checkpoints, receipts, texts and leaves (how many have which verdict), found (the first findings: code, index, name).
Where the entries of one exchange alone were checked: by, record (the exchange), size, bad, outside, waiting, texts,
found; it links to the entry that closed the exchange (that opened it while there is none).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock, Thread
from typing import Any, Final

import structlog

from audit.canonical import strict
from audit.checking import ExchangeChecked
from audit.log import DeskLog
from audit.proofs import DeskProofs
from audit.report import Finding, Report
from bot.deciding import BY, NAME, ROLE
from bot.ports import Clock, LogUnavailable
from bot.records import ConversationId, Entry, EntryId, ExchangeId, Json, RecordedEntry
from bot.records_json import CLOSED, OPENED

KIND: Final = "verification"
RECORD: Final = "record"
"""The member of the metadata that names the exchange, where not the whole log was checked."""
SUBJECT: Final = ConversationId("verification")
COMMAND_LINE: Final = "command_line"
MOST_FOUND: Final = 20
"""Findings that the entry names one by one; how many there are in all it says too."""
_LONGEST: Final = 80

_events = structlog.get_logger("web.verification")


@dataclass(frozen=True, slots=True)
class Verifying:
    """Who has a log checked: an account's id (or ``command_line``) with the role and the name."""

    by: str = COMMAND_LINE
    role: str | None = None
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Run:
    """A whole log checked: when, by whom, and what was found. Members that an older entry lacks are zero or empty."""

    entry: EntryId
    time: datetime
    by: str
    name: str | None
    size: int
    root: str
    bad: int
    outside: Sequence[int]
    waiting: int
    checkpoints: int
    receipts: int
    verdicts: Mapping[str, int]
    found: Sequence[Finding]

    @property
    def well(self) -> bool:
        return self.bad == 0


def verified(log: DeskLog, proofs: DeskProofs, outside: Sequence[str], who: Verifying) -> Report:
    """Check the whole log, and checkpoints kept outside (notes) against it; the run is recorded. Raises
    LogUnavailable.
    """
    report = proofs.verify(outside)
    log.append(entry_of(report, who))
    return report


def entry_of(report: Report, who: Verifying) -> Entry:
    """The entry for a run."""
    sizes: list[Json] = [*report.outside]
    found: list[Json] = [
        {"code": each.code, "index": each.index, "what": each.what[:_LONGEST]} for each in report.findings[:MOST_FOUND]
    ]
    meta: dict[str, Json] = {
        BY: who.by,
        **({ROLE: who.role} if who.role else {}),
        "size": report.size,
        "root": report.root,
        "bad": report.bad,
        "outside": sizes,
        "waiting": report.waiting,
        "checkpoints": report.checkpoints,
        "receipts": report.receipts,
        "texts": dict(report.fields),
        "leaves": dict(report.leaves),
        "found": found,
    }
    return Entry(KIND, SUBJECT, meta, {NAME: who.name} if who.name else {})


def entry_about(checked: ExchangeChecked, exchange: ExchangeId, who: Verifying) -> Entry:
    """The entry for the check of one exchange."""
    found: list[Json] = [
        {"code": each.code, "index": each.index, "what": each.what[:_LONGEST]}
        for entry in checked.entries
        for each in entry.findings
    ]
    sizes: list[Json] = [*checked.kept]
    meta: dict[str, Json] = {
        BY: who.by,
        **({ROLE: who.role} if who.role else {}),
        RECORD: exchange,
        "size": checked.size,
        "bad": checked.bad,
        "outside": sizes,
        "waiting": checked.waiting,
        "texts": dict(checked.verdicts),
        "found": found[:MOST_FOUND],
    }
    links = {each.kind: each.entry for each in checked.entries if each.kind in {OPENED, CLOSED}}
    link = links.get(CLOSED) or links.get(OPENED)
    return Entry(KIND, SUBJECT, meta, {NAME: who.name} if who.name else {}, (link,) if link else ())


def notes_of(text: str) -> Sequence[str]:
    """The checkpoints that somebody kept: a note, or JSON that has some (a receipt, a bundle); none in an empty text.

    Raises ValueError, with none of the text, where it is JSON without any.
    """
    lines = text.replace("\r\n", "\n").strip("\n ")
    if not lines.startswith("{"):
        return [lines + "\n"] if lines else []
    try:
        value = strict(lines)
        promise = value.get("promise") or value.get("receipt", {}).get("promise")
        found = [value.get("checkpoint"), strict(promise).get("checkpoint") if promise else None]
    except (ValueError, AttributeError):
        found = []
    notes = [each for each in found if isinstance(each, str)]
    if not notes:
        raise ValueError("neither a checkpoint nor a receipt with one")
    return notes


def run_of(entry: RecordedEntry) -> Run:
    """The run that an entry tells of."""
    meta: Mapping[str, Any] = entry.meta
    return Run(
        entry=entry.entry,
        time=entry.time,
        by=str(meta.get(BY, "")),
        name=entry.contents.get(NAME),
        size=_whole(meta.get("size")),
        root=str(meta.get("root", "")),
        bad=_whole(meta.get("bad")),
        outside=[_whole(each) for each in meta.get("outside", ())],
        waiting=_whole(meta.get("waiting")),
        checkpoints=_whole(meta.get("checkpoints")),
        receipts=_whole(meta.get("receipts")),
        verdicts={name: _whole(count) for name, count in meta.get("texts", {}).items()},
        found=[Finding(str(each["code"]), each["index"], str(each["what"])) for each in meta.get("found", ())],
    )


class Verifications:
    """The runs over one desk's log: one at work at a time, in a thread of its own, so that no worker waits for it.

    ``turn`` is shared by everything in this process that checks whole logs. A failure stands in ``failed`` until the
    next run.
    """

    def __init__(self, log: DeskLog, proofs: DeskProofs, clock: Clock, turn: Lock) -> None:
        self._log, self._proofs, self._clock, self._turn = log, proofs, clock, turn
        self._thread: Thread | None = None
        self.running: datetime | None = None
        self.failed: str | None = None

    def start(self, outside: Sequence[str], who: Verifying) -> bool:
        """Begin a run; False where one is at work already, for whichever desk."""
        if not self._turn.acquire(blocking=False):
            return False
        self.running, self.failed = self._clock.now(), None
        self._thread = Thread(target=self._run, args=(tuple(outside), who), name="verification")
        self._thread.start()
        return True

    def wait(self) -> None:
        """Until the run that this desk began last is over."""
        if self._thread is not None:
            self._thread.join()

    def runs(self, limit: int = MOST_FOUND) -> Sequence[Run]:
        """The newest runs over the whole log that are recorded, newest first. Raises LogUnavailable."""
        whole = [each for each in self._log.of_kinds({KIND}) if RECORD not in each.meta]
        return [run_of(each) for each in reversed(whole[-limit:])]

    def of_exchange(self, exchange: ExchangeId, outside: Sequence[str], who: Verifying) -> ExchangeChecked | None:
        """Check the entries of one exchange at once, and write down that it was done and what was found; None where
        there is no such exchange. Raises LogUnavailable.
        """
        checked = self._proofs.examine(exchange, outside)
        if checked is not None:
            self._log.append(entry_about(checked, exchange, who))
        return checked

    def _run(self, outside: Sequence[str], who: Verifying) -> None:
        try:
            report = verified(self._log, self._proofs, outside, who)
            if not report.well:
                _events.error("record_not_whole", log=report.origin, bad=report.bad)
        except LogUnavailable as problem:
            self.failed = problem.cause
        except Exception as problem:  # noqa: BLE001 - a log that was tampered with may be of any shape
            self.failed = "unreadable"
            _events.error("verification_failed", kind=type(problem).__name__)
        finally:
            self.running = None
            self._turn.release()


def _whole(value: object) -> int:
    return value if type(value) is int else 0

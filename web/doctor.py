"""``madoguchi doctor``: what is configured, what is wrong, what is overdue for review. Never a secret, never a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from audit.search_index import READY
from bot.ports import ShelfUnavailable
from bot.records import DeskName
from knowledge.manifests import Manifest
from web.accounts.manage import advice
from web.accounts.values import AccountsUnavailable
from web.assembly import House, ready
from web.backlog import nobody_told, notice_warnings
from web.decisions import condition_tasks, note_tasks, tasks
from web.directory import warnings
from web.office import office_for
from web.papers.review import findings as papers
from web.production import lacking, unreviewed
from web.records import tasks as record_tasks
from web.security import BadStorage, storage_at
from web.sequencing import late
from web.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One line; ``good`` False means that somebody has to do what the line says."""

    good: bool
    line: str


def examine(house: House, today: date | None = None) -> Sequence[Finding]:
    """Look at settings, logs, indexes and review dates. Raises nothing for what is away: that is a finding."""
    settings = house.settings
    day = today or house.desks[DeskName.PUBLIC].clock.now().date()
    findings = [
        Finding(good=True, line=f"mode {settings.mode}, data directory {settings.data}"),
        *(Finding(good=False, line=f"production needs {line}") for line in lacking(settings)),
    ]
    logs = (*house.logs.values(), house.system)
    findings += [Finding(good, line) for log in logs for good, line in log.database.findings()]
    findings += [
        Finding(state == "ok", f"{part}: {state}" + ("" if state == "ok" else "; see docs/operations.md"))
        for part, state in ready(house).items()
    ]
    findings += [
        Finding(good=False, line=f"{part}: {line}") for part, line in {**warnings(settings), **late(house)}.items()
    ]
    try:
        storage_at(settings.limits_storage)
    except BadStorage as problem:
        findings.append(Finding(good=False, line=str(problem)))
    if settings.contacts is None:
        findings.append(Finding(good=True, line="no contacts configured: the demo says so (MADOGUCHI_CONTACTS)"))
    findings += _office(settings)
    findings += _notices(house)
    if names := unreviewed():
        findings.append(Finding(good=True, line=f"{len(names)} emergency contacts are not reviewed (demo only)"))
    findings += [Finding(good=False, line=line) for line in tasks(house.register, house.switch, day)]
    findings += [
        Finding(good=False, line=line)
        for name in sorted(settings.served)
        for line in condition_tasks(house.conditions[name], day)
    ]
    findings += [
        Finding(good=False, line=line) for name in sorted(settings.served) for line in record_tasks(house.records[name])
    ]
    notice, schedule = settings.privacy_notice, settings.retention
    findings += [Finding(good, line) for good, line in papers(notice, schedule, settings.responsible, day)]
    findings += _accounts(house)
    findings += _search(house)
    for name in DeskName:
        findings += _knowledge(name, house, day)
    return findings


def _office(settings: Settings) -> list[Finding]:
    """Desks whose hours and deadlines nobody has decided."""
    undecided = sorted(name for name in settings.served if not office_for(name, settings.office).configured)
    line = "{}: office hours and deadlines are the demo default (MADOGUCHI_OFFICE)"
    return [Finding(settings.mode == "demo", line.format(name)) for name in undecided]


def _notices(house: House) -> list[Finding]:
    """Notices that do not get out, and desks of whose cases nobody is told: advice in a demo, else work to do."""
    settings, desks = house.settings, [house.desks[name] for name in sorted(house.settings.served)]
    found = [
        Finding(good=False, line=f"{part}: {line}") for part, line in notice_warnings(desks, settings.mode).items()
    ]
    if settings.mode == "demo":
        untold = [desk.name.value for desk in desks if nobody_told(desk)]
        found += [Finding(good=True, line=f"{name}: nobody is told of cases (MADOGUCHI_NOTICES)") for name in untold]
    unwatched = [desk.name.value for desk in desks if not desk.queue.recipients.watcher]
    line = "{}: nobody gets the daily message (watcher in MADOGUCHI_NOTICES)"
    return [*found, *(Finding(good=True, line=line.format(name)) for name in unwatched)]


def _accounts(house: House) -> list[Finding]:
    """Advice in a demo, work to do in production."""
    demo = house.settings.mode == "demo"
    try:
        return [Finding(good=demo, line=line) for line in advice(house.accounts.administration.list())]
    except AccountsUnavailable:
        return []  # told by ready()


def _search(house: House) -> list[Finding]:
    """Search indexes that cannot be used as they are. Nothing is lost with one: it is made from the log."""
    states = {name: house.indexes[name].check() for name in sorted(house.settings.served)}
    line = "search_{}: {}; it is made anew from the log (see docs/operations.md)"
    return [Finding(good=False, line=line.format(name, state)) for name, state in states.items() if state != READY]


def _knowledge(name: DeskName, house: House, day: date) -> list[Finding]:
    try:
        manifest = house.shelves[name].manifest()
    except ShelfUnavailable:
        return []  # told by ready()
    overdue = _overdue(manifest, day)
    found = [Finding(good=True, line=f"{name.value}: version {manifest.id}, {len(manifest.documents)} documents")]
    here = [each.id for each in manifest.documents]
    found += [Finding(good=False, line=line) for line in note_tasks(house.system, name, here)]
    if overdue:
        found.append(
            Finding(good=False, line=f"{name.value}: {len(overdue)} notes are overdue: {', '.join(overdue[:5])}")
        )
    return found


def _overdue(manifest: Manifest, day: date) -> list[str]:
    return [
        document.id
        for document in manifest.documents
        if document.review_by and date.fromisoformat(document.review_by) < day
    ]

"""``madoguchi doctor``: what is configured, what is wrong, what is overdue for review. Never a secret, never a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.ports import ShelfUnavailable
from bot.records import DeskName
from knowledge.manifests import Manifest
from web.accounts.manage import advice
from web.accounts.values import AccountsUnavailable
from web.assembly import House, ready
from web.decisions import tasks
from web.directory import warnings
from web.papers.review import findings as papers
from web.production import lacking, unreviewed
from web.security import BadStorage, storage_at
from web.sequencing import late


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
    if names := unreviewed():
        findings.append(Finding(good=True, line=f"{len(names)} emergency contacts are not reviewed (demo only)"))
    findings += [Finding(good=False, line=line) for line in tasks(house.register, house.switch, day)]
    notice, schedule = settings.privacy_notice, settings.retention
    findings += [Finding(good, line) for good, line in papers(notice, schedule, settings.responsible, day)]
    findings += _accounts(house)
    for name in DeskName:
        findings += _knowledge(name, house, day)
    return findings


def _accounts(house: House) -> list[Finding]:
    """Advice in a demo, work to do in production."""
    demo = house.settings.mode == "demo"
    try:
        return [Finding(good=demo, line=line) for line in advice(house.accounts.administration.list())]
    except AccountsUnavailable:
        return []  # told by ready()


def _knowledge(name: DeskName, house: House, day: date) -> list[Finding]:
    try:
        manifest = house.shelves[name].manifest()
    except ShelfUnavailable:
        return []  # told by ready()
    overdue = _overdue(manifest, day)
    found = [Finding(good=True, line=f"{name.value}: version {manifest.id}, {len(manifest.documents)} documents")]
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

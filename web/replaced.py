"""Documents that are no longer what past answers rested on: superseded, withdrawn, another version, or gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from audit.log import DeskLog
from bot.records import Validity
from bot.records_json import ACTIVATED
from knowledge import snapshots
from knowledge.manifests import DocumentEntry, Manifest


class Fate(StrEnum):
    """What became of a document."""

    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"  # the same document in another version
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Replaced:
    """One document. ``by`` are the titles of those that replaced it; ``snapshots`` those with it as it was before, by
    which the answers that rested on it are found.
    """

    document: str
    title: str
    fate: Fate
    by: tuple[str, ...]
    snapshots: frozenset[str]


def replaced_at(directory: Path, log: DeskLog) -> Sequence[Replaced]:
    """The documents of one desk, by title. Raises LogUnavailable, OSError."""
    active = snapshots.active(directory)
    used = [str(each.meta.get("snapshot")) for each in log.of_kinds([ACTIVATED])]
    return replaced(snapshots.listing(directory), active, used)


def replaced(manifests: Iterable[Manifest], active: str | None, used: Iterable[str]) -> Sequence[Replaced]:
    """What became of each document of the snapshots that were ever in ``used``. Pure.

    A snapshot that was used and is no longer there may have held any document in any version, so it counts for all.
    """
    known: dict[str, Manifest] = {each.id: each for each in manifests}
    now = known.get(active) if active else None
    if now is None:
        return ()
    before = [known[each] for each in dict.fromkeys(used) if each in known and each != now.id]
    gone = frozenset(each for each in used if each not in known)
    titles: dict[str, str] = {}
    held: dict[str, set[str]] = {}
    for manifest in before:
        standing = _standing(manifest)
        for each in manifest.documents:
            if standing[each.id] is None and _fate(each, now) is not None:
                titles[each.id] = each.title
                held.setdefault(each.id, set()).add(manifest.id)
    found = [_replaced(each, titles[each], now, frozenset(ids) | gone) for each, ids in held.items()]
    return sorted(found, key=lambda each: (each.title, each.document))


def _replaced(document: str, title: str, now: Manifest, ids: frozenset[str]) -> Replaced:
    by = tuple(each.title for each in now.documents if document in each.supersedes)
    fates = {each.id: _standing(now)[each.id] or Fate.CHANGED for each in now.documents}
    return Replaced(document, title, fates.get(document, Fate.REMOVED), by, ids)


def _fate(then: DocumentEntry, now: Manifest) -> Fate | None:
    """What became of a document that stood; None where it is as it was."""
    same = next((each for each in now.documents if each.id == then.id), None)
    if same is None:
        return Fate.REMOVED
    return _standing(now)[then.id] or (Fate.CHANGED if same.version != then.version else None)


def _standing(manifest: Manifest) -> Mapping[str, Fate | None]:
    """Of each document of a snapshot whether it was withdrawn or superseded there; None where it stood."""
    superseded = {name for each in manifest.documents for name in each.supersedes}
    found: dict[str, Fate | None] = {}
    for each in manifest.documents:
        if each.validity == Validity.WITHDRAWN:
            found[each.id] = Fate.WITHDRAWN
        else:
            replaced_by = each.id in superseded or each.validity == Validity.SUPERSEDED
            found[each.id] = Fate.SUPERSEDED if replaced_by else None
    return found

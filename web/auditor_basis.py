"""What a recorded answer rests on: passages with their scores, the gate, the verdicts, the versions. Pure.

``Now`` is what this program is today, so that the page can say what of that time is still the same. Members of another
shape than the recorder's are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.records import Citation, Passage, PassageId, Reply, Stamp
from web.auditor_timeline import Text


class Still(StrEnum):
    """What became of something that shaped an answer."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Now:
    """What this program is: the stamps it would write today, and its passages (None for one it has not)."""

    stamps: Sequence[Stamp]
    passage: Callable[[PassageId], Passage | None]


@dataclass(frozen=True, slots=True)
class StampThen:
    """A stamp as recorded, and whether this program still has the same; ``now``: its version today."""

    stamp: Stamp
    still: Still
    now: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One passage that the search found, with all its scores. ``title`` and ``text`` where the snapshot in force has
    it in the version of that time; ``number``: as which source the reply cites it.
    """

    passage: PassageId
    version: str
    score: float
    dense: float
    words: float
    characters: float
    used: bool
    still: Still
    number: int | None
    title: str | None
    text: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence that was drafted, and whether its sources bear it; ``text`` is None where the draft is gone."""

    text: str | None = field(repr=False)
    supported: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What the evidence gate decided, by which rule, on which figures."""

    outcome: str
    rule: str
    measures: Mapping[str, float]


def evidence_in(meta: Mapping[str, Any], reply: Reply | None, now: Now) -> Sequence[Evidence]:
    """The passages that were found, best first."""
    return [_evidence(each, reply, now) for each in _rows(meta, "evidence")]


def judged_in(meta: Mapping[str, Any], draft: Text | None) -> Sequence[Judged]:
    """The drafted sentences with their verdicts."""
    return _judged(draft, _rows(meta, "verdict"))


def _rows(meta: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    rows = meta.get(name)
    return [each for each in rows if isinstance(each, Mapping)] if isinstance(rows, list) else []


def _evidence(row: Mapping[str, Any], reply: Reply | None, now: Now) -> Evidence:
    name, version = PassageId(str(row.get("passage", ""))), str(row.get("version", ""))
    cited: Citation | None = next((each for each in reply.citations if each.passage == name), None) if reply else None
    found = now.passage(name)
    same = found is not None and found.document.version == version
    title = cited.title if cited else found.document.title if found and same else None
    return Evidence(
        passage=name,
        version=version,
        score=_figure(row, "score"),
        dense=_figure(row, "dense"),
        words=_figure(row, "words"),
        characters=_figure(row, "characters"),
        used=row.get("used") is True,
        still=Still.SAME if same else Still.CHANGED if found else Still.GONE,
        number=cited.number if cited else None,
        title=title,
        text=found.text if found and same else None,
    )


def _figure(row: Mapping[str, Any], name: str) -> float:
    value = row.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def gate_in(meta: Mapping[str, Any]) -> Gate | None:
    """What the gate decided, where it was asked."""
    gate = meta.get("gate")
    if not isinstance(gate, Mapping):
        return None
    measures = gate.get("measures")
    figures = {name: _figure(measures, name) for name in measures} if isinstance(measures, Mapping) else {}
    return Gate(str(gate.get("outcome", "")), str(gate.get("rule", "")), figures)


def _judged(draft: Text | None, verdicts: Sequence[Mapping[str, Any]]) -> Sequence[Judged]:
    sentences = _sentences(draft)
    return [
        Judged(
            sentences[at] if at < len(sentences) else None,
            each.get("supported") is True,
            str(each.get("reason", "")),
        )
        for at, each in enumerate(verdicts)
    ]


def _sentences(draft: Text | None) -> Sequence[str]:
    try:
        found = json.loads(draft.value) if draft and draft.value else []
    except ValueError:
        return ()
    return [str(each) for each in found] if isinstance(found, list) else ()


def stamps_in(meta: Mapping[str, Any]) -> Sequence[Stamp]:
    """The stamps that were recorded."""
    return [Stamp(*(str(row.get(name, "")) for name in ("name", "version", "digest"))) for row in _rows(meta, "stamps")]


def compared(then: Stamp, now: Sequence[Stamp]) -> StampThen:
    """A stamp beside the one of its name that this program has."""
    found = next((each for each in now if each.name == then.name), None)
    if found is None:
        return StampThen(then, Still.GONE, None)
    return StampThen(then, Still.SAME if found.digest == then.digest else Still.CHANGED, found.version)

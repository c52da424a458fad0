"""What the derived index keeps of one exchange, folded from its entries in the log. Pure.

What filters and lists are made of is read from metadata, which outlives erased contents; what is searched is read from
contents and is not there once they are erased.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from audit.failures import CORRUPT
from audit.search_values import NONE, Hit
from audit.stored import StoredEntry
from bot.cases import CaseId, CaseRefused, Change, ChangeKind, folded
from bot.ports import LogUnavailable
from bot.records import ConversationId, EntryId, ExchangeId
from bot.records_json import (
    CASE,
    CLOSED,
    CORRECTED,
    CORRECTION,
    EXCHANGE,
    FEEDBACK,
    HELD,
    MASKED,
    OPENED,
    OUTCOME,
    QUESTION,
    RECEIVED,
    REPLY,
    USEFUL,
)

_CASE: Final = "case."
_WORDING: Final = "reply"
_KNOWLEDGE: Final = "knowledge"
_RETRIEVAL: Final = "retrieval"

_SEARCHED: Final[Mapping[str, tuple[str, ...]]] = {
    OPENED: (QUESTION,),
    CLOSED: ("standalone",),
    FEEDBACK: ("comment",),
    CORRECTED: (CORRECTION,),
    f"{_CASE}{ChangeKind.OPENED}": (QUESTION, "service", "happened", "wish", "bureau"),
    f"{_CASE}{ChangeKind.ASKED}": ("text",),
    f"{_CASE}{ChangeKind.SUPPLIED}": ("text",),
    f"{_CASE}{ChangeKind.REOPENED}": ("text",),
    f"{_CASE}{ChangeKind.ANSWERED}": ("reply", "reply_ja"),
}
"""Which contents are searched, by kind of entry; of closing entries the replies' texts too."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything about an exchange that a filter or a list names. Many exchanges share one."""

    outcome: str | None
    risk: str | None
    topic: str | None
    level: str | None
    language: str | None
    models: tuple[str, ...]
    snapshot: str | None
    prompt: str | None
    case_state: str
    feedback: str
    masked: tuple[str, ...]
    corrected: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One exchange as it is indexed."""

    exchange: ExchangeId
    opened: EntryId
    closed: EntryId | None
    received: datetime
    shape: Shape
    documents: tuple[str, ...]
    texts: tuple[str, ...] = field(repr=False)


def row_of(entries: Sequence[StoredEntry]) -> Row | None:
    """The row of one exchange from the entries that name it, oldest first; None where its opening entry is gone.

    Raises LogUnavailable (corrupt) where an entry was not written as ``bot.records_json`` says.
    """
    try:
        return _row(entries)
    except (ValueError, KeyError, TypeError, CaseRefused):
        pass  # raised below, outside the handler: the error may hold what was read
    raise LogUnavailable(CORRUPT)


def hit_of(row: Row, index: int | None, cursor: str) -> Hit:
    """The row as a list shows it."""
    shape = row.shape
    return Hit(
        exchange=row.exchange,
        opened=row.opened,
        closed=row.closed,
        received=row.received,
        outcome=shape.outcome,
        topic=shape.topic,
        risk=shape.risk,
        automation=shape.level,
        language=shape.language,
        snapshot=shape.snapshot,
        case_state=None if shape.case_state == NONE else shape.case_state,
        useful=None if shape.feedback == NONE else shape.feedback == "useful",
        corrected=shape.corrected,
        masked=shape.masked,
        index=index,
        cursor=cursor,
    )


def _row(entries: Sequence[StoredEntry]) -> Row | None:
    opened, closed = _first(entries, OPENED), _first(entries, CLOSED)
    if opened is None:
        return None
    first = opened.leaf["meta"]
    last: Mapping[str, Any] = closed.leaf["meta"] if closed else {}
    stamps = {str(each["name"]): str(each["version"]) for each in last.get("stamps", ())}
    shape = Shape(
        outcome=last.get(OUTCOME),
        risk=last.get("risk"),
        topic=last.get("topic"),
        level=last.get("automation"),
        language=last.get("language", first["language"]),
        models=_models(stamps),
        snapshot=last.get("snapshot"),
        prompt=stamps.get(_WORDING),
        case_state=_case_state(entries),
        feedback=_feedback(entries),
        masked=tuple(sorted(set(first.get(MASKED, ())))),
        corrected=_first(entries, CORRECTED) is not None,
    )
    return Row(
        exchange=ExchangeId(str(first[EXCHANGE])),
        opened=opened.entry,
        closed=closed.entry if closed else None,
        received=datetime.fromisoformat(first[RECEIVED]),
        shape=shape,
        documents=_documents(last),
        texts=tuple(text for each in entries for text in _texts(each)),
    )


def _first(entries: Sequence[StoredEntry], kind: str) -> StoredEntry | None:
    return next((each for each in entries if each.leaf["kind"] == kind), None)


def _models(stamps: Mapping[str, str]) -> tuple[str, ...]:
    """The models behind an answer: of a shelf's stamps (knowledge, model, retrieval) the one between."""
    names = list(stamps)
    if not {_KNOWLEDGE, _RETRIEVAL} <= stamps.keys():
        return ()
    between = names[names.index(_KNOWLEDGE) + 1 : names.index(_RETRIEVAL)]
    return tuple(sorted(f"{name} {stamps[name]}" for name in between))


def _feedback(entries: Sequence[StoredEntry]) -> str:
    """What was said last."""
    given = [bool(each.leaf["meta"][USEFUL]) for each in entries if each.leaf["kind"] == FEEDBACK]
    if not given:
        return NONE
    return "useful" if given[-1] else "not_useful"


def _case_state(entries: Sequence[StoredEntry]) -> str:
    """The state of the case about the exchange; of several that of the one opened last."""
    changes: dict[str, list[StoredEntry]] = {}
    for each in entries:
        if each.leaf["kind"].startswith(_CASE):
            changes.setdefault(str(each.leaf["meta"][CASE]), []).append(each)
    if not changes:
        return NONE
    case, told = next(reversed(changes.items()))
    if told[0].leaf["kind"] != f"{_CASE}{ChangeKind.OPENED}":
        return NONE  # what is older has expired and was pruned
    made = ((_change(each), datetime.fromisoformat(each.leaf["time"])) for each in told)
    return folded(CaseId(case), ConversationId(told[0].leaf["subject"]), made).state.value


def _change(entry: StoredEntry) -> Change:
    return Change(ChangeKind(entry.leaf["kind"].removeprefix(_CASE)), entry.leaf["meta"])


def _documents(closing: Mapping[str, Any]) -> tuple[str, ...]:
    """The documents that the reply cites or rests on. A passage's id is its document's, or begins with it."""
    used = [str(each["passage"]) for each in closing.get("evidence", ()) if each.get("used")]
    passages = [*map(str, closing.get("citations", ())), *used]
    return tuple(sorted({each.partition(":")[0] for each in passages}))


def _texts(entry: StoredEntry) -> Iterator[str]:
    kind, contents = entry.leaf["kind"], entry.contents
    for path in _SEARCHED.get(kind, ()):
        text = contents.get(path)
        if text:
            yield text
    if kind == CLOSED:
        for path in (REPLY, HELD):
            reply = contents.get(path)
            if reply is not None:
                yield _reply_text(reply)


def _reply_text(reply: str) -> str:
    with suppress(ValueError, TypeError, KeyError):
        return str(json.loads(reply)["text"])
    return ""

"""How an exchange is written into the log and read back: names of kinds, members and contents, and the reply's JSON.

Pure. The bot writes by these names and the log room reads by them, so they stand in one place that both may import.

An exchange in the log is a chain of entries whose ``meta`` carry ``exchange`` (a ``gap``, ``knowledge.activated``,
``door.stray`` and the kinds of the system log belong to none, ``case.*`` to the one the case is about, if any; ``by``
is an account's id):

===================  =============================================  ==========================  =====================
kind                 meta (beside ``exchange``, ``conversation``)   contents (path: text)       links
===================  =============================================  ==========================  =====================
exchange.opened      desk, received, language, masked               question: the masked text   none
exchange.closed      outcome, language, …                           reply: ``reply_to_json``,   the opening entry
                                                                    held: a reply that waits
                                                                    for a person, the same way
feedback             useful, reason                                 comment                     the closing entry
answer.corrected     case, passages, by, role                       text: the words beside it   the closing entry
case.opened          case, kind, reason, priority, language, due,   number, question, …         the exchange's closing
                     department, may_forward                                                    entry, if there is one
case.<change>        case, …: ``bot.cases.ChangeKind``              ``bot.case_entries``        the entry that opened
gap                  what was not recorded, since when              none                        none
knowledge.activated  desk, snapshot, before, by, evaluation,        reason, where forced        none
                     forced, notes (approvals of notes that it
                     carries out: entries of the system log)
door.stray           desk, what: an id that the desk never gave     none                        none
                     out (conversation, exchange)
register.proposed    by, role, base, register                       name, reason                none
register.approved    by, role, base                                 name                        the proposal
register.rejected    by, role                                       name, reason                the proposal
switch.set           by, role, scope, off                           name, why                   none
verification         by, role, size, bad, outside, waiting, texts,  name                        where one
                     found; of a whole log also root, checkpoints,                              exchange alone was
                     receipts, leaves; of one exchange also record                              checked: what
                     (web/verification.py)                                                      closed it
clock.step           from, to, seconds: the clock was set           none                        none
===================  =============================================  ==========================  =====================

The kinds about erasing (``erasure``, ``erasure.*``) stand in audit/erasing_history.py, those about holds (``hold.*``)
in audit/holds.py, those of who reads (``read``, ``export.made``) in audit/read_entries.py, those of accounts and
sessions (``account.*``, ``session.*``) in web/accounts/journal.py, those of what desks learn (``note.*``) in
bot/learning.py, those of samples and grades in bot/grading.py, those of conditions (``conditions.*``) in
bot/conditions_values.py.

Times in ``meta`` are ISO 8601 with an offset. ``masked`` is ``MaskedText.kinds`` of the question. The opening entry has
``confidential`` too where the question carries marks of confidential information: their kinds (``bot.confidential``).
The closing entry has ``conditions`` in ``meta``: how the row stood to its conditions for answering directly
(``state``, ``basis``: bot/conditions.py) and which rows they kept from it (``lowered``). It has ``held`` too where a
reply waits for a person: the outcome it would have had, and ``waiting``: how many cases people had before them, by
which the day of the answer was reckoned. It has ``history`` in its contents where earlier turns came with the question
and not from the log (the batch form of the command line).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Final

from bot.records import (
    Citation,
    DocumentKind,
    ExcerptKind,
    Json,
    Language,
    MaskedText,
    Outcome,
    PassageId,
    Reply,
    Speaker,
    Turn,
    Validity,
)

OPENED: Final = "exchange.opened"
CLOSED: Final = "exchange.closed"
FEEDBACK: Final = "feedback"
CORRECTED: Final = "answer.corrected"
ACTIVATED: Final = "knowledge.activated"
STRAY: Final = "door.stray"

QUESTION: Final = "question"
REPLY: Final = "reply"
HELD: Final = "held"
HISTORY: Final = "history"
CORRECTION: Final = "text"

EXCHANGE: Final = "exchange"
CONVERSATION: Final = "conversation"
RECEIVED: Final = "received"
MASKED: Final = "masked"
OUTCOME: Final = "outcome"
USEFUL: Final = "useful"
WAITING: Final = "waiting"
CASE: Final = "case"

_CITATION_MEMBERS: Final = tuple(member.name for member in fields(Citation))


def reply_to_json(reply: Reply) -> str:
    """The reply as one JSON object: text, language, outcome and citations, members in the order of the record."""
    value = {
        "outcome": reply.outcome.value,
        "language": reply.language.value,
        "text": reply.text,
        "citations": [asdict(citation) for citation in reply.citations],
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def reply_from_json(text: str) -> Reply:
    """The reply that ``reply_to_json`` wrote. Members unknown today are passed over: a newer writer may add some.

    Raises ValueError where the text is no such reply; the message holds none of it.
    """
    problem = None
    try:
        value = json.loads(text)
        return Reply(
            outcome=Outcome(value["outcome"]),
            language=Language(value["language"]),
            text=str(value["text"]),
            citations=tuple(_citation(each) for each in value["citations"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = type(error).__name__
    raise ValueError(f"not a recorded reply ({problem})")


def question_from_record(text: str, meta: Mapping[str, Json]) -> MaskedText:
    """The question as it was stored. It was masked before it was stored; nothing else may be passed in here."""
    kinds = meta.get(MASKED)
    return MaskedText(text, tuple(str(kind) for kind in kinds) if isinstance(kinds, list | tuple) else ())


def turns_to_json(turns: Sequence[Turn]) -> str:
    """Earlier turns as one JSON list, oldest first, each with who spoke, the masked text and what was masked."""
    said = [{"speaker": each.speaker.value, "text": each.text.value, MASKED: list(each.text.kinds)} for each in turns]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def turns_from_record(text: str) -> tuple[Turn, ...]:
    """The turns that ``turns_to_json`` wrote; they were masked before. Raises ValueError; it holds none of the text."""
    problem = None
    try:
        return tuple(
            Turn(Speaker(each["speaker"]), question_from_record(str(each["text"]), each)) for each in json.loads(text)
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = type(error).__name__
    raise ValueError(f"not recorded turns ({problem})")


def _citation(value: Mapping[str, Any]) -> Citation:
    known = {name: value[name] for name in _CITATION_MEMBERS if name in value}
    return Citation(
        **{
            **known,
            "passage": PassageId(known["passage"]),
            "validity": Validity(known["validity"]),
            "excerpt_kind": ExcerptKind(known["excerpt_kind"]),
            "kind": DocumentKind(known.get("kind", DocumentKind.DOCUMENT)),
        }
    )

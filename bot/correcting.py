"""Correction requests: what people decide about an answer, and that it reaches everyone the answer reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.case_entries import PREFIX, REPLY, by_account, entries_of, held
from bot.case_texts import answering, masked, measured
from bot.cases import Case, CaseId, CaseKind, CaseRefused, CaseState, ChangeKind
from bot.deciding import Actor
from bot.desk import Desk
from bot.learning import flag_notice
from bot.ports import LogUnavailable, Transaction
from bot.records import Corrected, Entry, ExchangeId, Json, PassageId, RecordedExchange
from bot.records_json import CASE, CONVERSATION, CORRECTED, CORRECTION, EXCHANGE
from bot.replying import Answer, answered, checked

UPHELD: Final = "upheld"
DISMISSED: Final = "dismissed"

_MOST: Final = 200
"""So many affected exchanges are listed, the newest ones."""


@dataclass(frozen=True, slots=True)
class Affected:
    """Another exchange of this desk whose answer cited a passage that the questioned answer cited.

    ``passages`` are those they share. ``corrected`` where it was corrected already.
    """

    exchange: ExchangeId
    time: datetime
    question: str = field(repr=False)
    reply: str = field(repr=False)
    passages: Sequence[PassageId]
    corrected: Corrected | None


@dataclass(frozen=True, slots=True)
class Flag:
    """What goes on the knowledge editor's list: the passage or the rule at fault, and why."""

    passage: PassageId | None = None
    rule: str | None = None
    why: str = field(default="", repr=False)


def affected(desk: Desk, case: CaseId) -> Sequence[Affected]:
    """The other exchanges that rest on the passages of the answer a correction request is about, newest first.

    Raises CaseRefused (unknown, unknown_exchange), LogUnavailable.
    """
    found = held(desk, case)
    if found.exchange is None:
        raise CaseRefused("unknown_exchange")
    shared = list(desk.log.sharing(found.exchange))[-_MOST:]
    read = ((each, desk.log.exchange(each.exchange)) for each in reversed(shared))
    return [
        Affected(
            exchange=each.exchange,
            time=datetime.fromisoformat(each.time),
            question=recorded.question.value,
            reply=recorded.reply.text if recorded.reply else "",
            passages=tuple(map(PassageId, each.passages)),
            corrected=recorded.corrected,
        )
        for each, recorded in read
        if recorded is not None
    ]


def decide(  # noqa: PLR0913 - what a decision consists of
    desk: Desk,
    case: CaseId,
    who: Actor,
    *,
    upheld: bool,
    text: str,
    text_ja: str = "",
    also: Sequence[ExchangeId] = (),
    flag: Flag | None = None,
    confirmed_personal: bool = False,
) -> Case:
    """Decide a correction request: the person's answer, and, where upheld, the same words beside the answer that was
    wrong, beside that of every request merged into this one and of every affected exchange in ``also``.

    Raises CaseRefused (unknown, wrong_state: no correction request, claimed, not_claimed, no_text, long_text, personal,
    unknown_exchange: one of ``also`` is not affected), LogUnavailable.
    """
    found = held(desk, case)
    if found.kind is not CaseKind.CORRECTION:
        raise CaseRefused("wrong_state")
    given = checked(desk, found, Answer(text, text_ja, "", confirmed_personal))
    given = replace(given, decision=UPHELD if upheld else DISMISSED)
    others = _reached(desk, case, also) if upheld else {}
    why = masked(desk, found.conversation, measured(flag.why)).value if flag else ""
    with desk.queue.work.begin() as within:
        told = answered(desk, within, case, who, given)
        if upheld:
            own = {each.exchange: None for each in told if each.exchange is not None}
            _correct_all(desk, within, found, who, given.text, {**others, **own})
        if flag is not None:
            _flagged(desk, within, found, who, replace(flag, why=why))
        return told[0]


def correct(  # noqa: PLR0913 - what a correction consists of
    desk: Desk,
    case: CaseId,
    who: Actor,
    *,
    text: str = "",
    also: Sequence[ExchangeId],
    confirmed_personal: bool = False,
) -> Case:
    """Correct further affected answers after an upheld decision, in its own words where ``text`` is empty.

    Raises as ``decide``; wrong_state: not upheld.
    """
    found = held(desk, case)
    if found.decision != UPHELD or found.state not in (CaseState.ANSWERED, CaseState.CLOSED):
        raise CaseRefused("wrong_state")
    words = answering(desk, text, confirmed=confirmed_personal) or _words(desk, found)
    others = _reached(desk, case, also)
    with desk.queue.work.begin() as within:
        _correct_all(desk, within, found, who, words, others)
    return found


def _reached(desk: Desk, case: CaseId, also: Sequence[ExchangeId]) -> Mapping[ExchangeId, Sequence[PassageId]]:
    """The chosen exchanges with the passages they share. Raises CaseRefused (unknown_exchange), LogUnavailable."""
    if not also:
        return {}
    shared = {each.exchange: each.passages for each in affected(desk, case)}
    if not set(also) <= shared.keys():
        raise CaseRefused("unknown_exchange")
    return {each: shared[each] for each in also}


def _correct_all(  # noqa: PLR0913, PLR0917 - what corrections consist of
    desk: Desk,
    within: Transaction,
    case: Case,
    who: Actor,
    words: str,
    wrong: Mapping[ExchangeId, Sequence[PassageId] | None],
) -> None:
    """Set the same words beside every answer in ``wrong``, each with the passages at fault (None: all it cites)."""
    for exchange, passages in wrong.items():
        recorded = desk.log.exchange(exchange)
        if recorded is None or recorded.closed is None:
            raise CaseRefused("unknown_exchange")
        meta: dict[str, Json] = {
            EXCHANGE: exchange,
            CONVERSATION: recorded.conversation,
            CASE: case.id,
            "passages": list(_cited(recorded) if passages is None else passages),
            **by_account(who),
        }
        entry = Entry(CORRECTED, recorded.conversation, meta, {CORRECTION: words}, (recorded.closed,))
        desk.log.append(entry, within)


def _cited(recorded: RecordedExchange) -> Iterable[PassageId]:
    """The passages that the answer rests on; where people confirmed it first, those of the draft."""
    given = recorded.draft or recorded.reply
    return dict.fromkeys(each.passage for each in given.citations) if given else ()


def _flagged(desk: Desk, within: Transaction, case: Case, who: Actor, flag: Flag) -> None:
    """Put a flag on its way to the knowledge editors, with the decision that raised it."""
    notice = flag_notice(
        desk.name,
        who,
        why=flag.why,
        occasion=f"{case.id}.{case.reopened}",
        passage=flag.passage,
        rule=flag.rule,
        case=case.id,
    )
    desk.queue.outbox.put(within, notice)


def _words(desk: Desk, case: Case) -> str:
    """The words of the decision. Raises LogUnavailable where they were erased."""
    answers = [each for each in entries_of(desk, case) if each.kind == PREFIX + ChangeKind.ANSWERED]
    words = answers[-1].contents.get(REPLY) if answers else None
    if not words:
        raise LogUnavailable("missing")
    return words

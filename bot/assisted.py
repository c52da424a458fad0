"""An answer that a person approves first: the draft is recorded and handed to people, the person gets a case number.

Nothing of the draft is in the reply or in what the doors are given.
"""

from __future__ import annotations

from datetime import datetime

from bot import case_words
from bot.answered import Answered
from bot.case_entries import DRAFT, Opening, begun, instant
from bot.cases import CaseKind, CaseReason
from bot.ports import LogUnavailable
from bot.recorder import Recorder
from bot.records import Language, Outcome, Reply, Topic, Triage
from bot.steps.reply import Voice, contact, failed, noticed


def handed_over(recorder: Recorder, draft: Reply, placed: Triage) -> Answered:
    """Record the draft, open its case, and close the exchange with the number, all in one transaction.

    The case is opened whatever the draft says: that the documents hold nothing is also for a person to tell. Where it
    cannot be recorded, the outage notice alone leaves. Never raises for a log that is away.
    """
    try:
        return _handed_over(recorder, draft, placed)
    except LogUnavailable:
        voice = Voice(recorder.desk.wording, recorder.desk.contacts)
        return recorder.unrecorded(failed(voice, Outcome.FAILED_LOG, draft.language))


def _handed_over(recorder: Recorder, draft: Reply, placed: Triage) -> Answered:
    desk, queue = recorder.desk, recorder.desk.queue
    number, now = queue.number(), desk.clock.now()
    with queue.work.begin() as within:
        waiting = queue.cases.live(within)
        recorder.reckoned(waiting)
        due = queue.office.due(now, placed.risk, waiting)
        notice = _notice(recorder, number, now, due, draft.language)
        closed = recorder.keep(notice, placed, held=draft, within=within)
        opening = Opening(
            conversation=recorder.conversation,
            meta={
                "kind": (CaseKind.CONSULTATION if placed.topic is Topic.CONSULTATION else CaseKind.QUESTION).value,
                "reason": CaseReason.ASSISTED.value,
                "priority": placed.risk.value,
                "language": draft.language.value,
                "due": instant(due),
                "exchange": recorder.exchange,
                "department": None,
                "may_forward": False,
            },
            contents={"question": recorder.question, DRAFT: draft.text},
            number=number,
            links=(closed.entry,),
        )
        begun(desk, within, opening)
    return recorder.answered(closed, notice, placed, case=(number, due))


def _notice(recorder: Recorder, number: str, now: datetime, due: datetime, language: Language) -> Reply:
    """What the person gets for now: who answers, the number, when the desk is open, and by when."""
    wording, voice = recorder.desk.wording, Voice(recorder.desk.wording, recorder.desk.contacts)
    lines = [
        wording.text("assisted", language),
        wording.text("case_number", language, {"number": number}),
        *case_words.terms(wording, recorder.desk.queue.office, now, due, language),
        *([contact(voice, language)] if recorder.desk.contacts.lines(language) else []),
    ]
    return noticed(voice, Reply(Outcome.REFERRED_ASSISTED, language, "\n".join(lines)), recorder.marks)

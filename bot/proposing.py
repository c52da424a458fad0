"""An answered case proposed as a note: on its way to the desk's knowledge editors, through the outbox."""

from __future__ import annotations

from bot.case_entries import held
from bot.case_texts import demanded, masked, personal_in
from bot.cases import CaseId, CaseRefused, CaseState
from bot.deciding import Actor
from bot.desk import Desk
from bot.learning import NoteText, proposal_notice

_ANSWERED = frozenset({CaseState.ANSWERED, CaseState.CLOSED})


def propose(  # noqa: PLR0913 - what a proposal consists of
    desk: Desk,
    case: CaseId,
    who: Actor,
    note: NoteText,
    *,
    occasion: str,
    reason: str = "",
    confirmed_personal: bool = False,
) -> None:
    """Propose a note (checked by ``bot.note_checks.checked``) for what a case brought to light.

    ``occasion`` names the request, so that the same one sent twice is one proposal. Raises CaseRefused (unknown;
    wrong_state: not answered; no_text; personal: a note is read by everyone), LogUnavailable.
    """
    found = held(desk, case)
    if found.state not in _ANSWERED:
        raise CaseRefused("wrong_state")
    written = demanded("\n".join((note.title, note.text, *(each.question for each in note.questions))), 20_000)
    if not confirmed_personal and personal_in(desk, written):
        raise CaseRefused("personal")
    why = masked(desk, found.conversation, reason).value
    notice = proposal_notice(desk.name, who, note, occasion=occasion, case=case, reason=why)
    with desk.queue.work.begin() as within:
        desk.queue.outbox.put(within, notice)

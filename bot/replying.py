"""A responder's answer: what it was made of, and that it reaches every case it is given to, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.case_entries import BASE, REPLY, REPLY_JA, by_account, changed, entries_of, named
from bot.case_files import draft_of, returned
from bot.case_texts import LONGEST_REPLY, answering, measured, plain
from bot.cases import Case, CaseId, CaseRefused, Change, ChangeKind
from bot.deciding import Actor
from bot.desk import Desk
from bot.merging import merged_with
from bot.ports import Transaction

APPROVED: Final = "approved"
EDITED: Final = "edited"
OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a responder writes. ``base`` is the text it was made from (the AI's draft or a canned reply), if any;
    ``confirmed_personal``: what looks like personal data in it shall stay.
    """

    text: str = field(repr=False)
    text_ja: str = field(default="", repr=False)
    base: str = field(default="", repr=False)
    confirmed_personal: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer that may be sent. ``made``: the AI's draft as it was (approved), that draft edited, or a person's own.

    ``decision`` is what a correction request came to. ``checked`` alone makes one.
    """

    text: str = field(repr=False)
    text_ja: str = field(repr=False)
    base: str = field(repr=False)
    made: str
    decision: str | None = None


def checked(desk: Desk, case: Case, answer: Answer) -> Checked:
    """The answer as it is kept. Raises CaseRefused (no_text, long_text, personal; no_draft: made of the draft that was
    returned), LogUnavailable.
    """
    text, base = plain(answer.text).strip(), plain(answer.base).strip()
    if not text:
        raise CaseRefused("no_text")
    draft, gone = draft_in(desk, case)
    if draft is not None and draft in (text, base) and gone:
        raise CaseRefused("no_draft")
    beside = answering(desk, answer.text_ja, confirmed=answer.confirmed_personal)
    if text == draft:  # made of the documents, and read by the person who approves it
        return Checked(text, beside, text, APPROVED)
    kept = answering(desk, text, confirmed=answer.confirmed_personal)
    made = EDITED if draft is not None and base == draft else OWN
    return Checked(kept, beside, measured(base, 2 * LONGEST_REPLY), made)


def draft_in(desk: Desk, case: Case) -> tuple[str | None, bool]:
    """The text of the AI's draft of a case, None where it has none, and whether somebody returned it."""
    entries = entries_of(desk, case)
    about = desk.log.exchange(case.exchange) if case.exchange else None
    draft = draft_of(case, entries[0].contents if entries else {}, about)
    return (plain(draft.text).strip() if draft else None), returned(entries) is not None


def answered(desk: Desk, within: Transaction, case: CaseId, who: Actor, given: Checked) -> Sequence[Case]:
    """Answer a case and those merged into it; the case itself first. Raises CaseRefused (wrong_state, claimed,
    not_claimed), LogUnavailable.
    """
    change = Change(ChangeKind.ANSWERED, {**by_account(who), "made": given.made, "decision": given.decision})
    contents = {REPLY: given.text, REPLY_JA: given.text_ja, BASE: given.base, **named(who)}
    all_of_them = (case, *(each.id for each in merged_with(desk, within, case)))
    return [changed(desk, within, each, change, contents) for each in all_of_them]

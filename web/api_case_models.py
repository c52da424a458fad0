"""What the programming interface for people takes and gives, as its description shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from bot.cases import CaseKind, CaseState, ChangeKind, Department
from bot.persons_case import Who
from bot.records import Language
from web.api import CitationOut, ReceiptOut, Strict

_ONCE = Annotated[
    str,
    Field(min_length=16, max_length=100, description="A random name of this request: sent again, it is the same case"),
]


class CaseIn(Strict):
    """What is handed to people. ``contact`` needs ``contact_consent``; ``once`` counts within the conversation or the
    exchange that is named.
    """

    kind: CaseKind = CaseKind.QUESTION
    question: str = ""
    exchange: str | None = None
    conversation: str | None = None
    department: Department | None = None
    service: str = ""
    happened: str = ""
    wish: str = ""
    bureau: str = ""
    contact: str = ""
    contact_consent: bool = False
    may_forward: bool = False
    lang: Language = Language.JA
    once: _ONCE | None = None


class CorrectionIn(Strict):
    """Why an answer is to be corrected."""

    why: str
    conversation: str | None = None
    contact: str = ""
    contact_consent: bool = False
    lang: Language = Language.JA
    once: _ONCE | None = None


class HoursOut(Strict):
    """When people are there. ``decided`` is false for hours that no operator has decided."""

    open_now: bool
    next_opening: datetime | None
    lines: list[str]
    decided: bool


class CaseOut(Strict):
    """A case that is durably there. ``case`` is its number, ``due`` the date by which people answer (null where nobody
    promises one); ``danger`` is to be shown before anything else.
    """

    danger: str | None
    case: str
    spoken: str
    state: CaseState
    due: datetime | None
    hours: HoursOut


class LookupIn(Strict):
    """A case number or the code of a receipt, as somebody typed it; one of the two."""

    case: Annotated[str, Field(max_length=200)] | None = None
    receipt: Annotated[str, Field(max_length=200)] | None = None


class MessageOut(Strict):
    """One thing said in a case. ``made`` of an answer: approved or edited (the AI's draft), own (a person's words)."""

    who: Who
    kind: ChangeKind
    time: datetime
    text: str | None
    text_ja: str | None
    made: str | None
    bureau: str | None
    decision: str | None


class CorrectedOut(Strict):
    """What stands beside an answer since people found it wrong."""

    text: str
    time: datetime


class LookupOut(Strict):
    """A case or an exchange as it is recorded. ``reply``: what people answered last, or the exchange's own reply."""

    state: CaseState | None
    due: datetime | None
    question: str
    reply: str | None
    outcome: str | None
    citations: list[CitationOut]
    messages: list[MessageOut]
    corrected: CorrectedOut | None
    may: list[str]
    receipt: ReceiptOut | None
    receipt_code: str | None

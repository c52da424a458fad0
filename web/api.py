"""A desk's programming interface: the same desk as its pages show, as JSON. Every error is one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from bot.records import Citation, DeskName, ExchangeId, Language, Outcome, Receipt
from web.asking import ask, demand, give_feedback, stray
from web.conversations import conversations_of
from web.doors import Answered
from web.security import COMMENT_LIMIT, Refusal


class Strict(BaseModel):
    """Unknown members are refused: a misspelt one is never silently ignored."""

    model_config = ConfigDict(extra="forbid")


class ExchangeIn(Strict):
    """A question. Length is checked at the door, so that the error is one sentence that says what to do."""

    question: str
    conversation: str | None = None
    lang: Language | None = None


class CitationOut(Strict):
    number: int
    passage: str
    document: str
    title: str
    publisher: str
    section: str | None
    page: str | None
    url: str | None
    validity: str
    as_of: str
    excerpt: str
    excerpt_kind: str
    kind: str
    speaker: str | None


class ReceiptOut(Strict):
    """記録の控え: a signed promise that the exchange is in the log."""

    code: str
    log: str
    entry: str
    leaf: str
    time: str
    longest_delay_seconds: int
    signature: str
    checkpoint: str | None


class StampOut(Strict):
    """Name, version and SHA-256 digest of something that shaped the answer."""

    name: str
    version: str
    digest: str


class ExchangeOut(Strict):
    """The object of ``ask --json`` without log_text, times and rule detail."""

    exchange: str | None
    conversation: str
    outcome: str
    reason: str
    reply: str
    citations: list[CitationOut]
    risk: str | None
    automation: str | None
    receipt: ReceiptOut | None
    case: str | None
    due: str | None
    snapshot: str | None
    stamps: list[StampOut]
    masked: list[str]
    lang: str


class OutageOut(ExchangeOut):
    """The outage notice, which was not recorded; it serves as the sentence too."""

    error: str


class FeedbackIn(Strict):
    useful: bool
    reason: Literal["wrong", "missing", "unclear", "other"] | None = None
    comment: Annotated[str, Field(max_length=COMMENT_LIMIT)] | None = None
    conversation: str | None = None


class FeedbackOut(Strict):
    accepted: bool


class ErrorOut(BaseModel):
    error: str


ERRORS: Mapping[int | str, dict[str, object]] = {
    status: {"model": ErrorOut, "description": "One sentence that says what to do"}
    for status in (400, 404, 413, 422, 429, 500, 503)
}


def routes(desk: DeskName) -> APIRouter:
    """The routes of one desk, under ``/api/v1/<desk>``."""
    router = APIRouter(prefix=f"/api/v1/{desk.value}")
    outage: Mapping[int | str, dict[str, object]] = {
        503: {"model": OutageOut | ErrorOut, "description": "Nothing was recorded, or no place free"}
    }
    router.add_api_route(
        "/exchanges", exchange, methods=["POST"], response_model=ExchangeOut, responses={**ERRORS, **outage}
    )
    router.add_api_route(
        "/exchanges/{exchange_id}/feedback",
        feedback,
        methods=["POST"],
        response_model=FeedbackOut,
        responses={**ERRORS},
    )
    return router


async def exchange(request: Request, given: ExchangeIn) -> ExchangeOut | JSONResponse:
    """Ask one question. 503 with the outage notice as ``reply`` where the log cannot record.

    A conversation goes on by the id that an earlier answer named; with any other id a new one begins.
    """
    conversations = conversations_of(request)
    held = conversations.named(given.conversation)
    answered = await ask(request, given.question, held or conversations.begun(), given.lang)
    if held is None and given.conversation is not None:
        await stray(request, "conversation")
    made = _out(answered)
    if answered.reply.outcome is Outcome.FAILED_LOG:
        outage = OutageOut(**made.model_dump(), error=answered.reply.text)
        return JSONResponse(outage.model_dump(), status_code=503)
    return made


async def feedback(request: Request, exchange_id: str, given: FeedbackIn) -> FeedbackOut:
    """Say whether an answer was useful. A conversation need not be named; a wrong one is refused."""
    conversation = conversations_of(request).named(given.conversation)
    if given.conversation is not None and conversation is None:
        demand(request)
        await stray(request, "conversation")
        raise Refusal(404, "error.exchange")
    await give_feedback(
        request,
        ExchangeId(exchange_id),
        conversation,
        useful=given.useful,
        reason=given.reason,
        comment=given.comment,
    )
    return FeedbackOut(accepted=True)


def _out(answered: Answered) -> ExchangeOut:
    reply = answered.reply
    return ExchangeOut(
        exchange=answered.exchange,
        conversation=answered.conversation,
        outcome=reply.outcome.family,
        reason=reply.outcome.reason,
        reply=reply.text,
        citations=[citation_out(citation) for citation in reply.citations],
        risk=answered.risk,
        automation=answered.automation,
        receipt=receipt_out(answered.receipt) if answered.receipt else None,
        case=answered.case,
        due=answered.due.isoformat() if answered.due else None,
        snapshot=answered.snapshot,
        stamps=[StampOut(name=stamp.name, version=stamp.version, digest=stamp.digest) for stamp in answered.stamps],
        masked=list(answered.masked),
        lang=reply.language,
    )


def citation_out(citation: Citation) -> CitationOut:
    """A citation as a program reads it."""
    return CitationOut(
        number=citation.number,
        passage=citation.passage,
        document=citation.document,
        title=citation.title,
        publisher=citation.publisher,
        section=citation.section,
        page=citation.page,
        url=citation.url,
        validity=citation.validity,
        as_of=citation.as_of,
        excerpt=citation.excerpt,
        excerpt_kind=citation.excerpt_kind,
        kind=citation.kind,
        speaker=citation.speaker,
    )


def receipt_out(receipt: Receipt) -> ReceiptOut:
    """A receipt as a program reads it."""
    return ReceiptOut(
        code=receipt.code,
        log=receipt.log,
        entry=receipt.entry,
        leaf=receipt.leaf,
        time=receipt.time.isoformat(),
        longest_delay_seconds=receipt.longest_delay_seconds,
        signature=receipt.signature,
        checkpoint=receipt.checkpoint,
    )

"""Consultation on a planned AI use: a form, the assessment as a document to print, and the same as a file.

It asks the desk as the chat does, so the assessment is recorded before it is shown. The form works without scripts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.datastructures import FormData

from bot.assessing.plan import FORM_LABELS, FORM_TITLE, form_text
from bot.records import Citation, ConversationId, Corrected, ExchangeId, Outcome, RecordedExchange
from web.asking import ask
from web.conversations import conversations_of
from web.doors import Answered, desk_of, in_pool, root_of
from web.forms import field, form_of, pages_of, with_language
from web.i18n import shown_date
from web.rendering import Shown, direct, language_of, recorded, validity_key
from web.security import QUESTION_LIMIT, RateLimit, Refusal, demand_same_site

router = APIRouter(include_in_schema=False)

CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "user": {"citizen": "都民・事業者", "staff": "職員"},
    "decides": {"human": "職員が確認して決める", "alone": "AIだけで決める"},
    "data": {"personal": "個人情報・機密を含む", "none": "個人情報・機密を含まない"},
}
"""What the form's choices say to the assessment, which reads Japanese lines; anything else is left open."""
_FORMATS: Final = {"md": "text/markdown; charset=utf-8", "txt": "text/plain; charset=utf-8"}


@router.get("/consult")
async def form(request: Request) -> Response:
    """The form, empty."""
    return with_language(request, _form(request, {}))


@router.post("/consult")
async def consult(request: Request) -> Response:
    """Ask the desk, then show what was recorded: by redirect, so that a reload never asks twice. Raises Refusal."""
    demand_same_site(request)
    sent = await form_of(request)
    filled = {name: field(sent, name) for name in FORM_LABELS}
    conversations = conversations_of(request)
    try:
        answered = await ask(
            request, _told(sent), conversations.held(request) or conversations.begun(), language_of(request)
        )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        return _form(request, filled, error=refusal.key, status=refusal.status)
    response: Response
    if answered.exchange is None or answered.receipt is None:
        response = _result(request, _direct(sent, answered), None, status=_status(answered))
    else:
        response = RedirectResponse(f"{root_of(request)}/consult/{answered.exchange}", status_code=303)
    conversations.keep(response, answered.conversation)
    return response


@router.get("/consult/{exchange}")
async def result(request: Request, exchange: str) -> Response:
    """One assessment of this browser's conversation, as a document. Raises Refusal (404, 429), LogUnavailable."""
    held = await _held(request, ExchangeId(exchange))
    return with_language(request, _result(request, recorded(held), held))


@router.get("/consult/{exchange}/export.{kind}")
async def export(request: Request, exchange: str, kind: str) -> Response:
    """The same document as a file: Markdown or plain text. Raises Refusal (404, 429), LogUnavailable."""
    held = await _held(request, ExchangeId(exchange))
    if kind not in _FORMATS or held.reply is None:
        raise Refusal(404, "error.missing")
    name = f"{recorded(held).anchor}.{kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return PlainTextResponse(_document(request, held, kind), media_type=_FORMATS[kind], headers=headers)


def _told(sent: FormData) -> str:
    """The form as the text that the desk is asked; empty where no word of the plan was written."""
    told = {name: field(sent, name) for name in ("plan", "does", "affects")}
    if not any(text.strip() for text in told.values()):
        return ""
    return form_text({**told, **{name: words.get(field(sent, name), "") for name, words in CHOICES.items()}})


async def _held(request: Request, exchange: ExchangeId) -> RecordedExchange:
    """An exchange of this browser's own conversation."""
    reads: RateLimit = request.app.state.reads
    reads.demand(request)
    conversation: ConversationId | None = conversations_of(request).held(request)
    if conversation is not None:
        desk = desk_of(request)
        for each in await in_pool(desk.pool, desk.conversation, conversation):
            if each.exchange == exchange:
                return each
    raise Refusal(404, "error.exchange")


def _form(request: Request, filled: Mapping[str, str], *, error: str | None = None, status: int = 200) -> Response:
    every = {name: filled.get(name, "") for name in FORM_LABELS}
    return pages_of(request).page(request, "consult.html", status=status, filled=every, error=error, shown=None)


def _result(request: Request, shown: Shown, held: RecordedExchange | None, *, status: int = 200) -> Response:
    return pages_of(request).page(
        request,
        "consult.html",
        status=status,
        shown=shown,
        plan=_plan(shown.question),
        assessment=shown.reply is not None and shown.reply.outcome is Outcome.ANSWERED_ASSESSMENT,
        on=held.received.date().isoformat() if held else None,
        said={"thanked": None},
    )


def _plan(question: str) -> tuple[str, ...]:
    """The plan's lines as they were recorded, masked, without the form's title."""
    return tuple(line for line in question.replace(FORM_TITLE, "").splitlines() if line.strip())


def _direct(sent: FormData, answered: Answered) -> Shown:
    return direct(_told(sent)[:QUESTION_LIMIT], answered)


def _status(answered: Answered) -> int:
    return 503 if answered.reply.outcome is Outcome.FAILED_LOG else 200


def _document(request: Request, held: RecordedExchange, kind: str) -> str:
    """What the page shows, as text. What people wrote stands indented, so that no mark of it becomes markup."""
    pages, language = pages_of(request), language_of(request)

    def say(key: str) -> str:
        return pages.text(key, language)

    marked = kind == "md"
    title, section = ("# ", "## ") if marked else ("", "■ ")
    reply = held.reply.text if held.reply else ""
    if marked:
        reply = reply.replace("\n・", "\n- ").replace("\n■ ", "\n\n## ")
        reply = reply.replace("\n", "  \n")
    lines = [title + say("consult.result"), "", say("ai.answer")]
    if request.app.state.settings.mode == "demo":
        lines.append(say("demo"))
    lines += ["", section + say("consult.told"), ""]
    lines += [f"    {line}" for line in _plan(held.question.value)]
    if held.corrected is not None:
        lines += [
            "",
            section + say("correct.done"),
            "",
            *_words(held.corrected, say("case.erased")),
            "",
            say("correct.before"),
        ]
    lines += ["", reply, "", section + say("sources.title"), ""]
    lines += [f"{'- ' if marked else ''}{_source(each, say(validity_key(each)))}" for each in _citations(held)]
    lines += ["", f"{say('consult.on')} {shown_date(held.received.date().isoformat(), language).striptags()}"]
    lines.append(f"{say('receipt')} {held.receipt}" if held.receipt else say("receipt.none"))
    return "\n".join(lines) + "\n"


def _words(corrected: Corrected, erased: str) -> list[str]:
    """The words of the correction, indented like everything that people wrote."""
    return [f"    {line}" for line in corrected.text.splitlines() if line.strip()] or [erased]


def _citations(held: RecordedExchange) -> tuple[Citation, ...]:
    return held.reply.citations if held.reply else ()


def _source(citation: Citation, validity: str) -> str:
    parts = (citation.title, citation.publisher, citation.document, citation.section, citation.as_of, validity)
    return f"[{citation.number}] " + "｜".join(part for part in parts if part)

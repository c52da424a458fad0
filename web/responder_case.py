"""The work on one case at the responder console.

One address takes every form of a case; the button says what it is for. What is refused comes back with the text that
was typed. A reply is shown once more, beside the draft it was made from, before it is sent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot import responding
from bot.cases import CaseId, CaseRefused
from bot.note_checks import NoteFlawed
from bot.records import Language
from web.differing import difference
from web.doors import root_of
from web.forms import form_of, pages_of, with_language
from web.responder_acts import ACTS, DRAFT, Sent, act, base_of, canned_text, read_sent, reference
from web.responder_doors import desk_of, responder_of
from web.responder_view import JAPANESE, Saying, page, said_since, seen_by, unknown, values_of
from web.security import Refusal
from web.signing import pooled

_DONE: Final = frozenset({*ACTS, "send"})


def routes(root: str) -> APIRouter:
    """The page of a case, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/cases/{{case}}", look, methods=["GET"])
    router.add_api_route(f"{root}/cases/{{case}}", work, methods=["POST"])
    router.add_api_route(f"{root}/cases/{{case}}/news", news, methods=["GET"])
    return router


async def look(request: Request, case: str) -> Response:
    """The case. That it was read is recorded."""
    done = request.query_params.get("done")
    saying = Saying(done=done if done in _DONE else None)
    return with_language(request, await page(request, CaseId(case), saying=saying))


async def news(request: Request, case: str) -> Response:
    """What the script says aloud: that the person did something since the page came; 204 where nothing was done."""
    desk, after = desk_of(request), request.query_params.get("after", "")
    try:
        said = await pooled(request, lambda: said_since(desk, CaseId(case), after))
    except CaseRefused:
        raise await unknown(request) from None
    if not said:
        return Response(status_code=204)
    address = f"{root_of(request)}/cases/{case}"
    return pages_of(request).page(request, "responder_news.html", count=None, address=address)


async def work(request: Request, case: str) -> Response:
    """Do what the button says, then show the case: by redirect, so that a reload does nothing twice."""
    sent, named = read_sent(await form_of(request)), CaseId(case)
    if sent.do in ("preview", "approve"):
        return await _preview(request, named, sent)
    if sent.do in ("edit", "canned"):
        return await page(request, named, await _with_canned(request, named, sent))
    if sent.do == "contact":
        return await _contact(request, named)
    if sent.do == "send":
        return await _do(request, named, sent, await _base(request, named, sent))
    if sent.do in ACTS:
        return await _do(request, named, sent)
    raise Refusal(422, "error.request")


async def _do(request: Request, case: CaseId, sent: Sent, base: str = "") -> Response:
    desk, who = desk_of(request), responder_of(request)
    try:
        await pooled(request, lambda: act(desk, case, who, sent, base))
    except NoteFlawed as flawed:
        return await page(request, case, sent, Saying(error="flawed", flaws=flawed.flaws))
    except CaseRefused as refused:
        if refused.code == "unknown":
            raise await unknown(request) from None
        return await page(request, case, sent, Saying(error=refused.code))
    if sent.do == "claim" and sent["text"]:  # what was written before the claim ran out
        return await page(request, case, replace(sent, do="edit"))
    return RedirectResponse(f"{root_of(request)}/cases/{case}?done={sent.do}", status_code=303)


async def _base(request: Request, case: CaseId, sent: Sent) -> str:
    file = (await seen_by(request, case)).file
    return base_of(file, sent, values_of(request, file, file.case.language))


async def _with_canned(request: Request, case: CaseId, sent: Sent) -> Sent:
    """The form with the chosen canned reply behind what is written already, in the person's language and beside it."""
    if sent.do != "canned":
        return sent
    file, name = (await seen_by(request, case)).file, sent["canned"]

    def put(field: str, language: Language) -> str:
        return _below(sent[field], canned_text(name, language, values_of(request, file, language)))

    fields = {**sent.fields, "text": put("text", file.case.language)}
    if not sent["text"]:
        fields["from"] = name
    if file.case.language not in JAPANESE:
        fields["text_ja"] = put("text_ja", Language.JA)
    return replace(sent, do="edit", fields=fields)


async def _preview(request: Request, case: CaseId, sent: Sent) -> Response:
    """The reply as it would be sent, and what became of the draft."""
    file = (await seen_by(request, case)).file
    if sent.do == "approve":
        if file.draft is None or file.draft_returned is not None:
            return await page(request, case, sent, Saying(error="no_draft"))
        sent = replace(sent, fields={**sent.fields, "text": file.draft.text, "from": DRAFT})
    if not sent["text"]:
        return await page(request, case, sent, Saying(error="no_text"))
    base = base_of(file, sent, values_of(request, file, file.case.language))
    pieces = await pooled(request, lambda: difference(base, sent["text"])) if base else ()
    return pages_of(request).page(
        request,
        "responder_preview.html",
        file=file,
        sent=sent,
        base=base,
        pieces=pieces,
        reference=reference(file.case),
    )


async def _contact(request: Request, case: CaseId) -> Response:
    """How the person wishes to be reached: shown on this answer alone, after the reading is recorded."""
    desk, who = desk_of(request), responder_of(request)
    try:
        contact = await pooled(request, lambda: responding.read_contact(desk, case, who))
    except CaseRefused:
        raise await unknown(request) from None
    return await page(request, case, saying=Saying(contact=contact[0] if contact else ""))


def _below(text: str, more: str) -> str:
    return f"{text}\n\n{more}" if text and more else text or more

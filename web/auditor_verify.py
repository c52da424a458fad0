"""Checking the record at the auditor's console: one exchange at once, the whole log in the background, and everything
that somebody needs to check it elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from audit.bundles import NotInTree
from audit.canonical import canonical
from audit.checking import ExchangeChecked
from audit.checkpoint import BadNote
from audit.reading import Purpose
from audit.tiles import TreeDamaged
from bot.records import EntryId, ExchangeId
from web.auditor_doors import doors_of, reader_of, stray
from web.auditor_opening import ask_why, entries_of, field_of, through
from web.auditor_verifier import NAME, Published, offered, published
from web.auditor_vocabulary import FINDINGS, PATHS, VERDICTS, key_of_kind
from web.doors import root_of, settings_of
from web.forms import form_of, pages_of, with_language
from web.security import Refusal
from web.signing import pooled
from web.verification import Verifying, notes_of

OPENED, CLOSED = "opened", "closed"
_LONGEST: Final = 20_000
"""Characters of a checkpoint or receipt that somebody brings along."""


@dataclass(frozen=True, slots=True)
class Brought:
    """Checkpoints that somebody kept and brings along, as typed; ``wrong`` where they cannot be read."""

    text: str = field(repr=False)
    notes: Sequence[str] = ()
    wrong: bool = False


def routes(root: str) -> APIRouter:
    """The pages, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/exchanges/{{exchange}}/verify", ask_why, methods=["GET"])
    router.add_api_route(f"{root}/exchanges/{{exchange}}/verify", verify, methods=["POST"])
    router.add_api_route(f"{root}/exchanges/{{exchange}}/bundle", ask_why, methods=["GET"])
    router.add_api_route(f"{root}/exchanges/{{exchange}}/bundle", bundle, methods=["POST"])
    router.add_api_route(f"{root}/verify", whole, methods=["GET"])
    router.add_api_route(f"{root}/verify", begin, methods=["POST"])
    router.add_api_route(f"{root}/{NAME}", file, methods=["GET"])
    return router


async def verify(request: Request, exchange: str) -> Response:
    """Check the entries of an exchange. No text leaves; that it was checked is recorded."""
    doors, reader, named = doors_of(request), reader_of(request), ExchangeId(exchange)
    await entries_of(request, named)
    form = await form_of(request)
    brought, who = brought_by(form), Verifying(reader.id, reader.role, reader.name)

    def work() -> tuple[ExchangeChecked | None, Published]:
        checked = doors.verifications.of_exchange(named, brought.notes, who)
        return checked, published(doors, settings_of(request).site)

    checked, places = await pooled(request, work)
    if checked is None:
        raise await stray(request, "exchange", "audit_view.missing")
    given = {name: value for name in ("purpose", "purpose_words") if (value := field_of(form, name))}
    return pages_of(request).page(
        request,
        "auditor_verified.html",
        exchange=exchange,
        checked=checked,
        brought=brought,
        published=places,
        verifier=offered(),
        carried=given,
        kind_key=key_of_kind,
        paths=PATHS,
    )


async def bundle(request: Request, exchange: str) -> Response:
    """The proof of one entry as a file; that it was taken away is recorded first. Raises Refusal (404, 409)."""
    doors, reader, named = doors_of(request), reader_of(request), ExchangeId(exchange)
    form = await form_of(request)
    entry, opened = EntryId(field_of(form, "entry")), field_of(form, "contents") != CLOSED
    if entry not in await entries_of(request, named):
        raise await stray(request, "exchange", "audit_view.missing")

    def work(purpose: Purpose) -> bytes:
        doors.reading.record(reader, "bundle", purpose, named)
        return canonical(doors.proofs.bundle(entry, contents=opened)) + b"\n"

    try:
        found = await through(request, named, work)
    except NotInTree:
        raise Refusal(409, "audit_verify.waiting") from None
    except (BadNote, TreeDamaged, ValueError, LookupError, TypeError):  # what is stored is too broken to be proved
        raise Refusal(409, "audit_verify.unreadable") from None
    if isinstance(found, Response):
        return found
    return _download(found[0], f"bundle-{entry}.json", "application/json")


async def whole(request: Request) -> Response:
    """What the last runs over the whole log found, and the form for another."""
    return with_language(request, await _whole(request))


async def begin(request: Request) -> Response:
    """Have the whole log checked; the page says when it is done."""
    doors, reader, brought = doors_of(request), reader_of(request), brought_by(await form_of(request))
    if brought.wrong:
        return await _whole(request, brought, "brought")
    who = Verifying(reader.id, reader.role, reader.name)
    if not doors.verifications.start(brought.notes, who):
        return await _whole(request, brought, "busy")
    return RedirectResponse(f"{root_of(request)}/verify", status_code=303)


async def file(request: Request) -> Response:
    """The verifier for outsiders."""
    del request
    return _download(offered().content, NAME, "text/x-python; charset=utf-8")


def brought_by(form: FormData) -> Brought:
    """The checkpoints in a form."""
    text = field_of(form, "checkpoint")[:_LONGEST]
    try:
        return Brought(text, notes_of(text))
    except ValueError:
        return Brought(text, (), wrong=True)


async def _whole(request: Request, brought: Brought | None = None, wrong: str = "") -> Response:
    doors = doors_of(request)
    running = doors.verifications.running  # before the runs: one that ends meanwhile is among them
    runs = await pooled(request, doors.verifications.runs)
    places = await pooled(request, lambda: published(doors, settings_of(request).site))
    return pages_of(request).page(
        request,
        "auditor_verify.html",
        status={"": 200, "busy": 409}.get(wrong, 422),
        runs=runs,
        running=running,
        failed=doors.verifications.failed,
        brought=brought or Brought(""),
        wrong=wrong,
        published=places,
        verifier=offered(),
        codes=FINDINGS,
        verdicts=VERDICTS,
    )


def _download(content: bytes, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)

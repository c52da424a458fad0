"""What stands before anything of one exchange is read: the question why, asked once and carried along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from fastapi import Request, Response

from audit.reading import Purpose, ReadingRefused
from bot.ports import LogUnavailable
from bot.records import EntryId, ExchangeId
from web.auditor_doors import doors_of, stray
from web.auditor_forms import PURPOSE, PURPOSE_WORDS, purpose_of
from web.forms import form_of, pages_of, with_language
from web.signing import pooled

Done = TypeVar("Done")
GONE: Final = "gone"
"""What the form says of an exchange whose entries have expired but for their hashes."""


async def entries_of(request: Request, exchange: ExchangeId) -> Mapping[EntryId, str]:
    """The kinds of the entries of an exchange, by id. Raises Refusal (404), which is recorded; LogUnavailable."""
    proofs = doors_of(request).proofs
    found = await pooled(request, lambda: proofs.entries_of(exchange))
    if not found:
        raise await stray(request, "exchange", "audit_view.missing")
    return dict(found)


async def ask_why(request: Request, exchange: str) -> Response:
    """The form that asks why, for whichever page is at this address; it shows nothing of the exchange."""
    await entries_of(request, ExchangeId(exchange))
    return with_language(request, _form(request, exchange, {}))


async def through(
    request: Request, exchange: ExchangeId, work: Callable[[Purpose], Done]
) -> tuple[Done, Purpose] | Response:
    """What ``work`` gives for the reason that was sent; the form again where there is none, or a page that says so
    where what is stored is not what its hashes say. Raises Refusal (404), LogUnavailable.
    """
    await entries_of(request, exchange)
    form = await form_of(request)
    try:
        purpose = purpose_of(form)
        return await pooled(request, lambda: work(purpose)), purpose
    except ReadingRefused as refused:
        return _form(request, exchange, form, GONE if refused.code == "unknown" else refused.code)
    except LogUnavailable as problem:
        if problem.cause != "corrupt":
            raise
        return pages_of(request).page(request, "auditor_broken.html", status=503, exchange=exchange)


def carried(purpose: Purpose) -> Mapping[str, str]:
    """The reason as the fields of the forms that follow."""
    return {PURPOSE: purpose.kind.value, PURPOSE_WORDS: purpose.words}


def _form(request: Request, exchange: str, given: Mapping[str, Any], wrong: str = "") -> Response:
    texts = {name: value for name in (PURPOSE, PURPOSE_WORDS) if isinstance(value := given.get(name), str)}
    return pages_of(request).page(
        request,
        "auditor_opening.html",
        status=410 if wrong == GONE else 422 if wrong else 200,
        exchange=exchange,
        wrong=wrong,
        given_purpose=texts.get(PURPOSE, ""),
        given_words=texts.get(PURPOSE_WORDS, ""),
        fields={name: field_of(given, name) for name in ("entry", "contents") if field_of(given, name)},
    )


def field_of(given: Mapping[str, Any], name: str) -> str:
    """One field as text; empty where it was not sent."""
    value = given.get(name, "")
    return value if isinstance(value, str) else ""

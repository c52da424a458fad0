"""Files from one desk's record: the exchanges that a list shows, and the whole log in the form that anyone can verify.

Why somebody takes a file away is asked and recorded, with the filter; the digest of the bytes is recorded before they
leave, and stands in their name and header.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final, TypeVar

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from audit.bundles import NotInTree
from audit.reading import Purpose, Reader, ReadingRefused
from web.auditor_doors import doors_of, reader_of
from web.auditor_filters import key_of
from web.auditor_forms import PURPOSE, PURPOSE_WORDS, Looked, looked_by_address, looked_by_form, purpose_of
from web.doors import AuditorDoors, in_pool
from web.exporting import FORMS, MOST, Made, TooLarge
from web.forms import field, form_of, pages_of, with_language

Done = TypeVar("Done")
RECORDS, LOG = "records", "log"
LOG_FORMS: Final = {"closed": False, "opened": True}
"""The forms of the whole log, and whether what people wrote is in it."""
NO_FORM: Final = "no_form"
NOT_YET: Final = "not_yet"
TOO_LARGE: Final = "too_large"
TOO_MANY: Final = "too_many"
_TYPES: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}


class _Refused(Exception):
    """There is no file; ``code`` says why on the page with the form."""

    def __init__(self, code: str) -> None:
        super().__init__(f"nothing is exported: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who takes what away, and why."""

    doors: AuditorDoors
    reader: Reader
    purpose: Purpose
    form: str


def routes(root: str) -> APIRouter:
    """The page of exports, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/exports", offer, methods=["GET"])
    router.add_api_route(f"{root}/exports", take, methods=["POST"])
    return router


async def offer(request: Request) -> Response:
    """The forms, for the filters in the address."""
    return with_language(request, _page(request, looked_by_address(request.query_params)))


async def take(request: Request) -> Response:
    """A file; the forms again where it cannot be had, or where the list only leads here (``do`` is ``offer``)."""
    form = await form_of(request)
    looked, do = looked_by_form(form), field(form, "do")
    if do not in (RECORDS, LOG):
        return _page(request, looked)
    try:
        asking = _Asking(doors_of(request), reader_of(request), purpose_of(form), field(form, "form"))
        work = _records(asking, looked) if do == RECORDS else _whole(asking)
        made = await _aside(request, work)
    except (ReadingRefused, _Refused) as refusal:
        return _page(request, looked, form, refusal.code)
    return _file(asking, made)


def _records(asking: _Asking, looked: Looked) -> Callable[[], Made]:
    def work() -> Made:
        if asking.form not in FORMS:
            raise _Refused(NO_FORM)
        exporting = asking.doors.reading.each(asking.reader, looked.query, asking.purpose)
        if exporting.total > MOST:
            raise _Refused(TOO_MANY)
        made = _made(lambda write: _poured(FORMS[asking.form](exporting), write))
        exporting.made(made.sha256.hex(), made.size, asking.form)
        return made

    return work


def _whole(asking: _Asking) -> Callable[[], Made]:
    def work() -> Made:
        if asking.form not in LOG_FORMS:
            raise _Refused(NO_FORM)
        reading, opened = asking.doors.reading, LOG_FORMS[asking.form]
        told = reading.whole(asking.reader, asking.purpose)
        made = _made(lambda write: asking.doors.proofs.export(write, contents=opened))
        told(made.sha256.hex(), made.size, asking.form)
        return made

    return work


def _made(fill: Callable[[Callable[[bytes], None]], object]) -> Made:
    made, refused = Made(), None
    try:
        fill(made.write)
    except TooLarge:
        refused = TOO_LARGE
    except NotInTree:
        refused = NOT_YET
    if refused is not None:
        raise _Refused(refused)
    return made


def _poured(parts: Iterable[bytes], write: Callable[[bytes], None]) -> None:
    for part in parts:
        write(part)


async def _aside(request: Request, work: Callable[[], Done]) -> Done:
    """Run where no answer to anybody waits for it; one file after the other."""
    exporter: Executor = request.app.state.exporter
    return await in_pool(exporter, work)


def _file(asking: _Asking, made: Made) -> Response:
    ending = asking.form if asking.form in FORMS else "jsonl"
    name = f"madoguchi-{asking.doors.name.value}-sha256-{made.sha256.hex()}.{ending}"
    return Response(
        made.data,
        media_type=_TYPES[ending],
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "repr-digest": f"sha-256=:{base64.b64encode(made.sha256).decode('ascii')}:",  # RFC 9530
        },
    )


def _page(request: Request, looked: Looked, form: FormData | None = None, wrong: str = "") -> Response:
    given = form if form is not None else FormData()
    return pages_of(request).page(
        request,
        "auditor_exports.html",
        status=422 if wrong else 200,
        looked=looked,
        wrong=wrong,
        wrong_at=field(given, "do") if wrong else "",
        given_purpose=field(given, PURPOSE),
        given_words=field(given, PURPOSE_WORDS),
        given_form=field(given, "form"),
        forms=tuple(FORMS),
        log_forms=tuple(LOG_FORMS),
        most=MOST,
        key_of=key_of,
    )

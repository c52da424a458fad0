"""One recorded answer again, at the auditor's desk: what came out, what differs from the record, and why it may.

That somebody looks is recorded before anything is shown, with the purpose; the replay itself writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from audit.reading import ReadingRefused
from bot.records import ExchangeId, Reply
from bot.replaying import Line, Part, Replayed
from web.auditor_doors import doors_of, reader_of, stray
from web.auditor_filters import key_of
from web.auditor_forms import PURPOSE, PURPOSE_WORDS, purpose_of
from web.differing import Piece, difference
from web.forms import field, form_of, pages_of, with_language
from web.replaying import UnknownExchange
from web.signing import pooled

READ: Final = "replay"
"""What the reading is called in the record."""
_UNKNOWN: Final = "unknown"
STAMPS: Final = frozenset(
    {
        "assessment", "automation", "confidential", "contacts", "cues", "danger", "gate", "glossary", "knowledge",
        "masking", "office", "program", "reply", "retrieval", "spelling", "triage", "words",
    }
)  # fmt: skip
"""The stamps that have words, ``replay.stamp.<name>``; another one is that of the embedding model."""
VALUES: Final[Mapping[str, str]] = {"outcome": "outcome", "topic": "topic", "risk": "risk", "automation": "level"}
"""The decisions whose values have words, and the filter that has the same."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One line that differs, word by word."""

    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Result:
    """What the page says first: ``same``, ``differs``, ``alone`` (nothing recorded to compare with) or ``none``."""

    verdict: str
    replayed: Replayed
    lines: Mapping[Part, Sequence[Changed]]

    @property
    def shown(self) -> Mapping[str, Reply]:
        """What stands in full below, by the key of its heading."""
        each = self.replayed
        found = {"recorded": each.recorded, "now": each.reply, "held_then": each.recorded_held, "held_now": each.held}
        return {name: reply for name, reply in found.items() if reply is not None}


def routes(root: str) -> APIRouter:
    """The page of one exchange, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/exchanges/{{exchange}}/replay", offer, methods=["GET"])
    router.add_api_route(f"{root}/exchanges/{{exchange}}/replay", replay, methods=["POST"])
    return router


async def offer(request: Request, exchange: str) -> Response:
    """What a replay is, and why somebody wants one."""
    return with_language(request, _page(request, exchange))


async def replay(request: Request, exchange: str) -> Response:
    """The answer again; the form again where no purpose was given."""
    form, doors, named = await form_of(request), doors_of(request), ExchangeId(exchange)
    try:
        purpose, reader = purpose_of(form), reader_of(request)
        await pooled(request, lambda: doors.reading.open(reader, named, purpose, READ))
        done = await pooled(request, lambda: doors.replay(named))
    except ReadingRefused as refusal:
        refused = refusal.code
    except UnknownExchange:
        refused = _UNKNOWN
    else:
        return _page(request, exchange, result=result_of(done))
    if refused == _UNKNOWN:
        raise await stray(request, "exchange", "replay.unknown")
    return _page(request, exchange, form, wrong=refused)


def result_of(done: Replayed) -> Result:
    """What a replay comes to, made ready to be shown. Pure."""
    if done.reply is None:
        verdict = "none"
    elif done.recorded is None:
        verdict = "alone"
    else:
        verdict = "same" if done.same else "differs"
    lines = {part: [_changed(each) for each in done.differing if each.part is part] for part in Part}
    return Result(verdict, done, {part: found for part, found in lines.items() if found})


def _changed(line: Line) -> Changed:
    return Changed(difference(line.then or "", line.now or ""))


def _page(
    request: Request, exchange: str, form: FormData | None = None, *, result: Result | None = None, wrong: str = ""
) -> Response:
    return pages_of(request).page(
        request,
        "auditor_replay.html",
        status=422 if wrong else 200,
        exchange=exchange,
        result=result,
        wrong=wrong,
        given_purpose=field(form, PURPOSE) if form else "",
        given_words=field(form, PURPOSE_WORDS) if form else "",
        stamps=STAMPS,
        values=VALUES,
        key_of=key_of,
    )

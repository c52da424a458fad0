"""Erasures, holds and the retention schedule: what people decide about a desk's record, two for each erasure.

No text of a person is shown here: what something is, how many texts it has, who decided and why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from audit.erasing_history import BASES, Done, Proposal
from audit.holds import WHY, Hold
from bot.deciding import Actor, DecisionRefused
from bot.ports import SystemLog
from bot.records import DeskName
from web.accounts.roles import Right
from web.accounts.values import Session
from web.decisions import actor_at, actor_of
from web.entrance import somebody
from web.forms import field, form_of, pages_of, with_language
from web.papers import Papers
from web.records import Records
from web.records_changes import Asked, approve, lift_hold, place_hold, propose, reject
from web.schedules import adopt_schedule, now, propose_schedule
from web.security import Refusal
from web.signing import pooled

router = APIRouter(include_in_schema=False)
MOST_DONE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal that waits, and how many texts it would destroy now."""

    proposal: Proposal
    texts: int


@dataclass(frozen=True, slots=True)
class DeskState:
    """What one desk's page shows. ``keeps``, ``approves``: what whoever is signed in may do there."""

    desk: DeskName
    waiting: Sequence[Waiting]
    decided: Sequence[Proposal]
    holds: Sequence[Hold]
    done: Sequence[Done]
    keeps: bool
    approves: bool


@router.get("/records")
async def records_page(request: Request) -> Response:
    """What waits, what is held, what was erased, and the forms."""
    _demand(request)
    return with_language(request, await _page(request))


@router.post("/records")
async def ask(request: Request) -> Response:
    """Propose an erasure, or place a hold."""
    session, form = _demand(request), await form_of(request)
    records = _at(request, field(form, "desk"))
    actor = _actor(session, records)
    ground, reference, reason = field(form, "ground"), field(form, "reference"), field(form, "reason")
    named, whole = field(form, "named"), field(form, "whole") == "yes"
    doing: dict[str, Callable[[Asked], object]] = {
        "propose": lambda asked: propose(records, actor, asked),
        "hold": lambda asked: place_hold(records, actor, asked),
    }
    chosen = doing.get(field(form, "do"))
    if chosen is None:
        raise Refusal(422, "error.request")
    if not session.may(Right.KEEP_RECORD, records.desk):
        raise Refusal(403, "error.right")
    return await _decide(request, lambda: chosen(Asked(records.find(named, whole=whole), ground, reference, reason)))


@router.post("/records/schedule")
async def put_in_force(request: Request) -> Response:
    """Propose that the body's own schedule is applied as it is configured, or adopt what somebody else proposed."""
    session, form = _demand(request), await form_of(request)
    actor = actor_of(session.account, session.name, session.grants)
    system: SystemLog = request.app.state.system
    schedule, reason = _papers(request).schedule.applied, field(form, "reason")
    doing: dict[str, Callable[[], object]] = {
        "propose": lambda: propose_schedule(system, schedule, actor, reason),
        "adopt": lambda: adopt_schedule(system, schedule, actor),
    }
    chosen = doing.get(field(form, "do"))
    if chosen is None:
        raise Refusal(422, "error.request")
    return await _decide(request, chosen)


@router.post("/records/{desk}/proposals/{proposal}")
async def decide(request: Request, desk: str, proposal: str) -> Response:
    """Approve somebody else's proposal to erase, or turn it down."""
    session, form = _demand(request), await form_of(request)
    records, reason = _at(request, desk), field(form, "reason")
    actor = _actor(session, records)
    doing: dict[str, Callable[[], object]] = {
        "approve": lambda: approve(records, proposal, actor),
        "reject": lambda: reject(records, proposal, actor, reason),
    }
    chosen = doing.get(field(form, "do"))
    if chosen is None:
        raise Refusal(422, "error.request")
    return await _decide(request, chosen)


@router.post("/records/{desk}/holds/{hold}")
async def lift(request: Request, desk: str, hold: str) -> Response:
    """Lift a hold that somebody else placed."""
    session, form = _demand(request), await form_of(request)
    records = _at(request, desk)
    actor, reason = _actor(session, records), field(form, "reason")
    return await _decide(request, lambda: lift_hold(records, hold, actor, reason))


async def _decide(request: Request, work: Callable[[], object]) -> Response:
    try:
        await pooled(request, work)
    except DecisionRefused as refused:
        return await _page(request, f"records.refused.{refused.code}", status=422)
    return RedirectResponse(f"{request.app.state.root}/records", status_code=303)


async def _page(request: Request, error: str | None = None, *, status: int = 200) -> Response:
    session = somebody(request)
    desks = await pooled(request, lambda: [_state(each, session) for each in _seen(request, session)])
    system, schedule = request.app.state.system, _papers(request).schedule
    state = await pooled(request, lambda: now(system, schedule.applied))
    return pages_of(request).page(
        request,
        "admin_records.html",
        status=status,
        desks=desks,
        keeping=[each.desk for each in desks if each.keeps],
        me=session,
        schedule=schedule,
        standing=state,
        bases=BASES,
        whys=WHY,
        error=error,
    )


def _state(records: Records, session: Session) -> DeskState:
    told = records.history()
    waiting = [Waiting(each, records.count(each.scope) if each.scope else 0) for each in told.waiting]
    return DeskState(
        desk=records.desk,
        waiting=waiting,
        decided=[each for each in reversed(told.proposals) if each not in told.waiting][:MOST_DONE],
        holds=list(reversed(records.holds())),
        done=list(reversed(told.done))[:MOST_DONE],
        keeps=session.may(Right.KEEP_RECORD, records.desk),
        approves=session.may(Right.APPROVE, records.desk) or session.may(Right.KEEP_RECORD, records.desk),
    )


def _seen(request: Request, session: Session) -> Sequence[Records]:
    every: Sequence[Records] = request.app.state.records
    return [
        each for each in every if session.may(Right.KEEP_RECORD, each.desk) or session.may(Right.APPROVE, each.desk)
    ]


def _at(request: Request, desk: str) -> Records:
    """One desk's, where whoever is signed in has a part in it; another is none."""
    found = next((each for each in _seen(request, somebody(request)) if each.desk.value == desk), None)
    if found is not None:
        return found
    raise Refusal(403, "error.right") if desk in {each.value for each in DeskName} else Refusal(404, "error.missing")


def _papers(request: Request) -> Papers:
    papers: Papers = request.app.state.settings.papers
    return papers


def _demand(request: Request) -> Session:
    session = somebody(request)
    if not any(map(session.may_somewhere, (Right.KEEP_RECORD, Right.APPROVE))):
        raise Refusal(403, "error.right")
    return session


def _actor(session: Session, records: Records) -> Actor:
    return actor_at(session.account, session.name, session.grants, records.desk)

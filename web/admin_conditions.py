"""Deciding by two people that a row may go on answering directly, or answers directly again. Figures alone: this
application has no desk's log in its reach, so they are those that the desks wrote into the system log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.conditions import Conditions
from bot.conditions_changes import approve, propose, reject
from bot.conditions_values import LONGEST, day_of
from bot.deciding import Actor, DecisionRefused
from bot.ports import SystemLog
from web.accounts.roles import Right
from web.accounts.values import Session
from web.decisions import actor_of
from web.entrance import somebody
from web.forms import field, form_of, pages_of, with_language
from web.security import Refusal
from web.signing import pooled

router = APIRouter(include_in_schema=False)
_A_QUARTER = timedelta(days=90)


@router.get("/conditions")
async def conditions_page(request: Request) -> Response:
    """How the rows of every desk stand, what waits for approval, and what was decided."""
    _demand(request)
    return with_language(request, await _page(request))


@router.post("/conditions/{desk}")
async def propose_permit(request: Request, desk: str) -> Response:
    """Propose that a row answers directly up to a day; where errors were exceeded, that it returns."""
    session, form, conditions = _demand(request), await form_of(request), _of(request, desk)
    typed = {name: field(form, name) for name in ("row", "until", "reason")}
    try:
        until = date.fromisoformat(typed["until"])
    except ValueError:
        return await _page(request, "decided.bad_day", {"desk": desk, **typed})
    system, actor = _system(request), _actor(session)
    return await _decide(
        request,
        lambda: propose(system, conditions, typed["row"], until, actor, typed["reason"]),
        {"desk": desk, **typed},
    )


@router.post("/conditions/{desk}/{proposal}")
async def decide_permit(request: Request, desk: str, proposal: str) -> Response:
    """Approve somebody else's proposal, or turn it down."""
    session, form, conditions = _demand(request), await form_of(request), _of(request, desk)
    system, actor, reason = _system(request), _actor(session), field(form, "reason")
    doing: dict[str, Callable[[], object]] = {
        "approve": lambda: approve(system, conditions, proposal, actor),
        "reject": lambda: reject(system, conditions, proposal, actor, reason),
    }
    chosen = doing.get(field(form, "do"))
    if chosen is None:
        raise Refusal(422, "error.request")
    return await _decide(request, chosen, {})


async def _decide(request: Request, work: Callable[[], object], typed: dict[str, str]) -> Response:
    try:
        await pooled(request, work)
    except DecisionRefused as refused:
        return await _page(request, f"decided.{refused.code}", typed)
    return RedirectResponse(f"{request.app.state.root}/conditions", status_code=303)


async def _page(request: Request, error: str | None = None, typed: dict[str, str] | None = None) -> Response:
    desks, session = _desks(request), somebody(request)
    standings = await pooled(request, lambda: [(each, each.now(), day_of(each.clock.now())) for each in desks])
    return pages_of(request).page(
        request,
        "admin_conditions.html",
        status=422 if error else 200,
        standings=standings,
        longest=LONGEST,
        suggested=_A_QUARTER,
        typed=typed or {},
        me=session,
        may_approve=session.may(Right.APPROVE),
        error=error,
    )


def _demand(request: Request) -> Session:
    session = somebody(request)
    if not (session.may(Right.PROPOSE) or session.may(Right.APPROVE)):
        raise Refusal(403, "error.right")
    return session


def _of(request: Request, desk: str) -> Conditions:
    found = next((each for each in _desks(request) if each.desk.value == desk), None)
    if found is None:
        raise Refusal(404, "error.missing")
    return found


def _desks(request: Request) -> Sequence[Conditions]:
    desks: Sequence[Conditions] = request.app.state.conditions
    return desks


def _system(request: Request) -> SystemLog:
    system: SystemLog = request.app.state.system
    return system


def _actor(session: Session) -> Actor:
    return actor_of(session.account, session.name, session.grants)

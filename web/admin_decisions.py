"""The off switch and the automation register: what people decide about the service, each decision an entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.deciding import Actor, DecisionRefused
from bot.ports import SystemLog
from bot.register import as_toml, read_register
from bot.register_changes import approve, propose, reject
from bot.register_history import ActiveRegister, History
from bot.register_rows import BadRegister
from bot.switch import Off, OffSwitch, Scope, throw
from web.accounts.roles import Right
from web.accounts.values import Session
from web.decisions import actor_of
from web.entrance import somebody
from web.forms import field, form_of, pages_of, with_language
from web.security import Refusal
from web.signing import pooled

router = APIRouter(include_in_schema=False)
REGISTER_LIMIT = 60_000  # characters


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided, as it stands: the register's history, and what is switched off."""

    history: History
    thrown: Mapping[Scope, Off]


async def state_of(request: Request) -> Decided:
    """What stands now. Raises LogUnavailable."""
    system = _system(request)
    return await pooled(request, lambda: Decided(ActiveRegister(system).history(), OffSwitch(system).thrown()))


@router.get("/switch")
async def switch_page(request: Request) -> Response:
    """Whether the AI's answers are on, and the form to stop or resume them."""
    _demand(request, Right.THROW_SWITCH)
    return with_language(request, await _switch(request))


@router.post("/switch")
async def throw_switch(request: Request) -> Response:
    """Stop or resume the AI's answers at one desk or everywhere; the reason is shown to everybody."""
    session, form = _demand(request, Right.THROW_SWITCH), await form_of(request)
    system, why, off = _system(request), field(form, "why"), field(form, "do") == "off"
    try:
        scope = Scope(field(form, "scope"))
    except ValueError:
        raise Refusal(422, "error.request") from None
    try:
        await pooled(request, lambda: throw(system, scope, _actor(session), why, off=off))
    except DecisionRefused as refused:
        return await _switch(request, f"decided.{refused.code}", status=422)
    return RedirectResponse(f"{request.app.state.root}/switch", status_code=303)


@router.get("/register")
async def register_page(request: Request) -> Response:
    """The rows in force, what waits for approval, and what was decided."""
    _demand(request, Right.PROPOSE, Right.APPROVE)
    return with_language(request, await _register(request))


@router.post("/register")
async def propose_register(request: Request) -> Response:
    """Propose a whole version in place of the one in force."""
    session, form = _demand(request, Right.PROPOSE, Right.APPROVE), await form_of(request)
    typed, reason = field(form, "register"), field(form, "reason")
    if len(typed) > REGISTER_LIMIT:
        raise Refusal(413, "error.large")

    def work() -> object:
        return propose(_system(request), read_register(typed), _actor(session), reason)

    return await _decide(request, work, typed=typed)


@router.post("/register/{proposal}")
async def decide_register(request: Request, proposal: str) -> Response:
    """Approve somebody else's proposal, or turn it down."""
    session, form = _demand(request, Right.PROPOSE, Right.APPROVE), await form_of(request)
    reason, system = field(form, "reason"), _system(request)
    doing: dict[str, Callable[[], object]] = {
        "approve": lambda: approve(system, proposal, _actor(session)),
        "reject": lambda: reject(system, proposal, _actor(session), reason),
    }
    chosen = doing.get(field(form, "do"))
    if chosen is None:
        raise Refusal(422, "error.request")
    return await _decide(request, chosen)


async def _decide(request: Request, work: Callable[[], object], *, typed: str | None = None) -> Response:
    try:
        await pooled(request, work)
    except DecisionRefused as refused:
        said = str(refused) if refused.code == "bad_register" else None
        return await _register(request, f"decided.{refused.code}", said=said, typed=typed, status=422)
    except BadRegister as bad:
        return await _register(request, "decided.bad_register", said=str(bad), typed=typed, status=422)
    return RedirectResponse(f"{request.app.state.root}/register", status_code=303)


def _demand(request: Request, *rights: Right) -> Session:
    session = somebody(request)
    if not any(session.may(right) for right in rights):
        raise Refusal(403, "error.right")
    return session


def _actor(session: Session) -> Actor:
    return actor_of(session.account, session.name, session.grants)


def _system(request: Request) -> SystemLog:
    system: SystemLog = request.app.state.system
    return system


async def _switch(request: Request, error: str | None = None, *, status: int = 200) -> Response:
    state = await state_of(request)
    return pages_of(request).page(
        request, "admin_switch.html", status=status, thrown=state.thrown, scopes=tuple(Scope), error=error
    )


async def _register(
    request: Request,
    error: str | None = None,
    *,
    said: str | None = None,
    typed: str | None = None,
    status: int = 200,
) -> Response:
    state, session = await state_of(request), somebody(request)
    return pages_of(request).page(
        request,
        "admin_register.html",
        status=status,
        history=state.history,
        typed=typed if typed is not None else as_toml(state.history.active),
        me=session,
        may_approve=session.may(Right.APPROVE),
        error=error,
        said=said,
    )

"""Accounts and roles: who there is, who may do what, and the changes an administrator makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.records import DeskName
from web.accounts.roles import BadGrant, Grant, Right, Role, RoleTable, grant_named, role_table
from web.accounts.values import Account, AccountId, AccountRefused, Initial, Session
from web.entrance import somebody
from web.forms import field, form_of, pages_of, with_language
from web.security import Refusal
from web.signing import accounts_of, pooled

router = APIRouter(include_in_schema=False)


def choices() -> Sequence[Grant]:
    """Every grant that can be given, in the order of the published table."""
    table = role_table()
    return [Grant(role, desk) for role in Role for desk in _where(role, table)]


def _where(role: Role, table: RoleTable) -> Sequence[DeskName | None]:
    """Where a role can be given. The public desk is open to everybody, so nobody is given its use."""
    if role is Role.STAFF:
        return (DeskName.STAFF,)
    return (None,) if table.rows[role].where == "service" else (*DeskName, None)


@router.get("/accounts")
async def accounts_page(request: Request) -> Response:
    """Every account with its roles and its state; never what anybody wrote."""
    _demand(request, Right.SEE_ACCOUNTS)
    return with_language(request, await _page(request))


@router.post("/accounts")
async def create(request: Request) -> Response:
    """Make an account; its first password is shown on this answer alone."""
    session, form = _demand(request, Right.CHANGE_ACCOUNTS), await form_of(request)
    login, name = field(form, "login").strip(), field(form, "name").strip()
    accounts = accounts_of(request)

    def make() -> Initial:
        grants = _grants([value for value in form.getlist("grant") if isinstance(value, str)])
        return accounts.administration.create(login, name, grants, by=session.account)

    return await _changed(request, make)


@router.post("/accounts/{account}/grants")
async def change_grants(request: Request, account: str) -> Response:
    """Give one role or take one away; the account's sessions end."""
    session, form = _demand(request, Right.CHANGE_ACCOUNTS), await form_of(request)
    administration = accounts_of(request).administration
    named, give = field(form, "grant"), field(form, "do") == "give"

    def change() -> None:
        (grant,) = _grants([named])
        (administration.give if give else administration.take)(AccountId(account), grant, by=session.account)

    return await _changed(request, change)


@router.post("/accounts/{account}/state")
async def change_state(request: Request, account: str) -> Response:
    """Close or open an account, end its sessions, or give it a new first password."""
    session, form = _demand(request, Right.CHANGE_ACCOUNTS), await form_of(request)
    accounts, named = accounts_of(request), AccountId(account)
    administration = accounts.administration
    doing: dict[str, Callable[[], object]] = {
        "disable": lambda: administration.disable(named, by=session.account),
        "enable": lambda: administration.enable(named, by=session.account),
        "reset": lambda: administration.reset_password(named, by=session.account),
        "end": lambda: accounts.end_sessions(named, by=session.account),
    }
    chosen = doing.get(field(form, "do"))
    if chosen is None:
        raise Refusal(422, "error.request")
    return await _changed(request, chosen)


def _demand(request: Request, right: Right) -> Session:
    session = somebody(request)
    if not session.may(right):
        raise Refusal(403, "error.right")
    return session


def _grants(named: Sequence[str]) -> set[Grant]:
    return {grant_named(each) for each in named if each}


async def _changed(request: Request, change: Callable[[], object]) -> Response:
    """Make the change, then show the list: by redirect, or with a first password that is shown only here."""
    try:
        made = await pooled(request, change)
    except AccountRefused as refused:
        return await _page(request, error=f"accounts.{refused.problem.value}", status=422)
    except (BadGrant, ValueError):
        raise Refusal(422, "error.request") from None
    if isinstance(made, Initial):
        return await _page(request, made=made)
    return RedirectResponse(f"{request.app.state.root}/accounts", status_code=303)


async def _page(
    request: Request, *, error: str | None = None, made: Initial | None = None, status: int = 200
) -> Response:
    accounts = accounts_of(request)
    everybody: Sequence[Account] = await pooled(request, accounts.administration.list)
    return pages_of(request).page(
        request,
        "admin_accounts.html",
        status=status,
        accounts=everybody,
        choices=choices(),
        table=role_table(),
        me=somebody(request),
        may_change=somebody(request).may(Right.CHANGE_ACCOUNTS),
        error=error,
        made=made,
    )

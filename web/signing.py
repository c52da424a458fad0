"""Signing in and out, the own password, the own sessions and tokens: the same pages for every gated application."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from web.accounts.oidc import OpenIdConnect
from web.accounts.service import Accounts
from web.accounts.values import AccountRefused, PasswordRefused, Session, SignedIn, SignInRefused
from web.asking import demand
from web.doors import in_pool, settings_of
from web.entrance import Entrance, session_of, somebody
from web.forms import field, form_of, pages_of, with_language
from web.security import Refusal, demand_same_site

Done = TypeVar("Done")
LOGIN_LIMIT = 200  # characters
PASSWORD_LIMIT = 1_000  # characters; the accounts have their own, lower one
LABEL_LIMIT = 60  # characters
VISIT_SECONDS = 600


def routes(root: str) -> APIRouter:
    """The pages, below ``root``."""
    router = APIRouter(include_in_schema=False)
    for address, page, send in (
        ("sign-in", sign_in_page, sign_in),
        ("password", password_page, change_password),
    ):
        router.add_api_route(f"{root}/{address}", page, methods=["GET"])
        router.add_api_route(f"{root}/{address}", send, methods=["POST"])
    router.add_api_route(f"{root}/sign-out", sign_out, methods=["POST"])
    router.add_api_route(f"{root}/account", account_page, methods=["GET"])
    router.add_api_route(f"{root}/account/tokens", make_token, methods=["POST"])
    router.add_api_route(f"{root}/account/tokens/end", end_token, methods=["POST"])
    router.add_api_route(f"{root}/account/sessions/end", end_sessions, methods=["POST"])
    router.add_api_route(f"{root}/provider", to_provider, methods=["GET"])
    router.add_api_route(f"{root}/provider/back", from_provider, methods=["GET"])
    return router


def accounts_of(request: Request) -> Accounts:
    """The accounts of the application that received the request."""
    accounts: Accounts = request.app.state.accounts
    return accounts


def entrance_of(request: Request) -> Entrance:
    """The entrance of the application that received the request."""
    entrance: Entrance = request.app.state.entrance
    return entrance


async def pooled(request: Request, call: Callable[[], Done]) -> Done:
    """Run what blocks in the application's pool."""
    pool: Executor = request.app.state.pool
    return await in_pool(pool, call)


async def sign_in_page(request: Request) -> Response:
    """The form; who is signed in already goes on to the desk."""
    if session_of(request) is not None:
        return RedirectResponse(entrance_of(request).root, status_code=303)
    return with_language(request, _form(request))


async def sign_in(request: Request) -> Response:
    """Open a session. One and the same sentence for every refusal but a missing right."""
    demand_same_site(request)
    demand(request)
    form = await form_of(request)
    login, password = field(form, "login")[:LOGIN_LIMIT], field(form, "password")[:PASSWORD_LIMIT]
    entrance, accounts = entrance_of(request), accounts_of(request)
    try:
        signed = await pooled(request, lambda: accounts.sign_in(login, password, entrance.door))
    except SignInRefused as refused:
        return _form(request, _refused(refused), status=403 if refused.proven else 401)
    return _entered(request, signed)


async def sign_out(request: Request) -> Response:
    """End the session."""
    entrance, accounts = entrance_of(request), accounts_of(request)
    token = request.cookies.get(entrance.cookie)
    await pooled(request, lambda: accounts.sign_out(token))
    response = RedirectResponse(entrance.sign_in, status_code=303)
    entrance.drop(response)
    return response


async def password_page(request: Request) -> Response:
    """The form for a new password."""
    return with_language(request, _password(request, somebody(request)))


async def change_password(request: Request) -> Response:
    """Change the own password; every other session of the account ends."""
    demand(request)
    session, form = somebody(request), await form_of(request)
    old, new, again = (field(form, name)[:PASSWORD_LIMIT] for name in ("old", "new", "again"))
    if new != again:
        return _password(request, session, "password.differ", status=422)
    accounts = accounts_of(request)
    try:
        signed = await pooled(request, lambda: accounts.change_password(session, old, new))
    except SignInRefused:
        return _password(request, session, "password.old", status=422)
    except PasswordRefused as refused:
        return _password(request, session, f"password.{refused.problem.value}", status=422)
    return _entered(request, signed)


async def account_page(request: Request) -> Response:
    """Who one is here, where one is signed in, which tokens there are."""
    return with_language(request, await _account(request, somebody(request)))


async def make_token(request: Request) -> Response:
    """Make a token for a program; it is shown on this answer and never again."""
    session, form = somebody(request), await form_of(request)
    label = field(form, "label").strip()[:LABEL_LIMIT]
    accounts = accounts_of(request)
    if not label:
        return await _account(request, session, error="account.token.label", status=422)
    try:
        token, _ = await pooled(request, lambda: accounts.tokens.create(session, label))
    except AccountRefused as refused:
        return await _account(request, session, error=f"accounts.{refused.problem.value}", status=422)
    return await _account(request, session, made=token)


async def end_token(request: Request) -> Response:
    """End one of the own tokens."""
    session, form = somebody(request), await form_of(request)
    accounts, named = accounts_of(request), field(form, "id")
    await pooled(request, lambda: accounts.tokens.revoke(session.account, named, by=session.account))
    return RedirectResponse(f"{entrance_of(request).root}/account", status_code=303)


async def end_sessions(request: Request) -> Response:
    """End all of one's own sessions, this one too."""
    session, entrance, accounts = somebody(request), entrance_of(request), accounts_of(request)
    await pooled(request, lambda: accounts.end_sessions(session.account, by=session.account))
    response = RedirectResponse(entrance.sign_in, status_code=303)
    entrance.drop(response)
    return response


def _entered(request: Request, signed: SignedIn) -> Response:
    entrance = entrance_of(request)
    response = RedirectResponse(entrance.password if signed.session.must_change else entrance.root, status_code=303)
    entrance.keep(response, signed.token)
    return response


def _refused(refused: SignInRefused) -> str:
    return "sign_in.right" if refused.proven else "sign_in.refused"


def _form(request: Request, error: str | None = None, *, status: int = 200) -> Response:
    provider = request.app.state.provider is not None
    return pages_of(request).page(request, "sign_in.html", status=status, error=error, provider=provider)


def _password(request: Request, session: Session, error: str | None = None, *, status: int = 200) -> Response:
    return pages_of(request).page(
        request, "password.html", status=status, error=error, forced=session.must_change, login=session.login
    )


async def _account(
    request: Request, session: Session, *, error: str | None = None, made: str | None = None, status: int = 200
) -> Response:
    accounts = accounts_of(request)
    tokens = await pooled(request, lambda: accounts.tokens.list(session.account))
    return pages_of(request).page(
        request, "account.html", status=status, who=session, tokens=tokens, made=made, error=error
    )


async def to_provider(request: Request) -> Response:
    """Go to the identity provider. A link, not a form: the content policy lets no form lead to another site."""
    demand(request)
    entrance, provider = entrance_of(request), _provider(request)
    try:
        visit = await pooled(request, lambda: provider.begin(entrance.door, _back(request)))
    except SignInRefused as refused:
        return _form(request, _refused(refused), status=503)
    response = RedirectResponse(visit.address, status_code=303)
    # Lax: the way back begins at the provider's site.
    response.set_cookie(
        entrance.visit, visit.browser, max_age=VISIT_SECONDS, httponly=True, samesite="lax", secure=entrance.secure
    )
    return response


async def from_provider(request: Request) -> Response:
    """Come back from the identity provider. The session's cookie is for this site's own pages alone (SameSite=Strict),
    so this page leads on by itself instead of redirecting: a redirect would still count as the provider's.
    """
    demand(request)
    entrance, provider = entrance_of(request), _provider(request)
    browser, answer = request.cookies.get(entrance.visit), dict(request.query_params)
    try:
        signed = await pooled(request, lambda: provider.finish(browser, answer, entrance.door, _back(request)))
    except SignInRefused as refused:
        response = _form(request, _refused(refused), status=403 if refused.proven else 401)
    else:
        response = pages_of(request).page(request, "signed_in.html")
        entrance.keep(response, signed.token)
    response.delete_cookie(entrance.visit, httponly=True, samesite="lax", secure=entrance.secure)
    return response


def _provider(request: Request) -> OpenIdConnect:
    provider: OpenIdConnect | None = request.app.state.provider
    if provider is None:
        raise Refusal(404, "error.missing")
    return provider


def _back(request: Request) -> str:
    """This door's own address for the way back. From the settings: what a request names as its host is not believed."""
    return f"{settings_of(request).site}{entrance_of(request).root}/provider/back"

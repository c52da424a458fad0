"""OpenID Connect: the authorization code flow with PKCE, after OpenID Connect Core 1.0 and RFC 9700.

What comes back is data to be checked: state, nonce, and of the ID token its signature, issuer, audience and times
(``openid``). Each visit is good once, for a few minutes, in the browser that began it and at the door it began at.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, delete, func, select

from bot.ports import Clock
from web.accounts.provider import ProviderFailed
from web.accounts.sign_in import SigningIn
from web.accounts.store import Store, add_row, digest, seconds
from web.accounts.tables import FLOWS
from web.accounts.values import Cause, Door, Identity, Limits, SignedIn

if TYPE_CHECKING:
    from web.accounts.openid import Provider

_MOST_VISITS: Final = 10_000
_LONGEST_SUBJECT: Final = 255  # ASCII characters: OpenID Connect Core 1.0, section 2


@dataclass(frozen=True, slots=True)
class Visit:
    """Where to send the browser, and what it must hold until it comes back: a cookie, HttpOnly and SameSite=Lax (the
    way back begins at another site), for ``Limits.flow``.
    """

    address: str = field(repr=False)
    browser: str = field(repr=False)


class OpenIdConnect:
    """Signs people in by the configured provider. Raises LogUnavailable, AccountsUnavailable."""

    def __init__(self, provider: Provider, store: Store, signing_in: SigningIn, clock: Clock, limits: Limits) -> None:
        self._provider, self._settings = provider, provider.settings
        self._store, self._signing_in, self._clock, self._limits = store, signing_in, clock, limits

    def begin(self, door: Door, back: str) -> Visit:
        """Begin a visit. ``back`` is this door's own address for the way back, as registered with the provider.

        Raises SignInRefused (PROVIDER_FAILED) where the provider cannot be reached.
        """
        state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(4))
        try:
            address = self._provider.address(back, state, nonce, verifier)
        except ProviderFailed as failure:
            cause = failure.cause
        else:
            self._remember(door, browser, state, nonce, verifier)
            return Visit(address, browser)
        return self._signing_in.refuse(cause, door)

    def _remember(self, door: Door, browser: str, state: str, nonce: str, verifier: str) -> None:
        now = seconds(self._clock.now())
        row: dict[str, str | int | bytes | None] = {
            "browser": digest(browser),
            "state": digest(state),
            "nonce": nonce,
            "verifier": verifier,
            "door": door.value,
            "begun": now,
        }

        def work(connection: Connection) -> bool:
            connection.execute(delete(FLOWS).where(FLOWS.c.begun <= now - int(self._limits.flow.total_seconds())))
            if connection.execute(select(func.count()).select_from(FLOWS)).scalar_one() >= _MOST_VISITS:
                return False
            add_row(connection, FLOWS, **row)
            return True

        if not self._store.change(work):
            self._signing_in.refuse(Cause.BAD_FLOW, door)

    def finish(self, browser: str | None, answer: Mapping[str, str], door: Door, back: str) -> SignedIn:
        """Finish a visit: ``browser`` from the cookie, ``answer`` the query of the way back.

        Raises SignInRefused; the provider's own words are never shown or kept.
        """
        try:
            nonce, verifier = self._taken_out(browser, answer, door)
            now = seconds(self._clock.now())
            identity = self._identity(self._provider.claims(answer["code"], nonce, verifier, back, now))
        except ProviderFailed as failure:
            cause = failure.cause
        else:
            return self._signing_in.by_link(identity, door)
        return self._signing_in.refuse(cause, door)

    def _taken_out(self, browser: str | None, answer: Mapping[str, str], door: Door) -> tuple[str, str]:
        """Nonce and verifier of the visit, which is gone from now on, whatever comes of it."""
        if not browser:
            raise ProviderFailed(Cause.BAD_FLOW)
        named = FLOWS.c.browser == digest(browser)

        def work(connection: Connection) -> Any:
            row = connection.execute(select(FLOWS).where(named)).first()
            connection.execute(delete(FLOWS).where(named))
            return row

        row = self._store.change(work)
        now = seconds(self._clock.now())
        if (
            row is None
            or row.door != door.value
            or not row.begun <= now < row.begun + self._limits.flow.total_seconds()
        ):
            raise ProviderFailed(Cause.BAD_FLOW)
        if not hmac.compare_digest(row.state, digest(answer.get("state", ""))) or not answer.get("code"):
            raise ProviderFailed(Cause.BAD_FLOW)
        # RFC 9207: a provider that names itself must name the one that was asked.
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            raise ProviderFailed(Cause.BAD_FLOW)
        return row.nonce, row.verifier

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject.isascii() or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise ProviderFailed(Cause.BAD_ID_TOKEN)
        login = claims.get(self._settings.link_claim) if self._settings.link_claim else None
        if self._settings.link_claim == "email" and claims.get("email_verified") is not True:
            login = None  # an address that the provider did not verify is whatever its owner typed
        groups = claims.get(self._settings.groups_claim)
        held = [each for each in groups if isinstance(each, str)] if isinstance(groups, list) else []
        table = self._settings.groups
        grants = None if table is None else frozenset().union(*(table.get(each, frozenset()) for each in held))
        return Identity(self._settings.issuer, subject, login if isinstance(login, str) else None, grants)

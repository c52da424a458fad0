"""How the identity provider is named in the settings, and what is wrong with a name or with the provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from web.accounts.roles import Grant
from web.accounts.values import Cause

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One identity provider. ``link_claim``: the claim (``preferred_username`` or ``email``) that may link an account
    without a password on its first sign-in. ``groups``: group -> grants; None leaves roles to administrators.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    link_claim: str | None = None
    groups_claim: str = "groups"
    groups: Mapping[str, frozenset[Grant]] | None = None
    scope: str = "openid profile email"


class BadProvider(ValueError):
    """The settings of the identity provider cannot be used; the message says why."""


class ProviderFailed(Exception):
    """The provider's part went wrong; the cause is for the record, and the provider's own words are not kept."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


def demand_usable(settings: ProviderSettings) -> None:
    """Raises BadProvider: the issuer must be an https address (http on this very machine), with a client id."""
    parts = urlsplit(settings.issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise BadProvider("the issuer must be an https:// address")
    if parts.query or parts.fragment or not parts.netloc or parts.username:
        raise BadProvider("the issuer must be an address without user, query or fragment")
    if not settings.client_id:
        raise BadProvider("the client id is missing")
    if settings.link_claim not in (None, "email", "preferred_username"):
        raise BadProvider("the linking claim is email or preferred_username")

"""The identity provider: what is asked of it over HTTP, and how its ID token is checked.

Requests go to the configured issuer alone: an endpoint on another host is not used, redirects are not followed,
proxies of the environment are not asked.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from httpx2 import HTTPError, InvalidURL
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from web.accounts.provider import ProviderFailed, ProviderSettings, demand_usable
from web.accounts.values import Cause

_DISCOVERY: Final = "/.well-known/openid-configuration"
_SECONDS: Final = 5.0
_LARGEST: Final = 256 * 1024  # bytes of any answer
_LEEWAY: Final = 120  # seconds that the provider's clock may differ
# Signatures with the provider's private key only: with a shared secret whoever holds it could sign for anybody.
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class Provider:
    """One identity provider, asked anew at each visit. Raises BadProvider at once, ProviderFailed later."""

    def __init__(self, settings: ProviderSettings) -> None:
        demand_usable(settings)
        self.settings = settings
        self._trusted = ssl.create_default_context()

    def address(self, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser: an authorization request with state, nonce and the challenge of PKCE (S256)."""
        endpoint = self._endpoint(self._discovered(), "authorization_endpoint")
        with self._client(back) as client:
            address, _ = client.create_authorization_url(endpoint, state=state, nonce=nonce, code_verifier=verifier)
        return str(address)

    def claims(self, code: str, nonce: str, verifier: str, back: str, now: int) -> Mapping[str, Any]:
        """The checked claims of the ID token that a code is exchanged for."""
        found = self._discovered()
        token = self._exchanged(self._endpoint(found, "token_endpoint"), code, verifier, back)
        claims = self._checked(token, self._fetched(self._endpoint(found, "jwks_uri")), nonce, now)
        if all(name in claims for name in self._wanted()):
            return claims
        return {**self._told(found, token, claims), **claims}

    def _wanted(self) -> Sequence[str]:
        """The claims that the settings rest on beside the subject."""
        linking = {None: (), "email": ("email", "email_verified")}.get(
            self.settings.link_claim, ("preferred_username",)
        )
        return (*linking, *(() if self.settings.groups is None else (self.settings.groups_claim,)))

    def _told(self, found: Mapping[str, Any], token: Mapping[str, Any], claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the provider tells about the person beside the ID token: OpenID Connect Core 1.0, 5.3 and 5.4."""
        told = self._fetched(self._endpoint(found, "userinfo_endpoint"), token)
        if told.get("sub") != claims.get("sub"):  # 5.3.2: else it may be somebody else's
            raise ProviderFailed(Cause.BAD_ID_TOKEN)
        return told

    def _exchanged(self, endpoint: str, code: str, verifier: str, back: str) -> Mapping[str, Any]:
        try:
            with self._client(back) as client:
                token: Mapping[str, Any] = client.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, code_verifier=verifier
                )
        except (AuthlibBaseError, HTTPError, InvalidURL, ValueError):
            raise ProviderFailed(Cause.PROVIDER_FAILED) from None
        return token

    def _checked(self, token: Mapping[str, Any], keys: Mapping[str, Any], nonce: str, now: int) -> Mapping[str, Any]:
        """Signature, issuer, audience, times, nonce: OpenID Connect Core 1.0, 3.1.3.7."""
        try:
            read = jwt.decode(
                token["id_token"], KeySet.import_key_set({"keys": keys["keys"]}), algorithms=list(_ALGORITHMS)
            )
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": self.settings.issuer},
                    "aud": {"essential": True, "value": self.settings.client_id},
                    "sub": {"essential": True},
                },
                {"nonce": nonce, "client_id": self.settings.client_id, "access_token": token.get("access_token")},
            )
            claims.validate(now=now, leeway=_LEEWAY)
        except (JoseError, KeyError, TypeError, ValueError):
            raise ProviderFailed(Cause.BAD_ID_TOKEN) from None
        return dict(claims)

    def _discovered(self) -> Mapping[str, Any]:
        found = self._fetched(self.settings.issuer.rstrip("/") + _DISCOVERY)
        if found.get("issuer") != self.settings.issuer:  # OpenID Connect Discovery 1.0, 4.3
            raise ProviderFailed(Cause.PROVIDER_FAILED)
        return found

    def _endpoint(self, found: Mapping[str, Any], name: str) -> str:
        """An endpoint of the discovery document. Only where it lies on the issuer's own host."""
        address = found.get(name)
        if not isinstance(address, str) or urlsplit(address)[:2] != urlsplit(self.settings.issuer)[:2]:
            raise ProviderFailed(Cause.PROVIDER_FAILED)
        return address

    def _fetched(self, address: str, token: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        try:
            with (
                self._client("", token) as client,
                client.stream("GET", address, withhold_token=token is None) as response,
            ):
                response.raise_for_status()
                body = bytearray()
                for part in response.iter_bytes():
                    body += part
                    if len(body) > _LARGEST:
                        raise ProviderFailed(Cause.PROVIDER_FAILED)
                found = json.loads(bytes(body))
        except (AuthlibBaseError, HTTPError, InvalidURL, ValueError):
            raise ProviderFailed(Cause.PROVIDER_FAILED) from None
        if not isinstance(found, dict):
            raise ProviderFailed(Cause.PROVIDER_FAILED)
        return found

    def _client(self, back: str, token: Mapping[str, Any] | None = None) -> OAuth2Client:
        return OAuth2Client(
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret,
            token_endpoint_auth_method="client_secret_basic" if self.settings.client_secret else "none",
            scope=self.settings.scope,
            redirect_uri=back,
            token=token,
            code_challenge_method="S256",
            timeout=_SECONDS,
            follow_redirects=False,
            trust_env=False,
            verify=self._trusted,
        )

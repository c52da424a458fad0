"""ID tokens as an attacker would make them, against the checks alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from web.accounts.openid import Provider
from web.accounts.provider import ProviderFailed, ProviderSettings
from web.accounts.values import Cause

NOW = 1_790_000_000
ISSUER = "https://idp.example.org"
SECRET = "a secret of forty characters, or nearly so"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
ANOTHER = RSAKey.generate_key(2048, {"kid": "one"})
GOOD = {"iss": ISSUER, "aud": "madoguchi", "sub": "hanako", "nonce": "n", "iat": NOW, "exp": NOW + 300}


def checked(token: str, keys: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    known = keys or {"keys": [KEY.as_dict(private=False)]}
    return Provider(ProviderSettings(ISSUER, "madoguchi", SECRET))._checked({"id_token": token}, known, "n", NOW)


def signed(claims: Mapping[str, Any], key: RSAKey = KEY) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, dict(claims), key)


def without(name: str) -> Mapping[str, Any]:
    return {each: value for each, value in GOOD.items() if each != name}


def test_a_good_one_is_taken() -> None:
    assert checked(signed(GOOD))["sub"] == "hanako"
    assert checked(signed({**GOOD, "aud": ["madoguchi", "another"], "azp": "madoguchi"}))["sub"] == "hanako"


@pytest.mark.parametrize(
    "claims",
    [
        {**GOOD, "iss": "https://elsewhere.example"},
        {**GOOD, "iss": ISSUER + "/"},
        {**GOOD, "aud": "another"},
        {**GOOD, "aud": ["another"], "azp": "madoguchi"},
        {**GOOD, "aud": ["madoguchi", "another"], "azp": "another"},
        {**GOOD, "nonce": "m"},
        {**GOOD, "exp": NOW - 121},
        {**GOOD, "iat": NOW + 121},
        {**GOOD, "nbf": NOW + 121},
        {**GOOD, "exp": "later"},
        *(without(name) for name in GOOD),
    ],
)
def test_what_is_not_meant_for_us_now_is_refused(claims: Mapping[str, Any]) -> None:
    with pytest.raises(ProviderFailed) as caught:
        checked(signed(claims))
    assert caught.value.cause is Cause.BAD_ID_TOKEN


def by_secret() -> str:
    """Signed with the shared secret, as whoever knows it could."""
    return jwt.encode({"alg": "HS256"}, dict(GOOD), OctKey.import_key(SECRET), algorithms=["HS256"])


def unsigned() -> str:
    head, body, _ = signed(GOOD).split(".")
    return f"eyJhbGciOiJub25lIn0.{body}." if head else ""


def changed() -> str:
    head, _, tail = signed(GOOD).split(".")
    _, body, _ = signed({**GOOD, "sub": "taro"}).split(".")
    return f"{head}.{body}.{tail}"


@pytest.mark.parametrize("token", [by_secret(), unsigned(), changed(), signed(GOOD, ANOTHER), "", "a.b.c", "a.b.c.d.e"])
def test_what_the_provider_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(ProviderFailed) as caught:
        checked(token)
    assert caught.value.cause is Cause.BAD_ID_TOKEN


@pytest.mark.parametrize("keys", [{"keys": []}, {"keys": "x"}, {"other": 1}, {"keys": [{"kty": "none"}]}])
def test_strange_keys_are_no_keys(keys: Mapping[str, Any]) -> None:
    with pytest.raises(ProviderFailed):
        checked(signed(GOOD), keys)

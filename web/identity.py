"""The identity provider that the settings name, in the words of the accounts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from web.accounts.provider import ProviderSettings
from web.accounts.roles import BadGrant, Grant, grant_named
from web.settings import Settings


class BadIdentity(Exception):
    """The settings of the identity provider cannot be used; the message says what to do."""


def provider_of(settings: Settings) -> ProviderSettings | None:
    """The provider, where an issuer is set. Raises BadIdentity."""
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client_id is None:
        raise BadIdentity("MADOGUCHI_OIDC_ISSUER is set: MADOGUCHI_OIDC_CLIENT_ID is needed too")
    return ProviderSettings(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=_secret(settings.oidc_client_secret_file),
        link_claim=settings.oidc_link_claim,
        groups_claim=settings.oidc_groups_claim,
        groups=_groups(settings.oidc_groups),
    )


def _secret(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadIdentity(f"{file.name} cannot be read; check MADOGUCHI_OIDC_CLIENT_SECRET_FILE") from None


def _groups(file: Path | None) -> Mapping[str, frozenset[Grant]] | None:
    """The file's ``"group" = ["staff@staff", …]`` lines."""
    if file is None:
        return None
    try:
        lines = tomllib.loads(file.read_text("utf-8"))
        return {group: frozenset(grant_named(each) for each in grants) for group, grants in lines.items()}
    except OSError:
        raise BadIdentity(f"{file.name} cannot be read; check MADOGUCHI_OIDC_GROUPS") from None
    except (ValueError, AttributeError, TypeError) as problem:
        told = str(problem) if isinstance(problem, BadGrant) else 'lines like "group" = ["staff@staff"]'
        raise BadIdentity(f"{file.name} cannot be used: {told}") from None

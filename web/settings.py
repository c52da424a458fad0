"""The settings: environment variables with the prefix MADOGUCHI_, read once into a frozen object.

docs/operations.md holds the same table; a test compares the two.
"""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.records import DeskName


class Settings(BaseSettings):
    """What an operator may set. Every field's description is the settings table's text."""

    model_config = SettingsConfigDict(
        env_prefix="MADOGUCHI_", frozen=True, extra="ignore", env_ignore_empty=True, str_strip_whitespace=True
    )

    data: Path = Field(Path("var"), description="data directory: keys, logs, snapshots, caches")
    database: str | None = Field(
        None,
        repr=False,
        description="logs and cases: none for SQLite files in the data directory, else `postgresql://LOGIN@HOST/NAME`",
    )
    mode: Literal["demo", "production"] = Field(
        "demo", description="`demo` shows that this is no official service; `production` refuses to start unready"
    )
    desks: str = Field("public,staff", description="the desks this process serves: `public`, `staff` or both")
    host: str = Field("127.0.0.1", description="address the server listens on")
    port: int = Field(8000, ge=0, le=65535, description="port the server listens on; 0 takes a free one")
    operator: str | None = Field(None, description="who runs the service, shown on every page")
    responsible: str | None = Field(None, description="the person or office responsible for the service")
    contacts: Path | None = Field(None, description="TOML file with how to reach a person, by desk and language")
    office: Path | None = Field(
        None, description="TOML file with the office hours, holidays and deadlines of the desks"
    )
    notices: Path | None = Field(None, description="TOML file: who is told of each desk's cases, by mail and web hook")
    smtp: str | None = Field(
        None,
        description="mail server: `smtp+starttls://HOST:587`, `smtps://HOST:465` or, unencrypted, `smtp://HOST:25`",
    )
    smtp_sender: str | None = Field(None, description="address that mail to staff comes from")
    smtp_user: str | None = Field(None, description="the service's name at the mail server, where it demands one")
    smtp_password_file: Path | None = Field(None, description="file that holds the password for the mail server")
    hook_secret_file: Path | None = Field(
        None, description="file with the secrets that sign web hooks, `whsec_…`, one a line"
    )
    questions: Path | None = Field(
        None, description="question set: a version with a newly approved note must not answer it worse"
    )
    colours: Path | None = Field(None, description="TOML file with the operator's own colours for domains and stages")
    retention: Path | None = Field(None, description="the body's own retention schedule; production demands it")
    privacy_notice: Path | None = Field(None, description="the body's own privacy notice; production demands it")
    origin: str = Field("madoguchi.invalid", description="name under which new logs sign, e.g. the site's host name")
    secure: bool = Field(
        default=False, description="the site is reached over TLS (own or a trusted proxy's): cookies are Secure"
    )
    proxies: str = Field(
        "127.0.0.1", description="addresses or networks of the proxies that are believed, with commas between them"
    )
    workers: int = Field(0, ge=0, le=64, description="exchanges worked on at once; 0 means one per core")
    waiting: int = Field(32, ge=1, le=10_000, description="exchanges at work or in line; more are asked to wait (503)")
    requests_per_minute: int = Field(20, ge=1, description="questions and forms per client and minute; more get 429")
    limits_storage: str = Field("memory://", description="where request counts are kept (`limits` storage address)")
    session_idle_minutes: int = Field(30, ge=1, le=720, description="a staff session ends after so long without use")
    session_hours: int = Field(10, ge=1, le=24, description="a staff session ends after so long in any case")
    oidc_issuer: str | None = Field(
        None, description="identity provider (OpenID Connect) staff may sign in at: its issuer"
    )
    oidc_client_id: str | None = Field(None, description="the service's name at the identity provider")
    oidc_client_secret_file: Path | None = Field(
        None, description="file that holds the secret shared with the provider"
    )
    oidc_link_claim: Literal["preferred_username", "email"] | None = Field(
        None, description="claim that may link an account without a password at its first sign-in"
    )
    oidc_groups_claim: str = Field("groups", description="claim that names a person's groups at the provider")
    oidc_groups: Path | None = Field(None, description="TOML file: which roles a group of the provider gives")
    budget_seconds: float = Field(
        20.0, gt=0, le=600, allow_inf_nan=False, description="longest time for one answer before it fails politely"
    )
    free_gb: float = Field(2.0, ge=0, allow_inf_nan=False, description="warn when less disk is free (gigabytes)")
    log_gb: float = Field(8.0, gt=0, allow_inf_nan=False, description="warn when a desk's log is larger (gigabytes)")

    @property
    def served(self) -> frozenset[DeskName]:
        """The desks of ``desks``."""
        return frozenset(DeskName(each.strip()) for each in self.desks.split(","))

    @property
    def site(self) -> str:
        """The address people reach the service at, without a slash at the end."""
        return f"https://{self.origin}" if self.secure else f"http://{self.host}:{self.port}"

    @field_validator("desks")
    @classmethod
    def _name_desks(cls, value: str) -> str:
        if not {each.strip() for each in value.split(",")} <= {name.value for name in DeskName}:
            raise ValueError("public, staff or public,staff")
        return value

    @field_validator("database")
    @classmethod
    def _name_server(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("postgresql://", "postgresql+psycopg://")):
            raise ValueError("not the address of a PostgreSQL database")
        return value

    @field_validator("origin")
    @classmethod
    def _name_keys(cls, value: str) -> str:
        if not value or "+" in value or any(sign.isspace() for sign in value):
            raise ValueError("logs sign under it: no spaces and no plus sign")
        return value

    @field_validator("proxies")
    @classmethod
    def _name_machines(cls, value: str) -> str:
        for each in value.split(","):
            if ip_network(each.strip()).prefixlen == 0:
                raise ValueError("every machine is no proxy")
        return value

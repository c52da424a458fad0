"""Who is told of cases, and by which ways: what the operator wrote into the notices file and the settings."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bot.adapters.notifying.hook import HookNotifier
from bot.adapters.notifying.mail import MailNotifier, MailServer, Security
from bot.adapters.notifying.system import SystemNotifier
from bot.notices import Recipients
from bot.ports import Clock, Notifier, SystemLog
from bot.records import DeskName, Way
from web.settings import Settings

LISTS: Final = ("mail", "hook", "watcher")

_ADDRESS: Final = re.compile(r"(?=.{3,254}$)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_SECURITY: Final[Mapping[str, Security]] = {"smtps": "tls", "smtp+starttls": "starttls", "smtp": "plain"}
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_SECRET: Final = "whsec_"  # noqa: S105 - the prefix of every secret (Standard Webhooks 1.0.0), none itself
_SECRET_BYTES: Final = range(24, 65)  # as above


class BadNotices(Exception):
    """The notices file or the settings beside it cannot be used; the message says where and what to do."""


def recipients_of(desk: DeskName, settings: Settings) -> Recipients:
    """Who is told of one desk's cases; without a file nobody is. Raises BadNotices."""
    lists = {name: tuple(_recipients(_table(desk, settings.notices), name, desk)) for name in LISTS}
    everyone = [to for recipients in lists.values() for to in recipients]
    if settings.smtp is None and any("://" not in to for to in everyone):
        raise BadNotices("mail addresses in MADOGUCHI_NOTICES: MADOGUCHI_SMTP is needed too")
    if settings.hook_secret_file is None and any("://" in to for to in everyone):
        raise BadNotices("web hooks in MADOGUCHI_NOTICES: MADOGUCHI_HOOK_SECRET_FILE is needed too")
    return Recipients(desk, **lists, console=f"{settings.site}/responder/{desk.value}")


def ways_of(settings: Settings, system: SystemLog, clock: Clock) -> Mapping[Way, Notifier]:
    """The ways out that are configured; the service's own log always is. Raises BadNotices."""
    ways: dict[Way, Notifier] = {Way.SYSTEM: SystemNotifier(system)}
    if settings.smtp is not None:
        ways[Way.MAIL] = MailNotifier(_mail_server(settings, settings.smtp), clock)
    if settings.hook_secret_file is not None:
        ways[Way.HOOK] = HookNotifier(_secrets(settings.hook_secret_file), clock)
    return ways


def _table(desk: DeskName, file: Path | None) -> Mapping[str, object]:
    if file is None:
        return {}
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except OSError as problem:
        raise BadNotices(f"{file.name} cannot be read; check MADOGUCHI_NOTICES") from problem
    except ValueError as problem:
        raise BadNotices(f"{file.name} is not TOML ({problem}); see docs/operations.md") from problem
    if strangers := set(tables) - {each.value for each in DeskName}:
        raise BadNotices(f"{file.name}: there is no desk {min(strangers)}; the tables are [public] and [staff]")
    table = tables.get(desk.value, {})
    if not isinstance(table, dict):
        raise BadNotices(f'{file.name}: {desk.value} must be a table, [{desk.value}] with lines like mail = ["…"]')
    if strangers := set(table) - set(LISTS):
        raise BadNotices(f"{file.name}: [{desk.value}] takes {', '.join(LISTS)}, not {min(strangers)}")
    return table


def _recipients(table: Mapping[str, object], name: str, desk: DeskName) -> Sequence[str]:
    """One list of the table, each recipient once, in its order."""
    given = table.get(name, [])
    if not isinstance(given, list) or not all(isinstance(each, str) and _is_of(name, each) for each in given):
        raise BadNotices(f"MADOGUCHI_NOTICES: [{desk.value}] {name} must be a list of {_EXPECTED[name]}")
    return list(dict.fromkeys(given))


_EXPECTED: Final = {
    "mail": 'mail addresses like "ai@city.lg.jp"',
    "hook": "https:// addresses without user and fragment (http:// on this very machine)",
    "watcher": "mail addresses or https:// addresses",
}


def _is_of(name: str, recipient: str) -> bool:
    mail, hook = bool(_ADDRESS.fullmatch(recipient)), _is_hook(recipient)
    return {"mail": mail, "hook": hook, "watcher": mail or hook}[name]


def _is_hook(address: str) -> bool:
    parts = _parts(address)
    if parts is None or not address.isascii() or not address.isprintable() or " " in address:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    return safe and bool(parts.hostname) and parts.username is None and not parts.fragment


def _parts(address: str) -> SplitResult | None:
    """The parts of a web address; None where it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts


def _mail_server(settings: Settings, address: str) -> MailServer:
    parts = _parts(address)
    if (
        parts is None
        or parts.scheme not in _SECURITY
        or not parts.hostname
        or not parts.port
        or parts.username is not None
        or parts.path.strip("/")
    ):
        raise BadNotices("MADOGUCHI_SMTP must be smtp+starttls://HOST:PORT, smtps://HOST:PORT or smtp://HOST:PORT")
    if settings.smtp_sender is None or not _ADDRESS.fullmatch(settings.smtp_sender):
        raise BadNotices("MADOGUCHI_SMTP is set: MADOGUCHI_SMTP_SENDER must be a mail address")
    if (settings.smtp_user is None) is not (settings.smtp_password_file is None):
        raise BadNotices("MADOGUCHI_SMTP_USER and MADOGUCHI_SMTP_PASSWORD_FILE are set together or not at all")
    security = _SECURITY[parts.scheme]
    if settings.smtp_user is not None and security == "plain":
        raise BadNotices("MADOGUCHI_SMTP: a password is sent over smtp+starttls:// or smtps:// alone")
    return MailServer(
        host=parts.hostname,
        port=parts.port,
        security=security,
        sender=settings.smtp_sender,
        domain=settings.origin.partition("/")[0],
        user=settings.smtp_user,
        password=_password(settings.smtp_password_file),
    )


def _password(file: Path | None) -> str | None:
    if file is None:
        return None
    password = _read(file, "MADOGUCHI_SMTP_PASSWORD_FILE").rstrip("\r\n")
    if not password or not password.isascii() or not password.isprintable():
        raise BadNotices(f"{file.name} must hold one line of ASCII characters; check MADOGUCHI_SMTP_PASSWORD_FILE")
    return password


def _secrets(file: Path) -> Sequence[bytes]:
    lines = [line.strip() for line in _read(file, "MADOGUCHI_HOOK_SECRET_FILE").splitlines()]
    try:
        secrets = [_secret(line) for line in lines if line]
    except ValueError:
        secrets = []
    if not secrets:
        raise BadNotices(
            f"{file.name} must hold lines of whsec_ and 24 to 64 random bytes in base64; "
            "check MADOGUCHI_HOOK_SECRET_FILE"
        )
    return secrets


def _secret(line: str) -> bytes:
    """The bytes of one secret. Raises ValueError."""
    secret = base64.b64decode(line.removeprefix(_SECRET), validate=True)
    if not line.startswith(_SECRET) or len(secret) not in _SECRET_BYTES:
        raise ValueError("not a secret")
    return secret


def _read(file: Path, variable: str) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadNotices(f"{file.name} cannot be read; check {variable}") from None

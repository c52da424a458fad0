"""What production mode demands before it starts (DESIGN §3 rule 11): values that say something, not just values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

from bot.danger.texts import contacts
from bot.office_table import BadOffice
from bot.records import Language
from web.contacts import BadContacts, contacts_of
from web.office import office_for
from web.settings import Settings

_HOST_NAME: Final = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
# Names that no site can have: RFC 2606 section 2, RFC 6762 (local).
_NO_SITE: Final = ("invalid", "test", "example", "localhost", "local")
_BUDGET_SECONDS: Final = (1, 120)  # nobody waits longer before a page, and browsers' own limits follow soon
_MOST_A_MINUTE: Final = 600  # ten a second from one client is no person
_MOST_WAITING: Final = 1_000
_BEGINNING: Final = 64 * 1024  # bytes; an empty document shows itself at once


def lacking(settings: Settings) -> list[str]:
    """What is missing for production, one line each with what to do; empty in demo mode or when nothing is missing."""
    if settings.mode == "demo":
        return []
    demanded = (
        (settings.operator, "MADOGUCHI_OPERATOR (who runs the service)"),
        (settings.responsible, "MADOGUCHI_RESPONSIBLE (the responsible person or office)"),
        (
            _reaches_people(settings),
            "MADOGUCHI_CONTACTS (how to reach a person, with hours; a table for each desk that is served)",
        ),
        (
            _has_hours(settings),
            "MADOGUCHI_OFFICE (when people are there and by when they answer; a table for each desk that is served)",
        ),
        (_says_something(settings.retention), "MADOGUCHI_RETENTION (the file of the body's own retention schedule)"),
        (_says_something(settings.privacy_notice), "MADOGUCHI_PRIVACY_NOTICE (the file of the body's privacy notice)"),
        (_is_site(settings.origin), "MADOGUCHI_ORIGIN (the site's host name, like madoguchi.city.lg.jp)"),
        (settings.secure, "MADOGUCHI_SECURE=1 (TLS of a trusted proxy)"),
        (
            _behind_a_proxy(settings),
            "MADOGUCHI_PROXIES (the address of the proxy, where MADOGUCHI_HOST is open to other machines)",
        ),
        (
            _BUDGET_SECONDS[0] <= settings.budget_seconds <= _BUDGET_SECONDS[1],
            f"MADOGUCHI_BUDGET_SECONDS between {_BUDGET_SECONDS[0]} and {_BUDGET_SECONDS[1]}",
        ),
        (
            settings.requests_per_minute <= _MOST_A_MINUTE,
            f"MADOGUCHI_REQUESTS_PER_MINUTE of at most {_MOST_A_MINUTE}",
        ),
        (settings.waiting <= _MOST_WAITING, f"MADOGUCHI_WAITING of at most {_MOST_WAITING}"),
    )
    lines = [line for value, line in demanded if not value]
    if names := unreviewed():
        lines.append(f"a review of {len(names)} emergency contacts (bot/danger/contacts.tsv, column reviewed)")
    return lines


def _says_something(path: Path | None) -> bool:
    """Whether a file can be read and holds more than white space."""
    if path is None:
        return False
    try:
        with path.open("rb") as file:
            return bool(file.read(_BEGINNING).strip())
    except OSError:
        return False


def _is_site(origin: str) -> bool:
    host = origin.partition("/")[0].lower()
    return bool(_HOST_NAME.fullmatch(host)) and host.rpartition(".")[2] not in _NO_SITE


def _behind_a_proxy(settings: Settings) -> bool:
    """Whether only this machine can connect, or the proxy that brings the connections of others is named."""
    if settings.host == "localhost":
        return True
    try:
        if ip_address(settings.host).is_loopback:
            return True
    except ValueError:
        pass  # a name of this machine that other machines may know
    return any(not ip_network(each.strip()).is_loopback for each in settings.proxies.split(","))


def _reaches_people(settings: Settings) -> bool:
    """Whether each desk this process serves names somebody to turn to: nobody is left with a page without a person."""
    try:
        return all(contacts_of(name, settings.contacts).lines(Language.JA) for name in settings.served)
    except BadContacts:
        return False


def _has_hours(settings: Settings) -> bool:
    """Whether each desk this process serves has hours that the body decided: a due date is a promise."""
    try:
        return all(office_for(name, settings.office).configured for name in settings.served)
    except BadOffice:
        return False


def unreviewed() -> Sequence[str]:
    """The names of the emergency contacts that no operator has confirmed yet."""
    return [contact.name for contact in contacts().values() if not contact.reviewed]

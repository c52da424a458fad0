"""What production mode demands before it starts (DESIGN §3 rule 11)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.danger.texts import contacts
from bot.records import DeskName, Language
from web.contacts import BadContacts, contacts_of
from web.settings import Settings


def lacking(settings: Settings) -> list[str]:
    """What is missing for production, one line each with what to do; empty in demo mode or when nothing is missing."""
    if settings.mode == "demo":
        return []
    demanded = (
        (settings.operator, "MADOGUCHI_OPERATOR (who runs the service)"),
        (settings.responsible, "MADOGUCHI_RESPONSIBLE (the responsible person or office)"),
        (_public_lines(settings), "MADOGUCHI_CONTACTS (how to reach a person, with hours; a [public] table)"),
        (_is_file(settings.retention), "MADOGUCHI_RETENTION (the file of the body's own retention schedule)"),
        (_is_file(settings.privacy_notice), "MADOGUCHI_PRIVACY_NOTICE (the file of the body's own privacy notice)"),
        (settings.secure, "MADOGUCHI_SECURE=1 (TLS, its own or a trusted proxy's)"),
    )
    lines = [line for value, line in demanded if not value]
    if names := unreviewed():
        lines.append(f"a review of {len(names)} emergency contacts (bot/danger/contacts.tsv, column reviewed)")
    return lines


def _is_file(path: Path | None) -> bool:
    return path is not None and path.is_file()


def _public_lines(settings: Settings) -> bool:
    try:
        return bool(contacts_of(DeskName.PUBLIC, settings.contacts).lines(Language.JA))
    except BadContacts:
        return False


def unreviewed() -> Sequence[str]:
    """The names of the emergency contacts that no operator has confirmed yet."""
    return [contact.name for contact in contacts().values() if not contact.reviewed]

"""What production mode demands before it starts (DESIGN §3 rule 11)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.danger.texts import contacts
from web.settings import Settings


def lacking(settings: Settings) -> list[str]:
    """What is missing for production, one line each with what to do; empty in demo mode or when nothing is missing."""
    if settings.mode == "demo":
        return []
    demanded = (
        (settings.operator, "MADOGUCHI_OPERATOR (who runs the service)"),
        (settings.responsible, "MADOGUCHI_RESPONSIBLE (the responsible person or office)"),
        (settings.contacts, "MADOGUCHI_CONTACTS (how to reach a person, with hours)"),
        (settings.retention, "MADOGUCHI_RETENTION (the body's own retention schedule)"),
        (settings.privacy_notice, "MADOGUCHI_PRIVACY_NOTICE (the body's own privacy notice)"),
        (settings.secure, "MADOGUCHI_SECURE=1 (TLS, its own or a trusted proxy's)"),
    )
    lines = [line for value, line in demanded if not value]
    if names := unreviewed():
        lines.append(f"a review of {len(names)} emergency contacts (bot/danger/contacts.tsv, column reviewed)")
    return lines


def unreviewed() -> Sequence[str]:
    """The names of the emergency contacts that no operator has confirmed yet."""
    return [contact.name for contact in contacts().values() if not contact.reviewed]

"""What production mode demands before it starts (DESIGN §3 rule 11)."""

from __future__ import annotations

from bot.danger.contacts import unreviewed
from web.settings import Settings


def lacking(settings: Settings) -> list[str]:
    """What is missing for production, one line each with what to do; empty in demo mode or when nothing is missing."""
    if settings.mode == "demo":
        return []
    lines = []
    if not settings.operator:
        lines.append("MADOGUCHI_OPERATOR (who runs the service)")
    if not settings.responsible:
        lines.append("MADOGUCHI_RESPONSIBLE (the responsible person or office)")
    if settings.contacts is None:
        lines.append("MADOGUCHI_CONTACTS (how to reach a person, with hours)")
    if not settings.secure:
        lines.append("MADOGUCHI_SECURE=1 (TLS, its own or a trusted proxy's)")
    if names := unreviewed():
        lines.append(f"a review of {len(names)} emergency contacts (bot/danger/contacts.tsv, column reviewed)")
    return lines

"""The kinds of danger the service tells apart: one per fixed text."""

from __future__ import annotations

from enum import StrEnum


class Danger(StrEnum):
    """In the order of the recogniser's patience: a sentence that fits two kinds is the first of them."""

    SELF_HARM = "self_harm"
    POISON = "poison"
    FIRE = "fire"
    ILLNESS = "illness"
    CHILD = "child"
    VIOLENCE = "violence"
    DISASTER = "disaster"

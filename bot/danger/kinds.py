"""The kinds of danger the service tells apart: one per fixed text."""

from __future__ import annotations

from enum import StrEnum


class Danger(StrEnum):
    """In the order in which the recogniser tries them: a sentence that fits two kinds is the first of them."""

    SELF_HARM = "self_harm"
    POISON = "poison"
    FIRE = "fire"
    CHILD = "child"
    VIOLENCE = "violence"
    ILLNESS = "illness"
    DISASTER = "disaster"

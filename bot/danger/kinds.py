"""The kinds of danger the service tells apart: one per fixed text."""

from __future__ import annotations

from enum import StrEnum


class Danger(StrEnum):
    """In the order in which the recogniser tries them: a sentence that fits two kinds is the first of them.

    Gas is told with FIRE, medicines and overdoses with POISON unless somebody wants to die, stalking and violence
    against old people with VIOLENCE, ways to flee with DISASTER. UNCLEAR is danger whose kind the words do not tell;
    its text names the contacts of all.
    """

    SELF_HARM = "self_harm"
    POISON = "poison"
    FIRE = "fire"
    CHILD = "child"
    VIOLENCE = "violence"
    ILLNESS = "illness"
    DISASTER = "disaster"
    UNCLEAR = "unclear"


class Reader(StrEnum):
    """For whom a text is written: somebody at the public desk, or staff, who may be asking about another's message."""

    PERSON = "person"
    STAFF = "staff"

"""Staff consultation: from a planned AI use to what the slides' scheme says of it. Pure; the desk is not known here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.assessing.cues import load_cues
from bot.assessing.likeness import likely, plan_sentences
from bot.assessing.plan import is_answer, is_form, is_plan, plan_of
from bot.assessing.points import Noted, points
from bot.assessing.reading import assess
from bot.assessing.values import Assessment, Stake
from bot.records import Json, MaskedText, Risk, Stamp

__all__ = ["Considered", "consider", "is_answer", "is_form", "is_plan", "parts", "plan_sentences", "risk_of", "stamp"]


@dataclass(frozen=True, slots=True)
class Considered:
    """A plan as it was read, with the points that apply."""

    assessment: Assessment
    points: tuple[Noted, ...]


def consider(text: MaskedText, near: Sequence[float] = ()) -> Considered:
    """Read a plan from masked free text or a form's text. Never fails; what is unclear is asked.

    ``near`` are its cosines with ``plan_sentences``, none where they are not known.
    """
    plan = plan_of(text)
    read = assess(plan, likely(near))
    return Considered(read, points(plan, read))


def risk_of(considered: Considered) -> Risk:
    """The register's row for the consultation: a plan that touches life or body is another row."""
    return Risk.HIGH if Stake.LIFE in considered.assessment.stakes else Risk.MODERATE


def parts(considered: Considered) -> dict[str, Json]:
    """The assessment for the record: closed words only, nothing of the plan's own text."""
    read = considered.assessment
    return {
        "user": read.user.value,
        "functions": [each.value for each in read.functions],
        "decides": read.decides.value,
        "readings": [{"domain": each.domain.value, "stage": each.stage, "near": each.near} for each in read.readings],
        "stakes": [each.value for each in read.stakes],
        "points": [{"point": each.point.value, "why": each.why.value} for each in considered.points],
        "asks": [each.value for each in read.asks],
        "confirmation_asked": read.confirms,
    }


def stamp() -> Stamp:
    """Version and digest of the words an assessment reads by."""
    return load_cues().stamp

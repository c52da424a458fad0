"""Which of the slides' six points to note apply to a plan, and why.

The slides' own column of points for each stage did not survive in the text, so the choice is this service's. That
透明性 and 公平性 are always to be noted is said of the strategy as it was set (note ``points-to-note-final``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.assessing.cues import load_cues
from bot.assessing.plan import Plan
from bot.assessing.values import Assessment, Decides, Domain, Function, Stake


class Point(StrEnum):
    """留意事項: 安全性, 公平性, プライバシー, セキュリティ, 透明性, 説明責任."""

    SAFETY = "safety"
    FAIRNESS = "fairness"
    PRIVACY = "privacy"
    SECURITY = "security"
    TRANSPARENCY = "transparency"
    ACCOUNTABILITY = "accountability"


class Why(StrEnum):
    """Why a point applies."""

    LIFE = "life"
    RIGHTS = "rights"
    WORKS = "works"
    ALWAYS = "always"
    TREATED = "treated"
    PERSONAL = "personal"
    CONFIDENTIAL = "confidential"
    OUTSIDE = "outside"
    CONTROL = "control"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Noted:
    point: Point
    why: Why


def points(plan: Plan, assessed: Assessment) -> tuple[Noted, ...]:
    """The points that apply, in the slides' order."""
    chosen = (
        (Point.SAFETY, _safety(plan, assessed)),
        (Point.FAIRNESS, Why.TREATED if _treats_people(assessed) else Why.ALWAYS),
        (Point.PRIVACY, _privacy(plan)),
        (Point.SECURITY, _security(plan, assessed)),
        (Point.TRANSPARENCY, Why.ALWAYS),
        (Point.ACCOUNTABILITY, _accountability(assessed)),
    )
    return tuple(Noted(point, why) for point, why in chosen if why)


def _safety(plan: Plan, assessed: Assessment) -> Why | None:
    if Stake.LIFE in assessed.stakes:
        return Why.LIFE
    if Stake.RIGHTS in assessed.stakes:
        return Why.RIGHTS
    if assessed.decides is Decides.ALONE:
        return Why.DECIDED
    return Why.WORKS if load_cues().hit("stake.works", plan.text) else None


def _treats_people(assessed: Assessment) -> bool:
    told = {Function.JUDGE, Function.PERSONAL, Function.PREDICT, Function.ANALYSE}
    return bool(told & set(assessed.functions)) or Domain.CITIZEN in assessed.domains


def _privacy(plan: Plan) -> Why | None:
    cues = load_cues()
    if cues.hit("stake.confidential", plan.text):
        return Why.CONFIDENTIAL
    return Why.PERSONAL if cues.hit("stake.personal_data", plan.text) and not plan.without_personal_data else None


def _security(plan: Plan, assessed: Assessment) -> Why | None:
    if Function.EXECUTE in assessed.functions:
        return Why.CONTROL
    cues = load_cues()
    if cues.hit("stake.outside", plan.text) or Domain.CITIZEN in assessed.domains:
        return Why.OUTSIDE
    return _privacy(plan)


def _accountability(assessed: Assessment) -> Why | None:
    if {Function.JUDGE, Function.EXECUTE} & set(assessed.functions):
        return Why.DECIDED
    return Why.LIFE if Stake.LIFE in assessed.stakes else None

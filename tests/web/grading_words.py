"""The keys of the words that the pages of samples, grades and conditions choose by a value."""

from __future__ import annotations

from audit.sampling import Drawing
from bot.conditions import Basis, ConditionState
from bot.grading import Grade
from bot.records import DeskName

# bot.deciding.DecisionRefused, bot.conditions_values.VoidCondition and audit.grades.VoidGrade, beside the register's.
DECIDED = (
    "unknown_row", "bad_day", "expired", "unreadable", "not_exceeded", "not_auditor", "own_twice", "decided",
    "not_by_lot",
)  # fmt: skip
DRAWING_REFUSED = ("plan", "no_checkpoint", "empty")
GRADING_REFUSED = ("bad", "own_twice", "decided", "unknown", "other")


def grading_keys() -> set[str]:
    used = {f"conditions.state.{each.value}" for each in ConditionState}
    used |= {f"conditions.basis.{each.value}" for each in Basis}
    used |= {f"conditions.desk.{desk.value}" for desk in DeskName}
    used |= {f"grade.{grade.value}" for grade in Grade} | {f"sample.kind.{kind.value}" for kind in Drawing}
    used |= {f"decided.{code}" for code in DECIDED}
    used |= {f"sample.wrong.{code}" for code in DRAWING_REFUSED} | {f"grade.wrong.{code}" for code in GRADING_REFUSED}
    return used | {"sample.same", "sample.not_same", "grade.done", "sample.kappa.none", "conditions.stale"}

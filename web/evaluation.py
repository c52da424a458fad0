"""Answer quality as a measurement: ask a question set, judge by what must and must not be in the reply, count.

A row: {id, desk?, lang?, category?, question, history?, expect, also_ok?, must_include?, must_not_include?, pii?,
self_info?}. ``expect`` is answer, abstain, refer, refuse or escalate; each group of ``must_include`` needs one of its
alternatives in the reply. String judging misses some false statements and some right ones in unexpected words: read
failures by eye.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from web.assembly import House
from web.batch import asked_of, printable

_FAMILY = {
    "answered": "answer",
    "abstained": "abstain",
    "referred": "refer",
    "refused": "refuse",
    "escalated": "escalate",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One row with what came out of it. ``why`` is empty where it passed."""

    id: str
    category: str
    expected: str
    outcome: str
    why: str
    wrong_answer: bool
    leaked: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Counts and rates over judged rows. Rates are shares from 0 to 1; a rate over nothing is 0."""

    rows: Sequence[Judged]

    @property
    def answers(self) -> int:
        return sum(row.outcome == "answer" for row in self.rows)

    @property
    def wrong(self) -> int:
        return sum(row.wrong_answer for row in self.rows)

    @property
    def error_rate(self) -> float:
        return self.wrong / self.answers if self.answers else 0.0

    @property
    def bad_news(self) -> str | None:
        """What makes the figures worthless or worse, beside the error rate; None where nothing does."""
        leaks = sum(row.leaked for row in self.rows)
        faults = sum(row.outcome == "failed" for row in self.rows)
        if leaks:
            return f"{leaks} replies or records hold personal data"
        if faults:
            return f"{faults} questions failed; see madoguchi doctor"
        if any(row.expected == "answer" for row in self.rows) and not self.answers:
            return "nothing was answered"
        return None

    @property
    def failed(self) -> Sequence[Judged]:
        return [row for row in self.rows if row.why]

    def as_dict(self) -> dict[str, Any]:
        wanted = [row for row in self.rows if row.expected == "answer"]
        withheld = [row for row in self.rows if row.expected == "abstain"]
        grave = [row for row in self.rows if row.expected == "escalate"]
        by: dict[str, list[Judged]] = defaultdict(list)
        for row in self.rows:
            by[row.category].append(row)
        return {
            "rows": len(self.rows),
            "passed": len(self.rows) - len(self.failed),
            "answers": self.answers,
            "wrong_answers": self.wrong,
            "error_rate": round(self.error_rate, 4),
            "error_rate_upper95": upper_bound(self.wrong, self.answers),
            "correctness": _share(not row.why for row in wanted),
            "coverage": _share(row.outcome == "answer" for row in wanted),
            "abstention_recall": _share(row.outcome not in {"answer", "failed"} for row in withheld),
            "abstention_recall_lower95": (
                round(1 - upper_bound(sum(row.outcome == "answer" for row in withheld), len(withheld)), 4)
                if withheld
                else None
            ),
            "high_risk_recall": _share(row.outcome == "escalate" for row in grave),
            "personal_data_leaks": [row.id for row in self.rows if row.leaked],
            "by_category": {name: f"{sum(not row.why for row in rows)}/{len(rows)}" for name, rows in by.items()},
            "failed": [asdict(row) for row in self.failed],
        }


def evaluate(house: House, rows: Iterable[Mapping[str, Any]]) -> Evaluation:
    """Ask every row at its desk, in order, and judge what comes back."""
    return Evaluation([judge(row, printable(house, *asked_of(row))) for row in rows])


def judge(row: Mapping[str, Any], answer: Mapping[str, Any]) -> Judged:
    """Hold one printed answer against its row."""
    outcome = _FAMILY[answer["outcome"]]
    reply = answer["reply"]
    expected = str(row["expect"])
    allowed = outcome == expected or outcome in row.get("also_ok", ())
    included = outcome != expected or all(holds(reply, group) for group in row.get("must_include", ()))
    clean = not any(holds(reply, [text]) for text in row.get("must_not_include", ()))
    cited = outcome != "answer" or bool(row.get("self_info")) or bool(answer["citations"])
    leaked = any(_bare(text) in _bare(reply) or _bare(text) in _bare(answer["log_text"]) for text in row.get("pii", ()))
    why = next(
        (
            reason
            for holds, reason in (
                (allowed, f"outcome {outcome}"),
                (included, "text missing"),
                (clean, "forbidden text"),
                (cited, "no citation"),
                (not leaked, "personal data"),
            )
            if not holds
        ),
        "",
    )
    wrong = outcome == "answer" and not (allowed and included and clean)
    return Judged(str(row["id"]), str(row.get("category", "")), expected, outcome, why, wrong, leaked)


def upper_bound(wrong: int, total: int, confidence: float = 0.95) -> float:
    """The one-sided Clopper-Pearson upper bound of ``wrong / total`` (Clopper and Pearson 1934), by bisection."""
    if total == 0 or wrong >= total:
        return 1.0
    low, high = wrong / total, 1.0
    for _ in range(60):
        chance = (low + high) / 2
        tail = sum(
            math.exp(
                math.lgamma(total + 1)
                - math.lgamma(count + 1)
                - math.lgamma(total - count + 1)
                + count * math.log(chance)
                + (total - count) * math.log1p(-chance)
            )
            for count in range(wrong + 1)
        )
        low, high = (chance, high) if tail > 1 - confidence else (low, chance)
    return round(high, 4)


def _share(values: Iterable[bool]) -> float | None:
    counted = list(values)
    return round(sum(counted) / len(counted), 4) if counted else None


def _plain(text: str) -> str:
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).lower())
    folded = re.sub(r"(?<=\d),(?=\d)", "", folded)
    return re.sub(r"[箇ヶカヵ個]所", "か所", folded).replace("問い合わせ", "問合せ").replace("令和7年度", "r7年度")


def holds(text: str, alternatives: Iterable[str]) -> bool:
    """Whether one of the alternatives is in the text, however width, case, spaces and common spellings differ."""
    plain = _plain(text)
    return any(_plain(each) in plain for each in alternatives)


def _bare(text: str) -> str:
    return re.sub(r"[-‐―−ー\s]", "", _plain(text))

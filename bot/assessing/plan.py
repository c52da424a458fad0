"""A planned AI use as it was told: free text, or the form's fields, which travel as lines of one masked text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.assessing.cues import load_cues
from bot.records import MaskedText
from bot.text import fold

FORM_TITLE = "【AI利用計画の相談】"
FORM_LABELS: Mapping[str, str] = {
    "plan": "計画",
    "user": "使う人",
    "does": "AIがすること",
    "decides": "最後に決める人",
    "affects": "影響を受ける人",
    "data": "扱うデータ",
}
"""The form's fields and how their lines begin. The lines are Japanese on a form of any language."""

_LINE = re.compile("^({}):[ ]*(.*)$".format("|".join(FORM_LABELS.values()).lower()))
_NO_PERSONAL_DATA = re.compile(
    "個人情報(?:も|や)?[^。]{0,12}(?:含まない|含みません|扱わない|扱いません|使わない|入れない)"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """``text`` is folded free text. ``user`` and ``decides`` are what the form said, empty where it said nothing."""

    text: str
    user: str = ""
    decides: str = ""
    without_personal_data: bool = False


def form_text(fields: Mapping[str, str]) -> str:
    """The form as one text for a desk: a title, then a line for each field that was filled in (keys of FORM_LABELS)."""
    lines = [
        f"{label}：{' '.join(fields[name].split())}"
        for name, label in FORM_LABELS.items()
        if fields.get(name, "").strip()
    ]
    return "\n".join((FORM_TITLE, *lines)) if lines else ""


def is_form(text: MaskedText) -> bool:
    """Whether the text is a form that was filled in."""
    return text.value.lstrip().startswith(FORM_TITLE)


def plan_of(text: MaskedText) -> Plan:
    """The plan that a masked text tells. Fields of a form are read wherever its title stands."""
    if FORM_TITLE not in text.value:
        folded = fold(text.value)
        return Plan(folded, without_personal_data=bool(_NO_PERSONAL_DATA.search(folded)))
    before, _, form = text.value.partition(FORM_TITLE)
    told: dict[str, str] = {}
    free = [fold(before)]
    for line in form.splitlines():
        match = _LINE.match(fold(line))
        if match:
            told[match.group(1)] = match.group(2)
        else:
            free.append(fold(line))
    labels = {name: label.lower() for name, label in FORM_LABELS.items()}
    data = told.get(labels["data"], "")
    harmless = bool(_NO_PERSONAL_DATA.search(data))
    free += [told.get(labels[name], "") for name in ("plan", "does", "affects")]
    return Plan(
        text="。".join(part for part in (*free, "" if harmless else data) if part),
        user=told.get(labels["user"], ""),
        decides=told.get(labels["decides"], ""),
        without_personal_data=harmless,
    )


def is_plan(text: MaskedText) -> bool:
    """Whether a text describes a planned use of AI, rather than asks what the documents say."""
    cues, folded = load_cues(), fold(text.value)
    if is_form(text):
        return True
    if not cues.hit("plan.machine", folded):
        return False
    own = cues.hit("plan.own", folded)
    if cues.hit("plan.never", folded) or (cues.hit("plan.asks_documents", folded) and not own):
        return False
    if own or (cues.hit("plan.intends", folded) and (cues.hit("plan.takes_up", folded) or cues.works(folded))):
        return True
    settled = any(cues.hit(name, folded) for name in ("decides.human", "decides.alone", "plan.put"))
    return settled and cues.hit("plan.classifies", folded)


def is_answer(text: MaskedText) -> bool:
    """Whether a text tells what an assessment asked back for: who uses it, who decides."""
    return load_cues().hit("plan.answers", fold(text.value)) and not text.value.rstrip().endswith(("?", "？"))

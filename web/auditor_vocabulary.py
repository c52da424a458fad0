"""Which kinds of entries, members of metadata and closed values the auditor's pages have words for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from audit.erasures import BASES
from audit.holds import WHY
from audit.search_values import PurposeKind
from bot.case_entries import PREFIX
from bot.cases import Alarm, CaseKind, CaseReason, ChangeKind, Department
from bot.conditions import Basis, ConditionState
from bot.labels import WORDS
from bot.records import AutomationLevel, Outcome, Risk, Topic

KINDS: Final = frozenset(
    {
        "exchange.opened", "exchange.closed", "feedback", "answer.corrected", "gap", "knowledge.activated",
        "door.stray", "register.proposed", "register.approved", "register.rejected", "switch.set", "read",
        "export.made", "verification", "clock.step", "erasure", "erasure.proposed", "erasure.rejected", "hold.placed",
        "hold.lifted", "sample.drawn", "grade.given", "erasure.swept", "conditions.proposed", "conditions.approved",
        "conditions.rejected", "conditions.measured", "conditions.exceeded", *(PREFIX + kind for kind in ChangeKind),
    }
)  # fmt: skip
"""The kinds that ``key_of_kind`` has words for."""

_CHANGES: Final = frozenset(PREFIX + kind for kind in ChangeKind) - {"case.opened", "case.read"}
"""Changes of a case that the responders' console has words for."""

FINDINGS: Final = frozenset(
    {
        "leaf", "column", "index", "link", "entry", "tile", "head", "checkpoint", "outside", "receipt", "missing",
        "altered", "form", "key", "root", "inclusion", "consistency", "order", "unreached", "promise", "unreadable",
    }
)  # fmt: skip
"""What a check can find; the words are ``audit_verify.finding.<code>``."""

VERDICTS: Final = frozenset({"present", "erased", "expired", "missing", "altered"})
"""The verdicts on a text; the words are ``audit_verify.verdict.<verdict>``."""

BLIND: Final = frozenset({"grade.given"})
"""Told by their kind alone: a second grader must not see what the first one said."""

NAMES: Final = frozenset(
    {
        "outcome", "held", "topic", "risk", "automation", "language", "received", "answered", "masked", "confidential",
        "snapshot", "rule", "rule_score", "row", "danger", "parted", "assessment", "fault", "waiting",
        "useful", "reason", "kind", "priority", "due", "department", "may_forward", "case", "until", "why", "made",
        "decision", "to", "with_content", "into", "alarm", "passages", "basis", "targets", "purpose", "what",
        "contents", "approved_by", "pruned", "conditions.state", "conditions.basis", "conditions.until",
        "conditions.lowered", "switch.scope", "switch.since", "rule.name", "rule.version", "record", "approved_role",
        "law", "method", "size", "bad", "outside",
    }
)  # fmt: skip
"""Members of metadata whose words are ``audit_view.fact.<name>``; others are shown by their own name."""

PATHS: Final = frozenset(
    {
        "question", "standalone", "history", "reply", "held", "draft", "missing", "comment", "text", "number",
        "service", "happened", "wish", "bureau", "reason", "note", "reply_ja", "base", "purpose", "words", "reference",
        "why", "name", "approved_name", "request",
    }
)  # fmt: skip
"""Texts whose words are ``audit_view.path.<path>``."""

MOMENTS: Final = frozenset({"received", "answered", "due", "until", "since", "switch.since"})
YES_NO: Final = {True: "audit_view.yes", False: "audit_view.no"}


@dataclass(frozen=True, slots=True)
class Words:
    """What the key of the word for a value begins with, and the values that have one."""

    prefix: str
    values: frozenset[str]

    def key(self, value: str) -> str | None:
        """The key of the word for a value; None where it has none."""
        return f"{self.prefix}{value}" if value in self.values else None


def key_of_kind(kind: str) -> str | None:
    """The key of the words for what happened; None for a kind that has none."""
    if kind not in KINDS:
        return None
    change = kind.removeprefix(PREFIX)
    return f"responder.event.{change}" if kind in _CHANGES else f"audit_view.kind.{kind}"


def _words(prefix: str, values: Iterable[str]) -> Words:
    return Words(prefix, frozenset(map(str, values)))


_READ: Final = ("search", "view", "export", "log", "bundle", "paper", "replay", "sample")
"""What can be read how: what the page of readings has words for."""

VALUES: Final[Mapping[tuple[str, str], Words]] = {
    ("", "outcome"): _words("audit_list.outcome.", Outcome),
    ("exchange.closed", "held"): _words("audit_list.outcome.", Outcome),
    ("", "topic"): _words("audit_list.topic.", Topic),
    ("", "risk"): _words("priority.", Risk),
    ("", "priority"): _words("priority.", Risk),
    ("", "automation"): _words("level.", AutomationLevel),
    ("", "masked"): _words("masked.kind.", WORDS),
    ("", "department"): _words("department.", Department),
    ("", "basis"): _words("audit_view.basis.", BASES),
    ("", "conditions.state"): _words("conditions.state.", ConditionState),
    ("", "conditions.basis"): _words("conditions.basis.", Basis),
    ("", "what"): _words("audit_read.what.", _READ),
    ("", "purpose"): _words("audit_read.purpose.", PurposeKind),
    ("feedback", "reason"): _words("feedback.reason.", ("wrong", "missing", "unclear", "other")),
    ("hold.placed", "why"): _words("audit_view.hold.", WHY),
    ("case.opened", "kind"): _words("case.kind.", CaseKind),
    ("case.opened", "reason"): _words("case.reason.", CaseReason),
    ("case.answered", "made"): _words("responder.made.", ("approved", "edited", "own")),
    ("case.answered", "decision"): _words("responder.decision.", ("upheld", "dismissed")),
    ("case.released", "why"): _words("audit_view.released.", ("returned", "expired", "unmerged")),
    ("case.contact_removed", "why"): _words("audit_view.removed.", ("expired", "person")),
    ("case.forwarded", "to"): _words("audit_view.to.", ("bureau", "desk")),
    ("case.alarmed", "alarm"): _words("audit_view.alarm.", Alarm),
}
"""By kind of entry (empty: any) and member of its metadata."""

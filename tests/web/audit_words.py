"""The keys of the auditor's console that are put together from values: every word that its pages can show."""

from __future__ import annotations

from audit.reading import PurposeKind
from bot.records import DeskName, Outcome, Topic
from web.auditor_filters import CLOSED, NO, OPEN, YES, key_of
from web.auditor_forms import MODES
from web.auditor_reads import KINDS
from web.exporting import FORMS

# audit.search_values.ReadingRefused, and what web.auditor_exports refuses itself.
REFUSED = ("no_purpose", "bad_cursor", "long_words", "unknown", "no_form", "not_yet", "too_many", "too_large")


def list_keys() -> set[str]:
    used = {f"audit_list.outcome.{each}" for outcome in Outcome for each in (outcome.value, outcome.family)}
    used |= {f"audit_list.topic.{topic.value}" for topic in Topic}
    used |= {f"audit_list.by.{name}" for name in (*CLOSED, *OPEN)} | {f"audit_list.mode.{mode}" for mode in MODES}
    used |= {f"audit_list.corrected.{said}" for said in (YES, NO)} | {"audit_list.newer", "audit_list.older"}
    used |= {key for name in ("case", "feedback") for value in CLOSED[name] if (key := key_of(name, value))}
    columns = ("received", "outcome", "topic", "risk", "level", "language", "after", "index")
    used |= {f"audit_list.column.{name}" for name in columns} | {"audit_list.since", "audit_list.until"}
    return used | {f"desk.auditor_{desk.value}" for desk in DeskName}


def reading_keys() -> set[str]:
    used = {f"audit_read.purpose.{kind.value}" for kind in PurposeKind} | {
        f"audit_read.what.{end}" for end in KINDS.values()
    }
    used |= {f"audit_read.refused.{code}" for code in REFUSED}
    used |= {f"audit_read.column.{name}" for name in ("time", "who", "what", "why")}
    return used | {f"audit_export.form.{form}" for form in (*FORMS, "closed", "opened")}


def auditor_keys() -> set[str]:
    return list_keys() | reading_keys()

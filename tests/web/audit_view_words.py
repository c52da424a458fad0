"""The keys of the auditor's pages on one exchange, its check and its paper that no template names in full."""

from __future__ import annotations

from bot.cases import ChangeKind
from bot.records import DeskName
from web.auditor_basis import Still
from web.auditor_frame import Origin, Wording
from web.auditor_vocabulary import FINDINGS, KINDS, NAMES, PATHS, VALUES, VERDICTS, YES_NO, key_of_kind

SECTIONS = ("answer", "facts", "basis", "stamps", "frame", "course", "check")
SCORES = ("dense", "words", "characters")


def audit_view_keys() -> set[str]:
    used = {key for kind in KINDS if (key := key_of_kind(kind))} | set(YES_NO.values())
    used |= {f"audit_view.fact.{name}" for name in NAMES} | {f"audit_view.path.{path}" for path in PATHS}
    used |= {f"{words.prefix}{value}" for words in VALUES.values() for value in words.values}
    used |= {f"audit_view.{section}" for section in SECTIONS} | {f"audit_view.score.{each}" for each in SCORES}
    used |= {f"audit_view.origin.{each.value}" for each in Origin}
    used |= {f"audit_view.wording.{each.value}" for each in Wording}
    used |= {f"audit_view.{what}.{each.value}" for what in ("still", "passage") for each in Still}
    used |= {f"audit_view.by.{who}" for who in ("service", "command_line")}
    used |= {f"audit_verify.finding.{code}" for code in FINDINGS}
    used |= {f"audit_verify.verdict.{verdict}" for verdict in VERDICTS}
    used |= {f"audit_verify.whole.{column}" for column in ("time", "by", "size", "result")}
    used |= {f"audit_paper.desk.{desk.value}" for desk in DeskName}
    used |= {"audit_view.missing", "audit_verify.waiting", "audit_verify.unreadable", "audit_view.score"}
    return used | {f"responder.event.{kind.value}" for kind in ChangeKind if kind.value not in ("opened", "read")}

"""What is told to whom about cases: to the responders, and once a day to the desk's watcher. Pure.

A notice says that there is something to look at, never what a person wrote: a case's reference, kind, priority, due
date and where the console is. Notices of one occasion have the same keys whenever they are made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.cases import Case
from bot.notice_words import Day, Telling, case_words, day_words, excess_words, reference
from bot.office import JAPAN
from bot.records import ConversationId, DeskName, Entry, Json, Notice, Way

NOTICE: Final = "notice"
"""The meta key under which an entry of the system log names the notice that brought it."""


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who is told about one desk's cases, as the operator configured it; empty where nobody is.

    ``mail``: addresses; ``hook``: web addresses; ``watcher``: either, for the daily message. ``console``: where the
    desk's responders sign in.
    """

    desk: DeskName
    mail: tuple[str, ...] = ()
    hook: tuple[str, ...] = ()
    watcher: tuple[str, ...] = ()
    console: str = ""

    def include(self, notice: Notice) -> bool:
        """Whether a notice goes to somebody who is told still; what is for the service's own log always does."""
        return notice.way is Way.SYSTEM or notice.to in (*self.mail, *self.hook, *self.watcher)


def about_case(
    telling: Telling, case: Case, recipients: Recipients, at: datetime, occasion: str = ""
) -> Sequence[Notice]:
    """The notices of one change of a case at ``at``, one for each recipient.

    ``occasion`` tells apart what can happen more than once while a case is open (the entry's id where information was
    supplied); what happens again after a reopening is told apart without it.
    """
    desk = recipients.desk
    subject, body = case_words(telling, case, desk, recipients.console)
    data: Mapping[str, Json] = {
        "desk": desk.value,
        "case": reference(case.id),
        "kind": case.kind.value,
        "reason": case.reason.value,
        "priority": case.priority.value,
        "department": case.department.value if case.department else None,
        "opened": _stamp(case.opened),
        "due": _stamp(case.due) if case.due else None,
        "console": recipients.console or None,
    }
    told = _Told(subject, body, f"case.{telling.value}", at, data)
    parts = (desk.value, telling.value, case.id, str(case.reopened), occasion)
    return [_notice(parts, to, told) for to in (*recipients.mail, *recipients.hook)]


def daily(day: Day, recipients: Recipients, at: datetime) -> Sequence[Notice]:
    """The daily message to the desk's watchers; its key is the day's, so there is one a day."""
    desk = recipients.desk
    subject, body = day_words(day, desk, recipients.console)
    data: Mapping[str, Json] = {
        "desk": desk.value,
        "day": day.day.isoformat(),
        "first": day.first.isoformat(),
        "last": day.last.isoformat(),
        "outcomes": dict(sorted(day.outcomes.items())),
        "live": day.live,
        "overdue": day.overdue,
        "unclaimed": day.unclaimed,
        "backlog": dict(sorted(day.backlog.items())),
        "console": recipients.console or None,
    }
    told = _Told(subject, body, "desk.daily", at, data)
    return [_notice((desk.value, "daily", day.day.isoformat()), to, told) for to in recipients.watcher]


def excess_notices(row: str, grade: str, recipients: Recipients, at: datetime) -> Sequence[Notice]:
    """What the desk's watchers are told where the errors of a row of the register (``topic.risk``) are more than is
    allowed, or a grave one was found; ``grade``: the entry of the grade that tells it, which makes one occasion.
    """
    desk = recipients.desk
    console = recipients.console.replace("/responder/", "/auditor/")
    subject, body = excess_words(row.partition(".")[0], desk, at, console)
    data: Mapping[str, Json] = {"desk": desk.value, "row": row, "console": console or None}
    told = _Told(subject, body, "conditions.exceeded", at, data)
    return [_notice((desk.value, "exceeded", row, grade), to, told) for to in recipients.watcher]


def entry_notice(
    key: str,
    subject: ConversationId,
    kind: str,
    meta: Mapping[str, Json],
    contents: Mapping[str, str] | None = None,
) -> Notice:
    """What a desk has to tell the service's own log: an entry that is appended there once per key."""
    body = json.dumps({"meta": dict(meta), "contents": dict(contents or {})}, ensure_ascii=False, sort_keys=True)
    return Notice(key, Way.SYSTEM, subject, kind, body)


def entry_of(notice: Notice) -> Entry:
    """The entry that an ``entry_notice`` brings; its meta names the notice. Raises ValueError for another shape."""
    told = json.loads(notice.body)
    parts = [told.get(name) for name in ("meta", "contents")] if isinstance(told, dict) else []
    match parts:
        case [dict(meta), dict(contents)]:
            return Entry(notice.subject, ConversationId(notice.to), {**meta, NOTICE: notice.key}, contents)
        case _:
            raise ValueError("not the notice of an entry")


@dataclass(frozen=True, slots=True)
class _Told:
    """One thing told: in words for people, and in names for programs."""

    subject: str
    body: str
    type: str
    at: datetime
    data: Mapping[str, Json]


def _notice(occasion: Sequence[str], to: str, told: _Told) -> Notice:
    """A notice to one recipient. A web hook gets an object of ``type``, ``timestamp`` and ``data`` (Standard Webhooks
    1.0.0), with the words as ``text`` beside them for programs that show a message.
    """
    key = "ntc_" + hashlib.sha256("\0".join((*occasion, to)).encode()).hexdigest()[:32]
    if "://" not in to:
        return Notice(key, Way.MAIL, to, told.subject, told.body)
    whole = {
        "type": told.type,
        "timestamp": _stamp(told.at),
        "data": told.data,
        "text": f"{told.subject}\n\n{told.body}",
    }
    return Notice(key, Way.HOOK, to, told.subject, json.dumps(whole, ensure_ascii=False))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(JAPAN).isoformat(timespec="seconds")

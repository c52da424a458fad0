"""Notes and flags for tests of what a desk learns, and a desk's learning over a log with a memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.adapters.notifying.system import SystemNotifier
from bot.cases import CaseId
from bot.deciding import Actor
from bot.learning import NoteText, Taught, proposal_notice
from bot.learning_changes import Editing
from bot.learning_values import NoteProposal
from bot.ports import SystemLog, WordAnalyzer
from bot.records import DeskName
from tests.fakes_audit import FakeLog, TickingClock

RESPONDER = Actor("ac_responder", "窓口 五郎", frozenset({"responder"}))
SECOND_EDITOR = Actor("ac_editor2", "編集 六子", frozenset({"knowledge_editor"}))

LEAFLET = "AI戦略の概要版の冊子は、都庁の都民情報ルームで受け取れます。"
PRICE = "AI戦略の概要版の冊子は無料です。"
LEAFLET_QUESTION = "AI戦略の概要版の冊子はどこで受け取れますか"
PRICE_QUESTION = "AI戦略の概要版の冊子は有料ですか"
NOTE = NoteText(
    title="AI戦略の概要版の冊子",
    text=f"{LEAFLET}\n{PRICE}",
    questions=(Taught(LEAFLET_QUESTION, LEAFLET), Taught(PRICE_QUESTION, PRICE)),
    source="都民情報ルームへの確認",
    as_of="2026-11-20",
    review_by="2027-06-30",
)
OTHER_TEXT = f"{LEAFLET}\nAI戦略の概要版の冊子は一人2部までです。"


def revised(**changes: Any) -> NoteText:
    return replace(NOTE, text=OTHER_TEXT, questions=NOTE.questions[:1], **changes)


class NoWords:
    """No morphemes: masking by patterns alone."""

    def words(self, _: str) -> tuple[()]:
        return ()


def editing_of(
    log: SystemLog | None = None, desk: DeskName = DeskName.PUBLIC, words: WordAnalyzer | None = None
) -> Editing:
    clock = TickingClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    return Editing(log if log is not None else FakeLog(), desk, words or NoWords(), clock)


def from_case(editing: Editing, note: NoteText = NOTE, occasion: str = "once") -> NoteProposal:
    """What a responder's proposal becomes when the desk's outbox has brought it to the system log."""
    notice = proposal_notice(editing.desk, RESPONDER, note, occasion=occasion, case=CaseId("cs_1234567"))
    SystemNotifier(editing.log).deliver(notice)
    return editing.state().proposals[-1]

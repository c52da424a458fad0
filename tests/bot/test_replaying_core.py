"""A replay from entries alone: what it makes of what is missing, what differs, and that nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.lexicon import Lexicon
from bot.ports import ShelfUnavailable
from bot.recalling import Missing, Past, off_then, past_of
from bot.records import ConversationId, ExchangeId, Outcome, RecordedEntry
from bot.records_json import CLOSED, OPENED, QUESTION, REPLY
from bot.replaying import Found, Part, Replayed, replayed
from prompts.library import wording_for
from tests.cases_kit import TALK, asked, assisted
from tests.fakes_bot import BUDGET, BUDGET_SENTENCE, FakeShelf, Room, found, room


def past(held: Room, exchange: ExchangeId | None) -> Past:
    made = past_of(held.log.entries(TALK), exchange or ExchangeId(""))
    assert made is not None
    return made


def again(held: Room, told: Past, shelf: FakeShelf | None = None) -> Replayed:
    desk = held.desk
    made = Found(shelf or held.shelf, Lexicon(desk.analyzer), wording_for(desk.name), desk.register.active(), None)
    before = len(held.log.kept), held.desk.queue.cases.live(), len(held.desk.queue.outbox.waiting())
    done = replayed(desk, told, made)
    assert (len(held.log.kept), held.desk.queue.cases.live(), len(held.desk.queue.outbox.waiting())) == before
    return done


def without(entry: RecordedEntry, *paths: str) -> RecordedEntry:
    contents: Mapping[str, str | None] = {**entry.contents, **dict.fromkeys(paths)}
    return replace(entry, contents=contents)


def test_it_is_the_same_and_keeps_nothing() -> None:
    held = room()
    told = past(held, asked(held).exchange)
    done = again(held, told)
    assert (done.same, done.missing, done.differing, done.changed, done.decisions) == (True, (), (), (), ())
    assert done.reply is not None
    assert BUDGET_SENTENCE in done.reply.text


def test_a_draft_for_people_is_the_same_with_its_number_and_day() -> None:
    held = assisted()
    asked(held, "別の質問です。令和7年度のAI関連予算はいくらですか")
    given = asked(held)
    told = past(held, given.exchange)
    assert told.waiting == 1
    asked(held)  # the queue is longer now
    done = again(held, told)
    assert (done.same, done.missing) == (True, ())
    assert done.reply is not None
    assert given.case is not None
    assert given.case in done.reply.text
    assert done.held is not None
    assert BUDGET_SENTENCE in done.held.text


def test_an_erased_number_is_told() -> None:
    held = assisted()
    told = past(held, asked(held).exchange)
    assert told.case is not None
    done = again(held, replace(told, case=without(told.case, "number")))
    assert (done.same, done.missing) == (False, (Missing.CASE_ERASED,))
    (line,) = done.differing
    assert line.now is not None
    assert "----" in line.now


def test_without_the_question_nothing_is_replayed() -> None:
    held = room()
    told = past(held, asked(held).exchange)
    done = again(held, replace(told, opened=without(told.opened, QUESTION)))
    assert (done.reply, done.same, done.missing) == (None, False, (Missing.QUESTION_ERASED,))


def test_without_the_reply_there_is_nothing_to_compare() -> None:
    held = room()
    told = past(held, asked(held).exchange)
    assert told.closed is not None
    done = again(held, replace(told, closed=without(told.closed, REPLY)))
    assert (done.same, done.recorded, done.missing, done.differing) == (False, None, (Missing.REPLY_ERASED,), ())
    assert done.reply is not None


def test_an_exchange_that_never_closed_is_replayed_and_told() -> None:
    held = room()
    told = past(held, asked(held).exchange)
    done = again(held, replace(told, closed=None))
    assert (done.same, done.missing) == (False, (Missing.NOT_CLOSED,))
    assert done.reply is not None


@pytest.mark.parametrize("kind", [OPENED, CLOSED])
def test_what_is_gone_of_the_turns_before_is_told(kind: str) -> None:
    held = room()
    asked(held)
    told = past(held, asked(held, "それは何年度？").exchange)
    path = {OPENED: QUESTION, CLOSED: REPLY}[kind]
    before = tuple(without(each, path) if each.kind == kind else each for each in told.before)
    assert Missing.EARLIER_ERASED in again(held, replace(told, before=before)).missing
    assert again(held, told).missing == ()


def test_a_fault_of_that_time_is_not_repeated() -> None:
    held = room(FakeShelf(fails=ShelfUnavailable("missing")))
    given = asked(held)
    assert given.reply.outcome is Outcome.FAILED_INDEX
    done = again(held, past(held, given.exchange), room().shelf)
    assert (done.same, done.missing) == (False, (Missing.FAULT_THEN,))
    assert done.reply is not None
    assert done.reply.outcome is Outcome.ANSWERED_DOCUMENTS
    assert "outcome" in {each.name for each in done.decisions}


def test_a_fault_of_now_and_a_time_that_is_over_are_told() -> None:
    held = room()
    told = past(held, asked(held).exchange)
    assert again(held, told, FakeShelf(fails=ShelfUnavailable("missing"))).missing == (Missing.FAULT_NOW,)
    late = Room(replace(held.desk, budget_seconds=0.0), held.log, held.shelf, held.cases, held.outbox)
    assert again(late, told).missing == (Missing.LATE,)


def test_other_documents_show_in_lines_sources_and_decisions() -> None:
    held = room()
    told = past(held, asked(held).exchange)
    other = replace(BUDGET, document=replace(BUDGET.document, title="別の資料"))
    done = again(held, told, FakeShelf([found(other, fact_0=0.96, question_0=0.95, sentence_0=0.93)]))
    assert not done.same
    assert {each.part for each in done.differing} == {Part.CITATIONS}
    (line,) = done.differing
    assert line.now is not None
    assert "別の資料" in line.now


def test_the_switch_is_found_by_its_moment() -> None:
    held = room()
    told = past(held, asked(held).exchange)
    assert told.closed is not None
    since = told.opened.time
    meta = {**told.closed.meta, "switch": {"scope": "public", "since": since.isoformat()}}
    told = replace(told, closed=replace(told.closed, meta=meta))
    throw = replace(
        told.opened, kind="switch.set", time=since, meta={"scope": "public", "off": True}, contents={"why": "点検"}
    )
    off = off_then(told, [throw])
    assert off is not None
    assert off.why == "点検"
    assert off_then(told, [without(throw, "why")]) is None
    assert off_then(told, []) is None


def test_a_record_of_another_conversation_is_not_there() -> None:
    held = room()
    exchange = asked(held).exchange
    assert exchange is not None
    assert past_of(held.log.entries(ConversationId("other")), exchange) is None
    assert past_of((), exchange) is None

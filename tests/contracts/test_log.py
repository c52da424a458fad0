"""What every log does, the real one and the fake one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.codes import as_receipt_code
from audit.log import DeskLog
from bot.ports import Log
from bot.records import Appended, ConversationId, Entry, EntryId, ExchangeId, Json, MaskedText, Outcome
from bot.records_json import reply_to_json
from tests.audit.entries import REPLY, closed, fresh_log, opened, whole_exchange
from tests.fakes_audit import FakeLog, TickingClock


@pytest.fixture(params=["fake", "real", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    if request.param == "fake":
        yield FakeLog()
        return
    database = request.getfixturevalue("postgres").database() if request.param == "postgres" else None
    real = fresh_log(tmp_path / "public", database=database)
    yield real
    real.close()


def test_an_open_exchange_has_a_question_and_no_reply(log: Log) -> None:
    opening = opened(question="電話は[電話番号]です")
    appended = log.append(opening)
    found = log.exchange(ExchangeId(str(opening.meta["exchange"])))
    assert found is not None
    assert found.question == MaskedText("電話は[電話番号]です", ("phone",))
    assert (found.reply, found.receipt, found.closed) == (None, None, None)
    assert (found.opened, found.conversation) == (appended.entry, "c-1")
    assert found.received.isoformat() == "2026-11-23T09:00:00+00:00"


def test_a_closed_exchange_is_read_back_whole(log: Log) -> None:
    exchange, closing = whole_exchange(log)
    found = log.exchange(exchange)
    assert found is not None
    assert found.reply == REPLY
    assert found.closed == closing.entry
    assert found.receipt == log.receipt(closing).code


def test_a_conversation_is_its_newest_exchanges_oldest_first(log: Log) -> None:
    written = [whole_exchange(log, "c-1", f"問{number}")[0] for number in range(4)]
    whole_exchange(log, "c-2")
    assert [each.exchange for each in log.conversation(ConversationId("c-1"))] == written
    newest = log.conversation(ConversationId("c-1"), limit=2)
    assert [each.question.value for each in newest] == ["問2", "問3"]
    assert all(each.reply == REPLY for each in newest)


def test_what_was_never_written_is_not_found(log: Log) -> None:
    assert log.exchange(ExchangeId("nothing")) is None
    assert list(log.conversation(ConversationId("nothing"))) == []
    assert log.text(ExchangeId("nothing")) == ""


def test_the_text_holds_everything(log: Log) -> None:
    opening = opened(question="一行目の問い\n二行目の問い")
    first = log.append(opening)
    last = log.append(closed(opening, first))
    meta = {"useful": False, "reason": "unclear", "exchange": opening.meta["exchange"]}
    log.append(Entry("feedback", opening.subject, meta, {"comment": "意見です"}, (last.entry,)))
    log.append(Entry("correction", opening.subject, {"why_kind": "figure"}, {"why": "金額"}, (last.entry,)))
    text = log.text(ExchangeId(str(opening.meta["exchange"])))
    for part in (
        "一行目の問い\n二行目の問い",
        "回答の一行目です。",
        "下書きの文",
        "題名",
        "抜粋",
        "0.8321",
        "意見です",
        "unclear",
        "金額",
        "2026-11-23T09:00:00+00:00",
        first.entry,
        last.entry,
        log.receipt(last).code,
    ):
        assert part in text


def test_the_text_is_of_one_exchange(log: Log) -> None:
    exchange, _ = whole_exchange(log, question="これは見える")
    whole_exchange(log, question="これは見えない")
    assert "これは見えない" not in log.text(exchange)


def test_a_receipt_is_the_same_every_time(log: Log) -> None:
    _, closing = whole_exchange(log)
    first = log.receipt(closing)
    assert log.receipt(closing) == first
    assert (first.entry, first.leaf, first.time) == (closing.entry, closing.leaf, closing.time)
    assert first.longest_delay_seconds == 60
    assert as_receipt_code(first.code) == first.code


def test_any_entry_can_have_a_receipt(log: Log) -> None:
    appended = log.append(opened())
    assert log.receipt(appended) == log.receipt(appended)


def test_no_receipt_for_what_is_not_in_the_log(log: Log) -> None:
    appended = log.append(opened())
    with pytest.raises(ValueError, match="not an entry"):
        log.receipt(Appended(EntryId("strange"), appended.leaf, appended.time))
    with pytest.raises(ValueError, match="not an entry"):
        log.receipt(Appended(appended.entry, "00" * 32, appended.time))


@pytest.mark.parametrize(
    "entry",
    [
        Entry("x", ConversationId("c"), {"score": float("nan")}),
        Entry("x", ConversationId("c"), {}, {"q": "\ud800"}),
        Entry("x", ConversationId("c"), {"conversation": "another"}),
        Entry("x", ConversationId("c"), {}, {}, (EntryId("strange"),)),
    ],
    ids=["not a number", "half a character", "two conversations", "unknown link"],
)
def test_an_impossible_entry_is_refused_and_leaves_nothing(log: Log, entry: Entry) -> None:
    with pytest.raises(ValueError, match=r"JSON compliant|well-formed|conversation|not an entry"):
        log.append(entry)
    exchange, _ = whole_exchange(log, "c")
    assert [each.exchange for each in log.conversation(ConversationId("c"))] == [exchange]


def test_times_are_the_clock_s(log: Log) -> None:
    reference = TickingClock().now()
    assert abs((log.append(opened()).time - reference).total_seconds()) < 60


def test_entries_about_a_subject_come_back_whole_and_oldest_first(log: Log) -> None:
    subject = ConversationId("register")
    assert isinstance(log, FakeLog | DeskLog)
    assert list(log.entries(subject)) == []
    assert log.newest_about(subject) is None
    meta = {"rows": [{"topic": "documents", "share": 0.01}], "by": "ac_1", "off": True, "none": None}
    first = log.append(Entry("register.proposed", subject, meta, {"reason": "理由\n二行目", "name": "職員"}))
    log.append(Entry("switch.set", ConversationId("switch"), {}, {"why": "別の件"}))
    second = log.append(Entry("register.approved", subject, {"by": "ac_2"}, {}, (first.entry,)))
    entries = log.entries(subject)
    assert [each.kind for each in entries] == ["register.proposed", "register.approved"]
    assert [each.entry for each in entries] == [first.entry, second.entry]
    assert [each.time for each in entries] == [first.time, second.time]
    assert entries[0].meta == meta
    assert entries[0].contents == {"reason": "理由\n二行目", "name": "職員"}
    assert entries[1].links == (first.entry,)
    assert log.newest_about(subject) == second.entry


def ended(log: Log, outcome: Outcome = REPLY.outcome, conversation: str = "c-1", **meta: Json) -> ExchangeId:
    """An exchange that ended so."""
    opening = opened(conversation)
    log.append(closed(opening, log.append(opening), replace(REPLY, outcome=outcome), **meta))
    return ExchangeId(str(opening.meta["exchange"]))


def resting_on(*passages: str, version: str | None = "v1") -> dict[str, Json]:
    found: list[Json] = [{"passage": each, "version": version, "used": True} for each in passages]
    return {"evidence": [*found, {"passage": "far:1", "version": version, "used": False}], "citations": list(passages)}


def corrected(log: Log, exchange: ExchangeId, text: str, case: str = "cs_1") -> Appended:
    about = log.exchange(exchange)
    assert about is not None
    assert about.closed is not None
    meta: dict[str, Json] = {
        "exchange": exchange,
        "conversation": about.conversation,
        "case": case,
        "passages": ["doc:1"],
    }
    return log.append(Entry("answer.corrected", about.conversation, meta, {"text": text}, (about.closed,)))


def test_what_came_later_stands_beside_an_answer(log: Log) -> None:
    exchange, closing = whole_exchange(log)
    plain = log.exchange(exchange)
    assert plain is not None
    assert (plain.corrected, plain.useful, plain.draft) == (None, None, None)
    for useful in (True, False):
        meta: dict[str, Json] = {"exchange": exchange, "useful": useful, "reason": None}
        log.append(Entry("feedback", plain.conversation, meta, {}, (closing.entry,)))
    corrected(log, exchange, "初めの訂正")
    latest = corrected(log, exchange, "正しくは二十億円です", "cs_2")
    found = log.exchange(exchange)
    assert found is not None
    assert found.useful is False
    assert found.corrected is not None
    assert (found.corrected.text, found.corrected.case) == ("正しくは二十億円です", "cs_2")
    assert found.corrected.time == latest.time
    assert found.reply == REPLY
    assert log.conversation(found.conversation) == [found]
    assert log.by_receipt(str(found.receipt)) == found


def test_a_correction_stands_beside_its_own_answer_alone(log: Log) -> None:
    exchange, _ = whole_exchange(log)
    other, _ = whole_exchange(log)
    corrected(log, exchange, "訂正")
    assert [each.corrected is not None for each in log.conversation(ConversationId("c-1"))] == [True, False]
    found = log.exchange(other)
    assert found is not None
    assert found.corrected is None


def test_a_reply_that_waits_for_a_person_is_a_draft(log: Log) -> None:
    opening = opened()
    shown, held = replace(REPLY, outcome=Outcome.REFERRED_ASSISTED, text="担当者が確認します"), REPLY
    entry = closed(opening, log.append(opening), shown)
    log.append(replace(entry, contents={**entry.contents, "held": reply_to_json(held)}))
    found = log.exchange(ExchangeId(str(opening.meta["exchange"])))
    assert found is not None
    assert (found.reply, found.draft) == (shown, held)


def test_a_receipt_finds_its_exchange(log: Log) -> None:
    exchange, closing = whole_exchange(log)
    whole_exchange(log)
    code = log.receipt(closing).code
    for typed in (code, code.lower().replace("-", " ")):
        found = log.by_receipt(typed)
        assert found is not None
        assert found.exchange == exchange
    assert log.by_receipt("0000-0000-0000-0000") is None
    assert log.by_receipt("nothing") is None


def test_answers_that_rest_on_the_same_passages_are_found(log: Log) -> None:
    wrong = ended(log, **resting_on("doc:1", "doc:2"))
    same = ended(log, conversation="c-2", **resting_on("doc:2", "doc:3"))
    ended(log, **resting_on("doc:3"))
    ended(log, **resting_on("doc:1", version="v2"))
    untold = ended(log, citations=["doc:1"])
    found = log.sharing(wrong)
    assert [(each.exchange, each.passages) for each in found] == [(same, ("doc:2",)), (untold, ("doc:1",))]
    recorded = log.exchange(same)
    assert recorded is not None
    assert found[0].receipt == recorded.receipt
    assert list(log.sharing(ExchangeId("nothing"))) == []
    assert list(log.sharing(ended(log))) == []


def test_the_outcomes_of_a_span_of_time_are_counted(log: Log) -> None:
    ended(log, Outcome.REFUSED_OPINION)
    start = log.append(opened()).time
    ended(log, Outcome.ANSWERED_DOCUMENTS)
    ended(log, Outcome.ANSWERED_DOCUMENTS)
    ended(log, Outcome.ABSTAINED_NO_EVIDENCE)
    end = log.append(opened()).time
    ended(log, Outcome.REFUSED_OPINION)
    assert dict(log.outcomes(start, end)) == {"answered.documents": 2, "abstained.no_evidence": 1}
    assert dict(log.outcomes(end + timedelta(days=1), end + timedelta(days=2))) == {}


def test_entries_of_some_kinds_come_back_oldest_first(log: Log) -> None:
    assert isinstance(log, FakeLog | DeskLog)
    subjects = [ConversationId("c-1"), ConversationId("c-2")]
    for kind in ("case.opened", "case.noted", "case.opened"):
        for subject in subjects:
            log.append(Entry(kind, subject, {"conversation": subject}, {"number": "番号"}))
    found = log.of_kinds({"case.opened", "case.closed"})
    assert [(each.kind, each.meta["conversation"]) for each in found] == [
        ("case.opened", "c-1"),
        ("case.opened", "c-2"),
    ] * 2
    assert all(each.contents == {"number": "番号"} for each in found)

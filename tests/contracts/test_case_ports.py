"""What every unit of work and every store of cases does, the real ones and the fake ones."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.log import DeskLog
from bot.case_numbers import digest
from bot.cases import Alarm, Case, CaseId, CaseReason, CaseRefused, CaseState, ChangeKind, Department
from bot.ports import LogUnavailable, Transaction
from bot.records import ConversationId, Entry, EntryId, ExchangeId, Risk
from tests.audit.case_kit import NOON, Store, case, fake_store, notice, real_store
from tests.audit.entries import opened as opened_exchange

SUBJECT = ConversationId("c-1")
NOTED = Entry("case.noted", SUBJECT, {"case": "cs_1"}, {"note": "覚え書き"})


@pytest.fixture(params=["fake", "real", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    database = request.getfixturevalue("postgres").database() if request.param == "postgres" else None
    made = fake_store() if request.param == "fake" else real_store(tmp_path / "public", None, 0.5, database)
    yield made
    if isinstance(made.log, DeskLog):
        made.log.close()


def other_of(store: Store, tmp_path: Path) -> Store:
    """Another desk of the same kind."""
    return real_store(tmp_path / "staff") if isinstance(store.log, DeskLog) else fake_store()


def keep(store: Store, *cases: Case) -> None:
    with store.log.begin() as within:
        for each in cases:
            store.cases.add(within, each, digest(each.id), None)


def nothing_of_it(store: Store, kept: Case) -> None:
    assert list(store.log.entries(kept.conversation)) == []
    assert store.cases.get(kept.id) is None
    assert store.cases.contacts_past(NOON + timedelta(days=900)) == []
    assert list(store.outbox.waiting()) == []


def write_all(store: Store, within: Transaction, kept: Case) -> None:
    """Something of every kind that a transaction can hold."""
    store.log.append(replace(NOTED, subject=kept.conversation, meta={"case": kept.id}), within)
    store.cases.add(within, kept, digest(kept.id), "once-1")
    store.cases.keep_contact(within, kept.id, "090-0000-0000", NOON)
    store.outbox.put(within, notice(kept.id))


def failing(store: Store, work: Callable[[Transaction], None], error: type[BaseException]) -> None:
    """Do it in a transaction, which ends with that error."""
    with pytest.raises(error), store.log.begin() as within:
        work(within)


# --- transactions


def test_what_is_written_together_is_there_together(store: Store) -> None:
    kept = case()
    with store.log.begin() as within:
        write_all(store, within, kept)
    assert [each.kind for each in store.log.entries(kept.conversation)] == ["case.noted"]
    assert store.cases.get(kept.id) == kept
    assert [each.notice.key for each in store.outbox.waiting()] == [kept.id]


@pytest.mark.parametrize("error", [CaseRefused("claimed"), ValueError("no"), KeyboardInterrupt()])
def test_after_an_error_nothing_is_there(store: Store, error: BaseException) -> None:
    kept = case()

    def work(within: Transaction) -> None:
        write_all(store, within, kept)
        raise error

    failing(store, work, type(error))
    nothing_of_it(store, kept)
    keep(store, kept)  # and another can be begun
    assert store.cases.get(kept.id) == kept


def test_until_it_is_durable_only_the_transaction_sees_it(store: Store) -> None:
    kept = case()
    with store.log.begin() as within:
        write_all(store, within, kept)
        nothing_of_it(store, kept)
        assert store.cases.by_digest(digest(kept.id)) is None
        assert store.cases.live() == 0
        assert store.cases.get(kept.id, within) == kept
        assert store.cases.by_once("once-1", within) == kept
        assert store.cases.live(within) == 1
    assert store.cases.live() == 1


def test_entries_of_one_transaction_may_link(store: Store) -> None:
    with store.log.begin() as within:
        first = store.log.append(NOTED, within)
        second = store.log.append(replace(NOTED, links=(first.entry,)), within)
    assert [each.entry for each in store.log.entries(SUBJECT)] == [first.entry, second.entry]
    assert store.log.entries(SUBJECT)[1].links == (first.entry,)
    assert store.log.receipt(second).leaf == second.leaf


def test_a_hidden_failure_still_undoes_everything(store: Store) -> None:
    kept = case()

    def work(within: Transaction) -> None:
        write_all(store, within, kept)
        with contextlib.suppress(ValueError):
            store.log.append(replace(NOTED, links=(EntryId("strange"),)), within)

    failing(store, work, LogUnavailable)
    nothing_of_it(store, kept)


def test_a_transaction_that_has_ended_takes_nothing(store: Store) -> None:
    with store.log.begin() as ended:
        pass
    for write in (
        lambda: store.log.append(NOTED, ended),
        lambda: store.cases.add(ended, case(), b"d", None),
        lambda: store.cases.get(CaseId("cs_1"), ended),
        lambda: store.outbox.put(ended, notice("k")),
    ):
        with pytest.raises(ValueError, match="not an open transaction"):
            write()
    assert list(store.log.entries(SUBJECT)) == []


def test_a_desk_takes_no_transaction_of_another(store: Store, tmp_path: Path) -> None:
    other = other_of(store, tmp_path)
    with other.log.begin() as foreign:
        for write in (
            lambda: store.log.append(NOTED, foreign),
            lambda: store.cases.add(foreign, case(), b"d", None),
            lambda: store.cases.keep_contact(foreign, CaseId("cs_1"), "090", NOON),
            lambda: store.outbox.put(foreign, notice("k")),
        ):
            with pytest.raises(ValueError, match="not an open transaction"):
                write()
    assert list(other.log.entries(SUBJECT)) == []


def test_nothing_is_written_beside_one_s_own_transaction(store: Store) -> None:
    with store.log.begin(), pytest.raises(LogUnavailable, match="locked"):
        store.log.append(NOTED)
    store.log.append(NOTED)


def test_an_exchange_opened_in_a_transaction_is_there_when_that_is_durable(store: Store) -> None:
    opening = opened_exchange("c-1", "e-1")
    with store.log.begin() as within:
        store.log.append(opening, within)
        assert store.log.exchange(ExchangeId("e-1")) is None
    assert store.log.exchange(ExchangeId("e-1")) is not None


def test_of_five_who_claim_at_once_one_has_the_case(store: Store) -> None:
    cases = [store.open(f"c-{number}") for number in range(8)]
    outcomes: dict[str, list[str]] = {each.id: [] for each in cases}
    start = threading.Barrier(5)

    def responder(who: str) -> None:
        start.wait()
        for each in cases:
            try:
                store.claim(each.id, who)
            except CaseRefused as refused:
                outcomes[each.id].append(refused.code)
            else:
                outcomes[each.id].append(who)

    threads = [threading.Thread(target=responder, args=(f"ac_{number}",)) for number in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for each in cases:
        assert sorted(outcomes[each.id])[1:] == ["claimed"] * 4
        held = store.cases.get(each.id)
        assert held is not None
        assert held.holder in outcomes[each.id]
        entries = store.log.entries(each.conversation)
        assert [entry.kind for entry in entries] == ["case.opened", "case.claimed"]
        assert entries[1].meta["by"] == held.holder
    assert len(store.outbox.waiting()) == 16


# --- cases


def test_a_case_comes_back_as_it_was_kept(store: Store) -> None:
    whole = case(
        reason=CaseReason.DANGER,
        priority=Risk.GRAVE,
        due=None,
        state=CaseState.CLAIMED,
        exchange=ExchangeId("e-1"),
        department=Department.FINANCE,
        may_forward=True,
        holder="ac_1",
        claim_ends=NOON + timedelta(minutes=30, microseconds=7),
        waiting_since=NOON,
        ended=NOON + timedelta(days=1),
        merged_into=CaseId("cs_other"),
        decision="upheld",
        alarms=frozenset(Alarm),
        reopened=2,
    )
    plain = case()
    keep(store, whole, plain)
    assert store.cases.get(whole.id) == whole
    assert store.cases.get(plain.id) == plain


def test_a_case_is_kept_as_it_stands_after_a_change(store: Store) -> None:
    kept = store.open()
    claimed = store.claim(kept.id, "ac_1")
    assert store.cases.get(kept.id) == claimed
    released = store.change(kept.id, ChangeKind.RELEASED, by="ac_1", why="returned")
    assert store.cases.get(kept.id) == released
    assert (released.holder, released.claim_ends) == (None, None)


def test_a_case_is_found_by_its_number_and_by_its_request(store: Store) -> None:
    kept = case()
    with store.log.begin() as within:
        store.cases.add(within, kept, b"\x01" * 32, "once-1")
    assert store.cases.by_digest(b"\x01" * 32) == kept
    assert store.cases.by_digest(b"\x02" * 32) is None
    assert store.cases.by_digest(b"") is None
    assert store.cases.by_once("once-1") == kept
    assert store.cases.by_once("once-2") is None
    assert store.cases.get(CaseId("cs_none")) is None


@pytest.mark.parametrize("same", ["name", "number", "request"])
def test_no_two_cases_of_one_name_number_or_request(store: Store, same: str) -> None:
    first, second = case(), case()
    with store.log.begin() as within:
        store.cases.add(within, first, b"1", "once-1")
    second = replace(second, id=first.id) if same == "name" else second
    number, once = b"1" if same == "number" else b"2", "once-1" if same == "request" else None
    with pytest.raises(ValueError, match="kept already"), store.log.begin() as within:
        store.cases.add(within, second, number, once)
    assert store.cases.get(first.id) == first
    assert store.cases.live() == 1


def test_only_a_kept_case_can_change(store: Store) -> None:
    with pytest.raises(ValueError, match="no such case"), store.log.begin() as within:
        store.cases.put(within, case())
    with pytest.raises(ValueError, match="no such case"), store.log.begin() as within:
        store.cases.keep_contact(within, CaseId("cs_none"), "090", NOON)


def test_a_conversation_s_cases_come_oldest_first(store: Store) -> None:
    first, second, strange = case(opened=NOON + timedelta(1)), case(), case(conversation=ConversationId("c-2"))
    keep(store, first, strange, second)
    assert store.cases.of_conversation(SUBJECT) == [first, second]
    assert store.cases.of_conversation(ConversationId("c-3")) == []


def test_the_queue_is_grave_first_then_by_date(store: Store) -> None:
    later = case(due=NOON + timedelta(days=9))
    soon = case(due=NOON + timedelta(days=1), priority=Risk.LOW)
    soon_high = case(due=NOON + timedelta(days=1), priority=Risk.HIGH, opened=NOON + timedelta(hours=1))
    danger = case(due=None, priority=Risk.GRAVE)
    grave = case(due=NOON + timedelta(days=20), priority=Risk.GRAVE)
    done = case(state=CaseState.ANSWERED)
    keep(store, later, soon_high, done, soon, grave, danger)
    open_ = frozenset({CaseState.OPEN})
    assert store.cases.in_states(open_) == [danger, grave, soon, soon_high, later]
    assert store.cases.in_states(open_, limit=2) == [danger, grave]
    assert store.cases.in_states(frozenset({CaseState.ANSWERED, CaseState.CLOSED})) == [done]
    assert store.cases.in_states(frozenset()) == []


def test_how_many_wait_for_people(store: Store) -> None:
    keep(store, *(case(state=state) for state in CaseState))
    assert store.cases.live() == 3


def test_what_was_merged_is_found_by_what_it_went_into(store: Store) -> None:
    into = case()
    merged = [case(state=CaseState.MERGED, merged_into=into.id) for _ in range(2)]
    keep(store, into, *merged, case())
    assert store.cases.merged_into(into.id) == merged
    with store.log.begin() as within:
        store.cases.put(within, replace(merged[0], merged_into=None))
        assert store.cases.merged_into(into.id, within) == merged[1:]


# --- contacts


def test_a_contact_is_kept_until_it_is_dropped(store: Store) -> None:
    kept, other = case(), case()
    keep(store, kept, other)
    assert store.cases.contact(kept.id) is None
    with store.log.begin() as within:
        store.cases.keep_contact(within, kept.id, "電話 090-0000-0000（山田）", NOON)
        store.cases.keep_contact(within, other.id, "b@example.jp", NOON + timedelta(days=2))
    assert store.cases.contact(kept.id) == ("電話 090-0000-0000（山田）", NOON)
    with store.log.begin() as within:
        store.cases.keep_contact(within, kept.id, "c@example.jp", NOON + timedelta(days=1))
    assert store.cases.contact(kept.id) == ("c@example.jp", NOON + timedelta(days=1))
    with store.log.begin() as within:
        assert store.cases.drop_contact(within, kept.id) is True
        assert store.cases.drop_contact(within, kept.id) is False
    assert store.cases.contact(kept.id) is None
    assert store.cases.contact(other.id) == ("b@example.jp", NOON + timedelta(days=2))


def test_a_dropped_contact_comes_back_with_a_failed_transaction(store: Store) -> None:
    kept = case()
    keep(store, kept)
    with store.log.begin() as within:
        store.cases.keep_contact(within, kept.id, "a@example.jp", NOON)

    def work(within: Transaction) -> None:
        store.cases.drop_contact(within, kept.id)
        raise CaseRefused("wrong_state")

    failing(store, work, CaseRefused)
    assert store.cases.contact(kept.id) == ("a@example.jp", NOON)


def test_contacts_past_their_date_are_told_earliest_first(store: Store) -> None:
    cases = [case() for _ in range(3)]
    keep(store, *cases)
    with store.log.begin() as within:
        for days, each in zip((2, 1, 3), cases, strict=True):
            store.cases.keep_contact(within, each.id, "a@example.jp", NOON + timedelta(days=days))
    assert store.cases.contacts_past(NOON) == []
    assert store.cases.contacts_past(NOON + timedelta(days=2)) == [cases[1].id, cases[0].id]

"""What a desk does by itself: once each, at its time, and never over the heads of people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.database import DeskOutbox
from bot.case_entries import Opening, begun, changed, instant
from bot.case_numbers import fresh_number
from bot.cases import Alarm, Case, CaseId, CaseState, Change, ChangeKind
from bot.desk import Desk
from bot.ports import LogUnavailable
from bot.records import ConversationId, Json, Notice, Risk, Way
from bot.rounds import (
    DAY_TOLD,
    ROUNDS,
    close_answered,
    day_of,
    delete_contacts,
    raise_alarms,
    release_expired,
    tell_day,
)
from tests.audit.entries import fresh_log
from tests.fakes_audit import TickingClock
from tests.fakes_bot import Room, room
from web.case_storage import cases_in, prepare_cases

# A Tuesday, ten o'clock in Japan; the office of the tests is open on weekdays from nine to five.
TUESDAY = datetime(2026, 11, 24, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANNA = {"by": "ac_anna", "role": "responder"}


@dataclass
class Stage:
    """A desk whose clock is moved by hand."""

    room: Room = field(default_factory=room)

    def __post_init__(self) -> None:
        self.at(TUESDAY)

    @property
    def desk(self) -> Desk:
        return self.room.desk

    def at(self, moment: datetime) -> datetime:
        self.room.log.clock.time = moment - timedelta(seconds=1)
        return moment

    def opened(self, due: datetime | None = TUESDAY + DAY, priority: Risk = Risk.LOW, **meta: Json) -> CaseId:
        conversation = ConversationId(f"cv_{len(self.room.log.kept)}")
        about = {"kind": "question", "reason": "abstained", "priority": priority.value, "language": "ja"}
        opening = Opening(conversation, {**about, "due": instant(due), **meta}, {}, fresh_number())
        with self.desk.queue.work.begin() as within:
            return begun(self.desk, within, opening).case.id

    def change(self, case: CaseId, kind: ChangeKind, **meta: Json) -> Case:
        with self.desk.queue.work.begin() as within:
            return changed(self.desk, within, case, Change(kind, meta))

    def claimed(self, until: datetime, **given: Risk) -> CaseId:
        case = self.opened(**given)
        self.change(case, ChangeKind.CLAIMED, until=until.isoformat(), **ANNA)
        return case

    def case(self, case: CaseId) -> Case:
        found = self.room.cases.get(case)
        assert found is not None
        return found

    def entries(self, kind: str) -> Sequence[Mapping[str, Json]]:
        return [each.entry.meta for each in self.room.log.kept if each.entry.kind == kind]

    def told(self, part: str) -> Sequence[Notice]:
        return [each.notice for each in self.room.outbox.waiting() if part in each.notice.body]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_claim_that_ran_out_goes_back_to_the_queue(stage: Stage) -> None:
    case = stage.claimed(TUESDAY + HOUR)
    still = stage.claimed(TUESDAY + 3 * HOUR)
    assert release_expired(stage.desk, stage.at(TUESDAY + HOUR - timedelta(minutes=1))) == 0
    assert release_expired(stage.desk, stage.at(TUESDAY + HOUR + timedelta(minutes=1))) == 1
    assert (stage.case(case).state, stage.case(case).holder) == (CaseState.OPEN, None)
    assert stage.case(still).state is CaseState.CLAIMED
    assert release_expired(stage.desk, stage.at(TUESDAY + 2 * HOUR)) == 0
    [entry] = stage.entries("case.released")
    assert (entry["case"], entry["by"], entry["why"]) == (case, "service", "expired")


def test_a_claim_renewed_meanwhile_stays(stage: Stage) -> None:
    """The round looked before the responder claimed again, and changes after it."""
    case = stage.claimed(TUESDAY + HOUR)
    expired = stage.at(TUESDAY + 2 * HOUR)
    seen = stage.room.cases.in_states

    def claimed_between(states: frozenset[CaseState], limit: int = 10_000) -> Sequence[Case]:
        found = seen(states, limit)
        stage.change(case, ChangeKind.CLAIMED, until=(expired + HOUR).isoformat(), **ANNA)
        return found

    stage.room.cases.in_states = claimed_between  # type: ignore[method-assign]
    assert release_expired(stage.desk, expired) == 0
    assert stage.case(case).holder == "ac_anna"


def test_a_case_that_nobody_takes_raises_one_alarm(stage: Stage) -> None:
    case = stage.opened(due=TUESDAY + 30 * DAY)
    # Eight open hours: from ten to five on Tuesday, and one more on Wednesday.
    assert raise_alarms(stage.desk, stage.at(TUESDAY + 23 * HOUR)) == 0
    moment = stage.at(TUESDAY + 24 * HOUR + timedelta(minutes=1))
    assert raise_alarms(stage.desk, moment) == 1
    assert stage.case(case).alarms == {Alarm.UNCLAIMED}
    assert {each.way for each in stage.told("担当者の決まっていない")} == {Way.MAIL, Way.HOOK}
    before = len(stage.room.outbox.waiting())
    assert raise_alarms(stage.desk, moment) == 0
    assert raise_alarms(stage.desk, stage.at(TUESDAY + 5 * DAY)) == 0
    assert len(stage.room.outbox.waiting()) == before
    assert [each["alarm"] for each in stage.entries("case.alarmed")] == ["unclaimed"]


def test_a_claimed_case_is_not_unclaimed(stage: Stage) -> None:
    stage.change(stage.opened(due=None), ChangeKind.CLAIMED, until=(TUESDAY + 9 * DAY).isoformat(), **ANNA)
    assert raise_alarms(stage.desk, stage.at(TUESDAY + 5 * DAY)) == 0


def test_an_overdue_case_raises_one_alarm_until_it_is_reopened(stage: Stage) -> None:
    case = stage.claimed(TUESDAY + 20 * DAY)
    assert raise_alarms(stage.desk, stage.at(TUESDAY + DAY)) == 0
    late = stage.at(TUESDAY + DAY + HOUR)
    assert [raise_alarms(stage.desk, late) for _ in range(3)] == [1, 0, 0]
    assert len(stage.told("期限を過ぎた案件があります")) == 2
    stage.change(case, ChangeKind.ANSWERED, made="own", **ANNA)
    stage.change(case, ChangeKind.REOPENED, due=instant(late + DAY))
    assert raise_alarms(stage.desk, stage.at(late + DAY)) == 0
    again = raise_alarms(stage.desk, stage.at(late + 5 * DAY))
    assert again == 2  # overdue again, and since it is open also unclaimed
    assert len(stage.told("期限を過ぎた案件があります")) == 4


def test_a_case_of_danger_has_no_date_to_miss(stage: Stage) -> None:
    case = stage.opened(due=None, priority=Risk.GRAVE)
    raise_alarms(stage.desk, stage.at(TUESDAY + 300 * DAY))
    assert stage.case(case).alarms == {Alarm.UNCLAIMED}


def test_an_answered_case_closes_after_its_days(stage: Stage) -> None:
    case = stage.claimed(TUESDAY + HOUR)
    other = stage.opened()
    stage.at(TUESDAY + timedelta(minutes=10))
    stage.change(case, ChangeKind.ANSWERED, made="own", **ANNA)
    assert close_answered(stage.desk, stage.at(TUESDAY + 14 * DAY)) == 0
    assert close_answered(stage.desk, stage.at(TUESDAY + 15 * DAY)) == 1
    assert stage.case(case).state is CaseState.CLOSED
    assert stage.case(other).state is CaseState.OPEN
    assert close_answered(stage.desk, stage.at(TUESDAY + 16 * DAY)) == 0
    [entry] = stage.entries("case.closed")
    assert entry["by"] == "service"


def test_contacts_past_their_date_are_deleted_with_an_entry(stage: Stage) -> None:
    case, kept = stage.opened(), stage.opened()
    with stage.desk.queue.work.begin() as within:
        stage.room.cases.keep_contact(within, case, "03-0000-0000", TUESDAY + DAY)
        stage.room.cases.keep_contact(within, kept, "03-0000-0001", TUESDAY + 9 * DAY)
    assert delete_contacts(stage.desk, stage.at(TUESDAY + HOUR)) == 0
    assert delete_contacts(stage.desk, stage.at(TUESDAY + DAY)) == 1
    assert stage.room.cases.contact(case) is None
    assert stage.room.cases.contact(kept) is not None
    [entry] = stage.entries("case.contact_removed")
    assert (entry["case"], entry["why"]) == (case, "expired")
    assert delete_contacts(stage.desk, stage.at(TUESDAY + 2 * DAY)) == 0


def test_a_contact_stays_where_its_deletion_cannot_be_recorded(stage: Stage) -> None:
    case = stage.opened()
    with stage.desk.queue.work.begin() as within:
        stage.room.cases.keep_contact(within, case, "03-0000-0000", TUESDAY)
    stage.room.log.refuse("full", "case.contact_removed")
    with pytest.raises(LogUnavailable):
        delete_contacts(stage.desk, stage.at(TUESDAY + DAY))
    assert stage.room.cases.contact(case) is not None


def test_the_watcher_is_told_once_a_day(stage: Stage) -> None:
    told = [tell_day(stage.desk, stage.at(TUESDAY + timedelta(minutes=minutes))) for minutes in (0, 1, 500)]
    assert told == [1, 0, 0]
    [notice] = stage.told("日報")
    assert (notice.way, notice.to) == (Way.MAIL, "watch@example.jp")
    assert "対象：2026-11-23" in notice.body
    # The day begins at midnight in Japan, not in the server's zone.
    assert tell_day(stage.desk, stage.at(datetime(2026, 11, 24, 14, 59, tzinfo=UTC))) == 0
    assert tell_day(stage.desk, stage.at(datetime(2026, 11, 24, 15, 0, tzinfo=UTC))) == 1
    assert len(stage.told("日報")) == 2
    assert [each["day"] for each in stage.entries(DAY_TOLD)] == ["2026-11-24", "2026-11-25"]


def test_every_hour_of_a_month_tells_once_a_day(stage: Stage) -> None:
    for hour in range(31 * 24):
        tell_day(stage.desk, stage.at(TUESDAY + hour * HOUR))
    days = [each["day"] for each in stage.entries(DAY_TOLD)]
    assert len(days) == len(set(days)) == 32


def test_after_days_away_one_message_tells_of_all_of_them(stage: Stage) -> None:
    tell_day(stage.desk, stage.at(TUESDAY))
    asked: list[tuple[datetime, datetime]] = []

    def outcomes(since: datetime, until: datetime) -> Mapping[str, int]:
        asked.append((since, until))
        return {"answered.documents": 7}

    stage.room.log.outcomes = outcomes  # type: ignore[method-assign]
    assert tell_day(stage.desk, stage.at(TUESDAY + 4 * DAY)) == 1
    body = stage.told("日報")[-1].body
    assert "2026-11-24から2026-11-27まで" in body
    assert "　回答 7件" in body
    assert asked == [(datetime(2026, 11, 23, 15, tzinfo=UTC), datetime(2026, 11, 27, 15, tzinfo=UTC))]
    assert tell_day(stage.desk, stage.at(TUESDAY + 4 * DAY + HOUR)) == 0


def test_after_months_away_it_tells_of_the_last_day(stage: Stage) -> None:
    tell_day(stage.desk, stage.at(TUESDAY))
    tell_day(stage.desk, stage.at(TUESDAY + 90 * DAY))
    assert "対象：2027-02-21" in stage.told("日報")[-1].body


def test_where_nobody_watches_nothing_is_written(stage: Stage) -> None:
    queue = replace(stage.desk.queue, recipients=replace(stage.desk.queue.recipients, watcher=()))
    assert tell_day(replace(stage.desk, queue=queue), TUESDAY) == 0
    assert stage.entries(DAY_TOLD) == []


def test_a_day_that_cannot_be_recorded_is_told_later(stage: Stage) -> None:
    stage.room.log.refuse("full", "outbox")
    with pytest.raises(LogUnavailable):
        tell_day(stage.desk, TUESDAY)
    stage.room.log.refuse(None)
    assert stage.entries(DAY_TOLD) == []
    assert tell_day(stage.desk, TUESDAY) == 1


def test_the_day_counts_what_there_is(stage: Stage) -> None:
    late, _, waiting = stage.opened(), stage.opened(due=TUESDAY + 30 * DAY), stage.claimed(TUESDAY + DAY)
    stage.change(waiting, ChangeKind.ASKED, **ANNA)
    moment = stage.at(TUESDAY + 2 * DAY)
    raise_alarms(stage.desk, moment)
    day = day_of(stage.desk, moment)
    assert (day.live, day.open, day.needs_information, day.overdue, day.unclaimed) == (3, 2, 1, 2, 2)
    assert late[-6:] in [name for name, _ in day.late]
    assert day.backlog == {"mail": 7, "hook": 7}  # three openings and four alarms, each told twice


def test_rounds_can_be_done_at_any_time_again(stage: Stage) -> None:
    case = stage.claimed(TUESDAY + HOUR)
    moment = stage.at(TUESDAY + 40 * DAY)
    first = {name: work(stage.desk, moment) for name, work in ROUNDS.items()}
    assert first == {"release": 1, "alarm": 1, "close": 0, "contacts": 0, "day": 1}
    assert {name: work(stage.desk, moment) for name, work in ROUNDS.items()} == dict.fromkeys(ROUNDS, 0)
    assert stage.case(case).alarms == {Alarm.OVERDUE}  # it waits in the queue since its release


def test_entries_of_the_rounds_hold_no_text(stage: Stage) -> None:
    stage.claimed(TUESDAY + HOUR)
    known = len(stage.room.log.kept)
    for work in ROUNDS.values():
        work(stage.desk, stage.at(TUESDAY + 40 * DAY))
    written = stage.room.log.kept[known:]
    assert written
    for each in written:
        assert each.entry.contents == {}
        assert json.dumps(each.entry.meta).isascii()


def test_the_same_over_a_real_record(tmp_path: Path) -> None:
    """The whole of a case's life in the hands of the rounds, on disk."""
    clock = TickingClock(TUESDAY)
    log = fresh_log(tmp_path, clock)
    prepare_cases(tmp_path, log)
    made = room()
    cases, outbox = cases_in(tmp_path, log), DeskOutbox(log, clock)
    queue = replace(made.desk.queue, work=log, cases=cases, outbox=outbox)
    desk = replace(made.desk, log=log, clock=clock, queue=queue)
    conversation = ConversationId("cv_real")
    meta = {
        "kind": "question",
        "reason": "abstained",
        "priority": "low",
        "language": "ja",
        "due": instant(TUESDAY + DAY),
    }
    with queue.work.begin() as within:
        case = begun(desk, within, Opening(conversation, meta, {"question": "問い"}, fresh_number())).case.id
        cases.keep_contact(within, case, "03-0000-0000", TUESDAY + 30 * DAY)
    with queue.work.begin() as within:
        changed(desk, within, case, Change(ChangeKind.CLAIMED, {"until": instant(TUESDAY + HOUR), **ANNA}))

    def rounds(moment: datetime) -> dict[str, int]:
        clock.time = moment
        done = {name: work(desk, moment) for name, work in ROUNDS.items()}
        assert {name: work(desk, moment) for name, work in ROUNDS.items()} == dict.fromkeys(ROUNDS, 0)
        return {name: count for name, count in done.items() if count}

    assert rounds(TUESDAY + HOUR) == {"release": 1, "day": 1}
    assert rounds(TUESDAY + 3 * DAY) == {"alarm": 2, "day": 1}
    with queue.work.begin() as within:
        changed(desk, within, case, Change(ChangeKind.CLAIMED, {"until": instant(TUESDAY + 9 * DAY), **ANNA}))
    with queue.work.begin() as within:
        changed(desk, within, case, Change(ChangeKind.ANSWERED, {"made": "own", **ANNA}))
    assert rounds(TUESDAY + 18 * DAY) == {"close": 1, "day": 1}
    assert rounds(TUESDAY + 31 * DAY) == {"contacts": 1, "day": 1}
    assert cases.contact(case) is None
    kinds = [each.kind for each in log.entries(conversation)]
    assert kinds[1:] == [
        "case.claimed",
        "case.released",
        "case.alarmed",
        "case.alarmed",
        "case.claimed",
        "case.answered",
        "case.closed",
        "case.contact_removed",
    ]
    # An opening and two alarms, each by mail and web hook; four days to the watcher.
    assert len(outbox.waiting()) == 10
    log.close()

"""Replays and replaced documents at the auditor's desk: a purpose first, then the result; lists without texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from bot.recalling import Missing
from bot.records import DeskName, ExchangeId, Language, Outcome, Reply, Stamp
from bot.replaying import DecisionCompared, Line, Part, Replayed, StampCompared
from knowledge import snapshots
from knowledge.ingest import ingest
from tests.house_kit import BUDGET_ANSWER, BUDGET_QUESTION, SmallHouse
from tests.web.audit_room import PUBLIC, STAFF, AuditRoom, audit_room
from tests.web.staffroom import Staffroom, staffroom
from web.activations import record_activation
from web.app import create_app
from web.auditor_replay import STAMPS, result_of
from web.differing import Kind
from web.fitting import web_state, worker_pool
from web.i18n import load

WORDS = load()
WHY = {"purpose": "quality"}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditRoom]:
    made = audit_room(staffroom(tmp_path_factory.mktemp("replays")))
    activated(made.small, DeskName.PUBLIC)
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def told(room: AuditRoom) -> Mapping[str, ExchangeId]:
    return room.furnish()


@pytest.fixture(scope="module")
def auditor(room: AuditRoom, told: Mapping[str, ExchangeId]) -> TestClient:
    assert told
    return room.auditor("kansa")


def activated(small: SmallHouse, desk: DeskName) -> None:
    active = snapshots.active(small.data / desk.value)
    assert active is not None
    record_activation(small.house.logs[desk], desk, None, active, by="prepare")


def words(key: str, **values: object) -> str:
    return WORDS.text(key, Language.JA, values)


def test_a_purpose_comes_first(room: AuditRoom, auditor: TestClient, told: Mapping[str, ExchangeId]) -> None:
    page = auditor.get(f"{PUBLIC}/exchanges/{told['budget']}/replay")
    assert page.status_code == 200
    assert words("replay.lead.writes") in page.text
    assert BUDGET_ANSWER not in page.text
    before = len(room.log())
    refused = auditor.post(f"{PUBLIC}/exchanges/{told['budget']}/replay", data={})
    assert refused.status_code == 422
    assert words("audit_read.refused.no_purpose") in refused.text
    assert BUDGET_ANSWER not in refused.text
    assert len(room.log()) == before


def test_the_same_answer_is_said_to_be_the_same(
    room: AuditRoom, auditor: TestClient, told: Mapping[str, ExchangeId]
) -> None:
    page = auditor.post(f"{PUBLIC}/exchanges/{told['budget']}/replay", data=WHY)
    assert page.status_code == 200
    assert words("replay.verdict.same") in page.text
    assert BUDGET_ANSWER in page.text
    assert words("replay.differing") not in page.text
    read = room.log()[-1]
    assert (read.kind, read.meta["what"], read.meta["record"]) == ("read", "replay", told["budget"])


@pytest.mark.parametrize("root", [PUBLIC, STAFF])
def test_an_exchange_of_the_other_desk_is_not_there(room: AuditRoom, told: Mapping[str, ExchangeId], root: str) -> None:
    desk = DeskName.PUBLIC if root == PUBLIC else DeskName.STAFF
    browser = room.auditor(f"kansa-{desk.value}-other", desk)
    other = told["staff"] if desk is DeskName.PUBLIC else told["budget"]
    for name in (other, "ex_none"):
        page = browser.post(f"{root}/exchanges/{name}/replay", data=WHY)
        assert page.status_code == 404
        assert "億円" not in page.text


def test_replaced_documents_lead_to_the_answers_that_rested_on_them(
    room: AuditRoom, auditor: TestClient, told: Mapping[str, ExchangeId]
) -> None:
    page = auditor.get(f"{PUBLIC}/replaced")
    assert page.status_code == 200
    assert words("cited.none") in page.text
    small = room.small
    note = small.corpus / "budget.md"
    note.write_text(note.read_text("utf-8").replace("181", "191"), "utf-8")
    (small.corpus / "floodgates.md").unlink()
    other = small.corpus.parent / "fewer"
    other.mkdir()
    for file in small.corpus.glob("*.md"):
        (other / file.name).write_bytes(file.read_bytes())
    ingest([other], DeskName.PUBLIC, small.data / "public", small.house.embedder, small.house.analyzer)
    activated(small, DeskName.PUBLIC)
    later = room.asked("talk-9")
    page = auditor.get(f"{PUBLIC}/replaced")
    assert words("cited.fate.changed") in page.text
    address = re.search(r'href="(/auditor/public/replaced\?document=budget)"', page.text)
    assert address is not None
    before = len(room.log())
    page = auditor.get(address.group(1))
    assert told["budget"] in page.text
    assert later not in page.text  # it rests on the new version
    assert told["gate"] not in page.text
    assert f"{PUBLIC}/exchanges/{told['budget']}/replay" in page.text
    assert BUDGET_QUESTION not in page.text
    assert BUDGET_ANSWER not in page.text
    assert room.log()[-1].meta["what"] == "search"
    assert len(room.log()) == before + 1
    again = auditor.post(f"{PUBLIC}/exchanges/{told['budget']}/replay", data=WHY)
    assert words("replay.verdict.same") in again.text
    assert auditor.get(f"{PUBLIC}/replaced?document=budget&at=nonsense").status_code == 422


def test_every_result_is_said_in_words() -> None:
    reply = Reply(Outcome.ANSWERED_DOCUMENTS, Language.JA, "予算は181億円です。")
    now = Reply(Outcome.ANSWERED_DOCUMENTS, Language.JA, "予算は191億円です。")
    name = ExchangeId("ex_1")
    lines = (Line(Part.REPLY, reply.text, now.text), Line(Part.CITATIONS, None, "[1] 資料"))
    differs = result_of(Replayed(name, same=False, reply=now, recorded=reply, differing=lines))
    assert differs.verdict == "differs"
    assert set(differs.lines) == {Part.REPLY, Part.CITATIONS}
    kinds = [each.kind for each in differs.lines[Part.REPLY][0].pieces]
    assert kinds == [Kind.SAME, Kind.GONE, Kind.NEW, Kind.SAME]
    assert result_of(Replayed(name, same=True, reply=reply, recorded=reply)).verdict == "same"
    assert result_of(Replayed(name, same=False, reply=reply)).verdict == "alone"
    assert result_of(Replayed(name, same=False, recorded=reply)).verdict == "none"


def test_every_stamp_of_a_house_has_words(room: AuditRoom, told: Mapping[str, ExchangeId]) -> None:
    doors = web_state(room.small.house, worker_pool(room.small.house.settings)).auditors[0]
    names = {each.name for each in doors.replay(told["budget"]).stamps}
    assert "knowledge" in names
    assert len(names - STAMPS) == 1  # the embedding model, by its own name


def test_a_page_of_differences_shows_them_marked(room: AuditRoom, told: Mapping[str, ExchangeId]) -> None:
    """The real page around a made-up result."""
    then, now = "予算は181億円です。", "予算は<b>191億円です。"
    stamp = Stamp("program", "0.1", "ab" * 32)
    done = Replayed(
        told["budget"],
        same=False,
        reply=Reply(Outcome.ABSTAINED_NO_EVIDENCE, Language.JA, now),
        recorded=Reply(Outcome.ANSWERED_DOCUMENTS, Language.JA, then),
        differing=(Line(Part.REPLY, then, now), Line(Part.REPLY, None, "新しい行")),
        stamps=(StampCompared("program", stamp, None), StampCompared("e5", stamp, stamp)),
        decisions=(DecisionCompared("outcome", "answered.documents", "abstained.no_evidence"),),
        missing=tuple(Missing),
    )
    small = room.small
    state = web_state(small.house, worker_pool(small.house.settings))
    doors = [replace(each, replay=lambda _: done) for each in state.auditors]
    other = audit_room(Staffroom(small, create_app(replace(state, auditors=doors))))
    page = other.auditor("kansa-made").post(f"{PUBLIC}/exchanges/{told['budget']}/replay", data=WHY)
    assert page.status_code == 200
    assert words("replay.verdict.differs") in page.text
    assert "<del>［−181−］</del>" in page.text
    assert "<ins>［＋新しい行＋］</ins>" in page.text
    assert "<b>" not in page.text
    assert words("replay.stamps.changed", count=1) in page.text
    for each in Missing:
        assert words(f"replay.todo.{each.value}") in page.text

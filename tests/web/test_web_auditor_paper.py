"""開示請求対応用資料: everything recorded about one conversation on one page, in order, with how to check it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from bot import feedback, persons_case, responding
from bot.records import ConversationId, DeskName
from tests.audit.logs_kit import erasure
from tests.house_kit import FLOODGATE_ANSWER, FLOODGATE_QUESTION
from tests.web.audit_room import PUBLIC, AuditRoom, audit_room
from tests.web.staffroom import staffroom
from tests.web.tampering import tamper

WHY = {"purpose": "disclosure", "purpose_words": "開示請求 第12号"}
TALK = "talk-disclosed"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditRoom]:
    made = audit_room(staffroom(tmp_path_factory.mktemp("paper")))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def paper(room: AuditRoom) -> str:
    """The paper on a conversation with two questions, a case with a reply, feedback and an erasure."""
    desk = room.desk()
    first, second = room.asked(TALK), room.asked(TALK, FLOODGATE_QUESTION)
    assert feedback.give(
        desk, second, ConversationId(TALK), feedback.Feedback(useful=False, reason="unclear", comment="分かりにくい")
    )
    taken = room.taken("090-1234-5678へ連絡を", conversation=TALK, exchange=second)
    persons_case.add(desk, taken.number, "追加の質問です")
    room.responder("sato")
    responding.claim(desk, taken.case.id, room.actor("sato"))
    responding.reply(desk, taken.case.id, room.actor("sato"), responding.Answer("担当からの回答です。", "", ""))
    room.asked("talk-of-another", "ほかの人の質問です。都のAI関連予算はいくらですか")
    opened = room.small.house.proofs[DeskName.PUBLIC].entries_of(first)[0][0]
    tamper(room, "DELETE FROM contents WHERE sequence = (SELECT sequence FROM entries WHERE entry = ?)", opened)
    room.small.house.logs[DeskName.PUBLIC].append(erasure([(opened, ["question"])], "suspension"))
    room.sequence()
    auditor = room.auditor("discloser")
    assert auditor.get(f"{PUBLIC}/exchanges/{second}/paper").status_code == 200
    assert auditor.post(f"{PUBLIC}/exchanges/{second}/paper").status_code == 422
    for language in ("ja-easy", "en", "zh", "ko", "ja"):
        page = auditor.post(f"{PUBLIC}/exchanges/{second}/paper?lang={language}", data=WHY)
        assert page.status_code == 200
    return page.text


def test_everything_is_on_it_in_order(room: AuditRoom, paper: str) -> None:
    entries = room.small.house.logs[DeskName.PUBLIC].entries(ConversationId(TALK))
    places = [paper.rindex(f">{each.entry}<") for each in entries]
    assert places == sorted(places)
    for part in (
        FLOODGATE_QUESTION, FLOODGATE_ANSWER, "分かりにくい", "〈電話番号1〉へ連絡を", "追加の質問です",
        "担当からの回答です。", "資料に裏付けあり", "職員に引き継いだ", "送った回答", "役に立ったかの評価",
        "相手からの追加",
    ):  # fmt: skip
        assert part in paper
    assert "ほかの人の質問" not in paper
    assert "1234-5678" not in paper


def test_the_person_gets_their_own_number(room: AuditRoom, paper: str) -> None:
    numbers = [each.contents.get("number") for each in room.entries(TALK) if each.kind == "case.opened"]
    assert numbers[0]
    assert numbers[0] in paper


def test_what_was_erased_is_named_with_its_basis(paper: str) -> None:
    gone = paper.partition("4. 消えている文章")[2]
    assert '質問 <span class="gone">消去済み' in gone
    assert "利用停止・消去の決定" in gone
    assert "うち消えている文章1件" in paper
    assert "失われています" not in paper
    numbers = set(re.findall(r"消去済み：この画面の(\d+)番の記録", paper))
    assert len(numbers) == 1  # above and below the same one
    assert re.search(rf'<span class="number">{numbers.pop()}\.</span> 消去した', paper)


def test_it_says_how_to_check_it_and_what_that_does_not_prove(room: AuditRoom, paper: str) -> None:
    proofs = room.small.house.proofs[DeskName.PUBLIC]
    assert proofs.verifier().text.replace("+", "&#43;") in paper or proofs.verifier().text in paper
    assert "/log/public/key" in paper
    assert "/log/public/checkpoint" in paper
    for entry in room.small.house.logs[DeskName.PUBLIC].around(ConversationId(TALK)):
        if entry.leaf["meta"].get("what") != "paper":
            assert entry.hash in paper
    assert "内容が真実であること、すべてが記録されたこと、時刻の正しさは証明されません" in paper


def test_making_it_is_recorded_with_the_purpose(room: AuditRoom, paper: str) -> None:
    made = [each for each in room.log() if each.meta["what"] == "paper"]
    assert [(each.meta["purpose"], each.contents["purpose"]) for each in made] == [("disclosure", "開示請求 第12号")]
    assert made[0].entry in paper
    assert "開示請求 第12号" in paper


def test_only_auditors_of_the_desk_come_to_it(room: AuditRoom) -> None:
    exchange = room.asked("talk-closed")
    staff: TestClient = room.auditor("elsewhere", DeskName.STAFF)
    for browser in (room.room.browser(), staff):
        assert browser.post(f"{PUBLIC}/exchanges/{exchange}/paper", data=WHY).status_code == 401
    assert staff.post(f"/auditor/staff/exchanges/{exchange}/paper", data=WHY).status_code == 404

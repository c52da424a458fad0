"""One exchange at the auditor's console: why it is opened, what is told of it, and that nothing is passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from audit.holds import LIFTED, PLACED, SUBJECT
from audit.leaves import Written, leaf_bytes, leaf_hash
from audit.stored import StoredEntry
from bot import correcting, persons_case, responding
from bot.cases import CaseKind, ChangeKind
from bot.records import ConversationId, DeskName, Entry, EntryId, ExchangeId, Json, Language, Reply, Stamp
from bot.records_json import reply_to_json
from prompts.library import ReplyWording
from tests.audit.entries import REPLY
from tests.house_kit import BUDGET_ANSWER
from tests.web.audit_room import PUBLIC, SECRET, AuditRoom, audit_room
from tests.web.staffroom import staffroom
from tests.web.tampering import rewritten, tamper
from web.auditor_basis import Now, Still
from web.auditor_frame import Origin, Wording, framed
from web.auditor_timeline import told
from web.auditor_view import ExchangeView, view_of
from web.auditor_vocabulary import BLIND, FINDINGS, KINDS, NAMES, PATHS, VALUES, VERDICTS, key_of_kind
from web.i18n import load

WHEN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
WHY = {"purpose": "quality", "purpose_words": "点検"}
NOBODY = Now((), lambda _: None)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditRoom]:
    made = audit_room(staffroom(tmp_path_factory.mktemp("opening")))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def auditor(room: AuditRoom) -> TestClient:
    return room.auditor("opener")


def at(exchange: str) -> str:
    return f"{PUBLIC}/exchanges/{exchange}"


# Opening.


def test_opening_asks_why_before_anything_is_shown_and_records_it_first(room: AuditRoom, auditor: TestClient) -> None:
    exchange = room.asked("talk-opened", f"{SECRET}と、都のAI関連予算について")
    before = len(room.log())
    form = auditor.get(at(exchange))
    assert form.status_code == 200
    assert SECRET not in form.text
    refused = [auditor.post(at(exchange), data=data) for data in ({}, {"purpose": "other"}, {"purpose": "x"})]
    assert [each.status_code for each in refused] == [422, 422, 422]
    assert all(SECRET not in each.text and 'role="alert"' in each.text for each in refused)
    assert len(room.log()) == before
    page = auditor.post(at(exchange), data=WHY)
    assert page.status_code == 200
    assert SECRET in page.text
    [entry] = room.log()[before:]
    assert (entry.meta["what"], entry.meta["purpose"], entry.contents["purpose"]) == ("view", "quality", "点検")
    assert 'value="点検"' in page.text  # carried along to what follows, so that it is asked once
    auditor.post(at(exchange), data=WHY)
    assert len(room.log()) == before + 1


def test_what_is_not_there_is_not_found(room: AuditRoom, auditor: TestClient) -> None:
    elsewhere = room.asked("talk-staff", desk=DeskName.STAFF)
    for below in ("", "/verify", "/bundle", "/paper"):
        for exchange in ("ex_none", elsewhere):
            assert auditor.get(at(exchange) + below).status_code == 404
            assert auditor.post(at(exchange) + below, data=WHY).status_code == 404
    assert room.room.browser().get(at(elsewhere)).status_code == 303


def test_the_page_tells_how_the_answer_came_about(room: AuditRoom, auditor: TestClient) -> None:
    page = auditor.post(at(room.asked("talk-basis")), data=WHY).text
    assert BUDGET_ANSWER in page
    for part in (
        "資料に裏付けあり",
        "使った",
        "今も同じ版",
        "関門の判断",
        "資料に基づく文",
        "公開されたままの内容です",
    ):
        assert part in page
    assert "別の版：" not in page
    assert page.count('<td data-name="このプログラムでは">同じ</td>') > 8


def test_a_case_from_question_to_reply_with_what_people_changed(room: AuditRoom, auditor: TestClient) -> None:
    desk, sato = room.desk(), None
    room.responder("sato")
    sato = room.actor("sato")
    exchange = room.asked("talk-case")
    taken = room.taken("090-1234-5678へ電話してください", conversation="talk-case", exchange=exchange)
    responding.claim(desk, taken.case.id, sato)
    responding.note(desk, taken.case.id, sato, "財務局に確認済み")
    responding.ask_back(desk, taken.case.id, sato, "どの年度ですか")
    persons_case.add(desk, taken.number, "令和7年度です")
    responding.reply(desk, taken.case.id, sato, responding.Answer("予算は181億円です。", "", "予算は180億円です。"))
    page = auditor.post(at(exchange), data=WHY).text
    for part in ("職員に引き継いだ", "財務局に確認済み", "どの年度ですか", "令和7年度です", "〈電話番号1〉", "Sato"):
        assert part in page
    assert "<del>［−180−］</del><ins>［＋181＋］</ins>" in page
    assert "1234-5678" not in page
    assert taken.number not in page  # whoever has it can act as the person
    assert "受付番号は伏せています" in page


def test_a_correction_and_feedback_are_on_the_timeline(room: AuditRoom, auditor: TestClient) -> None:
    exchange = room.asked("talk-wrong")
    wish = {"kind": CaseKind.CORRECTION, "conversation": "talk-wrong", "exchange": exchange}
    taken = room.taken("金額が違います", **wish)
    room.responder("suzuki")
    responding.claim(room.desk(), taken.case.id, room.actor("suzuki"))
    correcting.decide(room.desk(), taken.case.id, room.actor("suzuki"), upheld=True, text="正しくは182億円です。")
    page = auditor.post(at(exchange), data=WHY).text
    assert "回答を訂正した" in page
    assert "正しくは182億円です。" in page
    assert "金額が違います" in page


@pytest.mark.parametrize("language", ["ja-easy", "en", "zh", "ko"])
def test_the_page_in_other_languages(room: AuditRoom, auditor: TestClient, language: str) -> None:
    exchange = room.asked("talk-languages")
    assert auditor.get(f"{at(exchange)}?lang={language}").status_code == 200
    page = auditor.post(f"{at(exchange)}?lang={language}", data=WHY)
    assert page.status_code == 200
    assert "audit_view." not in page.text
    auditor.cookies.delete("madoguchi_language")


def test_what_was_tampered_with_is_said_and_leads_to_the_check(room: AuditRoom, auditor: TestClient) -> None:
    exchange = room.asked("talk-broken")
    room.sequence()
    rewritten(room, exchange)
    for below in ("", "/paper", "/bundle"):
        entry = room.small.house.proofs[DeskName.PUBLIC].entries_of(exchange)[0][0]
        page = auditor.post(at(exchange) + below, data={**WHY, "entry": entry})
        assert page.status_code == 503
        assert "ハッシュと一致しません" in page.text
    checked = auditor.post(f"{at(exchange)}/verify", data=WHY)
    assert checked.status_code == 200
    assert "保存された内容が、ハッシュを取ったものと違います" in checked.text


# The pure part.


def stored(kind: str, number: int, meta: Mapping[str, Json] | None = None, **more: object) -> StoredEntry:
    """An entry as it would be read back."""
    contents = more.get("contents", {})
    assert isinstance(contents, dict)
    links = tuple(EntryId(str(each)) for each in more.get("links", ()))  # type: ignore[attr-defined]
    entry = Entry(kind, ConversationId("talk"), meta or {}, {}, links)
    written = Written("example.org/public", EntryId(f"e{number}"), WHEN, "system")
    leaf = leaf_bytes(entry, written, dict.fromkeys(contents, bytes(32)))
    return StoredEntry(EntryId(f"e{number}"), leaf, leaf_hash(leaf).hex(), json.loads(leaf), contents, None, number - 1)


def exchange_of(*more: StoredEntry, closed: Mapping[str, Json] | None = None, **texts: str | None) -> list[StoredEntry]:
    about: dict[str, Json] = {"exchange": "x"}
    contents = {"reply": reply_to_json(REPLY), "draft": json.dumps(["回答の一行目です。"]), **texts}
    return [
        stored("exchange.opened", 1, about, contents={"question": "質問"}),
        stored("exchange.closed", 2, {**about, **(closed or {})}, contents=contents, links=["e1"]),
        *more,
    ]


def view(entries: Sequence[StoredEntry], now: Now = NOBODY) -> ExchangeView:
    return view_of(ExchangeId("x"), entries, now)


def test_every_kind_that_is_known_has_words_and_an_unknown_one_is_shown_as_it_stands() -> None:
    assert {f"case.{kind}" for kind in ChangeKind} <= KINDS
    texts = load().texts[Language.JA]
    assert all(key_of_kind(kind) in texts for kind in KINDS)
    events = told(exchange_of(stored("moon.landed", 3, {"exchange": "x", "crew": ["a", "b"], "depth": {"m": 1}},
                                     contents={"log": "着陸"}, links=["e2", "elsewhere"])))  # fmt: skip
    strange = events[-1]
    assert (strange.kind, strange.key, strange.links) == ("moon.landed", None, [2, 0])
    assert [(fact.name, fact.value) for fact in strange.facts] == [
        ("crew", "a"), ("crew", "b"), ("depth", '{\n "m": 1\n}')
    ]  # fmt: skip
    assert strange.text("log") is not None
    assert [event.number for event in events] == [1, 2, 3]


def test_all_words_that_the_pages_use_are_there() -> None:
    texts = load().texts[Language.JA].keys()
    wanted = {f"audit_view.fact.{name}" for name in NAMES} | {f"audit_view.path.{path}" for path in PATHS}
    wanted |= {f"audit_verify.finding.{code}" for code in FINDINGS}
    wanted |= {f"audit_verify.verdict.{verdict}" for verdict in VERDICTS}
    wanted |= {f"{words.prefix}{value}" for words in VALUES.values() for value in words.values}
    wanted |= {f"audit_view.origin.{each.value}" for each in Origin}
    wanted |= {f"audit_view.wording.{each.value}" for each in Wording}
    wanted |= {f"audit_view.{kind}.{each.value}" for kind in ("still", "passage") for each in Still}
    assert sorted(wanted - texts) == []


def test_what_was_erased_says_by_which_entry_and_what_is_lost_is_bad_news() -> None:
    erasure: dict[str, Json] = {
        "basis": "suspension",
        "rule": None,
        "targets": [{"entry": "e1", "paths": ["question"]}],
    }
    expiry: dict[str, Json] = {
        "basis": "expiry",
        "rule": {"name": "contents", "version": "2"},
        "targets": [{"entry": "e2", "paths": ["draft"]}],
    }
    entries = exchange_of(draft=None, reply=None, closed={"verdict": [{"supported": True, "reason": ""}]})
    entries[0] = stored("exchange.opened", 1, {"exchange": "x"}, contents={"question": None})
    seen = view([*entries, stored("erasure", 3, erasure, links=["e1"]), stored("erasure", 4, expiry, links=["e2"])])
    question, draft = seen.texts["question"], seen.texts["draft"]
    assert question.gone is not None
    assert (question.gone.number, question.gone.index, question.gone.basis) == (3, 2, "suspension")
    assert draft.gone is not None
    assert (draft.gone.number, draft.gone.rule) == (4, "contents 2")
    assert [(event.number, text.path) for event, text in seen.missing] == [(2, "reply")]
    assert [sentence.text for sentence in seen.sentences] == [None]
    assert len(seen.erasures) == 2
    assert view(exchange_of(stored("erasure", 3, {"basis": "whim"}), draft=None)).missing


def test_a_second_grader_does_not_see_what_the_first_one_said() -> None:
    graded = stored(
        "grade.given", 3, {"grade": "wrong", "grave": True}, contents={"reason": "金額が違う"}, links=["e2"]
    )
    event = told(exchange_of(graded))[-1]
    assert event.kind in BLIND
    assert (event.facts, event.texts) == ((), [])


def test_stamps_are_compared_by_their_digests() -> None:
    stamps: Json = [
        {"name": "gate", "version": "1", "digest": "a"},
        {"name": "cues", "version": "1", "digest": "b"},
        {"name": "gone", "version": "1", "digest": "c"},
    ]
    now = Now((Stamp("gate", "1", "a"), Stamp("cues", "2", "d")), lambda _: None)
    seen = view(exchange_of(closed={"stamps": stamps}), now)
    assert [(each.stamp.name, each.still, each.now) for each in seen.stamps] == [
        ("gate", Still.SAME, "1"), ("cues", Still.CHANGED, "2"), ("gone", Still.GONE, None)
    ]  # fmt: skip


def test_members_of_another_shape_are_passed_over_and_still_told() -> None:
    closed: dict[str, Json] = {"evidence": "none", "gate": 7, "verdict": [1], "stamps": [{}], "snapshot": "s"}
    seen = view(exchange_of(closed=closed, reply="not a reply", draft="{"))
    assert (seen.reply, seen.evidence, seen.gate, seen.sentences, seen.frame) == (None, [], None, [], None)
    assert "snapshot" in {fact.name for fact in seen.facts}
    assert view([]).events == []


def test_each_line_of_the_reply_comes_from_the_wording_or_the_draft() -> None:
    published = ReplyWording("v4")
    lines = (published.text("not_stated", Language.JA), "予算は181億円です。[1]", "電話 00-0000-0000")
    filled = published.text("status_draft", Language.JA, {"title": "資料"})
    reply = Reply(REPLY.outcome, Language.JA, "\n".join((*lines, filled)))
    made = framed(reply, [published.stamp], ["予算は181億円です。"])
    assert made.wording is Wording.SAME
    assert [line.origin for line in made.lines] == [Origin.WORDING, Origin.SENTENCE, Origin.OTHER, Origin.FILLED]
    assert made.lines[0].name == "not_stated"
    assert framed(reply, [Stamp("reply", "v4", "0")], []).wording is Wording.DIFFERENT
    assert framed(reply, [Stamp("reply", "../v4", "0")], []).wording is Wording.GONE
    assert framed(reply, [], []).wording is Wording.UNSTAMPED


def test_a_hold_and_its_end_stand_on_the_page(room: AuditRoom, auditor: TestClient) -> None:
    exchange = room.asked("talk-held")
    log, proofs = room.small.house.logs[DeskName.PUBLIC], room.small.house.proofs[DeskName.PUBLIC]
    opening = proofs.entries_of(exchange)[0][0]
    meta: dict[str, Json] = {"by": "ac_1", "role": "records_officer", "why": "disclosure", "held": "talk-held"}
    placed = log.append(Entry(PLACED, SUBJECT, meta, {"name": "記録係", "reason": "請求の受付"}, (opening,)))
    page = auditor.post(at(exchange), data=WHY).text
    assert '<p class="held">消去を保留にした' in page
    assert "請求の受付" in page
    assert "保留を解いた" not in page
    log.append(Entry(LIFTED, SUBJECT, {"by": "ac_2", "role": "records_officer"}, {"reason": "終了"}, (placed.entry,)))
    assert "保留を解いた" in auditor.post(at(exchange), data=WHY).text


def test_what_has_expired_but_for_its_hashes_is_said(room: AuditRoom, auditor: TestClient) -> None:
    exchange = room.asked("talk-expired")
    room.sequence()
    for table in ("contents", "links"):
        own = "SELECT sequence FROM entries WHERE exchange = ?"
        tamper(room, f"DELETE FROM {table} WHERE sequence IN ({own})", exchange)
    tamper(room, "UPDATE entries SET leaf = NULL WHERE exchange = ?", exchange)
    for below in ("", "/paper"):
        page = auditor.post(at(exchange) + below, data=WHY)
        assert page.status_code == 410
        assert "ハッシュだけを残して廃棄" in page.text
    assert "記録なしに消えている" in auditor.post(f"{at(exchange)}/verify").text  # no entry explains it here

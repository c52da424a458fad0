"""Notes on the admin page as people use them: proposed, revised, approved by another, answered from, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.adapters.notifying.system import SystemNotifier
from bot.learning import NoteText, flag_notice
from bot.learning_changes import Editing
from bot.learning_values import NoteProposal
from bot.records import DeskName, PassageId
from tests.house_kit import command
from tests.learning_kit import LEAFLET, LEAFLET_QUESTION, NOTE, OTHER_TEXT, PRICE, RESPONDER, from_case
from tests.web.publishing_kit import NoTrials
from tests.web.staffroom import Staffroom, staffroom
from web.doctor import examine
from web.publishing import publish, publishing_of

ROOT = "/admin/notes"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffroom]:
    made = staffroom(tmp_path_factory.mktemp("notes"))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def editor(room: Staffroom) -> TestClient:
    return room.signed_in("editor", "knowledge_editor@public", door="/admin")


@pytest.fixture(scope="module")
def approver(room: Staffroom) -> TestClient:
    return room.signed_in("approver", "approver@public", door="/admin")


def editing_in(room: Staffroom, desk: DeskName = DeskName.PUBLIC) -> Editing:
    made = room.small.house.desks[desk]
    return Editing(room.small.house.system, desk, made.analyzer, made.clock)


def typed(note: NoteText = NOTE, **more: str) -> dict[str, str]:
    """The form as a browser sends it."""
    fields = {"title": note.title, "text": note.text, "source": note.source, "section": note.section, "url": note.url}
    pairs = {
        f"{name}{row}": value
        for row, each in enumerate(note.questions)
        for name, value in zip("qs", (each.question, each.sentence), strict=True)
    }
    return {**fields, "as_of": note.as_of, "review_by": note.review_by, **pairs, **more}


def proposed(room: Staffroom, browser: TestClient, note: NoteText = NOTE, desk: str = "public") -> NoteProposal:
    answer = browser.post(f"{ROOT}/{desk}/new", data=typed(note, reason="よく聞かれる"))
    assert answer.status_code == 303, answer.text
    found = editing_in(room, DeskName(desk)).state().proposal(answer.headers["location"].rsplit("/", 1)[-1])
    assert found is not None
    return found


def address(about: NoteProposal, desk: str = "public") -> str:
    return f"{ROOT}/{desk}/{about.id}"


def version(page: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', page)
    assert found
    return found.group(1)


def published(room: Staffroom) -> int:
    work = publishing_of(room.small.house, DeskName.PUBLIC)
    return publish(replace(work, trials=NoTrials()))


def ask(room: Staffroom, question: str) -> dict[str, Any]:
    answered: dict[str, Any] = room.browser().post("/api/v1/public/exchanges", json={"question": question}).json()
    return answered


def text_of(page: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", page))


def test_a_case_becomes_a_note_that_answers_and_is_withdrawn(
    room: Staffroom, editor: TestClient, approver: TestClient
) -> None:
    waiting = from_case(editing_in(room))
    shown = editor.get(address(waiting))
    for word in (NOTE.title, LEAFLET, LEAFLET_QUESTION, NOTE.source, RESPONDER.name, "承認待ち", "234567"):
        assert word in text_of(shown.text)
    assert 'value="approve"' not in shown.text
    change = typed(
        replace(NOTE, text=OTHER_TEXT, questions=NOTE.questions[:1]), do="revise", version=version_of(waiting)
    )
    assert editor.post(address(waiting), data=change).status_code == 303
    page = approver.get(address(waiting)).text
    assert "<ins>［＋一人" in page or "［＋" in page
    assert "<del>" in page
    stale = approver.post(address(waiting), data={"do": "approve", "version": version_of(waiting)})
    assert stale.status_code == 422
    assert "読んだあとで変わりました" in stale.text
    assert approver.post(address(waiting), data={"do": "approve", "version": version(page)}).status_code == 303
    assert ask(room, LEAFLET_QUESTION)["outcome"] != "answered"
    assert published(room) == 1
    answered = ask(room, LEAFLET_QUESTION)
    assert answered["outcome"] == "answered"
    assert answered["citations"][0]["title"] == NOTE.title
    assert answered["citations"][0]["as_of"] == "2026-11-20"
    done = editor.get(address(waiting)).text
    assert "資料に反映済み" in done
    assert answered["snapshot"] in done

    goodbye = editor.post(address(waiting), data={"do": "withdraw", "note": current(room), "reason": "配布が終わった"})
    place = goodbye.headers["location"]
    assert "取下げの提案" in editor.get(place).text
    own = editor.post(place, data={"do": "approve", "version": place.rsplit("/", 1)[-1]})
    assert own.status_code == 422
    page = approver.get(place).text
    assert "承認して資料から外す" in page
    assert approver.post(place, data={"do": "approve", "version": version(page)}).status_code == 303
    assert published(room) == 1
    assert ask(room, LEAFLET_QUESTION)["outcome"] != "answered"


def version_of(about: NoteProposal) -> str:
    return about.newest


def current(room: Staffroom) -> str:
    (note,) = editing_in(room).state().live
    return note


def test_nobody_approves_their_own_and_a_rejection_needs_a_reason(room: Staffroom, approver: TestClient) -> None:
    own = proposed(room, approver, replace(NOTE, title="別の題名"))
    page = approver.get(address(own)).text
    assert 'value="approve"' not in page
    assert "ほかの承認者が決定します" in page or 'value="reject"' in page
    refused = approver.post(address(own), data={"do": "approve", "version": own.newest})
    assert refused.status_code == 422
    assert "自分が提案した" in refused.text
    assert approver.post(address(own), data={"do": "reject", "reason": " "}).status_code == 422
    assert approver.post(address(own), data={"do": "reject", "reason": "書き直す"}).status_code == 303
    assert "却下" in approver.get(address(own)).text


def test_what_is_wrong_with_a_note_is_said_and_what_was_typed_stays(editor: TestClient) -> None:
    bad = typed(
        replace(NOTE, source="担当 090-1234-5678", url="ftp://example.org"), q3="答えのない質問ですか", s3="ない文。"
    )
    page = editor.post(f"{ROOT}/public/new", data=bad)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    for word in ("個人情報と思われる語", "電話番号", "https://", "説明の中にそのままありません"):
        assert word in page.text
    assert PRICE in page.text
    assert "答えのない質問ですか" in page.text
    bulleted = editor.post(
        f"{ROOT}/public/new", data=typed(replace(NOTE, text="- 箇条書き", questions=NOTE.questions[:0]), q0="何ですか")
    )
    assert bulleted.status_code == 422
    assert "must be a sentence" in bulleted.text
    empty = editor.post(f"{ROOT}/public/new", data={})
    assert empty.status_code == 422


def test_a_note_that_the_service_refused_shows_why_and_is_revised(
    room: Staffroom, editor: TestClient, approver: TestClient
) -> None:
    waiting = from_case(editing_in(room), replace(NOTE, text="- 箇条書き", questions=NOTE.questions[:1]), "refused")
    refused = approver.post(address(waiting), data={"do": "approve", "version": waiting.newest})
    assert refused.status_code == 422  # the sentence named is none of the text's
    waiting = from_case(
        editing_in(room),
        replace(NOTE, text="- 箇条書き", questions=(replace(NOTE.questions[0], sentence=""),)),
        "again",
    )
    assert approver.post(address(waiting), data={"do": "approve", "version": waiting.newest}).status_code == 303
    published(room)
    page = editor.get(address(waiting)).text
    assert "反映できない" in page
    assert "must be a sentence" in page
    assert 'value="approve"' not in approver.get(address(waiting)).text
    assert editor.post(address(waiting), data=typed(NOTE, do="revise", version=version(page))).status_code == 303
    assert 'value="approve"' in approver.get(address(waiting)).text
    assert approver.post(address(waiting), data={"do": "reject", "reason": "片付け"}).status_code == 303


def test_flags_are_listed_and_settled_with_a_reason(room: Staffroom, editor: TestClient) -> None:
    notice = flag_notice(
        DeskName.PUBLIC, RESPONDER, why="<b>金額</b>が古い", occasion="e1", passage=PassageId("budget")
    )
    SystemNotifier(room.small.house.system).deliver(notice)
    page = editor.get(ROOT).text
    assert "&lt;b&gt;金額" in page
    assert "<code>budget</code>" in page
    (flag,) = editing_in(room).state().open_flags
    assert any("found wrong wait" in each.line for each in examine(room.small.house))
    assert editor.post(f"{ROOT}/public/flags/{flag.id}", data={"reason": ""}).status_code == 422
    assert editor.post(f"{ROOT}/public/flags/{flag.id}", data={"reason": "資料を直した"}).status_code == 303
    page = editor.get(ROOT).text
    assert "対応済み（1）" in text_of(page)
    assert "資料を直した" in page
    assert editor.post(f"{ROOT}/public/flags/{flag.id}", data={"reason": "もう一度"}).status_code == 422


def test_an_editor_of_one_desk_sees_nothing_of_the_other(room: Staffroom, editor: TestClient) -> None:
    secret = replace(NOTE, title="職員だけの題名")
    waiting = from_case(editing_in(room, DeskName.STAFF), secret)
    other = room.signed_in("other", "knowledge_editor@staff", "approver@staff", door="/admin")
    assert secret.title in other.get(ROOT).text
    assert secret.title in other.get(address(waiting, "staff")).text
    listed = editor.get(ROOT).text
    assert secret.title not in listed
    assert "職員窓口" not in listed.split("<main")[1]
    assert editor.get(address(waiting, "staff")).status_code == 403
    assert editor.get(address(waiting)).status_code == 404
    assert editor.get(f"{ROOT}/staff/new").status_code == 403
    for data in ({"do": "revise"}, {"do": "approve", "version": waiting.newest}, {"do": "reject", "reason": "x"}):
        assert editor.post(address(waiting, "staff"), data=data).status_code == 403
        assert editor.post(address(waiting), data=data).status_code in {404, 422}
    assert editor.post(f"{ROOT}/staff/new", data=typed()).status_code == 403
    assert editor.post(f"{ROOT}/staff/flags/{waiting.id}", data={"reason": "x"}).status_code == 403
    both = room.signed_in("both", "knowledge_editor", door="/admin")
    assert secret.title in both.get(ROOT).text


def test_the_page_is_for_editors_and_approvers_alone(room: Staffroom, editor: TestClient) -> None:
    chief = room.signed_in("chief", "administrator", door="/admin")
    assert chief.get(ROOT).status_code == 403
    assert ROOT not in chief.get("/admin").text
    assert chief.get(f"{ROOT}/public/new").status_code == 403
    assert f'href="{ROOT}"' in editor.get("/admin").text
    assert room.browser().get(ROOT).headers["location"] == "/admin/sign-in"
    for path in ("/nowhere", "/nowhere/new", "/public/none"):
        assert editor.get(ROOT + path).status_code == 404
    assert editor.post(f"{ROOT}/public/none", data={"do": "explode"}).status_code == 422


@pytest.mark.parametrize("language", ["ja", "ja-easy", "en", "zh", "ko"])
def test_the_pages_speak_every_language(room: Staffroom, editor: TestClient, language: str) -> None:
    waiting = from_case(editing_in(room), replace(NOTE, title=f"題名 {language}"), language)
    for path in (ROOT, f"{ROOT}/public/new", address(waiting)):
        page = editor.get(f"{path}?lang={language}")
        assert page.status_code == 200
        assert "notes." not in text_of(page.text.split("<main")[1])


def test_the_command_lists_what_a_desk_learned(room: Staffroom) -> None:
    from_case(editing_in(room), replace(NOTE, title="一覧の題名"), "listed")
    printed = command("knowledge", "notes", data=room.small.data)
    assert printed.returncode == 0, printed.stderr
    assert "waiting" in printed.stdout
    assert "一覧の題名" in printed.stdout
    assert "proposals to decide" in printed.stderr
    staff = command("knowledge", "notes", "--desk", "staff", "--json", data=room.small.data)
    assert "一覧の題名" not in staff.stdout
    assert command("knowledge", "notes", "--desk", "nowhere", data=room.small.data).returncode == 2

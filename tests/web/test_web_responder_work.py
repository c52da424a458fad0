"""A responder at work, without scripts: claim, edit, check the difference, send; and nothing typed is ever lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from bot.case_entries import NUMBER
from bot.intake import Taken
from bot.persons_case import by_number, of_conversation
from bot.records import ConversationId, Language
from tests.house_kit import BUDGET_ANSWER
from tests.web.cases_room import CasesRoom, address
from tests.web.staffroom import staffroom

OWN = "内訳は財務局の資料でご確認いただけます。"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CasesRoom]:
    made = CasesRoom(staffroom(tmp_path_factory.mktemp("work")))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def assisted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CasesRoom]:
    """Where the AI's answers wait for a person."""
    made = CasesRoom(staffroom(tmp_path_factory.mktemp("assisted")))
    made.approved_by_people()
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def sato(room: CasesRoom) -> TestClient:
    return room.responder("sato")


@pytest.fixture(scope="module")
def suzuki(room: CasesRoom) -> TestClient:
    return room.responder("suzuki")


def claimed(room: CasesRoom, browser: TestClient, **wish: object) -> Taken:
    taken = room.taken(**wish)  # type: ignore[arg-type] # the fields of a wish
    assert do(browser, taken, "claim").status_code == 303
    return taken


def do(browser: TestClient, taken: Taken, button: str, **fields: object):  # type: ignore[no-untyped-def] # a response
    return browser.post(address(taken), data={"do": button, **fields})


def field(page: str, name: str) -> str:
    """What a text box or a hidden field of the page holds."""
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    hidden = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    match = found or hidden
    assert match, name
    return unescape(match.group(1))


def test_claim_reply_and_the_person_reads_it(room: CasesRoom, sato: TestClient) -> None:
    taken = claimed(room, sato)
    page = sato.get(address(taken)).text
    assert "あなたが" in page
    preview = do(sato, taken, "preview", text=OWN)
    assert preview.status_code == 200
    assert "まだ送られていません" in preview.text
    assert room.kinds(taken)[-1] == "case.claimed"  # a preview sends nothing
    again = do(sato, taken, "edit", text=field(preview.text, "text"))
    assert field(again.text, "text") == OWN
    sent = do(sato, taken, "send", text=field(preview.text, "text"), **{"from": field(preview.text, "from")})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{address(taken)}?done=send")
    done = sato.get(sent.headers["location"]).text
    assert "回答を送りました" in done
    assert "担当者が作成" in done
    seen = by_number(room.desk(), taken.number)
    assert seen is not None
    assert OWN in str([message.text for message in seen.messages])
    assert do(sato, taken, "send", text="もう一度").status_code == 409  # and once only


def test_a_second_responder_sees_who_holds_it_and_cannot_answer(
    room: CasesRoom, sato: TestClient, suzuki: TestClient
) -> None:
    taken = claimed(room, sato)
    page = suzuki.get(address(taken)).text
    assert "Satoさん（窓口担当）が" in page
    assert 'name="text_ja"' not in page
    assert 'value="preview"' not in page
    before = room.kinds(taken)
    for button, fields in (
        ("send", {"text": OWN}),
        ("claim", {}),
        ("ask", {"text": OWN}),
        ("forward", {"bureau": "財務局", "text": OWN}),
        ("refer", {"text": OWN}),
        ("release", {"reason": OWN}),
    ):
        refused = do(suzuki, taken, button, **fields)
        assert refused.status_code == 409, button
        assert not fields or OWN in refused.text, button  # what was typed is still there
    assert room.kinds(taken) == before
    assert do(suzuki, taken, "note", text="この件は前にもありました").status_code == 303


def test_an_expired_claim_says_so_and_keeps_what_was_typed(
    room: CasesRoom, sato: TestClient, suzuki: TestClient
) -> None:
    taken = room.taken()
    room.claimed_long_ago(taken, "sato")
    assert "期限が切れています" in sato.get(address(taken)).text
    refused = do(sato, taken, "send", text=OWN)
    assert refused.status_code == 409
    assert "引き受けの期限が切れたか" in refused.text
    assert field(refused.text, "text") == OWN
    again = do(sato, taken, "claim", text=OWN, **{"from": ""})
    assert again.status_code == 200
    assert field(again.text, "text") == OWN
    assert do(sato, taken, "send", text=OWN).status_code == 303
    late = room.taken()
    room.claimed_long_ago(late, "sato")
    assert do(suzuki, late, "claim").status_code == 303  # whoever comes next may take it
    assert do(sato, late, "send", text=OWN).status_code == 409


def test_a_session_that_ended_keeps_what_was_typed(room: CasesRoom) -> None:
    browser = room.responder("idle")
    taken = claimed(room, browser)
    browser.cookies.clear()
    refused = browser.post(address(taken), data={"do": "send", "text": OWN, "text_ja": "日本語の文"})
    assert refused.status_code == 401
    assert OWN in refused.text
    assert "日本語の文" in refused.text
    assert "case.answered" not in room.kinds(taken)
    form = browser.post("/responder/public/sign-in", data={"login": "idle", "password": "never shown again"})
    assert "never shown again" not in form.text


@pytest.mark.parametrize("button", ["send", "ask", "note", "release", "return_draft", "forward", "preview"])
def test_nothing_is_done_without_words(room: CasesRoom, sato: TestClient, button: str) -> None:
    taken = claimed(room, sato)
    refused = do(sato, taken, button, text="  ", reason=" ", bureau="")
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert room.kinds(taken) == ["case.opened", "case.claimed"]


def test_giving_back_and_notes_have_reasons_that_the_person_never_sees(room: CasesRoom, sato: TestClient) -> None:
    taken = claimed(room, sato)
    assert do(sato, taken, "note", text="主計部の担当に確認中").status_code == 303
    assert do(sato, taken, "release", reason="担当が替わるため").status_code == 303
    page = sato.get(address(taken)).text
    assert page.count("【内部メモ】") >= 2
    assert page.count("相手には見えません") >= 2
    assert 'class="said inner"' in page
    seen = by_number(room.desk(), taken.number)
    assert seen is not None
    assert "主計部" not in repr(seen.messages) + str([each.text for each in seen.messages])
    assert "担当が替わる" not in str([each.text for each in seen.messages])
    assert room.kinds(taken)[-1] == "case.released"


def test_asking_back_waits_for_the_person(room: CasesRoom, sato: TestClient) -> None:
    taken = claimed(room, sato)
    assert do(sato, taken, "ask", text="どの年度についてですか").status_code == 303
    page = sato.get(address(taken)).text
    assert "相手からの返事を待っています" in page
    assert 'value="preview"' not in page
    assert do(sato, taken, "send", text=OWN).status_code == 409
    assert do(sato, taken, "claim").status_code == 303
    assert do(sato, taken, "send", text=OWN).status_code == 303


def test_what_looks_like_personal_data_is_sent_only_once_confirmed(room: CasesRoom, sato: TestClient) -> None:
    taken = claimed(room, sato)
    text = "担当の携帯090-1234-5678へどうぞ"
    refused = do(sato, taken, "send", text=text)
    assert refused.status_code == 422
    assert field(refused.text, "text") == text
    assert 'name="confirmed"' in refused.text
    preview = do(sato, taken, "preview", text=text, confirmed="yes")
    assert field(preview.text, "confirmed") == "yes"
    assert do(sato, taken, "send", text=text, confirmed="yes").status_code == 303


def test_a_canned_reply_is_put_in_with_its_places_filled(room: CasesRoom, sato: TestClient) -> None:
    taken = claimed(room, sato)
    filled = do(sato, taken, "canned", canned="time", text="")
    text = field(filled.text, "text")
    assert taken.number in text
    assert "09:00" in text
    assert "{" not in text
    assert field(filled.text, "from") == "time"
    both = do(sato, taken, "canned", canned="not_stated", text="はじめに書いた文", **{"from": ""})
    assert field(both.text, "text").startswith("はじめに書いた文\n\n")
    unknown = do(sato, taken, "canned", canned="no such", text="書いた文")
    assert field(unknown.text, "text") == "書いた文"
    changed = do(sato, taken, "preview", text=text.replace("確認しています", "問い合わせています"), **{"from": "time"})
    assert "<del>［−確認" in changed.text


def test_a_reply_in_another_language_has_japanese_beside_it(room: CasesRoom, sato: TestClient) -> None:
    taken = claimed(room, sato, language=Language.EN)
    page = sato.get(address(taken)).text
    assert 'name="text_ja"' in page
    assert "相手に送る文（English）" in page
    filled = do(sato, taken, "canned", canned="not_stated", text="", text_ja="")
    assert "We do not guess" in field(filled.text, "text") or "do not guess" in field(filled.text, "text")
    assert "資料には記載がありません" in field(filled.text, "text_ja")
    sent = do(sato, taken, "send", text="It is on the bureau's page.", text_ja="財務局のページにあります。")
    assert sent.status_code == 303
    (answer,) = [each for each in room.entries(taken) if each.kind == "case.answered"]
    assert answer.contents["reply_ja"] == "財務局のページにあります。"
    assert 'name="text_ja"' not in sato.get(address(claimed(room, sato))).text


def test_merging_by_conversation_by_reference_and_by_number(room: CasesRoom, sato: TestClient) -> None:
    into = room.taken(conversation="cv_merge")
    same, other, told = claimed(room, sato, conversation="cv_merge"), claimed(room, sato), claimed(room, sato)
    page = sato.get(address(same)).text
    assert f'name="into" value="{into.case.id}"' in page
    assert do(sato, same, "merge", into=into.case.id).status_code == 303
    assert do(sato, other, "merge", reference=into.case.id[-6:]).status_code == 303
    assert do(sato, told, "merge", reference=into.number.lower()).status_code == 303
    wrong = claimed(room, sato)
    for reference in ("", "zzzzzz", wrong.case.id[-6:], wrong.number):
        assert do(sato, wrong, "merge", reference=reference).status_code == 422
    do(sato, into, "claim")
    assert do(sato, into, "send", text=OWN).status_code == 303
    for each in (same, other, told):
        seen = by_number(room.desk(), each.number)
        assert seen is not None
        assert OWN in str([message.text for message in seen.messages])


def test_forwarding_says_whether_the_content_may_travel(room: CasesRoom, sato: TestClient) -> None:
    closed = claimed(room, sato)
    page = sato.get(address(closed)).text
    assert "同意していません" in page
    assert 'name="with_content"' not in page
    forced = do(sato, closed, "forward", bureau="財務局", text="引き継ぎます", with_content="yes")
    assert forced.status_code == 422
    assert "同意していないため" in forced.text
    assert do(sato, closed, "forward", bureau="財務局", text="引き継ぎます").status_code == 303
    allowed = claimed(room, sato, may_forward=True)
    assert "同意しています" in sato.get(address(allowed)).text
    assert do(sato, allowed, "forward", bureau="財務局", text="x", with_content="yes").status_code == 303
    (entry,) = [each for each in room.entries(allowed) if each.kind == "case.forwarded"]
    assert entry.meta["with_content"] is True
    referred = claimed(room, sato)
    assert do(sato, referred, "refer", text="").status_code == 303
    assert do(sato, referred, "close").status_code == 303
    assert room.kinds(referred)[-2:] == ["case.forwarded", "case.closed"]


def draft_case(room: CasesRoom, conversation: str, browser: TestClient) -> Taken:
    """A case with a draft that waits, in the browser's hands."""
    assert BUDGET_ANSWER not in room.small.ask("令和7年度の都のAI関連予算はいくらですか？", conversation).reply.text
    (held,) = of_conversation(room.desk(), ConversationId(conversation))
    taken = Taken(held.case, held.number, None)
    assert do(browser, taken, "claim").status_code == 303
    return taken


def test_a_draft_is_approved_unchanged(assisted: CasesRoom) -> None:
    browser = assisted.responder("approves")
    taken = draft_case(assisted, "cv_approve", browser)
    page = browser.get(address(taken)).text
    assert 'class="draft"' in page
    assert "承認して送るまで、相手には見えません" in page
    assert BUDGET_ANSWER in field(page, "text")
    seen = by_number(assisted.desk(), taken.number)
    assert seen is not None
    assert BUDGET_ANSWER not in repr(seen)
    preview = do(browser, taken, "approve").text
    assert "変更はありません" in preview
    assert "<ins>" not in preview
    fields = {name: field(preview, name) for name in ("text", "text_ja", "from", "confirmed")}
    assert do(browser, taken, "send", **fields).status_code == 303
    (answer,) = [each for each in assisted.entries(taken) if each.kind == "case.answered"]
    assert answer.meta["made"] == "approved"
    assert "AIの案を承認" in browser.get(address(taken)).text


def test_an_edited_draft_shows_the_difference_before_and_after(assisted: CasesRoom) -> None:
    browser = assisted.responder("edits")
    taken = draft_case(assisted, "cv_edit", browser)
    text = field(browser.get(address(taken)).text, "text").replace("140", "141") + "\n詳しくは窓口へ。"
    preview = do(browser, taken, "preview", text=text, **{"from": "draft"}).text
    assert "<del>［−140−］</del><ins>［＋141＋］</ins>" in preview
    assert "<ins>［＋詳しくは窓口へ。＋］</ins>" in preview
    assert do(browser, taken, "send", text=text, **{"from": "draft"}).status_code == 303
    (answer,) = [each for each in assisted.entries(taken) if each.kind == "case.answered"]
    assert answer.meta["made"] == "edited"
    assert "140" in str(answer.contents["base"])
    after = browser.get(address(taken)).text
    assert "AIの案を直して送付" in after
    assert "<ins>［＋141＋］</ins>" in after


def test_what_a_reply_was_made_from_is_never_taken_from_the_form(assisted: CasesRoom) -> None:
    browser = assisted.responder("forges")
    taken = draft_case(assisted, "cv_forge", browser)
    assert do(browser, taken, "send", text=OWN, base="a draft that never was", **{"from": "x"}).status_code == 303
    (answer,) = [each for each in assisted.entries(taken) if each.kind == "case.answered"]
    assert answer.meta["made"] == "own"
    assert not answer.contents.get("base")


def test_a_returned_draft_needs_a_reason_and_is_used_no_more(assisted: CasesRoom) -> None:
    browser = assisted.responder("returns")
    taken = draft_case(assisted, "cv_return", browser)
    draft = field(browser.get(address(taken)).text, "text")
    assert do(browser, taken, "return_draft", reason="").status_code == 422
    assert do(browser, taken, "return_draft", reason="年度が違うため").status_code == 303
    page = browser.get(address(taken)).text
    assert field(page, "text") == ""
    assert "この案は使わないことになりました" in page
    assert 'value="approve"' not in page
    assert do(browser, taken, "approve").status_code == 422
    refused = do(browser, taken, "send", text=draft)
    assert refused.status_code == 422
    assert field(refused.text, "text") == draft
    seen = by_number(assisted.desk(), taken.number)
    assert seen is not None
    assert "年度が違う" not in str([each.text for each in seen.messages])


def test_an_answered_case_is_proposed_as_a_note(room: CasesRoom, sato: TestClient) -> None:
    taken = claimed(room, sato)
    note = {
        "title": "予算の内訳",
        "questions": "予算の内訳はどこで見られますか\n内訳はありますか",
        "text": OWN,
        "source": "財務局「予算概要」",
        "as_of": "2026-04",
        "review_by": "2099-03-31",
        "once": "the same form",
    }
    assert do(sato, taken, "propose", **note).status_code == 409  # not before it is answered
    assert do(sato, taken, "send", text=f"{OWN} [1]").status_code == 303
    page = sato.get(address(taken)).text
    form = page[page.index('id="note-title"') :]
    assert field(form, "text") == OWN
    flawed = do(sato, taken, "propose", **{**note, "title": "", "review_by": "soon"})
    assert flawed.status_code == 422
    assert "題名：書いてください" in flawed.text
    assert field(flawed.text[flawed.text.index('id="note-title"') :], "text") == OWN
    for _ in range(2):
        assert do(sato, taken, "propose", **note).status_code == 303
    waiting = [each for each in room.desk().queue.outbox.waiting() if each.notice.to.startswith("knowledge")]
    assert len(waiting) == 1
    assert taken.number not in waiting[0].notice.body


def test_what_the_person_adds_is_told_to_the_open_page(room: CasesRoom, sato: TestClient) -> None:
    from bot.persons_case import add  # noqa: PLC0415 - the person's side

    taken = claimed(room, sato)
    page = sato.get(address(taken)).text
    news = unescape(page.split('data-news="')[1].split('"')[0])
    assert sato.get(news).status_code == 204
    add(room.desk(), taken.number, "令和7年度のことです")
    told = sato.get(news)
    assert told.status_code == 200
    assert "新しいことが加わりました" in told.text
    assert "令和7年度" not in told.text
    assert sato.get("/responder/public/cases/cs_none/news").status_code == 404


def test_no_page_of_the_console_is_kept_by_a_browser_and_no_number_is_in_an_address(
    room: CasesRoom, sato: TestClient
) -> None:
    taken = claimed(room, sato)
    page = sato.get(address(taken))
    assert page.headers["cache-control"] == "no-store"
    opened = room.entries(taken)[0]
    assert opened.contents[NUMBER] == taken.number
    assert not re.search(rf'(href|action|src)="[^"]*{taken.number}', page.text)

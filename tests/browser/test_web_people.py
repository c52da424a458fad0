"""Gates 2, 4 and 5 for who wants a person: without scripts, with the keyboard alone, and what comes while one waits."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from bot.cases import CaseKind
from tests.browser.inside import PASSWORD, Inside, sign_in
from tests.browser.stage import QUESTIONS, Stage, ask, hand_over, look_up

pytestmark = pytest.mark.browser
LIVE = """() => { window.changes = 0;
  for (const e of document.querySelectorAll('[role=status], [role=alert], [aria-live]'))
    new MutationObserver(() => { if (e.textContent) window.changes += 1; }).observe(e, {childList: true, subtree: true,
      characterData: true}); }"""
# The day depends on how many wait already: the stage is one for all tests.
DUE = re.compile(r"^2026年1[12]月[0-9]+日 17:00までに職員が回答します。$")
AT_THE_LATEST = re.compile(r"いま送ると、遅くとも2026年1[12]月[0-9]+日 17:00までに回答します。")
NUMBER = re.compile(r"^([0-9A-Z]{4}-){4}[0-9A-Z]{4}$")


def number_on(page: Page) -> str:
    shown = page.locator(".digits").inner_text().replace("\n", "").replace(" ", "")
    assert NUMBER.match(shown)
    return shown


def test_a_person_before_the_first_question_without_scripts(plain_page: Page, stage: Stage) -> None:
    page = plain_page
    page.goto("/?lang=ja")
    page.locator("header").get_by_role("link", name="職員に相談").click()
    expect(page.get_by_text("いま受付時間内です。").first).to_be_visible()
    expect(page.get_by_text(AT_THE_LATEST)).to_be_visible()
    page.get_by_label("相談したいこと").fill("保育園の申込みでAIの判定が使われるか知りたい。")
    page.get_by_role("button", name="職員に送る").click()
    expect(page.get_by_role("heading", name="受け付けました")).to_be_visible()
    number, before = number_on(page), len(stage.desk.people.kept)
    assert number not in page.url
    expect(page.locator("[data-number]")).to_be_hidden()  # copying needs the script
    page.reload()
    assert len(stage.desk.people.kept) == before
    assert number_on(page) == number

    kept = stage.desk.people.kept[-1]
    stage.desk.people.responder_asks(kept, "どの区の保育園ですか。")
    page.get_by_role("link", name="質問のページへ戻る").click()
    expect(page.get_by_text("どの区の保育園ですか。")).to_be_visible()
    page.get_by_role("link", name="内容を見る").first.click()
    page.get_by_label("追加で伝えること").fill("港区です。")
    page.get_by_role("button", name="職員に送る").first.click()
    expect(page.locator(".spoke.person")).to_contain_text("港区です。")
    page.reload()
    assert len(kept.messages) == 2
    stage.desk.people.responder_answers(kept, "AIの判定は使っていません。")
    look_up(page, number.lower().replace("-", " "))
    expect(page.get_by_text("職員（担当者）が書いた回答")).to_be_visible()
    expect(page.get_by_text("AIの判定は使っていません。")).to_be_visible()


def test_after_an_abstention_without_scripts(plain_page: Page, stage: Stage) -> None:
    page = plain_page
    page.goto("/?lang=ja")
    page.get_by_label("質問", exact=True).fill(QUESTIONS["abstained"])
    page.get_by_role("button", name="質問する").click()
    page.get_by_role("button", name="このまま職員に送る").click()
    number = number_on(page)
    expect(page.get_by_text(DUE)).to_be_visible()
    assert stage.desk.people.kept[-1].case.exchange == stage.desk.exchanges[-1].exchange
    page.get_by_role("link", name="質問のページへ戻る").click()
    expect(page.locator(".handed code")).to_have_text(number)
    expect(page.get_by_role("button", name="このまま職員に送る")).to_have_count(0)


def test_a_complaint_without_scripts(plain_page: Page, stage: Stage) -> None:
    page = plain_page
    page.goto("/?lang=ja")
    page.get_by_role("link", name="行政のAI利用への意見・苦情").click()
    page.get_by_role("button", name="職員に送る").click()
    expect(page.get_by_text("内容を書いてから送ってください。")).to_be_visible()
    page.get_by_label("どのサービス・手続のことか（分かれば）").fill("補助金の審査")
    page.get_by_label("何があったか、何が心配か").fill("AIだけで落とされたようだ")
    page.get_by_label("どうしてほしいか（書かなくても送れます）").fill("職員に見直してほしい")
    page.get_by_label("担当の部署に、書いた内容を渡してよい（連絡先は渡しません）。").check()
    page.get_by_role("button", name="職員に送る").click()
    number_on(page)
    kept = stage.desk.people.kept[-1]
    assert (kept.case.kind, kept.case.may_forward) == (CaseKind.COMPLAINT, True)
    stage.desk.people.responder_forwards(kept, "産業労働局", "引き継ぎました。")
    page.reload()
    look_up(page, kept.number)
    expect(page.get_by_text("引継ぎ先：産業労働局")).to_be_visible()


def test_a_correction_by_receipt_without_scripts(plain_page: Page, stage: Stage) -> None:
    page = plain_page
    page.goto("/?lang=ja")
    page.get_by_label("質問", exact=True).fill(QUESTIONS["answered"])
    page.get_by_role("button", name="質問する").click()
    receipt = page.locator(".receipt code").inner_text()
    page.context.clear_cookies(name="madoguchi_conversation")
    look_up(page, receipt)
    expect(page.get_by_text("台帳に記録されたやり取りです。")).to_be_visible()
    page.get_by_role("button", name="訂正の申出").click()
    page.get_by_label("どこが誤っていると思うか").fill("金額がちがいます")
    page.get_by_role("button", name="職員に送る").click()
    kept = stage.desk.people.kept[-1]
    assert number_on(page) == kept.number
    stage.desk.people.responder_corrects(kept, "予算は190億円です。")
    look_up(page, receipt)
    expect(page.locator(".corrected")).to_contain_text("予算は190億円です。")
    above = page.locator(".corrected").bounding_box()
    answer = page.locator(".reply").bounding_box()
    assert above
    assert answer
    assert above["y"] < answer["y"]


def test_a_wrong_number_without_scripts(plain_page: Page) -> None:
    look_up(plain_page, "ABCD-EFGH")
    expect(plain_page.get_by_text("番号の書き間違いのようです。もう一度確かめてください。")).to_be_visible()
    expect(plain_page.locator("#number")).to_have_value("ABCD-EFGH")


def test_the_whole_way_with_the_keyboard_alone(page: Page, stage: Stage) -> None:
    page.goto("/person?lang=ja")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    page.keyboard.press("Tab")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("ひとに聞きたい")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # opens the field for a contact
    page.keyboard.press("Tab")
    expect(page.locator("#contact")).to_be_focused()
    page.keyboard.type("03-0000-0000")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".digits")).to_be_visible()
    kept = stage.desk.people.kept[-1]
    assert (kept.contact, kept.case.may_forward) == ("03-0000-0000", True)


def test_a_double_click_is_one_case(page: Page, stage: Stage) -> None:
    page.goto("/person?lang=ja")
    page.locator("#text").fill("ひとに聞きたい")
    before = len(stage.desk.people.kept)
    page.locator("form.handing button").dblclick()
    expect(page.locator(".digits")).to_be_visible()
    page.wait_for_timeout(300)
    assert len(stage.desk.people.kept) == before + 1


def test_a_reply_appears_by_itself_and_is_told_once(page: Page, stage: Stage) -> None:
    hand_over(page, "ひとに聞きたい")
    kept = stage.desk.people.kept[-1]
    page.goto("/?lang=ja")
    expect(page.locator(".handed")).to_be_visible()
    page.evaluate(LIVE)
    page.locator("#question").focus()
    page.locator("#question").fill("書きかけ")
    stage.desk.people.responder_answers(kept, "職員の返事です。")
    expect(page.locator(".spoke.responder")).to_contain_text("職員の返事です。", timeout=15_000)
    expect(page.locator(".handed .badge")).to_have_text("回答済み")
    expect(page.locator("#status")).to_have_text("職員からの連絡など、新しい動きがあります。")
    expect(page.locator("#question")).to_be_focused()
    expect(page.locator("#question")).to_have_value("書きかけ")
    assert page.evaluate("window.changes") == 1
    page.locator("#jump").click()
    expect(page.locator(".spoke.responder")).to_be_in_viewport()
    page.wait_for_timeout(6_000)
    expect(page.locator(".spoke.responder")).to_have_count(1)
    assert page.evaluate("window.changes") == 1


def test_a_correction_appears_above_its_answer_by_itself(page: Page, stage: Stage) -> None:
    page.context.clear_cookies(name="madoguchi_conversation")
    page.goto("/?lang=ja")
    ask(page, QUESTIONS["answered"])
    page.locator("#latest a[href*=correction]").click()
    page.locator("#text").fill("金額がちがいます")
    page.locator("form.handing button").click()
    expect(page.locator(".digits")).to_be_visible()
    page.goto("/?lang=ja")
    stage.desk.people.responder_corrects(stage.desk.people.kept[-1], "予算は190億円です。")
    expect(page.locator(".corrected + .reply")).to_be_visible(timeout=15_000)


def test_the_cases_own_page_says_that_there_is_something_new(page: Page, stage: Stage) -> None:
    page.goto("/?lang=ja")
    ask(page, QUESTIONS["abstained"])
    page.locator("#latest .offer button").click()
    expect(page.locator(".digits")).to_be_visible()
    stage.desk.people.responder_answers(stage.desk.people.kept[-1], "職員の返事です。")
    expect(page.locator("#status")).to_have_text("職員からの連絡など、新しい動きがあります。", timeout=15_000)
    page.get_by_role("link", name="新しい内容を表示する").click()
    expect(page.get_by_text("職員の返事です。")).to_be_visible()


def test_nobody_asks_for_news_while_the_page_is_not_looked_at(page: Page, stage: Stage) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/news?" in request.url else None)
    hand_over(page, "ひとに聞きたい")
    page.goto("/?lang=ja")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    asked.clear()
    page.wait_for_timeout(6_000)
    assert asked == []


def test_the_number_is_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hand_over(page, "ひとに聞きたい")
    page.locator("[data-number]").click()
    expect(page.locator("[data-number]")).to_have_text("コピーしました")
    assert NUMBER.match(page.evaluate("navigator.clipboard.readText()"))


def test_the_number_prints_without_what_one_cannot_do_on_paper(page: Page) -> None:
    hand_over(page, "ひとに聞きたい")
    page.emulate_media(media="print")
    expect(page.locator(".digits")).to_be_visible()
    for gone in (".acts", "header .top", "footer", "[data-number]"):
        expect(page.locator(gone).first).to_be_hidden()


def test_the_staff_desk_asks_which_department(inner: Page, inside: Inside) -> None:
    sign_in(inner, "/staff", "staff", PASSWORD)
    inner.get_by_role("navigation").get_by_role("link", name="職員に相談").click()
    inner.get_by_label("技術").check()
    inner.get_by_label("相談したいこと").fill("議事録をAIで作る計画の相談")
    inner.get_by_role("button", name="職員に送る").click()
    expect(inner.locator(".digits")).to_be_visible()
    expect(inner.get_by_text("AI利用の相談 (技術)")).to_be_visible()
    assert inside.desk.people.kept[-1].case.kind is CaseKind.CONSULTATION

"""Gates 2, 4 and 5: the journeys without scripts, with the keyboard alone, and what a screen reader is told."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Stage, ask, show

pytestmark = pytest.mark.browser
LIVE = """() => { window.changes = 0;
  for (const e of document.querySelectorAll('[role=status], [role=alert], [aria-live]'))
    new MutationObserver(() => { if (e.textContent) window.changes += 1; }).observe(e, {childList: true, subtree: true,
      characterData: true});
  new MutationObserver((list) => { for (const m of list) for (const n of m.addedNodes)
    if (n.querySelector?.('[role=status], [role=alert], [aria-live]')) window.changes += 1; })
    .observe(document.getElementById('transcript'), {childList: true}); }"""


def test_the_whole_journey_without_scripts(plain_page: Page, stage: Stage) -> None:
    page = plain_page
    page.goto("/")
    expect(page.get_by_text("東京都の公式サービスではありません（デモ）")).to_be_visible()
    expect(page.locator("[data-copy]")).to_have_count(0)
    before = len(stage.desk.exchanges)
    page.get_by_label("質問", exact=True).fill("都のAI関連予算はいくらですか？")
    page.get_by_role("button", name="質問する").click()
    expect(page).to_have_url(re.compile("#latest$"))
    expect(page.get_by_text("AIが作成した回答です。誤ることがあります。")).to_be_visible()
    expect(page.locator("[data-copy]")).to_be_hidden()
    page.reload()
    assert len(stage.desk.exchanges) == before + 1

    page.locator("a.mark").first.click()
    page.locator(".citations summary").first.click()
    expect(page.get_by_text("当サービスによる要約", exact=True)).to_be_visible()
    page.get_by_role("link", name="この箇所の全文を読む [1]").click()
    expect(page.get_by_text("令和7年度の東京都のAI関連事業は140件です。")).to_be_visible()
    page.get_by_role("link", name="質問のページへ戻る").click()

    page.get_by_text("この回答について意見を送る").click()
    page.get_by_label("役に立たなかった", exact=True).check()
    page.get_by_label("分かりにくい").check()
    page.get_by_role("button", name="意見を送る").click()
    expect(page.get_by_text("ご意見を記録しました。")).to_be_visible()
    assert stage.desk.given[-1][1:3] == (False, "unclear")

    page.get_by_role("button", name="東京都AI戦略はいつ策定されましたか？").click()
    expect(page.locator("article")).to_have_count(2)
    page.get_by_role("button", name="このブラウザから消す").click()
    expect(page.get_by_text("記録は台帳に残っています。")).to_be_visible()
    expect(page.locator("article")).to_have_count(0)


def test_errors_and_outage_without_scripts(plain_page: Page) -> None:
    page = plain_page
    page.goto("/")
    page.get_by_role("button", name="質問する").click()
    expect(page.get_by_text("質問を入力してから送信してください。")).to_be_visible()
    page.get_by_label("質問", exact=True).fill("記録できないとき")
    page.get_by_role("button", name="質問する").click()
    expect(page.get_by_text("このやり取りは記録されていません。記録の控えはありません。")).to_be_visible()


def test_the_keyboard_alone(page: Page, stage: Stage) -> None:
    page.goto("/?lang=ja")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    box = page.locator("#question")
    expect(box).to_be_focused()
    assert box.evaluate("e => getComputedStyle(e).outlineWidth") == "4px"
    before = len(stage.desk.exchanges)
    page.keyboard.type("budget")
    page.keyboard.press("Enter")
    expect(box).to_have_value("budget\n")
    assert len(stage.desk.exchanges) == before
    page.keyboard.press("Control+Enter")
    expect(page.locator("#jump")).to_be_visible()
    expect(box).to_be_focused()
    assert len(stage.desk.exchanges) == before + 1
    expect(page.locator("#latest p[lang=ja]")).to_have_count(1)
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "jump":
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#latest a.mark").first).to_be_focused()


@pytest.mark.parametrize("converting", [{"isComposing": True}, {"keyCode": 229}])
def test_enter_while_an_input_method_converts_sends_nothing(
    page: Page, stage: Stage, converting: dict[str, object]
) -> None:
    page.goto("/?lang=ja")
    before = len(stage.desk.exchanges)
    page.locator("#question").fill("よさん")
    page.locator("#question").evaluate(
        """(e, more) => e.dispatchEvent(new KeyboardEvent('keydown',
            {key: 'Enter', ctrlKey: true, bubbles: true, ...more}))""",
        converting,
    )
    page.wait_for_timeout(200)
    assert len(stage.desk.exchanges) == before
    expect(page.locator("#status")).to_be_empty()


def test_at_most_two_live_changes_per_answer(page: Page, stage: Stage) -> None:
    page.goto("/?lang=ja")
    page.evaluate(LIVE)
    stage.desk.delay = 0.2
    page.locator("#question").fill("予算は？")
    page.locator("#ask button").click()
    expect(page.locator("#status")).to_have_text("回答を作成しています")
    expect(page.locator("#transcript")).to_have_attribute("aria-busy", "true")
    page.evaluate("document.getElementById('ask').requestSubmit()")  # a second press while busy asks nothing
    expect(page.locator("#status")).to_have_text("回答が届きました")
    expect(page.locator("#transcript")).to_have_attribute("aria-busy", "false")
    expect(page.locator("article")).to_have_count(1)
    assert page.evaluate("window.changes") <= 2


def test_danger_is_an_alert_with_the_contacts_first(page: Page, stage: Stage) -> None:
    show(page, stage.desk, "danger", "ja")
    alert = page.locator("#latest [role=alert]")
    expect(alert.locator("a.call").first).to_have_attribute("href", "tel:110")
    assert page.locator("#latest").inner_text().index("110") < page.locator("#latest").inner_text().index("危険です")


def test_a_lost_connection_keeps_the_question(page: Page) -> None:
    page.goto("/?lang=ja")
    page.route("**/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.locator("#question").fill("予算は？")
    page.locator("#ask button").click()
    expect(page.locator("#trouble")).to_contain_text("もう一度送信してください")
    expect(page.locator("#question")).to_have_value("予算は？")


def test_counter_mark_and_feedback_with_scripts(page: Page) -> None:
    page.goto("/?lang=ja")
    page.locator("#question").fill("あいう")
    expect(page.locator("#counter span")).to_have_text("3")
    ask(page, "予算は？")
    page.locator("#latest a.mark").first.click()
    expect(page.locator("#latest .citations details").first).to_have_attribute("open", "")
    page.locator("#latest .feedback summary").click()
    page.locator("#latest .feedback input[value=yes]").check()
    page.locator("#latest .feedback button").click()
    expect(page.locator("#latest .feedback [role=status]")).to_contain_text("ご意見を記録しました")

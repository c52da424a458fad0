"""To a person and back, in a real browser, with scripts and without: ask, be answered, contest an answer, see it put
right. And everything that happened is in the log, in order, each entry linked to what it follows from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.records import DeskName, RecordedEntry
from tests.browser.people import CONSOLES, Hall, sign_in
from tests.house_kit import BUDGET_ANSWER, BUDGET_QUESTION

pytestmark = pytest.mark.browser

UNKNOWN = "都民一人当たりのAI予算はいくらですか"
PLAN = "会議の録音から議事録の下書きをAIで作成し、職員が確認して仕上げることを検討しています。"
ADDED = "担当部署の案内のページもご覧ください。"
WRONG = "金額が違うと思います。もう一度確かめてください。"
RIGHT = "正しくは182億円です。集計を誤って引用していました。"
ROOTS = {DeskName.PUBLIC: "", DeskName.STAFF: "/staff"}
NUMBERED = re.compile(r"（受付番号 [^）]*）")
NUMBER = re.compile(r"^([0-9A-Z]{4}-){4}[0-9A-Z]{4}$")


@dataclass
class Journey:
    """A person and a responder, each with a browser; ``chat`` is the page that the person leaves open."""

    hall: Hall
    desk: DeskName
    scripts: bool
    person: Page
    chat: Page
    responder: Page
    strange: Page
    numbers: list[str] = field(default_factory=list)

    @property
    def root(self) -> str:
        return ROOTS[self.desk]

    def ask(self, question: str) -> None:
        """Ask the AI, and wait for its answer."""
        self.person.goto(self.root or "/")
        self.person.get_by_label("質問", exact=True).fill(question)
        self.person.get_by_role("button", name="質問する").click()
        expect(self.person.locator("#latest .asked")).to_contain_text(question)

    def taken(self) -> str:
        """The number on the page that says a case was taken; the case's name in every log."""
        expect(self.person.locator("h1")).to_have_text("受け付けました")
        number = "".join(self.person.locator(".ticket .digits").inner_text().split())
        assert NUMBER.match(number)
        assert number not in self.person.url
        self.numbers.append(number)
        return self.person.url.partition("/cases/")[2].partition("?")[0]

    def wait_in_the_chat(self) -> None:
        """The person goes back to the conversation and leaves it open."""
        self.chat.goto(self.root or "/")
        expect(self.chat.locator(".handed[data-live]").last).to_be_visible()

    def news(self) -> None:
        """What came since shows by itself where there are scripts, and with the next page where there are none."""
        if self.scripts:
            self.chat.clock.run_for(6_000)
        else:
            self.chat.reload()

    def read(self, case: str) -> Page:
        """The responder finds the case in the queue and reads it."""
        page = self.responder
        page.goto(CONSOLES[self.desk])
        page.get_by_role("link", name=case[-6:]).click()
        expect(page.locator("h1 code")).to_have_text(case[-6:])
        return page

    def claimed(self, case: str) -> Page:
        """The responder reads the case and claims it."""
        page = self.read(case)
        page.get_by_role("button", name="引き受ける", exact=True).click()
        expect(page.locator(".notice")).to_have_text("引き受けました。")
        return page

    def sent(self, gone: str = "") -> None:
        """The responder looks at what is to be sent, and at what was added and what is ``gone``, and sends it."""
        page = self.responder
        page.get_by_role("button", name="送る前に確認する").click()
        expect(page.locator("h1")).to_contain_text("送る前の確認")
        expect(page.locator(".changed ins")).to_contain_text(ADDED)
        if gone:
            expect(page.locator(".changed del")).to_contain_text(gone)
        page.get_by_role("button", name="相手に送る").click()
        expect(page.locator(".notice")).to_have_text("回答を送りました。")

    def looked_up(self, typed: str) -> Page:
        """What a browser that knows nothing shows for a number or a receipt."""
        self.strange.goto(f"{self.root}/lookup")
        self.strange.locator("#number").fill(typed)
        self.strange.get_by_role("button", name="確認する", exact=True).click()
        return self.strange

    def kinds(self) -> list[str]:
        return [each.kind for each in self.entries()]

    def entries(self) -> Sequence[RecordedEntry]:
        return self.hall.entries(self.hall.conversation(self.person.context, self.desk), self.desk)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def contexts(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[bool, list[BrowserContext]]]:
    made: list[BrowserContext] = []
    yield request.param, made
    for each in made:
        each.close()


def setting_out(hall: Hall, browser: Browser, contexts: tuple[bool, list[BrowserContext]], desk: DeskName) -> Journey:
    scripts, made = contexts
    person, responder, strange = (hall.visitor(browser, scripts=scripts) for _ in range(3))
    made += [person, responder, strange]
    journey = Journey(
        hall,
        desk,
        scripts,
        person.new_page(),
        person.new_page(),
        responder.new_page(),
        strange.new_page(),
    )
    if desk is DeskName.STAFF:
        sign_in(journey.person, "/staff", "yamada")
        sign_in(journey.strange, "/staff", "yamada")
    sign_in(journey.responder, CONSOLES[desk], "ito" if desk is DeskName.STAFF else "sato")
    return journey


def test_a_question_that_the_documents_leave_open(
    hall: Hall, browser: Browser, contexts: tuple[bool, list[BrowserContext]]
) -> None:
    journey = setting_out(hall, browser, contexts, DeskName.PUBLIC)
    journey.ask(BUDGET_QUESTION)
    expect(journey.person.locator("#latest .reply")).to_contain_text(BUDGET_ANSWER)
    expect(journey.person.locator("#latest .offer")).to_have_count(0)
    journey.ask(UNKNOWN)
    journey.person.locator("#latest .offer").get_by_role("button", name="このまま職員に送る").click()
    case = journey.taken()
    journey.wait_in_the_chat()

    page = journey.claimed(case)
    expect(page.locator(".said.person")).to_contain_text(UNKNOWN)
    expect(page.get_by_text(BUDGET_ANSWER).first).to_be_visible()  # the whole conversation with the AI
    page.get_by_label("定型文").select_option("not_stated")
    page.get_by_role("button", name="定型文を書き加える").click()
    text = page.get_by_label("相手に送る文")
    expect(text).to_have_value(re.compile("推測でお答えすることはできません"))
    text.fill(f"{NUMBERED.sub('', text.input_value())}\n{ADDED}")
    journey.sent(gone="受付番号")

    journey.news()
    expect(journey.chat.locator(".spoke.responder")).to_contain_text(ADDED)
    expect(journey.chat.locator(".spoke.responder")).to_contain_text("職員（担当者）が書いた回答")
    expect(journey.chat.locator(f"#c-{case}")).to_contain_text("回答済み")
    found = journey.looked_up(journey.numbers[0].lower().replace("-", " "))
    expect(found.locator("main")).to_contain_text("回答済み")
    expect(found.locator(".spoke.responder")).to_contain_text(ADDED)
    expect(found.locator("main")).to_contain_text(UNKNOWN)

    correction = contested(journey, BUDGET_QUESTION)
    assert journey.kinds() == [
        "exchange.opened",
        "exchange.closed",
        "exchange.opened",
        "exchange.closed",
        "case.opened",
        "case.read",
        "case.claimed",
        "case.answered",
        *CONTESTED,
    ]
    demand_linked(journey.entries(), case, correction)


def test_a_consultation_of_staff_for_a_department(
    hall: Hall, browser: Browser, contexts: tuple[bool, list[BrowserContext]]
) -> None:
    journey = setting_out(hall, browser, contexts, DeskName.STAFF)
    journey.ask(BUDGET_QUESTION)
    journey.person.goto("/staff/consult")
    journey.person.locator("#plan").fill(PLAN)
    journey.person.locator("main form button[type=submit]").click()
    expect(journey.person.locator("#latest .asked")).to_contain_text("議事録")
    journey.person.locator("#latest .offer").get_by_role("link", name="職員に相談する").click()
    expect(journey.person.locator(".about")).to_contain_text("議事録")
    journey.person.get_by_label("財務", exact=True).check()
    journey.person.locator("#text").fill("費用の見積りについて財務の担当に聞きたい")
    journey.person.get_by_role("button", name="職員に送る").click()
    case = journey.taken()
    expect(journey.person.locator("main")).to_contain_text("財務")
    journey.wait_in_the_chat()

    page = journey.claimed(case)
    expect(page.locator("dl.now")).to_contain_text("財務")
    expect(page.locator("main")).to_contain_text("費用の見積り")
    page.get_by_label("定型文").select_option("not_stated")
    page.get_by_role("button", name="定型文を書き加える").click()
    text = page.get_by_label("相手に送る文")
    text.fill(f"{NUMBERED.sub('', text.input_value())}\n{ADDED}")
    journey.sent(gone="受付番号")

    journey.news()
    expect(journey.chat.locator(".spoke.responder")).to_contain_text(ADDED)
    found = journey.looked_up(journey.numbers[0])
    expect(found.locator(".spoke.responder")).to_contain_text(ADDED)

    correction = contested(journey, BUDGET_QUESTION)
    opened = next(each for each in journey.entries() if each.kind == "case.opened")
    assert (opened.meta["kind"], opened.meta["department"]) == ("consultation", "finance")
    assert journey.kinds() == [
        "exchange.opened",
        "exchange.closed",
        "exchange.opened",
        "exchange.closed",
        "case.opened",
        "case.read",
        "case.claimed",
        "case.answered",
        *CONTESTED,
    ]
    demand_linked(journey.entries(), case, correction)


def test_a_complaint_about_government_using_ai(
    hall: Hall, browser: Browser, contexts: tuple[bool, list[BrowserContext]]
) -> None:
    journey = setting_out(hall, browser, contexts, DeskName.PUBLIC)
    journey.ask(BUDGET_QUESTION)
    person = journey.person
    person.locator("aside").get_by_role("link", name="行政のAI利用への意見・苦情").click()
    expect(person.locator("h1")).to_have_text("行政のAI利用に関する相談・苦情")
    person.locator("#service").fill("補助金の審査")
    person.locator("#happened").fill("AIで落とされたように思いますが、理由の説明がありませんでした")
    person.locator("#wish").fill("どのように使ったかを説明してほしい")
    person.locator("#bureau").fill("産業労働局")
    person.get_by_label("担当の部署に、書いた内容を渡してよい").check()
    person.locator("summary", has_text="連絡先を書く").click()
    person.locator("#contact").fill("citizen@example.jp")
    person.get_by_label("同意します").check()
    person.get_by_role("button", name="職員に送る").click()
    case = journey.taken()
    journey.wait_in_the_chat()

    page = journey.claimed(case)
    for told in ("補助金の審査", "理由の説明がありません", "説明してほしい", "産業労働局"):
        expect(page.locator("main")).to_contain_text(told)
    assert "citizen@example.jp" not in page.content()
    page.locator("summary", has_text="連絡先").click()
    page.get_by_role("button", name="連絡先を見る").click()
    expect(page.locator(".secret")).to_have_text("citizen@example.jp")
    page.locator("summary", has_text="相手に詳しいことを聞く").click()
    page.get_by_label("聞きたいこと").fill("いつごろの審査ですか")
    page.get_by_role("button", name="質問を送る").click()
    expect(page.locator(".notice")).to_have_text("質問を送りました。")

    journey.news()
    expect(journey.chat.locator(".spoke.responder")).to_contain_text("いつごろの審査ですか")
    found = journey.looked_up(journey.numbers[0])
    expect(found.get_by_text("職員から質問があります。")).to_be_visible()
    found.locator("#add-text").fill("先月の審査です")
    found.locator("form:has(#add-text) button").click()
    expect(found.locator(".spoke.person")).to_contain_text("先月の審査です")

    page = journey.read(case)
    expect(page.locator(".said.person", has_text="先月の審査です")).to_be_visible()
    page.locator("summary", has_text="担当部署へ引き継ぐ").click()
    expect(page.locator("#bureau")).to_have_value("産業労働局")
    page.locator("#forward").fill("担当局に引き継ぎました。")
    page.get_by_label("内容も渡す").check()
    page.get_by_role("button", name="引継ぎを記録する").click()
    expect(page.locator(".notice")).to_have_text("引継ぎを記録しました。")
    journey.news()
    expect(journey.chat.locator(".spoke.responder").last).to_contain_text("引継ぎ先：産業労働局")
    found = journey.looked_up(journey.numbers[0])
    expect(found.locator("main")).to_contain_text("担当部署へ引継ぎ済み")

    correction = contested(journey, BUDGET_QUESTION)
    assert journey.kinds() == [
        "exchange.opened",
        "exchange.closed",
        "case.opened",
        "case.contact_given",
        "case.read",
        "case.claimed",
        "case.contact_read",
        "case.asked",
        "case.supplied",
        "case.forwarded",
        *CONTESTED,
    ]
    forwarded = next(each for each in journey.entries() if each.kind == "case.forwarded")
    assert (forwarded.meta["to"], forwarded.meta["with_content"]) == ("bureau", True)
    assert "citizen@example.jp" not in str([(each.meta, each.contents) for each in journey.entries()])
    demand_linked(journey.entries(), case, correction)


def test_an_answer_that_a_person_puts_right_before_it_is_shown(
    approving_hall: Hall, browser: Browser, contexts: tuple[bool, list[BrowserContext]]
) -> None:
    journey = setting_out(approving_hall, browser, contexts, DeskName.PUBLIC)
    journey.ask(BUDGET_QUESTION)
    latest = journey.person.locator("#latest")
    expect(latest.locator(".reply")).to_contain_text("受付番号")
    assert BUDGET_ANSWER not in journey.person.content()
    card = latest.locator(".handed")
    number = card.locator("code").inner_text()
    assert NUMBER.match(number)
    case = str(card.get_attribute("id")).removeprefix("c-")
    journey.wait_in_the_chat()

    page = journey.claimed(case)
    expect(page.locator(".draft")).to_contain_text("承認して送るまで、相手には見えません。")
    expect(page.locator(".draft")).to_contain_text("資料に裏付けあり")
    text = page.get_by_label("相手に送る文")
    expect(text).to_have_value(re.compile(BUDGET_ANSWER))
    text.fill(f"{text.input_value()}\n{ADDED}")
    journey.sent()

    journey.news()
    spoke = journey.chat.locator(".spoke.responder")
    expect(spoke).to_contain_text("AIの案を職員が直した回答")
    expect(spoke).to_contain_text(BUDGET_ANSWER)
    expect(spoke).to_contain_text(ADDED)
    found = journey.looked_up(number)
    expect(found.locator(".spoke.responder")).to_contain_text(ADDED)
    assert journey.kinds() == [
        "exchange.opened",
        "exchange.closed",
        "case.opened",
        "case.read",
        "case.claimed",
        "case.answered",
    ]
    demand_linked(journey.entries(), case)


CONTESTED = ("case.opened", "case.read", "case.claimed", "case.answered", "answer.corrected")
"""What a correction request that is upheld adds to the log."""


def contested(journey: Journey, question: str) -> str:
    """The person asks for the correction of an answer, a responder upholds it, and it shows wherever the answer does.

    Returns the case. Somebody else got the same answer; theirs is corrected with it.
    """
    other = journey.hall.small.ask(question, f"cv_other_{journey.numbers[0]}", journey.desk)
    assert other.receipt is not None
    person = journey.person
    person.goto(journey.root or "/")
    answer = person.locator("article.exchange", has_text=question)
    receipt = answer.locator(".receipt code").inner_text()
    answer.get_by_role("link", name="訂正の申出").click()
    expect(person.locator(".about")).to_contain_text(question)
    person.get_by_label("どこが誤っていると思うか").fill(WRONG)
    person.get_by_role("button", name="職員に送る").click()
    case = journey.taken()
    journey.wait_in_the_chat()
    contested_one = journey.chat.locator("article.exchange", has_text=question)
    expect(contested_one.locator(".corrected")).to_have_count(0)

    page = journey.claimed(case)
    expect(page.locator("main")).to_contain_text(WRONG)
    page.get_by_label("訂正する", exact=True).check()
    page.get_by_label("理由と正しい内容").fill(RIGHT)
    page.locator(f"input[name=also][value={other.exchange}]").check()
    page.get_by_role("button", name="判断を記録して送る").click()
    expect(page.locator(".notice")).to_have_text("判断を送りました。")

    journey.news()
    expect(contested_one.locator(".corrected")).to_contain_text(RIGHT)
    expect(contested_one.locator(".corrected ~ .reply")).to_contain_text(BUDGET_ANSWER)  # first what is right
    expect(journey.chat.locator(".spoke.responder").last).to_contain_text("判断：回答は誤りでした。訂正しました。")
    for code in (receipt, other.receipt.code):
        found = journey.looked_up(code)
        expect(found.locator(".corrected")).to_contain_text("この回答は訂正されました")
        expect(found.locator(".corrected")).to_contain_text(RIGHT)
    expect(journey.looked_up(journey.numbers[-1]).locator(".corrected")).to_contain_text(RIGHT)
    return case


def demand_linked(entries: Sequence[RecordedEntry], *cases: str) -> None:
    """Every entry names what it follows from: the exchange's beginning, its end, the opening of the case."""
    opened = {each.meta["case"]: each.entry for each in entries if each.kind == "case.opened"}
    begun = {each.meta["exchange"]: each.entry for each in entries if each.kind == "exchange.opened"}
    closed = {each.meta["exchange"]: each.entry for each in entries if each.kind == "exchange.closed"}
    assert set(opened) == set(cases)
    assert sorted(entries, key=lambda each: each.time) == list(entries)
    for each in entries:
        exchange = each.meta.get("exchange")
        if each.kind == "exchange.opened":
            assert each.links == ()
        elif each.kind == "exchange.closed":
            assert each.links == (begun[exchange],)
        elif each.kind == "case.opened":
            assert each.links == ((closed[exchange],) if exchange else ())
        elif each.kind == "answer.corrected":
            assert each.links == (closed[exchange],)
        else:
            assert each.links == (opened[each.meta["case"]],), each.kind

"""The consultation page: a form without scripts, recorded before it is shown, exported as recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from bot.records import ConversationId, Corrected, DeskName, ExchangeId, Language, Outcome, Reply
from tests.fakes_web import ANSWERED, FakeAnswered, FakeDesk, desk_doors
from web import consult
from web.desks import desk_application
from web.doors import DoorSettings
from web.guard import guarded
from web.i18n import load
from web.metrics import Metrics
from web.rendering import Frame, Shown

END = "職員の判断が必要です。承認ではありません。第3回資料（案）に基づく整理。2025-07-25に戦略が策定されています。"
ASSESSED = Reply(
    Outcome.ANSWERED_ASSESSMENT,
    Language.JA,
    f"【AI利用計画の整理】\n■ 業務領域\n・都民サービス関連業務と定義されています。[1]\n{END}",
    ANSWERED.citations[:1],
)
PLAN = {"plan": "補助金の審査をAIでしたい 090-1234-5678", "user": "staff", "decides": "human", "data": "personal"}


class ConsultedDesk(FakeDesk):
    """A staff desk that assesses every form; remembers what it was asked."""

    def ask(self, question: str, conversation: ConversationId | None, language: Language | None) -> FakeAnswered:
        given = super().ask(question, conversation, language)
        if given.reply.outcome.family in {"escalated", "failed"}:
            return given
        self.exchanges[-1] = replace(self.exchanges[-1], reply=ASSESSED)
        return replace(given, reply=ASSESSED)


@pytest.fixture
def desk() -> ConsultedDesk:
    return ConsultedDesk()


@pytest.fixture
def client(desk: ConsultedDesk) -> TestClient:
    return TestClient(application(desk), follow_redirects=False)


def application(desk: FakeDesk, settings: DoorSettings | None = None) -> FastAPI:
    doors = desk_doors(desk, DeskName.STAFF, ("職員相談 内線 0000",))
    metrics = Metrics()
    frame = Frame("staff", "/staff", doors.contacts)
    app = desk_application(doors, frame, settings or DoorSettings(requests_per_minute=10_000), load(), metrics)
    app.include_router(consult.router, prefix="/staff")
    return guarded(app, metrics)


def consulted(client: TestClient, **changes: str) -> str:
    response = client.post("/staff/consult", data={**PLAN, **changes})
    assert response.status_code == 303
    return str(response.headers["location"])


@pytest.mark.parametrize("language", Language)
def test_the_form_needs_no_script_and_speaks_every_language(client: TestClient, language: Language) -> None:
    page = client.get(f"/staff/consult?lang={language.value}").text
    assert 'action="/staff/consult"' in page
    assert "<script" not in page
    assert all(f'name="{name}"' in page for name in ("plan", "user", "does", "decides", "affects", "data"))


def test_the_form_reaches_the_desk_as_labelled_lines(client: TestClient, desk: ConsultedDesk) -> None:
    consulted(client, does="判定", affects="申請者\n最後に決める人：AIだけ")
    asked = desk.exchanges[0].question.value.splitlines()
    assert asked[0] == "【AI利用計画の相談】"
    assert asked[2:] == [
        "使う人：職員",
        "AIがすること：判定",
        "最後に決める人：職員が確認して決める",
        "影響を受ける人：申請者 最後に決める人：AIだけ",
        "扱うデータ：個人情報・機密を含む",
    ]


def test_the_document_is_shown_from_the_record_with_its_receipt(client: TestClient) -> None:
    where = consulted(client)
    assert where == "/staff/consult/exchange-1"
    page = client.get(where).text
    assert END in page
    assert "〔電話番号〕" in page
    assert "090-1234-5678" not in page
    assert "K7QM-0001-XW3P-9RTD" in page
    assert 'href="/staff/consult/exchange-1/export.md"' in page
    anchor = Shown("", None, ExchangeId("exchange-1")).anchor
    assert f'href="#{anchor}-1"' in page
    assert f'id="{anchor}-1"' in page


@pytest.mark.parametrize(("kind", "media"), [("md", "text/markdown"), ("txt", "text/plain")])
def test_the_export_holds_what_the_page_holds(client: TestClient, kind: str, media: str) -> None:
    where = consulted(client, plan="# 見出し <b>太字</b> 090-1234-5678")
    response = client.get(f"{where}/export.{kind}")
    assert response.headers["content-type"].startswith(media)
    assert "attachment" in response.headers["content-disposition"]
    assert response.headers["cache-control"] == "no-store"
    for said in (END, "〔電話番号〕", "K7QM-0001-XW3P-9RTD", "[1] 令和7年度の都のAI関連予算", "2026年11月23日"):
        assert said in response.text
    assert "090-1234-5678" not in response.text
    assert "    計画：# 見出し <b>太字</b>" in response.text  # indented: no markup in Markdown


def test_an_empty_form_asks_nothing_and_keeps_what_was_chosen(client: TestClient, desk: ConsultedDesk) -> None:
    response = client.post("/staff/consult", data={**PLAN, "plan": "  "})
    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert 'value="staff" checked' in response.text
    assert desk.exchanges == []


def test_a_plan_that_is_too_long_comes_back_in_its_box(client: TestClient) -> None:
    response = client.post("/staff/consult", data={**PLAN, "plan": "あ" * 2_001})
    assert response.status_code == 422
    assert "あ" * 2_001 in response.text


@pytest.mark.parametrize("end", ["", "/export.md", "/export.txt"])
def test_a_corrected_assessment_says_so_on_paper_too(desk: ConsultedDesk, client: TestClient, end: str) -> None:
    where = consulted(client)
    assert (
        f'href="/staff/correction?about={Shown("", None, ExchangeId("exchange-1")).anchor}"' in client.get(where).text
    )
    told = Corrected("段階は2です。\n# 訂正", datetime(2026, 11, 23, tzinfo=UTC), "case-1")
    desk.exchanges[-1] = replace(desk.exchanges[-1], corrected=told)
    page = client.get(where + end).text
    assert page.index("段階は2です。") < page.index("都民サービス関連業務と定義されています。")
    assert load().text("correct.done", Language.JA) in page
    assert "\n# 訂正" not in page


@pytest.mark.parametrize("path", ["/staff/consult/exchange-1", "/staff/consult/exchange-1/export.md"])
def test_nobody_else_reads_a_consultation(desk: ConsultedDesk, path: str) -> None:
    app = application(desk)
    consulted(TestClient(app, follow_redirects=False))
    assert TestClient(app).get(path).status_code == 404


def test_other_formats_and_other_exchanges_are_missing(client: TestClient) -> None:
    where = consulted(client)
    assert client.get(f"{where}/export.html").status_code == 404
    assert client.get("/staff/consult/exchange-2").status_code == 404


def test_a_danger_is_shown_as_a_danger(client: TestClient) -> None:
    page = client.get(consulted(client, plan="危険です")).text
    assert "110" in page
    assert "export.md" not in page


def test_an_outage_is_shown_without_a_receipt(client: TestClient) -> None:
    response = client.post("/staff/consult", data={**PLAN, "plan": "記録できない"})
    assert response.status_code == 503
    assert "いま記録ができないため" in response.text
    assert "K7QM" not in response.text


def test_a_form_of_another_site_is_refused(client: TestClient, desk: ConsultedDesk) -> None:
    response = client.post("/staff/consult", data=PLAN, headers={"origin": "https://elsewhere.example"})
    assert response.status_code == 403
    assert desk.exchanges == []

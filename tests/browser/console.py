"""The responder console over a real small house: one case in every condition, and how a browser comes to see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import Page

from bot import persons_case, responding
from bot.cases import CaseKind
from bot.intake import Taken
from bot.records import ConversationId, DeskName, Language
from tests.house_kit import BUDGET_QUESTION, FLOODGATE_QUESTION
from tests.web.cases_room import CasesRoom
from tests.web.staffroom import PASSWORD

HOME = "/responder/public"
STATES = (
    "choosing", "signing in", "queue", "filtered", "nothing there", "number missed", "free", "mine", "held", "expired",
    "waiting", "draft", "preview", "approving", "other language", "correction", "corrected", "answered", "danger",
    "refused", "personal", "contact", "missing",
)  # fmt: skip


@dataclass(frozen=True)
class Console:
    """Where the site is, and the cases by their condition."""

    address: str
    room: CasesRoom
    cases: Mapping[str, str]


def furnished(room: CasesRoom) -> Mapping[str, str]:
    """Two responders and a case in each condition."""
    room.responder("sato")
    room.responder("suzuki")
    room.room.signed_in("kanri", "responder@staff", door="/responder/staff")
    sato, suzuki = room.actor("sato"), room.actor("suzuki")
    desk = room.desk()
    exchanges = {name: room.asked(name) for name in ("mine", "english", "correction", "corrected", "elsewhere")}
    room.asked("mine", FLOODGATE_QUESTION)
    contact = {"contact": "03-1234-5678（平日の昼）", "contact_consent": True}
    made = {
        "free": room.taken(),
        "mine": room.taken("電話は090-1234-5678です", conversation="mine", exchange=exchanges["mine"], **contact),
        "held": room.taken(
            "審査にAIが使われたか知りたい",
            kind=CaseKind.COMPLAINT,
            service="補助金の申請",
            happened="理由を聞いても教えてもらえない",
            wish="人が確認したかを知りたい",
            bureau="産業労働局",
            may_forward=True,
        ),
        "expired": room.taken(),
        "waiting": room.taken(),
        "other language": room.taken(
            "I would like to talk to a person",
            language=Language.EN,
            conversation="english",
            exchange=exchanges["english"],
        ),
        **{
            name: room.taken("違うと思います", kind=CaseKind.CORRECTION, conversation=name, exchange=exchanges[name])
            for name in ("correction", "corrected")
        },
        "danger": room.taken("もう死にたいです"),
    }
    room.taken("同じ会話の案件", conversation="mine")
    for name in ("mine", "waiting", "other language", "correction", "corrected"):
        responding.claim(desk, made[name].case.id, sato)
    responding.claim(desk, made["held"].case.id, suzuki)
    responding.note(desk, made["mine"].case.id, suzuki, "前にも同じ相談がありました")
    responding.ask_back(desk, made["mine"].case.id, sato, "どの年度ですか")
    persons_case.add(desk, made["mine"].number, "令和7年度です")
    responding.ask_back(desk, made["waiting"].case.id, sato, "どの年度ですか")
    room.claimed_long_ago(made["expired"], "sato")
    _decided(room, made["corrected"])
    room.approved_by_people()
    return {name: taken.case.id for name, taken in made.items()} | _drafted(room)


def _decided(room: CasesRoom, taken: Taken) -> None:
    from bot.correcting import decide  # noqa: PLC0415 - beside the only use

    decide(room.desk(), taken.case.id, room.actor("sato"), upheld=True, text="正しくは182億円です。")


def _drafted(room: CasesRoom) -> Mapping[str, str]:
    """A case whose draft waits, and one that was answered with an edited draft."""
    desk, sato, made = room.desk(), room.actor("sato"), {}
    for name in ("draft", "answered"):
        room.small.ask(BUDGET_QUESTION, f"assisted-{name}")
        (held,) = persons_case.of_conversation(desk, ConversationId(f"assisted-{name}"))
        responding.claim(desk, held.case.id, sato)
        made[name] = held.case.id
    file = responding.open_file(desk, made["answered"], sato)
    assert file.draft is not None
    edited = file.draft.text.replace("140", "141") + "\n詳しくは財務局へ。"
    responding.reply(desk, made["answered"], sato, responding.Answer(edited, "", file.draft.text))
    return made


def enter(page: Page, login: str = "sato", desk: DeskName = DeskName.PUBLIC) -> None:
    page.goto(f"/responder/{desk.value}/sign-in")
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("form:has(#password) button").click()


def show(page: Page, console: Console, state: str, language: str) -> None:
    """Bring the page into a state, in a language, by the means a responder has. Who looks has signed in."""
    elsewhere = {
        "choosing": "/responder",
        "signing in": "/responder/staff/sign-in",
        "queue": HOME,
        "number missed": HOME,
        "filtered": f"{HOME}?state=all&kind=question&mine=1",
        "nothing there": f"{HOME}?kind=consultation&overdue=1",
        "missing": f"{HOME}/cases/cs_none",
    }
    case = console.cases.get(SHOWN_BY.get(state, state), "")
    path = elsewhere.get(state, f"{HOME}/cases/{case}")
    page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
    if state == "number missed":
        page.locator("#number").fill("9999-9999-9999-9999-9999")
        page.locator("form:has(#number) button").click()
    elif state == "preview":
        page.locator("#text").fill("令和7年度の東京都のAI関連予算は182億円です。\n詳しくは財務局へ。")
        page.locator("button[value=preview]").click()
    elif state == "approving":
        page.locator("button[value=approve]").click()
    elif state in ("refused", "personal"):
        page.locator("#text").fill("" if state == "refused" else "担当の電話は090-1234-5678です")
        page.locator("button[value=preview]").click()
        if state == "personal":
            page.locator("button[value=send]").click()
    elif state == "contact":
        page.locator("details:has(button[value=contact]) > summary").click()
        page.locator("button[value=contact]").click()
    for details in page.locator("main details:not([open]) > summary").all():
        if details.is_visible():
            details.click()


SHOWN_BY = {"preview": "draft", "approving": "draft", "refused": "mine", "personal": "mine", "contact": "mine"}
"""The case at which a state is brought about."""

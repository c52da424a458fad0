"""The pages behind a sign-in, over fake desks and real accounts, and how a browser brings each state about."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Page, expect
from starlette.types import ASGIApp

from bot.adapters.clock import SystemClock
from bot.adapters.notifying.system import SystemNotifier
from bot.deciding import Actor
from bot.learning import flag_notice
from bot.learning_changes import Editing, revise
from bot.records import DeskName
from bot.register import load_register
from bot.register_changes import propose
from bot.switch import Scope, throw
from tests.browser.stage import QUESTIONS, ask
from tests.decisions_kit import EDITOR
from tests.fakes_audit import FakeLog
from tests.fakes_web import FakeDesk, desk_doors, web_state
from tests.learning_kit import RESPONDER, editing_of, from_case, revised
from web.accounts.roles import Grant, Role
from web.accounts.service import Accounts
from web.accounts.values import COMMAND_LINE, Door
from web.app import create_app
from web.doors import Governance, StaffDoors

PASSWORD = "seven quiet lanterns on a bridge"
STAFF = ("staff", "/staff")
ADMIN = ("chief", "/admin")
PATHS = {
    "signing in": (None, "/staff/sign-in"),
    "first password": ("newcomer", "/staff/password"),
    "staff": (STAFF, "/staff"),
    "consultation": (STAFF, "/staff/consult"),
    "staff person": (STAFF, "/staff/person"),
    "staff looking up": (STAFF, "/staff/lookup"),
    "account": (STAFF, "/staff/account"),
    "password": (STAFF, "/staff/password"),
    "staff missing": (STAFF, "/staff/nothing"),
    "administration": (ADMIN, "/admin"),
    "accounts": (ADMIN, "/admin/accounts"),
    "switch": (ADMIN, "/admin/switch"),
    "register": (ADMIN, "/admin/register"),
    "no right": (("editor", "/admin"), "/admin/accounts"),
    "notes": (("editor", "/admin"), "/admin/notes"),
    "new note": (("editor", "/admin"), "/admin/notes/public/new"),
    "note": (("approver", "/admin"), "/admin/notes"),
}
STATES = (*PATHS, "refused", "answered", "consulted", "token")


@dataclass(frozen=True)
class Inside:
    """Where the site is, its staff desk, and the first password of somebody who never signed in."""

    address: str
    desk: FakeDesk
    newcomer: str


def site(directory: Path) -> tuple[ASGIApp, FakeDesk, str]:
    """The application with people in it, an off switch thrown at the public desk, and a proposal that waits."""
    desk, log, pool = FakeDesk(), FakeLog(), ThreadPoolExecutor(2)
    accounts = Accounts(directory, log, SystemClock())
    accounts.prepare()
    _hire(accounts, "staff", Grant(Role.STAFF, DeskName.STAFF))
    _hire(accounts, "chief", Grant(Role.ADMINISTRATOR))
    _hire(accounts, "editor", Grant(Role.KNOWLEDGE_EDITOR))
    _hire(accounts, "approver", Grant(Role.APPROVER))
    newcomer = accounts.administration.create("newcomer", "新任", {Grant(Role.STAFF, DeskName.STAFF)}, by=COMMAND_LINE)
    everything = frozenset(role.value for role in Role)
    throw(log, Scope.PUBLIC, Actor("ac_1", "責任者", everything), "回答の点検のため", off=True)
    _propose(log, Actor("ac_2", "提案者", everything))
    state = web_state(FakeDesk())
    house = Governance(accounts, log, None, pool)
    staff = StaffDoors(desk_doors(desk, DeskName.STAFF, ("内線 1234（平日 9時～17時）",), bytes(range(1, 33))), house)
    object.__setattr__(state, "staff", staff)
    object.__setattr__(state, "editing", [_learned(log)])
    return create_app(state), desk, newcomer.password


def _propose(log: FakeLog, actor: Actor) -> None:
    register = load_register()
    stamp = replace(register.stamp, version="3")
    rows = (replace(register.rows[0], reason="点検のため"), *register.rows[1:])
    propose(log, replace(register, stamp=stamp, rows=rows), actor, "点検の結果を反映する")


def _learned(log: FakeLog) -> Editing:
    """A flag that is open, and a note from a case that somebody revised."""
    editing = editing_of(log)
    why = "金額が新しい資料と違う"
    SystemNotifier(log).deliver(flag_notice(DeskName.PUBLIC, RESPONDER, why=why, occasion="e", rule="name"))
    waiting = from_case(editing)
    revise(editing, EDITOR, waiting.id, waiting.newest, revised())
    return editing


def _door(login: str) -> Door:
    return Door.STAFF if login == "staff" else Door.ADMIN


def _hire(accounts: Accounts, login: str, grant: Grant) -> None:
    first = accounts.administration.create(login, "窓口 花子", {grant}, by=COMMAND_LINE)
    door = _door(login)
    accounts.change_password(accounts.sign_in(login, first.password, door).session, first.password, PASSWORD)


def show(page: Page, inside: Inside, state: str, language: str) -> None:
    """Bring the page into a state, in a language, by the means a person has."""
    who, path = PATHS.get(state, (None if state == "refused" else STAFF, "/staff"))
    page.context.clear_cookies()
    if who == "newcomer":
        sign_in(page, "/staff", "newcomer", inside.newcomer)
    elif who is not None:
        sign_in(page, who[1], who[0], PASSWORD)
    page.goto(f"{path}?lang={language}")
    if state == "refused":
        sign_in(page, "/staff", "staff", "not this one at all")
    elif state == "note":
        page.locator("main li a").first.click()
        page.locator("main details summary").first.click()
        expect(page.locator("ins").first).to_be_visible()
    elif state == "answered":
        ask(page, QUESTIONS["answered"])
    elif state == "consulted":
        page.goto("/staff/consult")
        page.locator("main form textarea").first.fill("議事録をAIで作り、職員が確認する")
        page.locator("main form button[type=submit]").first.click()
        expect(page.locator("main .citations, main ol").first).to_be_attached()
    elif state == "token":
        page.goto("/staff/account")
        page.locator("#label").fill("月次の確認")
        page.locator("form:has(#label) button").click()
        expect(page.locator(".secret")).to_be_visible()
        page.get_by_role("button").filter(has_text="月次の確認").last.click()
        page.goto("/staff/account")


def sign_in(page: Page, door: str, login: str, password: str) -> None:
    page.goto(f"{door}/sign-in")
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.locator("form:has(#password) button").click()

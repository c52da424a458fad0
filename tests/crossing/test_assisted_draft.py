"""Where people approve answers first: no byte of the AI's draft reaches the person before, by any door. Its
sentences and excerpts hold canaries, which stand nowhere but in one desk's documents.
"""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path

import pytest

from bot import persons_case
from bot.cases import CaseState
from bot.deciding import Actor
from bot.ports import LogUnavailable, ShelfUnavailable
from bot.records import AutomationLevel, ConversationId, DeskName, Reply
from bot.register import load_register
from bot.register_changes import approve, propose
from tests.crossing.canaries import PLANTED, VAULT_QUESTION, found_in, write_notes
from tests.crossing.doors import doors_of
from tests.crossing.place import CONSOLES, CONVERSATION, HOMES, ROOTS, SESSION, Place, opened
from tests.crossing.test_life import DANGER
from tests.crossing.wire import Came, Sent, form, send
from tests.house_kit import small_house
from tests.running import run
from web.accounts.roles import Role
from web.accounts.values import Door as At
from web.app import create_app
from web.assembly import build, warm
from web.doors import DeskDoors, DoorSettings
from web.rendering import Shown
from web.settings import Settings

NUMBER = re.compile(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}")
PART = {"x-madoguchi-part": "1"}
JSON = {"content-type": "application/json"}
APPROVED = "AIの案を職員が確認した回答"
PLAN = "会議の録音から議事録の下書きをAIで作成し、職員が確認して仕上げることを検討しています。利用者は職員です。"


@dataclass
class Asking:
    """Somebody with a browser at a desk, what they were given, and the drafts that wait behind it."""

    place: Place
    desk: DeskName
    cookies: dict[str, str] = field(default_factory=dict)
    came: list[Came] = field(default_factory=list)

    @property
    def root(self) -> str:
        return ROOTS[self.desk]

    @property
    def conversation(self) -> ConversationId:
        return ConversationId(self.cookies[CONVERSATION[self.desk]])

    def send(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Came:
        """One request of this browser, which keeps what cookies it is given."""
        session = {SESSION[At.STAFF]: self.place.signed(At.STAFF)} if self.desk is DeskName.STAFF else {}
        path, _, query = path.partition("?")
        asked = dict(each.split("=", 1) for each in query.split("&") if each)
        cookies = {**session, **self.cookies}
        came = run(send(self.place.site, Sent(method, path, asked, headers or {}, cookies, body)))
        self.cookies.update(came.cookies)
        self.came.append(came)
        return came

    def form(self, path: str, headers: Mapping[str, str] | None = None, **fields: str) -> Came:
        body, kind = form(**fields)
        return self.send("POST", path, {**kind, **(headers or {})}, body)

    def program(self, path: str, **members: object) -> Came:
        return self.send("POST", f"/api/v1/{self.desk.value}/{path}", JSON, json.dumps(members).encode())

    def asked(self, question: str) -> None:
        """The same question by the page, by its script and by a program: three exchanges, three cases."""
        assert self.form(self.root or "/", question=question).status == 303
        assert self.form(self.root or "/", PART, question=question).status == 200
        made = self.program("exchanges", question=question, conversation=self.conversation)
        assert (made.status, json.loads(made.text)["reason"]) == (200, "assisted")

    @property
    def own(self) -> Sequence[persons_case.PersonsCase]:
        return persons_case.of_conversation(self.place.house.desks[self.desk], self.conversation)

    @property
    def drafts(self) -> Sequence[Reply]:
        """What waits for approval, as the log has it."""
        log = self.place.house.desks[self.desk].log
        read = [log.exchange(each.case.exchange) for each in self.own if each.case.exchange]
        return [each.draft for each in read if each and each.draft]


def secrets_of(drafts: Sequence[Reply]) -> list[str]:
    """Every sentence of the drafts and every excerpt they cite, whole and without the numbers of sources."""
    sentences = [re.sub(r"\s*\[\d+\]", "", part) for each in drafts for part in re.split(r"[。\n]", each.text)]
    excerpts = [citation.excerpt for each in drafts for citation in each.citations]
    parts = [part for excerpt in excerpts for part in re.split(r"[。\n]", excerpt)]
    return list(dict.fromkeys(part.strip() for part in (*sentences, *excerpts, *parts) if len(part.strip()) > 7))


def approved_first(place: Place) -> None:
    """A register in which people approve what the documents answer, proposed by one person, approved by another."""
    register = load_register()
    rows = [
        replace(row, level=AutomationLevel.ASSISTED) if row.level is AutomationLevel.FULL else row
        for row in register.rows
    ]
    changed = replace(register, stamp=replace(register.stamp, version="assisted"), rows=tuple(rows))
    everything = frozenset(role.value for role in Role)
    proposed = propose(place.house.system, changed, Actor("ac_1", "提案者", everything), "人が確認する")
    approve(place.house.system, proposed.id, Actor("ac_2", "承認者", everything))


@pytest.fixture(scope="module")
def approving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place where nothing was said before people had to approve it."""
    directory = tmp_path_factory.mktemp("assisted")
    write_notes(directory / "corpus")
    small = small_house(directory, requests_per_minute=1_000_000)
    made = opened(small.house, small.data)
    approved_first(made)
    yield made
    made.close()


@pytest.mark.parametrize("desk", list(DeskName))
def test_no_byte_of_the_draft_comes_out_before_it_is_approved(
    approving: Place, lines: io.StringIO, desk: DeskName
) -> None:
    person = Asking(approving, desk)
    person.asked(VAULT_QUESTION[desk])
    assert len(person.own) == len(person.drafts) == 3
    held = secrets_of(person.drafts)
    planted = PLANTED[desk]
    assert any(planted.sentence in each for each in held)
    unseen = [*held, planted.sentence, planted.section, planted.source]
    look_everywhere(person)
    everything_asked(person)
    broken(person, " ".join(held))
    limited(person)
    for path in ("/metrics", "/healthz", "/readyz", "/openapi.json", "/staff/openapi.json", "/nowhere"):
        person.send("GET", path)
    assert len(person.came) > 300
    assert {200, 204, 303, 404, 422, 429, 500, 503} <= {each.status for each in person.came}
    for came in person.came:
        assert found_in(came.whole, unseen) == [], came.text[:500]
    assert found_in(lines.getvalue().encode(), unseen) == []
    outbox = approving.house.desks[desk].queue.outbox
    assert found_in(str([each.notice for each in outbox.waiting()]).encode(), unseen) == []
    # And the responder sees it, so it was there to be seen.
    console = {SESSION[CONSOLES[desk]]: approving.signed(CONSOLES[desk])}
    address = f"{HOMES[CONSOLES[desk]]}/cases/{person.own[0].case.id}"
    shown = run(send(approving.site, Sent("GET", address, cookies=console)))
    assert planted.sentence in shown.text


def look_everywhere(person: Asking) -> None:
    """All that a person does who waits for the answer."""
    root, case = person.root, person.own[0]
    exchange, number, receipt = str(case.case.exchange), case.number, case.receipt
    anchor = Shown("", None, case.case.exchange).anchor
    assert receipt is not None
    for path in ("", "/news", "/person", "/correction", "/lookup", "/voice", "/about"):
        person.send("GET", f"{root}{path}" or "/")
    for name in ("person", "correction", "voice"):
        for about in ("exchange", "about"):
            person.send("GET", f"{root}/{name}?{about}={exchange}")
            person.send("GET", f"{root}/{name}?{about}={anchor}")
        person.form(f"{root}/{name}", receipt=receipt)
        person.form(f"{root}/{name}", about=anchor)
    person.send("GET", f"{root}/news?after=none")
    assert person.send("GET", f"{root}/news?after={token_of(person)}").status == 204
    for each in person.own:
        assert person.send("GET", f"{root}/cases/{each.case.id}").status == 200
    person.send("GET", f"{root}/cases/{case.case.id}?new=1")
    for typed in (number, receipt, f" {number.lower()}", "nothing"):
        person.form(f"{root}/lookup", number=typed)
        person.program("lookup", case=typed)
        person.program("lookup", receipt=typed)
    person.form(f"{root}/feedback", exchange=exchange, useful="no", reason="missing", comment="答えがない")
    person.form(f"{root}/feedback", PART, exchange=exchange, useful="no")
    person.form(f"{root}/feedback", about=anchor, useful="no")
    person.program(f"exchanges/{exchange}/feedback", useful=False)
    person.program(f"exchanges/{exchange}/correction", why="答えがない", conversation=person.conversation)
    person.program("cases", exchange=exchange)
    person.program("cases", exchange=exchange, question="いつ答えますか", conversation=person.conversation)
    for do in ("add", "give_contact", "remove_contact", "reopen"):
        contact = {"contact": "a@example.jp", "contact_consent": "yes"}
        body, kind = form(do=do, number=number, text="いつ答えますか", **contact)
        person.send("POST", f"{root}/case", kind, body)
    if person.desk is DeskName.STAFF:
        for name in ("", "/export.md", "/export.txt"):
            assert 200 in {person.send("GET", f"/staff/consult/{each}{name}").status for each in (exchange, anchor)}
    person.form(root or "/", question="それはどういうことですか")  # what is said next knows nothing of it
    person.form(root or "/", question="もう一度、全部そのまま見せてください")


def token_of(person: Asking) -> str:
    """From when on the page that is open now asks for news."""
    found = re.search(r'data-news="([^"]+)"', person.send("GET", person.root or "/").text)
    assert found
    return found.group(1)


def everything_asked(person: Asking) -> None:
    """Every door of the desk with every name of what waits, in path, query, form and body."""
    case = person.own[0]
    anchor = Shown("", None, case.case.exchange).anchor
    names = (case.number, case.case.id, str(case.case.exchange), anchor, case.receipt or "")
    for door in doors_of(person.root, person.place.applications()[person.root]):
        asks = door.below in ("", "consult") or door.path.endswith("/exchanges")  # a question takes its time
        for name in names[:1] if asks else names:
            for sent in door.requests(name):
                cookies: dict[str, str] = {CONVERSATION[person.desk]: person.conversation}
                if person.desk is DeskName.STAFF and not door.path.endswith(("sign-out", "sessions")):
                    cookies[SESSION[At.STAFF]] = person.place.signed(At.STAFF)
                person.came.append(run(send(person.place.site, replace(sent, cookies=cookies))))


def broken(person: Asking, secret: str) -> None:
    """Faults at every door, with the draft in their message."""
    kept, state = person.place.site, person.place.state
    assert state.public is not None
    assert state.staff is not None
    for fault in (RuntimeError(secret), LogUnavailable("io"), ShelfUnavailable("corrupt")):
        public, staff = failing(state.public, fault), replace(state.staff, desk=failing(state.staff.desk, fault))
        person.place.site = create_app(replace(state, public=public, staff=staff))
        try:
            look_around(person)
        finally:
            person.place.site = kept


def failing(doors: DeskDoors, fault: Exception) -> DeskDoors:
    def fails(*_: object, **__: object) -> object:
        raise fault

    names = ("take", "by_number", "by_receipt", "of_conversation", "newest", "add", "withdraw", "reopen", "waiting")
    people = replace(doors.people, **dict.fromkeys(names, fails))  # type: ignore[arg-type] # they never return
    return replace(doors, people=people, ask=fails, conversation=fails, stray=fails)  # type: ignore[arg-type] # as above


def look_around(person: Asking) -> None:
    for path in ("", "/news?after=x", "/person", "/lookup", "/cases/cs_x"):
        person.send("GET", f"{person.root}{path}" or "/")
    person.form(person.root or "/", question="なにか")
    person.form(person.root or "/", PART, question="なにか")
    person.form(f"{person.root}/lookup", number="7K3M-H9X0-0F2R-WP5Y-M41K")
    person.form(f"{person.root}/case", do="add", number="7K3M-H9X0-0F2R-WP5Y-M41K", text="x")
    person.program("exchanges", question="なにか")
    person.program("lookup", case="x")
    person.program("cases", question="なにか")


def limited(person: Asking) -> None:
    """The page that says there were too many requests."""
    kept = person.place.site
    person.place.site = create_app(replace(person.place.state, settings=DoorSettings(requests_per_minute=1)))
    try:
        look_around(person)
        look_around(person)
    finally:
        person.place.site = kept


@pytest.mark.parametrize("desk", list(DeskName))
def test_what_a_person_approved_unchanged_comes_out_and_says_so(approving: Place, desk: DeskName) -> None:
    person = Asking(approving, desk)
    person.asked(VAULT_QUESTION[desk])
    case, planted = person.own[0], PLANTED[desk]
    assert case.case.exchange is not None
    token = token_of(person)
    approved_unchanged(approving, desk, case.case.id)
    chat = person.send("GET", person.root or "/")
    news = person.send("GET", f"{person.root}/news?after={token}")
    own = person.send("GET", f"{person.root}/cases/{case.case.id}")
    anybody = Asking(approving, desk)
    by_number = anybody.form(f"{person.root}/lookup", number=case.number)
    for came in (chat, news, own, by_number):
        assert came.status == 200
        assert planted.sentence in came.text
        assert APPROVED in came.text
    told = json.loads(anybody.program("lookup", case=case.number).text)
    draft = person.drafts[0]
    assert told["state"] == "answered"
    assert told["reply"] == draft.text
    assert [each["made"] for each in told["messages"]] == ["approved"]
    assert [each["excerpt"] for each in told["citations"]] == [each.excerpt for each in draft.citations]
    # The receipt shows what was shown at the time, and the other two drafts still wait.
    assert planted.sentence not in anybody.form(f"{person.root}/lookup", number=case.receipt or "").text
    assert chat.text.count(APPROVED) == 1


def approved_unchanged(place: Place, desk: DeskName, case: str) -> None:
    """A responder claims the case and approves the draft, by the buttons of the console."""
    console, cookies = CONSOLES[desk], {SESSION[CONSOLES[desk]]: place.signed(CONSOLES[desk])}
    address = f"{HOMES[console]}/cases/{case}"

    def pressed(**fields: str) -> Came:
        body, kind = form(**fields)
        return run(send(place.site, Sent("POST", address, {}, kind, cookies, body)))

    assert pressed(do="claim").status == 303
    preview = pressed(do="approve")
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', preview.text, re.DOTALL))
    sent = pressed(do="send", **{name: unescape(value) for name, value in hidden.items()})
    assert (sent.status, sent.header("location")) == (303, f"{address}?done=send")


@pytest.mark.parametrize("desk", list(DeskName))
def test_danger_is_told_at_once_and_no_case_is_opened(approving: Place, desk: DeskName) -> None:
    queue = approving.house.desks[desk].queue
    before = len(queue.cases.in_states(frozenset(CaseState)))
    person = Asking(approving, desk)
    page = person.form(person.root or "/", PART, question=DANGER)
    made = json.loads(person.program("exchanges", question=DANGER).text)
    for said in (page.text, made["reply"]):
        assert "119" in said
        assert "110" in said
        assert NUMBER.search(said) is None
    assert (made["outcome"], made["reason"], made["case"], made["due"]) == ("escalated", "danger", None, None)
    assert len(queue.cases.in_states(frozenset(CaseState))) == before


def test_an_assessment_waits_too_and_no_file_holds_it(prepared_data: Path, tmp_path: Path) -> None:
    """Over the bundled notes, for the small ones hold nothing to assess a plan by."""
    shutil.copytree(prepared_data, tmp_path / "data")
    house = build(Settings(data=tmp_path / "data", requests_per_minute=1_000_000))
    warm(house)  # else the first question may take longer than an exchange may
    place = opened(house, tmp_path / "data")
    approved_first(place)
    person = Asking(place, DeskName.STAFF)
    came = person.form("/staff/consult", plan=PLAN, user="staff", decides="human", data="none")
    assert came.status == 303
    document = came.header("location")
    (draft,) = person.drafts
    assert draft.outcome.value == "answered.assessment"
    held = [each for each in secrets_of([draft]) if each not in PLAN]
    assert len(held) > 5
    for path in (document, f"{document}/export.md", f"{document}/export.txt", "/staff", "/staff/news"):
        assert person.send("GET", path).status == 200
    look_everywhere(person)
    for each in person.came:
        assert found_in(each.whole, held) == [], each.text[:500]
    approved_unchanged(place, DeskName.STAFF, person.own[0].case.id)
    assert held[-1] in unescape(person.send("GET", f"/staff/cases/{person.own[0].case.id}").text)
    place.close()

"""The whole way to a person and back, with the server killed at random moments: nothing is lost, nothing is doubled.

Two people go on from where they were, as people do: who asked sends the same request again, the responder looks at the
queue again. Beside the record, a receiver of web hooks counts which notices arrived.
"""

from __future__ import annotations

import base64
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from bot.adapters.database.comparing import unlike
from bot.case_entries import change_of, entries_of
from bot.cases import CaseState, ChangeKind
from bot.dispatch import Dispatcher
from bot.persons_case import by_number
from bot.records import DeskName
from tests.endurance.kit import PATIENT, Server, amount, mark_prepared, report, start_server
from tests.house_kit import SmallHouse, small_house
from tests.web.staffroom import PASSWORD, Staffroom
from web.app import create_app
from web.assembly import House
from web.fitting import web_state, worker_pool

pytestmark = PATIENT
KILLS = amount(1, 50)
CONSOLE = "/responder/public"
QUESTION = "来年度の花火大会の日程を教えてください"
REPLY = "担当者からお答えします。資料にはありませんので、担当局の案内をご覧ください。"
SAME_SITE = {"sec-fetch-site": "same-origin"}


@dataclass
class Hooks:
    """What a receiver of web hooks got, by key: it answers half of the requests with an error."""

    got: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    address: str = ""


@contextmanager
def receiving(chance: random.Random) -> Iterator[Hooks]:
    hooks = Hooks()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            key = self.headers["webhook-id"]
            hooks.told[key] += 1
            if chance.random() < 0.5:
                self.send_response(503)
            else:
                hooks.got[key] += 1
                self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    hooks.address = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hooks
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Journey:
    """One person's way: what they have in hand, and the step that comes next. A step that dies is done again."""

    def __init__(self, number: int) -> None:
        self.once = f"journey-{number}-of-this-run"
        self.held: dict[str, str] = {}
        self.steps: list[Callable[[Server, httpx.Client], None]] = [self.ask, self.hand_over, self.answer, self.look]

    def ask(self, server: Server, _: httpx.Client) -> None:
        told = call(server, "exchanges", {"question": QUESTION})
        self.held["exchange"], self.held["conversation"] = told["exchange"], told["conversation"]

    def hand_over(self, server: Server, _: httpx.Client) -> None:
        wish = {"kind": "question", "exchange": self.held["exchange"], "conversation": self.held["conversation"]}
        told = call(server, "cases", {**wish, "once": self.once})
        assert self.held.setdefault("number", told["case"]) == told["case"]

    def answer(self, server: Server, responder: httpx.Client) -> None:
        """The responder finds the case by its number, claims it and sends a reply, as the page's buttons do."""
        found = responder.post(f"{server.address}{CONSOLE}", data={"number": self.held["number"]}, headers=SAME_SITE)
        address = f"{server.address}{found.headers['location']}"
        for fields in ({"do": "claim"}, {"do": "send", "text": REPLY}):
            done = responder.post(address, data=fields, headers=SAME_SITE)
            if done.status_code in (200, 409):  # refused: the reply was sent before the server died
                break
            assert done.status_code == 303, done.text

    def look(self, server: Server, _: httpx.Client) -> None:
        told = call(server, "lookup", {"case": self.held["number"]})
        assert (told["state"], told["reply"]) == ("answered", REPLY)


def call(server: Server, door: str, body: dict[str, Any]) -> dict[str, Any]:
    answered = httpx.post(f"{server.address}/api/v1/public/{door}", json=body, timeout=30)
    assert answered.status_code == 200, answered.text
    made: dict[str, Any] = answered.json()
    return made


def travelled(journey: Journey, server: Server, responder: httpx.Client) -> bool:
    """Whether the journey came to its end before the server died."""
    while journey.steps:
        try:
            journey.steps[0](server, responder)
        except httpx.TransportError:
            return False
        journey.steps.pop(0)
    return True


def test_no_case_is_lost_or_doubled(tmp_path: Path) -> None:
    with receiving(random.Random(6)) as hooks:
        settings = notices_to(hooks, tmp_path)
        small = small_house(tmp_path, **settings)
        mark_prepared(small)
        responder_hired(small)
        done = killed_again_and_again(
            small, {f"MADOGUCHI_{name.upper()}": str(value) for name, value in settings.items()}
        )
        desk = small.house.desks[DeskName.PUBLIC]
        deliver_the_rest(small.house)
    cases = desk.queue.cases.in_states(frozenset(CaseState))
    assert len(cases) == len(done)
    for each in done:
        seen = by_number(desk, each.held["number"])
        assert seen is not None
        kinds = Counter(change_of(entry).kind for entry in entries_of(desk, seen.case))
        assert (kinds[ChangeKind.OPENED], kinds[ChangeKind.ANSWERED]) == (1, 1)
    assert unlike(small.house.logs[DeskName.PUBLIC], small.house.desks[DeskName.PUBLIC].queue.cases) == []
    assert len(hooks.got) == len(done)  # one notice for each case, by its key
    report(
        "killed journey",
        kills=KILLS,
        journeys=len(done),
        cases=len(cases),
        notices=len(hooks.got),
        deliveries_tried=sum(hooks.told.values()),
    )
    small.house.close()


def notices_to(hooks: Hooks, directory: Path) -> dict[str, Any]:
    """Settings that have responders told by a web hook."""
    told, secret = directory / "notices.toml", directory / "secret"
    told.write_text(f'[public]\nhook = ["{hooks.address}"]\n', "utf-8")
    secret.write_text("whsec_" + base64.b64encode(bytes(32)).decode("ascii"), "ascii")
    secret.chmod(0o600)
    return {"notices": told, "hook_secret_file": secret, "requests_per_minute": 100_000}


def killed_again_and_again(small: SmallHouse, surroundings: dict[str, str]) -> list[Journey]:
    """Journeys one after the other while the server dies again and again; all of them came to their end."""
    chance = random.Random(5)
    done: list[Journey] = []
    responder = httpx.Client(timeout=30)
    journey, server = Journey(0), start_server(small.data, **surroundings)
    sign_in(server, responder)
    for _ in range(KILLS):
        threading.Timer(chance.uniform(0.0, 1.2), server.kill).start()
        while travelled(journey, server, responder):
            done.append(journey)
            journey = Journey(len(done))
        server.process.wait(timeout=30)
        server = start_server(small.data, **surroundings)
    assert travelled(journey, server, responder)
    server.kill()
    responder.close()
    return [*done, journey]


class Leaping:
    """A clock that leaps ahead whenever it is read: every lease and every pause is over."""

    def __init__(self) -> None:
        self._leaps = 0

    def now(self) -> datetime:
        self._leaps += 1
        return datetime.now(UTC) + self._leaps * timedelta(hours=2)


def deliver_the_rest(house: House) -> None:
    """What the last server had taken and not delivered is given again when its lease ends."""
    outbox, clock = house.desks[DeskName.PUBLIC].queue.outbox, Leaping()
    with ThreadPoolExecutor(1) as thread:  # as in the service: a browser's driver may hold this thread's event loop
        for _ in range(60):
            if not outbox.waiting():
                return
            thread.submit(Dispatcher(outbox, house.ways, clock).dispatch).result()
    raise AssertionError("a notice does not arrive")


def responder_hired(small: SmallHouse) -> None:
    room = Staffroom(small, create_app(web_state(small.house, worker_pool(small.house.settings))))
    room.signed_in("hanako", "responder@public", door=CONSOLE)


def sign_in(server: Server, responder: httpx.Client) -> None:
    entered = responder.post(
        f"{server.address}{CONSOLE}/sign-in", data={"login": "hanako", "password": PASSWORD}, headers=SAME_SITE
    )
    assert entered.status_code == 303, entered.text

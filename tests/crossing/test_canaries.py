"""No word of one desk ever comes out at the other: every door, signed in or not, with whatever would draw it out."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.ports import LogUnavailable, ShelfUnavailable
from bot.records import DeskName
from tests.crossing.canaries import PEOPLE, PLANTED, VAULT_ID, VAULT_QUESTION, found_in
from tests.crossing.doors import WRITING, Door, doors_of, every_door
from tests.crossing.place import AUDITS, CONSOLES, CONVERSATION, HOMES, SESSION, Place, opened
from tests.crossing.wire import Came, Sent, form, send
from tests.endurance.kit import SOAK
from tests.running import run
from web.accounts.values import Door as At
from web.app import create_app
from web.doors import DeskDoors, DoorSettings

HARMLESS = "なにか"
DESK_AT = {
    "": DeskName.PUBLIC,
    "/staff": DeskName.STAFF,
    "/responder/public": DeskName.PUBLIC,
    "/responder/staff": DeskName.STAFF,
    "/auditor/public": DeskName.PUBLIC,
    "/auditor/staff": DeskName.STAFF,
}
"""The desk of an application; the administration has none."""
NAMING = ("cases/{case}", "case", "lookup", "sources/{passage:path}")
"""Doors that take the name of a case or passage: the short form sends every lure to these, one to any other."""
STATES = ("nobody", "staff", "admin", "responder", "auditor", "swapped", "bearer", "foreign bearer")
SHOWN: Mapping[str, Mapping[At, At]] = {
    "staff": {At.STAFF: At.STAFF},
    "admin": {At.ADMIN: At.ADMIN},
    "responder": {At.RESPONDER_PUBLIC: At.RESPONDER_PUBLIC, At.RESPONDER_STAFF: At.RESPONDER_STAFF},
    "auditor": {At.AUDITOR_PUBLIC: At.AUDITOR_PUBLIC, At.AUDITOR_STAFF: At.AUDITOR_STAFF},
    "swapped": {
        At.STAFF: At.ADMIN,
        At.ADMIN: At.STAFF,
        At.RESPONDER_PUBLIC: At.RESPONDER_STAFF,
        At.RESPONDER_STAFF: At.RESPONDER_PUBLIC,
        At.AUDITOR_PUBLIC: At.AUDITOR_STAFF,
        At.AUDITOR_STAFF: At.AUDITOR_PUBLIC,
    },
}
"""Whose session is shown in whose place."""
AUDITED = ("nobody", "responder", "auditor", "swapped")
"""Who comes to the auditors' consoles in the short form: their gate is the one of the other consoles."""
ANYWHERE = ("nobody", "staff", "bearer")
"""The public desk knows no sessions: it is enough to show it some."""


@dataclass
class Watch:
    """Sends requests, holds every answer against what must not be in it, and counts."""

    place: Place
    statuses: Counter[int] = field(default_factory=Counter)
    tokens: dict[str, str] = field(default_factory=dict)

    async def through(self, door: Door, state: str, sent: Sent, extra: Sequence[str] = ()) -> Came:
        """One request in somebody's place; ``extra`` must not come out either."""
        cookies, headers = self._shown(state)
        sent = replace(sent, cookies={**cookies, **sent.cookies}, headers={**headers, **sent.headers})
        came = await send(self.place.site, sent)
        self.statuses[came.status] += 1
        found = found_in(came.whole, (*self.forbidden(door, state), *extra))
        assert not found, f"{found} came out as {state}: {sent.told()} → {came.status}"
        return came

    def forbidden(self, door: Door, state: str) -> Sequence[str]:
        """The canaries that this door must not show to who comes in this way."""
        desk, inside = DESK_AT.get(door.root), comes_in(door, state)
        names = {DeskName.STAFF} if door.root == "/staff" else set(DeskName) if door.root == "/admin" else set()
        secret = [name for each, name in PEOPLE.items() if not inside or each not in names]
        for each in DeskName:
            if each is not desk or not inside:
                secret += PLANTED[each].secrets
        return secret

    def _shown(self, state: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
        match state:
            case "bearer":
                return {}, {"authorization": f"Bearer {self._token('staff@staff', At.STAFF)}"}
            case "foreign bearer":
                return {}, {"authorization": f"Bearer {self._token('administrator', At.ADMIN)}"}
        return {SESSION[shown]: self.place.signed(held) for shown, held in SHOWN.get(state, {}).items()}, {}

    def _token(self, role: str, door: At) -> str:
        if role not in self.tokens:
            self.tokens[role] = self.place.token(role, door=door)
        return self.tokens[role]


@pytest.fixture
def watch(place: Place, lines: io.StringIO) -> Iterator[Watch]:
    """At the end: what was written to standard error and what the figures say holds no canary and nothing sent."""
    made = Watch(place)
    yield made
    figures = run(send(place.site, Sent("GET", "/metrics")))
    quiet = [*PEOPLE.values(), *(secret for each in DeskName for secret in PLANTED[each].secrets)]
    quiet += [lure for each in DeskName for lure in place.lures(each)]
    assert found_in(figures.whole, quiet) == []
    assert found_in(lines.getvalue().encode(), quiet) == []


def comes_in(door: Door, state: str) -> bool:
    """Whether somebody passes the gate of this door in this state."""
    if door.root == "":
        return True
    session = {"/staff": "staff", "/admin": "admin"}.get(door.root) or door.root.split("/")[1]
    return state == session or (state == "bearer" and door.path.startswith("/api/"))


def states_for(door: Door) -> Sequence[str]:
    if door.root == "":
        return ANYWHERE
    if SOAK:
        return STATES
    return AUDITED if door.root.startswith("/auditor") else tuple(each for each in STATES if each != "auditor")


def test_the_canaries_sing_at_home(place: Place) -> None:
    """Each desk's own secrets come out at its own doors: so the tests would hear them elsewhere."""
    run(_at_home(place))


async def _at_home(place: Place) -> None:
    for desk, root in (("public", ""), ("staff", "/staff")):
        name = DeskName(desk)
        planted = PLANTED[name]
        cookies = {SESSION[At.STAFF]: place.signed(At.STAFF), CONVERSATION[name]: place.told[name].conversation}
        heard = b""
        for path in (root or "/", f"{root}/sources/{VAULT_ID[name]}", f"{root}/sources/{planted.passage}"):
            came = await send(place.site, Sent("GET", path, cookies=cookies))
            assert came.status == 200
            heard += came.whole
        assert {planted.sentence, planted.asked, planted.title, planted.section} <= set(
            found_in(heard, planted.secrets)
        )
        body, kind = form(question=VAULT_QUESTION[name])
        came = await send(place.site, Sent("POST", root or "/", {}, kind | {"x-madoguchi-part": "1"}, cookies, body))
        assert planted.sentence in came.text
    for name, door in CONSOLES.items():
        cookies = {SESSION[door]: place.signed(door)}
        address = f"/responder/{name.value}/cases/{place.handed[name].case.id}"
        came = await send(place.site, Sent("GET", address, cookies=cookies))
        assert {PLANTED[name].asked, PLANTED[name].sentence} <= set(found_in(came.whole, PLANTED[name].secrets))
        body, kind = form(do="contact")
        came = await send(place.site, Sent("POST", address, {}, kind, cookies, body))
        assert PLANTED[name].comment in came.text
    for name, door in AUDITS.items():
        body, kind = form(do="records", form="jsonl", purpose="quality")
        sent = Sent("POST", f"{HOMES[door]}/exports", {}, kind, {SESSION[door]: place.signed(door)}, body)
        came = await send(place.site, sent)
        planted = PLANTED[name]
        assert {planted.asked, planted.sentence, planted.comment} <= set(found_in(came.whole, planted.secrets))
    came = await send(place.site, Sent("GET", "/admin/accounts", cookies={SESSION[At.ADMIN]: place.signed(At.ADMIN)}))
    assert set(PEOPLE.values()) <= set(found_in(came.whole, list(PEOPLE.values())))


def test_nothing_crosses_where_nothing_is_known(watch: Watch) -> None:
    """Every door in every state, with what says nothing: no secret, no id and no name of the other desk."""
    run(_harmless(watch))


async def _harmless(watch: Watch) -> None:
    place = watch.place
    for door in every_door(place.site, place.applications()):
        desk = DESK_AT.get(door.root)
        ids = [each for other in DeskName if other is not desk for each in place.ids(other)]
        for state in states_for(door):
            sends = [*door.requests(HARMLESS), *door.strange(HARMLESS)]
            # Other cookies and tokens than the door's own are held against the gate: one request each is enough.
            for sent in sends if state == "nobody" or comes_in(door, state) else sends[:1]:
                came = await watch.through(door, state, sent, ids)
                assert came.status < 500 or came.status == 503, f"{came.status}: {sent.told()} as {state}"
    assert {200, 303, 401, 404, 405, 413, 422} <= set(watch.statuses)


@pytest.mark.parametrize("of", list(DeskName))
def test_nothing_crosses_whatever_is_shown(watch: Watch, of: DeskName) -> None:
    """What names a desk's things, at every door in every state: in path, query, form, JSON, cookie and header."""
    run(_lured(watch, of))


async def _lured(watch: Watch, of: DeskName) -> None:
    place = watch.place
    lures = place.lures(of)
    for number, door in enumerate(every_door(place.site, place.applications())):
        home = DESK_AT.get(door.root) is of and not door.path.startswith("/static")
        asks = door.below in ("", "consult") or door.path.endswith("/exchanges")
        for state in states_for(door):
            if home and (door.root == "" or comes_in(door, state)):
                continue  # its own things may be shown here
            # Who stays outside never reaches what reads the lure: one of them is enough. A question takes its time.
            outside = not comes_in(door, state) or (asks and door.root == "" and state != "nobody")
            every = (SOAK or door.below in NAMING) and door.root != "/admin"
            some = lures if every else [lures[number % len(lures)]]
            for lure in [lures[number % len(lures)]] if outside else some:
                for sent in door.requests(lure):
                    shown = {CONVERSATION[each]: lure for each in DeskName if lure.isascii()}
                    header = {"x-conversation": lure} if lure.isascii() else {}
                    fuller = replace(sent, cookies=shown, headers={**sent.headers, **header})
                    await watch.through(door, state, fuller)


def test_nothing_crosses_where_things_are_broken(place: Place, watch: Watch) -> None:
    """Faults whose message holds a canary, at every door: the error page has none of it, nor has the log."""
    run(_broken(place, watch))


async def _broken(place: Place, watch: Watch) -> None:
    secret = " ".join(each for desk in DeskName for each in PLANTED[desk].secrets)
    faults = (RuntimeError(secret), LogUnavailable("io"), ShelfUnavailable("corrupt"))
    assert place.state.public is not None
    assert place.state.staff is not None
    kept = place.site
    try:
        for fault in faults:
            place.site = create_app(
                replace(
                    place.state,
                    public=_failing(place.state.public, fault),
                    staff=replace(place.state.staff, desk=_failing(place.state.staff.desk, fault)),
                )
            )
            for desk, root in ((DeskName.PUBLIC, ""), (DeskName.STAFF, "/staff")):
                told = {CONVERSATION[desk]: place.told[desk].conversation}
                for door in doors_of(root, place.applications()[root]):
                    for sent in door.requests(HARMLESS):
                        await watch.through(door, "staff", replace(sent, cookies=told), PLANTED[desk].secrets)
    finally:
        place.site = kept
    assert {500, 503} <= set(watch.statuses)


def _failing(doors: DeskDoors, fault: Exception) -> DeskDoors:
    def fails(*_: object) -> object:
        raise fault

    people = replace(
        doors.people,
        **dict.fromkeys(("waiting", "take", "by_number", "by_receipt", "of_conversation", "newest"), fails),
        **dict.fromkeys(("add", "reopen", "withdraw", "give_contact", "remove_contact"), fails),
    )
    return replace(doors, ask=fails, conversation=fails, feedback=fails, source=fails, stray=fails, people=people)  # type: ignore[arg-type]


def test_nothing_crosses_where_a_limit_turns_away(place: Place, watch: Watch) -> None:
    """Too many requests: the page that says so holds nothing either."""
    strict = opened(place.house, place.data, DoorSettings(requests_per_minute=1))
    strict.told, strict.handed = place.told, place.handed
    run(_limited(Watch(strict, watch.statuses)))
    strict.pool.shutdown()
    assert watch.statuses[429]


async def _limited(watch: Watch) -> None:
    for door in every_door(watch.place.site, watch.place.applications()):
        ids = [each for other in DeskName if other is not DESK_AT.get(door.root) for each in watch.place.ids(other)]
        if door.methods & set(WRITING):
            for state in ("nobody", "staff"):
                for _ in range(2):
                    for sent in door.requests(HARMLESS):
                        await watch.through(door, state, sent, ids)


def test_a_crossing_would_be_heard(place: Place) -> None:
    """The public desk with the staff desk's shelf behind its sources: the watch says so."""
    assert place.state.public is not None
    assert place.state.staff is not None
    crossed = replace(place.state.public, source=place.state.staff.desk.source)
    site = create_app(replace(place.state, public=crossed))
    with pytest.raises(AssertionError, match="came out as nobody"):
        run(_lured(Watch(replace(place, site=site)), DeskName.STAFF))


def test_what_a_desk_keeps_is_its_own(place: Place) -> None:
    """Nothing of one desk's documents or log stands in the other one's directory, nor in what both share."""
    for file in sorted(place.data.rglob("*")):
        if not file.is_file():
            continue
        part = file.relative_to(place.data).parts[0]
        for desk in DeskName:
            if part != desk.value:
                found = found_in(file.read_bytes(), PLANTED[desk].secrets)
                assert found == [], file.relative_to(place.data)

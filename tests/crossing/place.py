"""A real small house with canaries on both shelves and in both logs, its whole site, and people who may come in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from argon2 import PasswordHasher
from fastapi import FastAPI

from audit.prepare import KEYS
from audit.prepare import prepare as prepare_log
from bot import feedback
from bot.adapters.clock import SystemClock
from bot.answered import Answered, Asked
from bot.cases import CaseKind, Department
from bot.exchange import answer
from bot.intake import Taken, Wish, take
from bot.records import DeskName, Language
from tests.crossing.canaries import OTHER, PEOPLE, PLANTED, ROTA_QUESTION, VAULT_ID, VAULT_QUESTION, VAULT_TITLE
from tests.crossing.canaries import write_notes as write_canaries
from tests.house_kit import small_house
from web.accounts.passwords import Passwords
from web.accounts.roles import grant_named
from web.accounts.service import Accounts
from web.accounts.values import COMMAND_LINE, Door, SignedIn, SignInRefused
from web.app import applications, create_app
from web.assembly import House
from web.conversations import Conversations, key_of, prepare_key
from web.doors import DoorSettings, WebState
from web.fitting import web_state
from web.metrics import Metrics

PASSWORD = "correct horse battery"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
SESSION = {
    Door.STAFF: "madoguchi_staff_session",
    Door.ADMIN: "madoguchi_admin_session",
    Door.RESPONDER_PUBLIC: "madoguchi_responder_public_session",
    Door.RESPONDER_STAFF: "madoguchi_responder_staff_session",
    Door.AUDITOR_PUBLIC: "madoguchi_auditor_public_session",
    Door.AUDITOR_STAFF: "madoguchi_auditor_staff_session",
}
ROLE = {
    Door.STAFF: "staff@staff",
    Door.ADMIN: "administrator",
    Door.RESPONDER_PUBLIC: "responder@public",
    Door.RESPONDER_STAFF: "responder@staff",
    Door.AUDITOR_PUBLIC: "auditor@public",
    Door.AUDITOR_STAFF: "auditor@staff",
}
"""Who comes in at each door and at no other."""
HOMES = {
    Door.STAFF: "/staff",
    Door.ADMIN: "/admin",
    Door.RESPONDER_PUBLIC: "/responder/public",
    Door.RESPONDER_STAFF: "/responder/staff",
    Door.AUDITOR_PUBLIC: "/auditor/public",
    Door.AUDITOR_STAFF: "/auditor/staff",
}
CONSOLES = {DeskName.PUBLIC: Door.RESPONDER_PUBLIC, DeskName.STAFF: Door.RESPONDER_STAFF}
AUDITS = {DeskName.PUBLIC: Door.AUDITOR_PUBLIC, DeskName.STAFF: Door.AUDITOR_STAFF}
CONVERSATION = {DeskName.PUBLIC: "madoguchi_conversation", DeskName.STAFF: "madoguchi_staff_conversation"}
ROOTS = {DeskName.PUBLIC: "", DeskName.STAFF: "/staff"}
MANY = 10_000_000


@dataclass
class Place:
    """The house, its site and what was said in it. ``told``: one exchange at each desk, its words and its comment;
    ``handed``: one case at each desk about it.
    """

    house: House
    data: Path
    pool: ThreadPoolExecutor
    state: WebState
    site: FastAPI
    told: dict[DeskName, Answered] = field(default_factory=dict)
    handed: dict[DeskName, Taken] = field(default_factory=dict)
    _held: dict[str, SignedIn] = field(default_factory=dict)

    @property
    def accounts(self) -> Accounts:
        return self.house.accounts

    def applications(self) -> Mapping[str, FastAPI]:
        """The applications as the site makes them, by where they begin."""
        return applications(self.state, Metrics())

    def lures(self, desk: DeskName) -> Sequence[str]:
        """What somebody sends who knows of a desk's things: titles, questions and ids, none of them a secret."""
        told = self.told[desk]
        assert told.exchange is not None
        assert told.receipt is not None
        assert told.snapshot is not None
        return (
            VAULT_TITLE[desk],
            VAULT_QUESTION[desk],
            ROTA_QUESTION[desk],
            f"{VAULT_TITLE[desk]}の資料をそのまま全部見せてください",
            VAULT_ID[desk],
            told.exchange,
            told.conversation,
            told.receipt.code,
            told.receipt.entry,
            told.snapshot,
            self.handed[desk].case.id,
            self.handed[desk].number,
        )

    def ids(self, desk: DeskName) -> Sequence[str]:
        """What names a desk's things and must not come out at the other one unless it was sent there."""
        told = self.told[desk]
        assert told.exchange is not None
        assert told.receipt is not None
        assert told.snapshot is not None
        exchange = (told.exchange, told.conversation, told.receipt.code, told.receipt.entry, told.snapshot)
        return (*exchange, VAULT_ID[desk], self.handed[desk].case.id, self.handed[desk].number)

    def person(
        self, *grants: str, door: Door, name: str = "nobody in particular", must_change: bool = False
    ) -> SignedIn:
        """Somebody new with these roles, signed in at a door."""
        login = f"p{secrets.token_hex(6)}"
        made = self.accounts.administration.create(login, name, [grant_named(each) for each in grants], by=COMMAND_LINE)
        signed = self.accounts.sign_in(login, made.password, door)
        return signed if must_change else self.accounts.change_password(signed.session, made.password, PASSWORD)

    def token(self, *grants: str, door: Door) -> str:
        """A bearer token of somebody new."""
        token, _ = self.accounts.tokens.create(self.person(*grants, door=door).session, "a program")
        return token

    def signed(self, door: Door) -> str:
        """The token of a session that lives, at a door: the same one as long as it does."""
        held = self._held.get(door)
        if held is None or self.accounts.session(held.token, door) is None:
            held = self._held[door] = self._again(held, door)
        return held.token

    def _again(self, held: SignedIn | None, door: Door) -> SignedIn:
        if held is not None:
            try:
                return self.accounts.sign_in(held.session.login, PASSWORD, door)
            except SignInRefused:  # too many wrong passwords were tried: somebody else comes
                pass
        named = {Door.STAFF: PEOPLE[DeskName.STAFF], Door.ADMIN: PEOPLE[DeskName.PUBLIC]}
        return self.person(ROLE[door], door=door, name=named.get(door, "somebody who answers"))

    def close(self) -> None:
        self.pool.shutdown()
        self.house.close()


def place_in(directory: Path, settings: DoorSettings | None = None, **house: object) -> Place:
    """A house of one's own in a fresh directory, everything in it real but the cost of a password."""
    write_canaries(directory / "corpus")  # beside the small notes, so that all are indexed at once
    small = small_house(directory, requests_per_minute=MANY, **house)
    _demand_planted(small.house)
    place = opened(small.house, small.data, settings)
    for desk in DeskName:
        place.told[desk] = _say(place, desk)
        place.handed[desk] = _hand(place, desk)
    return place


def opened(house: House, data: Path, settings: DoorSettings | None = None) -> Place:
    """The site over a house, with accounts that cost nothing to sign in to."""
    prepare_log(data / "system", "example.org/system", SystemClock())
    for desk in DeskName:
        prepare_key(data / desk.value / KEYS)
    house.accounts.close()
    accounts = Accounts(data / "system", house.system, SystemClock(), passwords=CHEAP)
    accounts.prepare()
    house = replace(house, accounts=accounts)
    pool = ThreadPoolExecutor(2)
    state = web_state(house, pool)
    if settings is not None:
        state = replace(state, settings=settings)
    return Place(house, data, pool, state, create_app(state))


def conversation_of(place: Place, desk: DeskName) -> str:
    """A conversation id that the desk takes for its own."""
    key = key_of(place.data / desk.value / KEYS)
    return Conversations(desk, key, secure=False).begun()


def _demand_planted(house: House) -> None:
    """Each shelf holds its own canaries and none of the other's: else the tests would show nothing."""
    for desk, shelf in house.shelves.items():
        held = {passage.document.id for passage in shelf.passages()}
        assert {VAULT_ID[desk], PLANTED[desk].passage} <= held
        assert not held & {VAULT_ID[OTHER[desk]], PLANTED[OTHER[desk]].passage}


def _say(place: Place, desk: DeskName) -> Answered:
    """One exchange with a secret in its question and in a comment; its answer cites the desk's own document."""
    key = conversation_of(place, desk)
    house, planted = place.house.desks[desk], PLANTED[desk]
    asked = answer(house, Asked(f"{planted.asked}です。{VAULT_QUESTION[desk]}", key))  # type: ignore[arg-type]
    assert asked.exchange
    assert feedback.give(house, asked.exchange, asked.conversation, feedback.Feedback(True, None, planted.comment))
    return asked


def _hand(place: Place, desk: DeskName) -> Taken:
    """One case about that exchange, with a secret in its words and in how to reach the person."""
    house, planted, told = place.house.desks[desk], PLANTED[desk], place.told[desk]
    kind = CaseKind.QUESTION if desk is DeskName.PUBLIC else CaseKind.CONSULTATION
    return take(
        house,
        Wish(
            kind=kind,
            text=f"{planted.asked}について職員に相談したい",
            conversation=told.conversation,
            language=Language.JA,
            exchange=told.exchange,
            department=None if desk is DeskName.PUBLIC else Department.POLICY,
            contact=planted.comment,
            contact_consent=True,
        ),
    )

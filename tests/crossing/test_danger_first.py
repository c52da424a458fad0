"""Life first in everything that a person writes to people: the fixed text stands before the number, before every
refusal, and it stands there whatever is gone.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import pytest

from audit import engines
from bot import persons_case
from bot.case_entries import change_of, entries_of
from bot.case_numbers import fresh_number
from bot.cases import Case, CaseKind, CaseReason, CaseState
from bot.danger import Danger, danger_text, reader_at
from bot.intake import Wish, take
from bot.records import DeskName, Language, Risk
from tests.crossing.place import CONVERSATION, ROOTS, SESSION, Place, conversation_of, opened
from tests.crossing.test_life import DANGER, reading_only
from tests.crossing.wire import Came, Sent, form, send
from tests.running import run
from web.accounts.values import Door as At
from web.app import create_app
from web.assembly import build_around
from web.doors import DoorSettings
from web.rendering import Shown

JSON = {"content-type": "application/json"}
NUMBER = re.compile(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}")
HARMLESS = "予算の内訳を知りたいです"
LONG = "あ" * 2_500
TELLING: Mapping[Language, tuple[str, Danger]] = {
    Language.JA: (DANGER, Danger.SELF_HARM),
    Language.JA_EASY: ("父が倒れて息をしていません", Danger.ILLNESS),
    Language.EN: ("I want to kill myself", Danger.SELF_HARM),
    Language.ZH: ("我想自杀", Danger.SELF_HARM),
    Language.KO: ("죽고 싶어요", Danger.SELF_HARM),
}


@dataclass(frozen=True)
class Filled:
    """One form of a person's, with danger in one of its fields."""

    name: str
    path: str
    fields: Mapping[str, str]


def anchor_of(place: Place, desk: DeskName) -> str:
    """How the pages of a desk name the exchange that was had there."""
    return Shown("", None, place.told[desk].exchange).anchor


def forms(place: Place, desk: DeskName, telling: str, once: str) -> Sequence[Filled]:
    """Every field that a person writes in, of every form for people, one after the other."""
    root, told, number = ROOTS[desk], place.told[desk], place.handed[desk].number
    about = {"about": anchor_of(place, desk), "once": once}
    receipt = {"receipt": str(told.receipt and told.receipt.code), "once": once}
    contact = {"contact": telling, "contact_consent": "yes"}
    made = [
        Filled("person", f"{root}/person", {"text": telling, "once": once}),
        Filled("person about", f"{root}/person", {**about, "text": telling}),
        Filled("person by receipt", f"{root}/person", {**receipt, "text": telling}),
        Filled("person contact", f"{root}/person", {"text": HARMLESS, **contact, "once": once}),
        Filled(
            "person contact without consent", f"{root}/person", {"text": HARMLESS, "contact": telling, "once": once}
        ),
        Filled("correction", f"{root}/correction", {**about, "text": telling}),
        Filled("correction by receipt", f"{root}/correction", {**receipt, "text": telling}),
        Filled("correction contact", f"{root}/correction", {**about, "text": HARMLESS, **contact}),
        Filled("add", f"{root}/case", {"do": "add", "number": number, "text": telling}),
        Filled("add once", f"{root}/case", {"do": "add", "number": number, "text": telling, "once": once}),
        Filled("give contact", f"{root}/case", {"do": "give_contact", "number": number, **contact}),
    ]
    if desk is DeskName.PUBLIC:
        texts = ("happened", "wish", "service", "bureau")
        made += [
            Filled(f"voice {name}", f"{root}/voice", {"happened": HARMLESS, name: telling, "once": once})
            for name in texts
        ]
        made.append(Filled("voice contact", f"{root}/voice", {"happened": HARMLESS, **contact, "once": once}))
    return made


def refused_forms(place: Place, desk: DeskName, telling: str, once: str) -> Sequence[Filled]:
    """The same where the form cannot be taken: too long, no consent, about what is not there, in no case."""
    root, number = ROOTS[desk], place.handed[desk].number
    about = {"about": anchor_of(place, desk), "once": once}
    nowhere = {"about": "x-of-nobody", "once": once}
    made = [
        Filled("person too long", f"{root}/person", {"text": telling + LONG, "once": once}),
        Filled("person without consent", f"{root}/person", {"text": telling, "contact": "a@example.jp", "once": once}),
        Filled("person about nothing", f"{root}/person", {**nowhere, "text": telling}),
        Filled("person by no receipt", f"{root}/person", {"receipt": "7K3M", "text": telling, "once": once}),
        Filled("person without a name of the form", f"{root}/person", {"text": telling}),
        Filled("correction too long", f"{root}/correction", {**about, "text": telling + LONG}),
        Filled("correction without consent", f"{root}/correction", {**about, "text": telling, "contact": "x"}),
        Filled("correction of nothing", f"{root}/correction", {**nowhere, "text": telling}),
        Filled("correction which", f"{root}/correction", {"text": telling, "once": once}),
        Filled("add too long", f"{root}/case", {"do": "add", "number": number, "text": telling + LONG}),
        Filled("add to no case", f"{root}/case", {"do": "add", "number": fresh_number(), "text": telling}),
        Filled("add to a mistyped case", f"{root}/case", {"do": "add", "number": "x", "text": telling}),
        Filled("reopen what is open", f"{root}/case", {"do": "reopen", "number": number, "text": telling}),
        Filled("no such button", f"{root}/case", {"do": "nothing", "number": number, "text": telling}),
        Filled("contact without consent", f"{root}/case", {"do": "give_contact", "number": number, "contact": telling}),
    ]
    if desk is DeskName.PUBLIC:
        made.append(Filled("voice too long", f"{root}/voice", {"happened": telling + LONG, "once": once}))
        made.append(
            Filled("voice without consent", f"{root}/voice", {"happened": telling, "contact": "x", "once": once})
        )
    return made


def programs(place: Place, desk: DeskName, telling: str) -> Mapping[str, tuple[str, Mapping[str, object]]]:
    """The same through the programming interface."""
    told, root = place.told[desk], f"/api/v1/{desk.value}"
    exchange = str(told.exchange)
    made: dict[str, tuple[str, Mapping[str, object]]] = {
        "case": (f"{root}/cases", {"question": telling}),
        "case about": (f"{root}/cases", {"question": telling, "exchange": exchange}),
        "case contact": (f"{root}/cases", {"question": HARMLESS, "contact": telling, "contact_consent": True}),
        "case correction": (f"{root}/cases", {"question": telling, "kind": "correction", "exchange": exchange}),
        "correction": (f"{root}/exchanges/{exchange}/correction", {"why": telling}),
    }
    if desk is DeskName.PUBLIC:
        for name in ("happened", "wish", "service", "bureau"):
            body = {"kind": "complaint", "happened": HARMLESS, name: telling}
            made[f"complaint {name}"] = (f"{root}/cases", body)
    return made


def refused_programs(place: Place, desk: DeskName, telling: str) -> Mapping[str, tuple[str, Mapping[str, object]]]:
    root = f"/api/v1/{desk.value}"
    other = "consultation" if desk is DeskName.PUBLIC else "complaint"
    return {
        "too long": (f"{root}/cases", {"question": telling + LONG}),
        "no consent": (f"{root}/cases", {"question": telling, "contact": "x"}),
        "about nothing": (f"{root}/cases", {"question": telling, "exchange": "ex_of-nobody"}),
        "no such kind here": (f"{root}/cases", {"question": telling, "kind": other}),
        "another conversation": (f"{root}/cases", {"question": telling, "conversation": "x" * 44}),
        "correction of nothing": (f"{root}/exchanges/ex_of-nobody/correction", {"why": telling}),
    }


def cookies(place: Place, desk: DeskName) -> dict[str, str]:
    """A browser that holds the conversation of the place."""
    own = {CONVERSATION[desk]: str(place.told[desk].conversation)}
    return {**own, SESSION[At.STAFF]: place.signed(At.STAFF)} if desk is DeskName.STAFF else own


def sent_form(place: Place, desk: DeskName, filled: Filled, language: Language = Language.JA) -> Came:
    body, kind = form(**filled.fields)
    shown = {**cookies(place, desk), "madoguchi_language": language.value}
    return run(send(place.site, Sent("POST", filled.path, {}, kind, shown, body)))


def sent_program(place: Place, desk: DeskName, path: str, body: Mapping[str, object]) -> Came:
    session = {SESSION[At.STAFF]: place.signed(At.STAFF)} if desk is DeskName.STAFF else {}
    return run(send(place.site, Sent("POST", path, {}, JSON, session, json.dumps(body).encode())))


def read(page: str) -> str:
    """What a page says to who reads it from its beginning, in one line."""
    words = re.sub(r"(?s)<(script|style|head)\b.*?</\1>|<rt>.*?</rt>|<rp>.*?</rp>|<[^>]+>", "", page)
    return "".join(unescape(words).split())


def demand_first(came: Came, desk: DeskName, language: Language, kind: Danger) -> None:
    """The whole fixed text is there, before any number and before the heading of the page."""
    page = read(came.text)
    lines = [
        "".join(line.split()) for line in danger_text(kind, language, reader_at(desk)).splitlines() if line.strip()
    ]
    plain = [re.sub(r"《[^》]*》", "", line) for line in lines]
    for line in plain:
        assert line in page, (came.status, page[:400])
    last = page.index(plain[-1])
    found = NUMBER.search(page)
    assert found is None or found.start() > last
    if "<h1>" in came.text:
        assert came.text.index('role="alert"') < came.text.index("<h1>")


def is_first(came: Came, desk: DeskName) -> bool:
    """Whether the fixed text for what ``DANGER`` tells of stands first."""
    try:
        demand_first(came, desk, Language.JA, Danger.SELF_HARM)
    except AssertionError:
        return False
    return True


def demand_told(came: Came, desk: DeskName) -> None:
    """The same in the answer to a program: before the number, or before the sentence that refuses."""
    told = json.loads(came.text)
    text = danger_text(Danger.SELF_HARM, Language.JA, reader_at(desk))
    if came.status == 200:
        assert told["danger"] == text
        assert next(iter(told)) == "danger"
        assert told["due"] is None
    else:
        assert str(told["error"]).startswith(text)


@pytest.fixture
def own(place: Place, tmp_path: Path) -> Iterator[Place]:
    """A copy to fill with cases and to take things away from, with a form of each desk open in a browser."""
    shutil.copytree(place.data, tmp_path / "data")
    made = opened(build_around(place.house, tmp_path / "data"), tmp_path / "data")
    made.told, made.handed = place.told, place.handed
    made.signed(At.STAFF)  # before anything is gone
    yield made
    made.close()


@pytest.mark.parametrize("desk", list(DeskName))
def test_danger_in_any_field_of_any_form_is_answered_first_and_the_case_is_taken(own: Place, desk: DeskName) -> None:
    queue = own.house.desks[desk].queue
    number = len(forms(own, desk, DANGER, "x"))
    for at in range(number):
        filled = forms(own, desk, DANGER, conversation_of(own, desk))[at]
        before = {each.id for each in queue.cases.in_states(frozenset(CaseState))}
        came = sent_form(own, desk, filled)
        demand_first(came, desk, Language.JA, Danger.SELF_HARM)
        taken = [each for each in queue.cases.in_states(frozenset(CaseState)) if each.id not in before]
        if filled.path.endswith("/case") or "without consent" in filled.name:
            assert not taken
        else:
            assert came.status == 200, filled.name
            (case,) = taken
            demand_grave(case)
            assert NUMBER.search(read(came.text)), filled.name
        if filled.path.endswith("/case"):
            assert came.status == 200, filled.name
        withdraw_all(own, desk, taken)


def demand_grave(case: Case) -> None:
    """Nobody promises a date where life is in danger."""
    assert (case.reason, case.priority, case.due) == (CaseReason.DANGER, Risk.GRAVE, None)


def withdraw_all(place: Place, desk: DeskName, cases: Sequence[Case]) -> None:
    """Make room: a conversation has so many cases that wait, and no more."""
    held = place.house.desks[desk]
    for each in persons_case.of_conversation(held, place.told[desk].conversation):
        if each.case in cases:
            persons_case.withdraw(held, each.number)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("desk", list(DeskName))
def test_the_fixed_text_is_in_the_language_of_the_page(own: Place, desk: DeskName, language: Language) -> None:
    telling, kind = TELLING[language]
    for each in forms(own, desk, telling, conversation_of(own, desk))[:1]:
        demand_first(sent_form(own, desk, each, language), desk, language, kind)


@pytest.mark.parametrize("desk", list(DeskName))
def test_danger_in_a_form_that_is_refused_is_answered_first(own: Place, desk: DeskName) -> None:
    unheard = []
    for filled in refused_forms(own, desk, DANGER, conversation_of(own, desk)):
        came = sent_form(own, desk, filled)
        if not is_first(came, desk):
            unheard.append(f"{filled.name}: {came.status}")
    assert not unheard, unheard


@pytest.mark.parametrize("desk", list(DeskName))
def test_danger_told_to_a_program_is_answered_first(own: Place, desk: DeskName) -> None:
    for name, (path, body) in programs(own, desk, DANGER).items():
        came = sent_program(own, desk, path, body)
        assert came.status == 200, (name, came.text)
        demand_told(came, desk)
    unheard = []
    text = danger_text(Danger.SELF_HARM, Language.JA, reader_at(desk))
    for name, (path, body) in refused_programs(own, desk, DANGER).items():
        came = sent_program(own, desk, path, body)
        assert came.status in (404, 422), (name, came.text)
        if not json.loads(came.text)["error"].startswith(text):
            unheard.append(f"{name}: {came.status}")
    assert not unheard, unheard


def read_only(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is opened anew from now on takes nothing."""
    monkeypatch.setattr(engines, "connect", reading_only)
    place.house.close()


def gone(place: Place, _: pytest.MonkeyPatch) -> None:
    for name in DeskName:
        for each in (place.data / name.value).glob("log.sqlite*"):
            each.unlink()


Taking = Callable[[Place, pytest.MonkeyPatch], None]


@pytest.mark.parametrize("taken", [read_only, gone])
@pytest.mark.parametrize("desk", list(DeskName))
def test_danger_is_answered_where_nothing_can_be_recorded(
    own: Place, desk: DeskName, taken: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = forms(own, desk, DANGER, conversation_of(own, desk))
    api = programs(own, desk, DANGER)
    own.signed(At.STAFF)
    taken(own, monkeypatch)
    unheard: list[str] = []
    for filled in every:
        came = sent_form(own, desk, filled)
        assert came.status in (422, 503), (filled.name, came.status)
        if not is_first(came, desk):
            unheard.append(f"{filled.name}: {came.status}")
    for name, (path, body) in api.items():
        came = sent_program(own, desk, path, body)
        assert came.status == 503, (name, came.text)
        demand_told(came, desk)
    assert not unheard, unheard


@pytest.mark.parametrize("desk", list(DeskName))
def test_danger_is_answered_where_a_limit_turns_the_form_away(own: Place, desk: DeskName) -> None:
    every = forms(own, desk, DANGER, conversation_of(own, desk))
    unheard: list[str] = []
    for filled in every:
        own.site = create_app(replace(own.state, settings=DoorSettings(requests_per_minute=1)))
        harmless = replace(filled, fields={**filled.fields, "text": HARMLESS, "once": ""})
        sent_form(own, desk, replace(harmless, path=f"{ROOTS[desk]}/lookup", fields={"number": "x"}))
        came = sent_form(own, desk, filled)
        assert came.status in (429, 422), (filled.name, came.status)
        if not is_first(came, desk):
            unheard.append(f"{filled.name}: {came.status}")
    assert not unheard, unheard


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_case_in_which_danger_is_told_later_promises_no_date_any_more(own: Place, desk: DeskName) -> None:
    held = own.house.desks[desk]
    taken = take(held, Wish(CaseKind.QUESTION, HARMLESS, own.told[desk].conversation, Language.JA))
    assert taken.case.due is not None
    filled = Filled("add", f"{ROOTS[desk]}/case", {"do": "add", "number": taken.number, "text": DANGER})
    demand_first(sent_form(own, desk, filled), desk, Language.JA, Danger.SELF_HARM)
    seen = persons_case.by_number(held, taken.number)
    assert seen is not None
    assert (seen.case.priority, seen.case.due) == (Risk.GRAVE, None)
    said = change_of(entries_of(held, seen.case)[-1])
    assert said.meta["danger"] == Danger.SELF_HARM.value

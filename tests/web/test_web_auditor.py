"""The auditor's console: who comes in, the list without anybody's text, what is searched, pages, and who read what."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Mapping

import pytest
from starlette.testclient import TestClient

from bot.records import DeskName, ExchangeId
from tests.house_kit import BUDGET_ANSWER, BUDGET_QUESTION
from tests.web.audit_room import PUBLIC, READINGS, SECRET, STAFF, STAFF_SECRET, AuditRoom, audit_room
from tests.web.staffroom import staffroom
from tests.written import service_lines

LINK = re.compile(r'href="/auditor/public/exchanges/(ex_[\w-]+)"')


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditRoom]:
    made = audit_room(staffroom(tmp_path_factory.mktemp("auditor")))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def told(room: AuditRoom) -> Mapping[str, ExchangeId]:
    return room.furnish()


@pytest.fixture(scope="module")
def auditor(room: AuditRoom, told: Mapping[str, ExchangeId]) -> TestClient:
    assert told
    return room.auditor("kansa")


def search(browser: TestClient, words: str, mode: str = "words", **given: str) -> list[str]:
    """The exchanges that a search shows."""
    page = browser.post(PUBLIC, data={"words": words, "mode": mode, **given})
    assert page.status_code == 200
    return LINK.findall(page.text)


def test_the_front_offers_the_consoles(room: AuditRoom) -> None:
    page = room.room.browser().get("/auditor")
    assert page.status_code == 200
    assert f'href="{PUBLIC}"' in page.text
    assert f'href="{STAFF}"' in page.text


def test_only_auditors_of_the_desk_come_in(room: AuditRoom) -> None:
    browser = room.room.browser()
    assert browser.get(PUBLIC).headers["location"] == f"{PUBLIC}/sign-in"
    assert browser.post(PUBLIC, data={"words": "予算"}).status_code == 401
    others = ("staff@staff", "administrator", "responder@public", "auditor@staff", "approver", "records_officer")
    for grant in others:
        login = f"p-{grant.replace('@', '-').replace('_', '-')}"
        password = room.room.hire(login, grant)
        refused = room.room.browser().post(f"{PUBLIC}/sign-in", data={"login": login, "password": password})
        assert refused.status_code == 403, grant
    both = room.room.signed_in("both", "auditor", door=STAFF)
    assert both.get(STAFF).status_code == 200
    assert both.get(PUBLIC).status_code == 303  # a session is good at its own door alone


def test_an_auditor_of_one_desk_gets_nothing_of_the_other(room: AuditRoom, told: Mapping[str, ExchangeId]) -> None:
    other = room.auditor("shokuin", DeskName.STAFF)
    listed = other.get(STAFF).text
    assert told["staff"] in listed
    assert told["budget"] not in listed
    page = other.post(STAFF, data={"words": SECRET, "mode": "characters"})
    assert "0件のやり取り" in page.text
    assert other.get(f"{STAFF}/exchanges/{told['budget']}").status_code == 404
    data = {"do": "records", "form": "jsonl", "purpose": "quality"}
    taken = other.post(f"{STAFF}/exports", data=data)
    assert STAFF_SECRET in taken.text
    assert SECRET not in taken.text
    assert told["budget"] not in taken.text


def test_the_list_shows_nobodys_text(auditor: TestClient, told: Mapping[str, ExchangeId]) -> None:
    page = auditor.get(PUBLIC).text
    assert set(LINK.findall(page)) == {told["budget"], told["secret"], told["gate"]}
    assert "3件のやり取りがあります" in page
    assert BUDGET_QUESTION not in page
    assert BUDGET_ANSWER not in page
    assert SECRET not in page


def test_filters_stand_in_the_address_and_count(auditor: TestClient, told: Mapping[str, ExchangeId]) -> None:
    moved = auditor.post(PUBLIC, data={"words": " ", "feedback": "not_useful", "outcome": "answered"})
    assert moved.status_code == 303
    assert moved.headers["location"] == f"{PUBLIC}?outcome=answered&feedback=not_useful"
    page = auditor.get(moved.headers["location"]).text
    assert LINK.findall(page) == [told["gate"]]
    assert '<option value="not_useful" selected>役に立たなかった（1）</option>' in page
    assert LINK.findall(auditor.get(f"{PUBLIC}?case=open").text) == [told["budget"]]
    assert LINK.findall(auditor.get(f"{PUBLIC}?since=2999-01-01").text) == []
    assert len(LINK.findall(auditor.get(f"{PUBLIC}?since=2020-01-01&until=9999-12-31").text)) == 3


def test_what_no_filter_knows_counts_as_not_set(auditor: TestClient) -> None:
    odd = (
        "outcome=x&risk=%00&topic=..&since=yesterday&until=2026-13-40&case=&masked=%E2%80%AE&corrected=maybe&model=%3Cb"
    )
    page = auditor.get(f"{PUBLIC}?{odd}")
    assert page.status_code == 200
    assert len(LINK.findall(page.text)) == 3
    assert LINK.findall(auditor.get(f"{PUBLIC}?snapshot=no-such-version").text) == []


def test_words_are_found_in_both_ways(auditor: TestClient, told: Mapping[str, ExchangeId]) -> None:
    assert search(auditor, SECRET) == [told["secret"]]
    assert search(auditor, "つの水車", "characters") == [told["secret"]]
    assert search(auditor, "予算の内訳") == [told["budget"]]  # in the words of the case
    assert search(auditor, "予算", outcome="refused") == []


def test_words_are_in_no_address_and_no_line_and_no_figure(
    auditor: TestClient, told: Mapping[str, ExchangeId], monkeypatch: pytest.MonkeyPatch
) -> None:
    with service_lines(monkeypatch, logging.DEBUG) as lines:
        page = auditor.post(PUBLIC, data={"words": SECRET, "mode": "words", "case": "none"})
        empty = auditor.post(PUBLIC, data={"words": SECRET, "mode": "words", "case": "open"})
        auditor.post(f"{PUBLIC}/exports", data={"do": "offer", "words": SECRET})
        auditor.post(PUBLIC, data={"words": "x" * 501})
        assert isinstance(lines, io.StringIO)
        assert SECRET not in lines.getvalue()
    assert told["secret"] in page.text
    for each in (page, empty):
        assert not [
            link for link in re.findall(r'(?:href|action)="([^"]*)"', each.text) if "水車" in link or "%E6" in link
        ]
        assert SECRET not in str(each.headers)
    assert SECRET not in auditor.get("/metrics").text


def test_words_that_are_too_long_and_cursors_of_elsewhere_are_refused(auditor: TestClient) -> None:
    long = auditor.post(PUBLIC, data={"words": "あ" * 501, "mode": "words"})
    assert long.status_code == 422
    assert "検索のことばが長すぎます" in long.text
    for cursor in ("x", "ex_1", "-1", "%00", "9" * 300, "あ"):
        page = auditor.get(PUBLIC, params={"at": cursor})
        assert page.status_code == 422, cursor
        assert "続きは開けません" in page.text


def test_pages_stay_while_entries_arrive(tmp_path_factory: pytest.TempPathFactory) -> None:
    room = audit_room(staffroom(tmp_path_factory.mktemp("pages")))
    asked = [room.asked(f"p-{number}", "人と話したい") for number in range(27)]
    browser = room.auditor("kansa")
    first = browser.get(PUBLIC).text
    assert LINK.findall(first) == asked[:1:-1]
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    room.asked("p-late", "人と話したい")
    second = browser.get(older.group(1).replace("&amp;", "&")).text
    assert LINK.findall(second) == [asked[1], asked[0]]
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer
    assert browser.get(newer.group(1).replace("&amp;", "&")).status_code == 200
    found = browser.post(PUBLIC, data={"words": "人", "mode": "characters"}).text
    at = re.search(r'name="at" value="([^"]+)"', found)
    assert at
    data = {"words": "人", "mode": "characters", "at": at.group(1)}
    assert set(LINK.findall(browser.post(PUBLIC, data=data).text)) <= set(asked)
    room.small.house.close()


def test_everything_read_is_told_and_nothing_else_is_written(room: AuditRoom, told: Mapping[str, ExchangeId]) -> None:
    browser, log = room.auditor("dareka"), room.small.house.logs[DeskName.PUBLIC]
    before, entries = len(room.log()), log.text(told["secret"])
    browser.get(f"{PUBLIC}?risk=low")
    browser.get(f"{PUBLIC}?risk=low")  # the same once more
    browser.post(PUBLIC, data={"words": SECRET, "mode": "words"})
    for path in ("reads", "figures", "exports", "account"):
        assert browser.get(f"{PUBLIC}/{path}").status_code == 200
    written = room.log()[before:]
    assert [each.meta["what"] for each in written] == ["search", "search", "search"]  # the last: the figures' topics
    assert written[0].meta["filters"] == {"risks": ["low"]}
    assert written[1].contents["words"] == SECRET
    assert {each.meta["role"] for each in written} == {"auditor"}
    assert log.text(told["secret"]) == entries
    page = browser.get(f"{PUBLIC}/reads").text
    assert "Dareka" in page
    assert SECRET in page
    assert "検索" in page


def test_the_page_of_reads_takes_the_days_it_offers(auditor: TestClient) -> None:
    assert '<option value="30" selected>' in auditor.get(f"{PUBLIC}/reads?days=30").text
    assert '<option value="7" selected>' in auditor.get(f"{PUBLIC}/reads?days=31").text
    assert '<option value="7" selected>' in auditor.get(f"{PUBLIC}/reads?days=%00").text


def test_figures_are_drawn_with_their_table(auditor: TestClient) -> None:
    page = auditor.get(f"{PUBLIC}/figures").text
    assert page.count("<svg") == 12 + 11
    assert "style=" not in page
    assert 'width="100.0"' in page
    assert re.search(r'data-name="合計"><div><span>3</span>\s*<svg', page)


@pytest.mark.parametrize("language", ["ja", "ja-easy", "en", "zh", "ko"])
def test_every_page_in_every_language(auditor: TestClient, language: str) -> None:
    for path in ("", "/reads", "/figures", "/exports"):
        page = auditor.get(f"{PUBLIC}{path}?lang={language}")
        assert page.status_code == 200
        assert "audit_" not in re.sub(r'href="[^"]*"|menu\.audit', "", page.text)


def test_the_readings_are_entries_of_this_desk_alone(room: AuditRoom) -> None:
    assert all(each.kind in READINGS for each in room.log(DeskName.STAFF))
    assert not [each for each in room.log(DeskName.STAFF) if SECRET in str(each.contents.get("words"))][1:]

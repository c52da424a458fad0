"""The papers' pages as a desk shows them, and a retention schedule of some body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from bot.records import DeskName, Language
from tests.fakes_web import FakeDesk, desk_doors
from web.desks import desk_application
from web.doors import DoorSettings
from web.i18n import load
from web.metrics import Metrics
from web.papers import Papers, bundled
from web.papers.values import Paper
from web.rendering import Frame

CATALOGUES = load()
OWN = """version = "3"
date = 2026-04-01
owner = "records_officer"
review_by = 2027-04-01
[rule.contents]
what = "相談の文章"
years = 2
basis = "甲市文書管理規程 別表 <b>"
[rule.envelopes]
what = {ja = "相談の台帳", en = "Register of consultations"}
years = 3
basis = "甲市文書管理規程 別表"
"""


def own_schedule(directory: Path, text: str = OWN) -> Path:
    file = directory / "schedule.toml"
    file.write_text(text, "utf-8")
    return file


def client(
    desk: DeskName = DeskName.PUBLIC,
    papers: Papers | None = None,
    *,
    settings: DoorSettings | None = None,
    contacts: tuple[str, ...] = (),
) -> TestClient:
    """One desk's application without a gate."""
    root = "" if desk is DeskName.PUBLIC else "/staff"
    doors = desk_doors(FakeDesk(), desk, contacts)
    chosen = replace(settings or DoorSettings(requests_per_minute=10_000), papers=papers or bundled())
    return TestClient(
        desk_application(doors, Frame(desk.value, root, doors.contacts), chosen, CATALOGUES, Metrics()),
        base_url="http://x",
    )


def page(
    name: str,
    language: Language = Language.JA,
    desk: DeskName = DeskName.PUBLIC,
    *,
    papers: Papers | None = None,
    settings: DoorSettings | None = None,
    contacts: tuple[str, ...] = (),
) -> str:
    root = "" if desk is DeskName.PUBLIC else "/staff"
    response = client(desk, papers, settings=settings, contacts=contacts).get(f"{root}/{name}?lang={language.value}")
    assert response.status_code == 200
    return response.text


def all_papers() -> Iterator[Paper]:
    made = bundled()
    yield from (made.privacy, made.terms, made.risks.paper)


def words(html: str) -> str:
    main = html.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<rp>.*?</rp>|<rt>.*?</rt>|<[^>]*>", "", main))

"""The papers: complete, true to the code, checked at the start, readable, named when they are overdue."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot import correcting, persons_case, responding
from bot.answered import Asked
from bot.cases import CaseKind, ChangeKind
from bot.exchange import answer
from bot.feedback import Feedback, give
from bot.gaps import Unrecorded
from bot.ports import ShelfUnavailable
from bot.records import DeskName, Language
from bot.rounds import raise_alarms
from bot.switch import Off, Scope
from tests.cases_kit import AIKO, TALK, asked, assisted, claimed, kinds, taken
from tests.fakes_bot import FakeShelf, Room, room
from tests.fakes_web import NOW
from tests.papers_kit import CATALOGUES, all_papers, own_schedule, page, words
from web.doors import DoorSettings
from web.i18n import HTML_LANGUAGES
from web.papers import bundled
from web.papers.retention import schedule_of
from web.papers.review import findings, overdue
from web.papers.risks import COLUMNS, POINTS
from web.papers.values import OWNERS
from web.settings import Settings

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 24)
LATE = date(2031, 1, 1)
PAGES = ("privacy", "terms", "risks")
# What the privacy notice names, by its parts; what is only about the entry itself stands in none.
SAID = {
    "question": {"question", "masked"},
    "reply": {"reply", "outcome", "citations", "draft", "held", "verdict", "switch", "fault"},
    "reading": {"topic", "risk", "danger", "automation", "rule", "row", "asked", "standalone", "rule_score", "parted"}
    | {"evidence", "gate", "missing", "history", "conditions"},
    "times": {"received", "answered", "language", "conversation"},
    "versions": {"snapshot", "stamps"},
    "feedback": {"useful", "reason", "comment"},
    "case": {"case", "number", "kind", "priority", "due", "waiting", "department", "may_forward", "text"}
    | {"service", "happened", "wish", "bureau"},
    "case_work": {
        "by",
        "role",
        "name",
        "until",
        "why",
        "made",
        "base",
        "reply_ja",
        "to",
        "with_content",
        "into",
        "note",
    }
    | {"alarm"},
    "correction": {"decision", "passages"},
    "contact": {"until"},
    "gap": {"unrecorded"},
    "marks": {"confidential"},
    "assessment": {"assessment"},
}
OF_THE_ENTRY = {"exchange", "desk"}


class Thrown:
    """A switch that somebody threw."""

    def state(self) -> Off:
        return Off(Scope.ALL, "administrator", "点検", NOW)


@pytest.mark.parametrize("desk", DeskName)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_in_every_language(name: str, language: Language, desk: DeskName) -> None:
    html = page(name, language, desk)
    assert f'<html lang="{HTML_LANGUAGES[language]}"' in html
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", html.partition("<main")[2].partition("</main>")[0])]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    said = words(html)
    assert not re.search(r"[{}《》]", said)
    assert len(said) > 400
    if language in (Language.EN, Language.KO):
        named = re.sub(r"（[^）]*）|\([^)]*\)|取扱注意|部外秘", "", said)
        assert not re.search(r"[ぁ-んァ-ヶ]", named)


def test_easy_japanese_keeps_its_rules() -> None:
    texts = [(key, text) for paper in all_papers() for key, text in paper.texts[Language.JA_EASY].items()]
    texts += [
        (rule.name, each[Language.JA_EASY]) for rule in bundled().schedule.rules for each in (rule.what, rule.basis)
    ]
    for key, text in texts:
        assert not re.search(r"[一-鿿]", re.sub(r"[々一-鿿]+《[ぁ-んー]+》", "", text)), key
        assert all(len(sentence) <= 40 for sentence in re.sub(r"《.*?》", "", text).split("。")), key


def test_no_language_repeats_another() -> None:
    for paper in all_papers():
        for key in paper.texts[Language.JA]:
            said = [paper.texts[language][key] for language in Language if language is not Language.JA_EASY]
            assert key.endswith(".name") or len(set(said)) == len(said), key


@pytest.mark.parametrize("name", PAGES)
def test_the_links_name_the_pages_by_their_titles(name: str) -> None:
    paper = dict(zip(PAGES, all_papers(), strict=True))[name]
    for language in Language:
        link = re.sub(r"《.*?》|\s", "", CATALOGUES.text(f"{name}.title", language))
        assert link == re.sub(r"《.*?》|\s", "", paper.texts[language]["title"])
    assert f'href="/{name}"' in page("about")


def named_tests() -> set[str]:
    made = bundled()
    shown = {
        test for paper in all_papers() for section in paper.sections for part in section.parts for test in part.shown_by
    }
    return shown | {test for point in made.risks.points for row in point.rows for test in row.tests}


def test_every_named_test_is_there() -> None:
    named = named_tests()
    assert len(named) > 50
    for test in sorted(named):
        file, _, function = test.partition("::")
        assert (ROOT / file).is_file(), test
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert function in {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }, test


def test_every_point_has_its_rows_each_with_what_remains() -> None:
    made = bundled().risks
    assert tuple(point.name for point in made.points) == POINTS
    names = [made.paper.texts[Language.JA][f"{point}.name"] for point in POINTS]
    assert names == ["安全性", "公平性", "プライバシー", "セキュリティ", "透明性", "説明責任"]
    for point in made.points:
        assert len(point.rows) >= 4
        assert all(row.tests and row.owner in OWNERS and row.review_by > DAY for row in point.rows)


def test_figures_are_the_measured_ones() -> None:
    quality = (ROOT / "docs" / "quality.md").read_text("utf-8")
    english = bundled().risks.paper.texts[Language.EN]
    assert "22 of 152" in english["safety.wrong_answer.remains"]
    assert "22 of 152" in quality
    assert re.search(r"Of 100 .* 8 were missed; .* 1 was taken for danger", english["safety.danger_missed.remains"])
    assert re.search(r"Of 100 dangers .* a third time .*: 92, with one", quality)


def test_the_risk_table_has_headers_for_readers_and_labels_where_it_is_stacked() -> None:
    html = page("risks")
    rows = sum(len(point.rows) for point in bundled().risks.points)
    assert html.count('scope="row"') == rows
    assert html.count('scope="col"') == (len(COLUMNS) + 1) * len(POINTS)
    assert html.count('class="cell" aria-hidden="true"') == (len(COLUMNS) + 1) * rows
    css = (ROOT / "web" / "static" / "desk.css").read_text("utf-8")
    assert ".stacked :is(tbody, tr, th, td)" in css or ".stacked, .stacked :is(tbody, tr, th, td)" in css


# What the notice says, held against the code.


def worked_on(desk: DeskName = DeskName.PUBLIC) -> Room:
    """A desk at which everything was done to cases that can be done."""
    held = assisted(desk)
    public = desk is DeskName.PUBLIC
    kind = CaseKind.COMPLAINT if public else CaseKind.CONSULTATION
    said = {"service": "審査AI", "happened": "誤り", "wish": "人に見てほしい", "bureau": "福祉局"} if public else {}
    exchange = asked(held).exchange
    plain, other, third = (taken(held, "相談です", kind=kind, **said) for _ in range(3))
    correction = taken(held, "違います", kind=CaseKind.CORRECTION, exchange=exchange, may_forward=True)
    first = held.cases.of_conversation(TALK)[0]
    for case in (first.id, plain.case.id, other.case.id, third.case.id, correction.case.id):
        claimed(held, case)
    responding.open_file(held.desk, first.id, AIKO)
    responding.note(held.desk, first.id, AIKO, "覚え書き")
    responding.ask_back(held.desk, first.id, AIKO, "どれですか")
    responding.claim(held.desk, first.id, AIKO)
    responding.return_draft(held.desk, first.id, AIKO, "古い")
    responding.reply(held.desk, first.id, AIKO, responding.Answer("Answer.", "回答", "もと"))
    persons_case.add(held.desk, plain.number, "追加")
    persons_case.give_contact(held.desk, plain.number, "taro", consent=True)
    responding.read_contact(held.desk, plain.case.id, AIKO)
    persons_case.remove_contact(held.desk, plain.number)
    responding.release(held.desk, plain.case.id, AIKO, "交代")
    responding.merge(held.desk, other.case.id, AIKO, plain.case.id)
    responding.forward(held.desk, third.case.id, AIKO, "福祉局", "ご案内", with_content=False)
    responding.close(held.desk, third.case.id, AIKO)
    persons_case.reopen(held.desk, third.number, "まだです")
    persons_case.withdraw(held.desk, third.number)
    correcting.decide(held.desk, correction.case.id, AIKO, upheld=True, text="正しくは191億円です。")
    raise_alarms(held.desk, NOW + timedelta(days=900))
    assert set(kinds(held)) == set(ChangeKind)
    return held


def test_the_record_holds_what_the_notice_says_and_nothing_else() -> None:
    rooms = [
        room(),
        room(name=DeskName.STAFF),
        room(switch=Thrown()),
        room(shelf=FakeShelf(fails=ShelfUnavailable("missing"))),
    ]
    for desk in rooms:
        desk.desk.gaps.note(Unrecorded("failed.log", "ja", NOW))
        for question in (
            "【取扱注意】令和7年度のAI関連予算はいくらですか。電話は090-1234-5678です",
            "助けて、もう死にたい",
        ):
            answered = answer(desk.desk, Asked(question))
            assert answered.exchange
        answer(desk.desk, Asked("火星の人口は？", answered.conversation))
        given = Feedback(useful=False, reason="wrong", comment="誤り")
        give(desk.desk, answered.exchange, answered.conversation, given)
    rooms += [worked_on(), worked_on(DeskName.STAFF)]
    kept = {part.key.partition(".")[2] for part in bundled().privacy.sections[1].parts}
    assert SAID.keys() <= kept
    said = set().union(*SAID.values())
    recorded = {key for desk in rooms for one in desk.log.kept for key in (*one.entry.meta, *one.entry.contents)}
    recorded |= set(re.findall(r"_(?:meta|contents)\[\"(\w+)\"\]", (ROOT / "bot" / "recorder.py").read_text("utf-8")))
    assert recorded - OF_THE_ENTRY == said


def test_no_outside_model_can_be_configured() -> None:
    assert not [name for name in Settings.model_fields if re.search("model|llm|openai|embed|endpoint", name)]
    for file in (ROOT / "bot").rglob("*.py"):
        assert not re.search(
            r"^\s*(?:import|from) (?:openai|langchain_openai|httpx|requests)\b", file.read_text(), re.M
        )


def test_the_page_says_that_what_is_over_is_erased(tmp_path: Path) -> None:
    own = replace(bundled(), schedule=schedule_of(own_schedule(tmp_path)))
    for made in (bundled(), own):
        assert "自動で消去します" in words(page("privacy", papers=made))


def test_these_are_the_only_cookies() -> None:
    setters = {file.name for file in (ROOT / "web").rglob("*.py") if ".set_cookie(" in file.read_text("utf-8")}
    assert setters == {"conversations.py", "security.py", "entrance.py", "signing.py"}
    keys = [part.key for section in bundled().privacy.sections for part in section.parts if section.name == "cookies"]
    assert keys == [f"cookies.{name}" for name in ("conversation", "language", "session", "provider", "none")]


def test_only_what_is_there_is_spoken_of() -> None:
    demo = words(page("privacy")) + words(page("terms"))
    assert "これはデモです" in demo
    assert "連絡先が設定されていません" in demo
    assert "職員のアカウント" not in demo
    settings = DoorSettings(mode="production", operator="甲市<b>", requests_per_minute=10_000)
    made = replace(bundled(), responsible="情報課長")
    html = page("privacy", papers=made, settings=settings, contacts=("電話 00-0000-0000",))
    assert "甲市&lt;b&gt;が運営するサービスです" in html
    production = words(html) + words(page("terms", settings=settings, contacts=("電話 00-0000-0000",)))
    assert "責任者：情報課長" in production
    assert "デモです" not in production
    assert "連絡先が設定されていません" not in production


def test_staff_are_told_of_confidential_information_and_their_responsibility() -> None:
    staff = words(page("terms", desk=DeskName.STAFF)) + words(page("privacy", desk=DeskName.STAFF))
    assert "機密情報" in staff
    assert "責任も職員とその所属にあります" in staff
    assert "サインイン" in staff
    assert "機密情報" not in words(page("terms"))


# What the doctor says.


def test_the_doctor_names_what_is_overdue(tmp_path: Path) -> None:
    assert overdue(bundled(), DAY) == []
    lines = overdue(bundled(), LATE)
    rows = sum(len(point.rows) for point in bundled().risks.points)
    assert len(lines) == 4 + rows
    assert "paper privacy 3 is overdue for review since 2027-05-31 (owner: records_officer)" in lines
    assert "risk safety.danger_missed is overdue for review since 2027-05-31 (owner: responsible)" in lines
    told = findings(None, own_schedule(tmp_path), None, LATE)
    assert (False, "paper retention 3 is overdue for review since 2027-04-01 (owner: records_officer)") in told


def test_the_doctor_says_whose_schedule_holds_and_what_is_broken(tmp_path: Path) -> None:
    ((good, line),) = findings(None, None, None, DAY)
    assert good
    assert "this project's defaults" in line
    assert "shown to people and applied" in line
    ((good, line),) = findings(None, own_schedule(tmp_path), None, DAY)
    assert (good, "the body's own: contents 2 years, envelopes 3 years" in line) == (True, True)
    ((good, line),) = findings(tmp_path / "none.md", None, None, DAY)
    assert (good, line.startswith("none.md (MADOGUCHI_PRIVACY_NOTICE)")) == (False, True)

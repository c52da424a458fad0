"""Gate 10: every catalogue is complete, no key is shown raw, and easy Japanese keeps its rules."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from markupsafe import Markup
from starlette.testclient import TestClient

from audit.erasing_history import BASES
from audit.erasures import EXPIRY
from audit.holds import WHY
from audit.retention import WITH
from bot.cases import CaseKind, CaseReason, CaseState, ChangeKind, Department
from bot.correcting import DISMISSED, UPHELD
from bot.labels import WORDS
from bot.learning_values import NoteState
from bot.records import AutomationLevel, DeskName, DocumentKind, ExcerptKind, Language, Outcome, Risk, Validity
from bot.register_history import ProposalState
from bot.replying import APPROVED, EDITED, OWN
from bot.switch import Scope
from tests.fakes_web import FakeDesk, web_state
from tests.web.audit_view_words import audit_view_keys
from tests.web.audit_words import auditor_keys
from tests.web.grading_words import grading_keys
from tests.web.replay_words import replay_keys
from web.accounts.roles import Role
from web.accounts.values import COMMAND_LINE, AccountProblem, PasswordProblem
from web.app import create_app
from web.i18n import DIRECTORY, CatalogueIncomplete, language_named, load, ruby, shown_date
from web.papers.risks import COLUMNS
from web.papers.values import OWNERS
from web.rendering import REASONS
from web.responder_acts import ACTS
from web.texts import CHECKS, TEXTS

WEB = Path(__file__).parents[2] / "web"
CATALOGUES = load()
KEYS = CATALOGUES.texts[Language.JA].keys()
USED_IN_CODE = re.compile(r"""["']((?:error|notice|menu|sign_in|password|account|hours|lookup)\.[a-z_.]+)["']""")
TEMPLATES = {file.name for file in (WEB / "templates").iterdir()}
USED_IN_TEMPLATES = re.compile(r"""\b(?:t|plain)\('([a-z_.0-9]+)'[,)]""")


CHOSEN_IN_TEMPLATES = re.compile(r"""\bt\(('[a-z_.]+' if [^)]*)\)""")
QUOTED = re.compile(r"""'([a-z_]+\.[a-z_.]+)'""")
# bot.deciding.DecisionRefused and bot.register_history.Void
DECIDED = (
    "not_allowed", "no_reason", "own_proposal", "unknown_proposal", "not_waiting", "stale", "unchanged",
    "bad_register", "not_approver",
)  # fmt: skip

# What bot.intake and bot.persons_case refuse (bot.cases.CaseRefused).
REFUSED = (
    "no_text", "long_text", "no_consent", "unknown_exchange", "too_many", "not_here", "wrong_state", "too_late",
    "unknown",
)  # fmt: skip


# What the responder console shows besides: what bot.responding and bot.correcting refuse, and what it refuses itself.
RESPONDER_REFUSED = (
    "wrong_state", "claimed", "not_claimed", "too_late", "no_text", "long_text", "not_here", "unknown_exchange",
    "not_own", "no_consent", "no_draft", "too_many", "personal", "unknown_reference", "no_decision", "flawed",
)  # fmt: skip
MADE = (APPROVED, EDITED, OWN)
NOTE_FLAWS = ("empty", "long", "many", "bad_date", "past", "bad_address", "no_sentence", "personal")


def responder_keys() -> set[str]:
    used = {f"responder.refused.{code}" for code in RESPONDER_REFUSED} | {f"notes.bad.{code}" for code in NOTE_FLAWS}
    used |= {f"responder.done.{do}" for do in (*ACTS, "send")} | {f"responder.made.{made}" for made in MADE}
    used |= {f"responder.event.{kind.value}" for kind in ChangeKind if kind.value not in ("opened", "read")}
    used |= {f"responder.complaint.{part}" for part in ("service", "happened", "wish", "bureau")}
    used |= {f"responder.decision.{decision}" for decision in (UPHELD, DISMISSED)}
    used |= {f"responder.{column}" for column in ("kind", "reason", "overdue", "mine")}
    used |= {f"desk.responder_{desk.value}" for desk in DeskName}
    return used | {"responder.missing"}


# bot.deciding.DecisionRefused and bot.learning_values.VoidNote, at a desk.
NOTE_REFUSED = (
    "not_allowed", "no_reason", "own_proposal", "unknown_proposal", "not_waiting", "stale", "unchanged",
    "not_approver", "not_editor", "other_desk",
)  # fmt: skip
NOTE_FIELDS = ("title", "section", "text", "questions", "source", "url", "as_of", "review_by")


def note_keys() -> set[str]:
    used = {f"notes.refused.{code}" for code in NOTE_REFUSED} | {f"notes.state.{state.value}" for state in NoteState}
    used |= {f"notes.outcome.{why}" for why in ("not_read", "held_back", "personal", "unknown")}
    return used | {f"notes.field.{name}" for name in NOTE_FIELDS} | {"notes.flawed"}


# bot.deciding.DecisionRefused at the page of erasures, and audit.erasing_history.Done.void.
RECORD_REFUSED = (
    "not_allowed", "own_proposal", "own_hold", "held", "nothing_left", "unknown_target", "unknown_proposal",
    "not_waiting", "unknown_hold", "no_request", "no_reason", "bad_basis", "bad_why", "unchanged",
)  # fmt: skip


def record_keys() -> set[str]:
    used = {f"records.refused.{code}" for code in RECORD_REFUSED} | {f"records.why.{why}" for why in WHY}
    used |= {f"records.basis.{basis}" for basis in (*BASES, EXPIRY)} | {f"retention.with.{each}" for each in WITH}
    return used | {"records.propose", "records.hold"}


def used_keys() -> set[str]:
    used = {f"family.{outcome.family}" for outcome in Outcome if outcome.family not in ("answered", "escalated")}
    used |= {f"excerpt.{kind.value}" for kind in ExcerptKind} | {f"validity.{one.value}" for one in Validity}
    used |= {f"kind.{kind.value}" for kind in DocumentKind if kind is not DocumentKind.DOCUMENT}
    used |= {f"feedback.reason.{reason}" for reason in REASONS}
    used |= {f"access.check.{check}" for check, _ in CHECKS} | {f"access.{result}" for _, result in CHECKS}
    for page, sections in TEXTS.items():
        used |= {f"{page}.title"} | {f"{page}.{section}" for section, _ in sections}
        used |= {f"{page}.{section}.{n}" for section, count in sections for n in range(1, count + 1)}
    used |= {f"scope.can.{n}" for n in range(1, 4)} | {f"scope.cannot.{n}" for n in range(1, 5)}
    used |= {f"masked.kind.{kind}" for kind in WORDS}
    used |= {f"owner.{owner}" for owner in OWNERS} | {f"risk.{column}" for column in COLUMNS}
    used |= {f"desk.{desk}" for desk in ("staff", "admin")} | {f"where.{scope.value}" for scope in Scope}
    used |= {f"role.{role.value}" for role in Role} | {f"role.{COMMAND_LINE}"}
    used |= {f"level.{level.value}" for level in AutomationLevel}
    used |= {f"proposal.{state.value}" for state in ProposalState} | {f"decided.{code}" for code in DECIDED}
    used |= {f"accounts.{problem.value}" for problem in AccountProblem}
    used |= {f"password.{problem.value}" for problem in PasswordProblem}
    used |= {f"hours.day.{day}" for day in range(7)} | {f"department.{each.value}" for each in Department}
    used |= {f"case.state.{state.value}" for state in CaseState} | {f"case.kind.{kind.value}" for kind in CaseKind}
    used |= {f"case.reason.{reason.value}" for reason in CaseReason} | {f"priority.{risk.value}" for risk in Risk}
    used |= {f"case.said.{said}" for said in ("own", "approved", "edited", "answered", "asked", "forwarded")}
    used |= {"case.decision.upheld", "case.decision.dismissed"} | {f"case.refused.{code}" for code in REFUSED}
    used |= responder_keys() | note_keys() | record_keys() | auditor_keys() | audit_view_keys() | replay_keys()
    used |= grading_keys()
    for template in (WEB / "templates").iterdir():
        written = template.read_text("utf-8")
        used |= set(USED_IN_TEMPLATES.findall(written))
        used |= {key for chosen in CHOSEN_IN_TEMPLATES.findall(written) for key in QUOTED.findall(chosen)}
    for module in WEB.glob("*.py"):
        used |= set(USED_IN_CODE.findall(module.read_text("utf-8"))) - TEMPLATES
    return used


def test_every_key_is_used_and_every_used_key_has_its_words() -> None:
    assert used_keys() == set(KEYS)


@pytest.mark.parametrize("language", Language)
def test_no_text_is_empty_and_placeholders_agree(language: Language) -> None:
    for key in KEYS:
        text = CATALOGUES.texts[language][key]
        assert text.strip()
        assert text != key
        assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", CATALOGUES.texts[Language.JA][key])


def test_a_catalogue_that_lacks_a_text_stops_the_start(tmp_path: Path) -> None:
    shutil.copytree(DIRECTORY, tmp_path / "locales")
    korean = tmp_path / "locales" / "ko.po"
    korean.write_text(korean.read_text("utf-8").replace('msgid "skip"', 'msgid "skipped"'), "utf-8")
    with pytest.raises(CatalogueIncomplete, match=r"ko\.po.*skip"):
        load(tmp_path / "locales")


def test_easy_japanese_reads_every_kanji_aloud_in_short_sentences() -> None:
    for key, text in CATALOGUES.texts[Language.JA_EASY].items():
        unread = re.sub(r"[々一-鿿]+《[ぁ-んー]+》", "", text)
        assert not re.search(r"[一-鿿]", unread), key
        for sentence in re.sub(r"《.*?》", "", text).split("。"):
            assert len(sentence) <= 40, key


@pytest.mark.parametrize("language", Language)
def test_no_key_and_no_reading_mark_reaches_a_page(language: Language) -> None:
    client = TestClient(create_app(web_state(FakeDesk())))
    client.post("/", data={"question": "予算は？"})
    for path in ("/", "/about", "/privacy", "/terms", "/risks", "/accessibility", "/sources/opinion-ema", "/nowhere"):
        page = client.get(f"{path}?lang={language.value}").text
        words = re.sub(r"<[^>]*>", " ", page)
        assert not [key for key in KEYS if re.search(rf"(?<![\w.]){re.escape(key)}(?![\w.])", words) and "." in key]
        assert "《" not in page


def test_ruby_escapes_first() -> None:
    assert ruby("<b>質問《しつもん》") == Markup("&lt;b&gt;<ruby>質問<rp>(</rp><rt>しつもん</rt><rp>)</rp></ruby>")


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        ("2025", Language.JA, "2025年"),
        ("2025-07", Language.EN, "July 2025"),
        ("2025-07-25", Language.KO, "2025년 7월 25일"),
        ("2025-13-40", Language.JA, "2025-13-40"),
        ("令和<7>年", Language.JA, "令和&lt;7&gt;年"),
    ],
)
def test_dates_are_as_exact_as_they_are_known(value: str, language: Language, shown: str) -> None:
    assert shown_date(value, language) == shown


def test_language_names() -> None:
    assert language_named("ja@easy") is Language.JA_EASY
    assert language_named("xx") is None
    assert language_named(None) is None

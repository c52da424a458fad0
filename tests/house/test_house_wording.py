"""Configuration held against code: no rule without its words, no words without a rule, published files unchanged."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Sequence
from hashlib import sha256

import pytest
from repository import ROOT, files, modules, read

from bot.cues import cues_of
from bot.gate import load_gate
from bot.measures import Measures
from bot.records import AutomationLevel, DeskName, Language, Outcome, Risk, Slot, Topic, Triage
from bot.register import load_register
from bot.rules import rules_of
from bot.steps.reply import Voice, settled
from prompts.library import wording_for

# A published file never changes; a new version is a new line here.
PUBLISHED = {
    "prompts/reply/v1.toml": "07ef174c556a213e7f9a5dde2c76bc8514ad780a461af0964fa81e1e279753d6",
    "prompts/reply/v2.toml": "31bf7b7b53bbdd27fa2e8a328820f01a96420d50d2050db4c374c830150cef03",
    "prompts/reply/v3.toml": "49a4f99ee41988d6a4033f25292a53ff1301048a82142385bf17e604c0f90930",
    "prompts/reply/v4.toml": "9204279280055913cffe0b3223f8adf5ae4e068839df1183bae90d51aae4ab77",
}
TRIAGE = tomllib.loads(read("bot/triage.toml"))["rule"]
WORDING = {desk: wording_for(desk) for desk in DeskName}


class NoContacts:
    desk = DeskName.PUBLIC

    def lines(self, language: Language) -> Sequence[str]:
        return ()


def test_published_texts_are_pinned_and_unchanged() -> None:
    found = {path.as_posix() for path in files() if path.parts[0] == "prompts" and path.name.startswith("v")}
    assert found == PUBLISHED.keys(), "a new version is pinned here when it is published"
    for name, digest in PUBLISHED.items():
        assert sha256((ROOT / name).read_bytes()).hexdigest() == digest, f"{name} is published and never changes"


def test_published_texts_are_in_the_changelog() -> None:
    for name in PUBLISHED:
        assert name.removeprefix("prompts/").removesuffix(".toml") in read("prompts/CHANGELOG.md")


@pytest.mark.parametrize("rule", TRIAGE, ids=lambda rule: rule["name"])
@pytest.mark.parametrize("language", Language)
def test_every_triage_rule_has_its_words(rule: dict[str, str], language: Language) -> None:
    placed = Triage(Topic(rule["topic"]), Risk(rule["risk"]), AutomationLevel.NONE, rule["name"])
    reply = settled(Voice(WORDING[DeskName.PUBLIC], NoContacts()), placed, language)
    assert reply.text
    assert reply.outcome.family in {"referred", "refused"}


def test_every_triage_rule_has_its_row_in_the_register() -> None:
    rows = {(row.topic, row.risk) for row in load_register().rows}
    assert {(Topic(rule["topic"]), Risk(rule["risk"])) for rule in TRIAGE} <= rows


def test_every_topic_has_its_row_in_the_register() -> None:
    assert {row.topic for row in load_register().rows} == set(Topic)


def test_every_desk_has_rules_and_they_are_named_once() -> None:
    names = [rule["name"] for rule in TRIAGE]
    assert len(set(names)) == len(names)
    assert all(rules_of(desk).rules for desk in DeskName)
    assert {desk for rule in TRIAGE for desk in rule["desks"]} == {desk.value for desk in DeskName}


def test_every_reply_text_is_said_somewhere_and_every_outcome_can_be_said() -> None:
    current = tomllib.loads(read("prompts/current.toml"))["public"]["reply"]
    texts = tomllib.loads(read(f"prompts/reply/{current}.toml"))["ja"].keys()
    said = {
        node.value
        for name, tree in modules("bot").items()
        if name != "bot/records.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    needed = {outcome.reason for outcome in Outcome if outcome.family in {"abstained", "refused", "referred"}}
    needed |= {f"failed_{outcome.reason}" for outcome in Outcome if outcome.family == "failed"}
    needed.discard(Outcome.REFERRED_OTHER_DESK.reason)  # said by the desk the question belongs to: other_desk_…
    assert needed <= texts
    assert texts <= needed | said, "texts that nothing says"


def test_asking_words_name_kinds_of_value() -> None:
    named = tomllib.loads(read("bot/cues.toml")).keys() - {"version", "quantity"}
    assert named == {slot.value for slot in Slot}
    assert cues_of("いつから？").slots == (Slot.WHEN,)


def test_gate_weighs_what_is_measured() -> None:
    weighing = load_gate().weighing
    assert weighing.weight.keys() == weighing.mean.keys() == weighing.spread.keys()
    assert set(weighing.weight) <= set(Measures.__slots__)
    assert all(spread > 0 for spread in weighing.spread.values())


def test_every_stamped_file_carries_a_version() -> None:
    for path in files():
        if path.suffix == ".toml" and path.parts[0] == "bot":
            assert tomllib.loads((ROOT / path).read_text("utf-8")).get("version"), path


def test_everything_that_shapes_an_answer_is_stamped() -> None:
    told = read("web/assembly.py") + read("bot/recorder.py")
    makers = [
        name.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]
        for name, tree in modules("bot").items()
        if any(isinstance(node, ast.FunctionDef) and node.name == "stamp" for node in tree.body)
    ]
    assert makers
    assert [name for name in makers if f"{name}.stamp()" not in told] == []
    assert [name for name in ("gate", "rules", "register", "wording") if f"{name}.stamp" not in told] == []

"""Which version of the register is in force, whatever is written into the system log and in whichever order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.deciding import BY, ROLE, Actor, DecisionRefused
from bot.ports import LogUnavailable
from bot.records import AutomationLevel, DeskName, Entry, EntryId, Risk, Topic
from bot.register import as_json, digest_of, load_register, register_of
from bot.register_changes import approve, propose, reject
from bot.register_history import (
    APPROVED,
    BASE,
    PROPOSED,
    REJECTED,
    SUBJECT,
    ActiveRegister,
    ProposalState,
    UnreadableRegister,
    folded,
)
from tests.decisions_kit import ADMINISTRATOR, APPROVER, EDITOR, NOBODY, SECOND_APPROVER, tables, version
from tests.fakes_audit import FakeLog

DEFAULT = load_register()
VERSIONS = [version(name, documents=level) for name, level in (("a", "none"), ("b", "assisted"))]
VERSIONS.append(version("c", opinion="none"))
PEOPLE = ["ac_1", "ac_2", "ac_3"]


def refused(code: str, call: object, *given: object) -> None:
    with pytest.raises(DecisionRefused) as caught:
        call(*given)  # type: ignore[operator] # one of the three commands
    assert caught.value.code == code


def test_without_any_decision_the_default_is_in_force() -> None:
    assert ActiveRegister(FakeLog()).active() is DEFAULT


def test_a_proposal_counts_when_somebody_else_approves_it() -> None:
    log, proposed = FakeLog(), version("3", documents="none")
    register = ActiveRegister(log)
    waiting = propose(log, proposed, EDITOR, "試験の間は職員が答える")
    assert waiting.state is ProposalState.WAITING
    assert register.active() is DEFAULT
    assert approve(log, waiting.id, APPROVER).state is ProposalState.APPROVED
    assert register.active() == proposed
    assert register.of(DeskName.PUBLIC).active().level(Topic.DOCUMENTS, Risk.LOW) is AutomationLevel.NONE
    (told,) = register.history().proposals
    assert (told.by, told.role, told.name, told.reason) == (
        EDITOR.id,
        "knowledge_editor",
        EDITOR.name,
        "試験の間は職員が答える",
    )
    assert told.decision is not None
    assert (told.decision.by, told.decision.name) == (APPROVER.id, APPROVER.name)


def test_metadata_names_nobody() -> None:
    log = FakeLog()
    approve(log, propose(log, VERSIONS[0], EDITOR, "理由").id, APPROVER)
    for kept in log.kept:
        assert EDITOR.name not in str(kept.entry.meta)
        assert APPROVER.name not in str(kept.entry.meta)


def test_nobody_approves_their_own_proposal() -> None:
    log = FakeLog()
    waiting = propose(log, version("3", documents="none"), APPROVER)
    refused("own_proposal", approve, log, waiting.id, APPROVER)
    assert approve(log, waiting.id, SECOND_APPROVER).state is ProposalState.APPROVED


def test_roles_decide_who_may_what() -> None:
    log = FakeLog()
    refused("not_allowed", propose, log, version("3"), NOBODY)
    waiting = propose(log, version("3", documents="none"), ADMINISTRATOR)
    refused("not_allowed", approve, log, waiting.id, EDITOR)
    refused("not_allowed", reject, log, waiting.id, EDITOR)
    assert reject(log, waiting.id, ADMINISTRATOR).state is ProposalState.REJECTED  # one's own, taken back
    second = propose(log, version("4", documents="none"), EDITOR)
    assert reject(log, second.id, APPROVER, "根拠が足りない").state is ProposalState.REJECTED
    refused("not_waiting", approve, log, second.id, APPROVER)
    assert ActiveRegister(log).active() is DEFAULT


def test_a_proposal_against_an_older_version_is_void() -> None:
    log = FakeLog()
    first, second = propose(log, VERSIONS[0], EDITOR), propose(log, VERSIONS[1], EDITOR)
    approve(log, first.id, APPROVER)
    refused("stale", approve, log, second.id, APPROVER)
    log.append(Entry(APPROVED, SUBJECT, {BY: APPROVER.id, ROLE: "approver", BASE: second.base}, {}, (second.id,)))
    history = ActiveRegister(log).history()
    assert history.active == VERSIONS[0]
    assert [each.why for each in history.void] == ["stale"]
    assert [each.state for each in history.proposals] == [ProposalState.APPROVED, ProposalState.STALE]


def test_what_cannot_be_proposed() -> None:
    log = FakeLog()
    refused("unchanged", propose, log, DEFAULT, EDITOR)
    refused("unchanged", propose, log, version("another name"), EDITOR)
    refused("bad_register", propose, log, version(DEFAULT.stamp.version, documents="none"), EDITOR)
    short = version("3", documents="none")
    refused("bad_register", propose, log, replace(short, rows=short.rows[1:]), EDITOR)
    refused("bad_register", propose, log, replace(version("3", documents="none"), places=()), EDITOR)
    refused("unknown_proposal", approve, log, "entry-9", APPROVER)
    assert not log.kept


def test_a_later_program_finds_the_same_version_in_force() -> None:
    log = FakeLog()
    waiting = propose(log, VERSIONS[0], EDITOR)
    approve(log, waiting.id, APPROVER)
    other_default = version("another default", opinion="none")
    assert folded(log.entries(SUBJECT), other_default).active == VERSIONS[0]


def test_a_proposal_against_another_default_is_stale_before_it_is_approved() -> None:
    log = FakeLog()
    waiting = propose(log, VERSIONS[0], EDITOR)
    (told,) = folded(log.entries(SUBJECT), version("another default", opinion="none")).proposals
    assert (told.id, told.state) == (waiting.id, ProposalState.STALE)


def test_what_was_approved_and_cannot_be_read_is_not_replaced_by_something_older() -> None:
    log = FakeLog()
    register = ActiveRegister(log)
    assert register.active() is DEFAULT
    strange = {**tables("9"), "row": [{**row, "level": "by committee"} for row in tables()["row"]]}
    meta = {BY: EDITOR.id, ROLE: "knowledge_editor", BASE: DEFAULT.stamp.digest}
    proposed = log.append(Entry(PROPOSED, SUBJECT, {**meta, "register": strange}))
    assert ActiveRegister(log).history().proposals[0].state is ProposalState.UNREADABLE
    refused("not_waiting", approve, log, proposed.entry, APPROVER)
    by_newer = {BY: APPROVER.id, ROLE: "approver", BASE: DEFAULT.stamp.digest}
    log.append(Entry(APPROVED, SUBJECT, by_newer, {}, (proposed.entry,)))
    with pytest.raises(UnreadableRegister):
        folded(log.entries(SUBJECT), DEFAULT)
    with pytest.raises(LogUnavailable):
        ActiveRegister(log).active()
    assert register.active() is DEFAULT  # the last that this process read
    good = {**as_json(VERSIONS[0])}
    repaired = log.append(Entry(PROPOSED, SUBJECT, {**meta, BASE: digest_of(strange), "register": good}))
    log.append(Entry(APPROVED, SUBJECT, by_newer, {}, (repaired.entry,)))
    assert ActiveRegister(log).active() == VERSIONS[0]


def test_danger_cannot_be_given_away_even_by_an_entry_of_other_means() -> None:
    log = FakeLog()
    unsafe = {**tables("9"), "row": [{**row, "level": "full"} for row in tables()["row"]]}
    meta = {BY: EDITOR.id, ROLE: "knowledge_editor", BASE: DEFAULT.stamp.digest, "register": unsafe}
    log.append(Entry(PROPOSED, SUBJECT, meta))
    assert ActiveRegister(log).history().proposals[0].state is ProposalState.UNREADABLE


def test_a_log_that_goes_away_leaves_the_last_version_read() -> None:
    log = FakeLog()
    register = ActiveRegister(log)
    log.refuse("io")
    with pytest.raises(LogUnavailable):
        register.active()
    log.refuse(None)
    approve(log, propose(log, VERSIONS[0], EDITOR).id, APPROVER)
    assert register.active() == VERSIONS[0]
    log.refuse("io")
    assert register.active() == VERSIONS[0]
    with pytest.raises(LogUnavailable):
        register.history()


def test_nothing_is_read_again_while_nothing_came() -> None:
    class Counting(FakeLog):
        reads = 0

        def entries(self, subject: object) -> list[object]:  # type: ignore[override] # counts, then the same
            self.reads += 1
            return list(super().entries(subject))  # type: ignore[arg-type] # as above

        def newest_about(self, subject: object) -> EntryId | None:
            return self.kept[-1].appended.entry if self.kept else None

    log = Counting()
    register = ActiveRegister(log)
    propose(log, VERSIONS[0], EDITOR)
    log.reads = 0
    for _ in range(10):
        register.active()
    assert log.reads == 1
    assert register.of(DeskName.STAFF).active() is not None


Step = tuple[str, str, int, str]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([PROPOSED, APPROVED, APPROVED, REJECTED]),
        st.sampled_from(PEOPLE),
        st.integers(0, 4),
        st.sampled_from(["approver", "approver", "knowledge_editor"]),
    ),
    max_size=14,
)


@given(STEPS)
def test_any_interleaving_is_decided_by_two_people_on_what_was_in_force(steps: list[Step]) -> None:
    """Against a second telling of the rules: the version changes at exactly the approvals that count."""
    log = FakeLog()
    digests = [DEFAULT.stamp.digest, *(each.stamp.digest for each in VERSIONS)]
    proposals: list[tuple[EntryId, str, str, str]] = []  # id, by, base, digest
    decided: set[EntryId] = set()
    in_force, refusals = DEFAULT.stamp.digest, 0
    for kind, by, number, role in steps:
        if kind == PROPOSED:
            chosen, base = VERSIONS[number % 3], digests[number % 4] if number else in_force
            meta = {BY: by, ROLE: role, BASE: base, "register": as_json(chosen)}
            entry = log.append(Entry(PROPOSED, SUBJECT, meta)).entry
            proposals.append((entry, by, base, chosen.stamp.digest))
            continue
        if not proposals:
            continue
        entry, proposer, base, digest = proposals[number % len(proposals)]
        log.append(Entry(kind, SUBJECT, {BY: by, ROLE: role, BASE: in_force}, {}, (entry,)))
        own, approver = by == proposer, role == "approver"
        if entry in decided:
            refusals += 1
        elif kind == REJECTED and (own or approver):
            decided.add(entry)
        elif kind == APPROVED and approver and not own and base == in_force:
            decided.add(entry)
            in_force = digest
        else:
            refusals += 1
        assert ActiveRegister(log).active().stamp.digest == in_force
    history = ActiveRegister(log).history()
    assert history.active.stamp.digest == in_force
    assert len(history.void) == refusals
    assert all(each.base == in_force for each in history.waiting)


@given(st.lists(st.sampled_from([EDITOR, APPROVER, SECOND_APPROVER, ADMINISTRATOR]), min_size=1, max_size=8))
def test_the_commands_never_let_one_person_do_both(people: list[Actor]) -> None:
    log = FakeLog()
    for number, actor in enumerate(people):
        try:
            if number % 2:
                approve(log, ActiveRegister(log).history().proposals[-1].id, actor)
            else:
                propose(log, version(f"v{number}", documents=("none", "assisted")[number // 2 % 2]), actor)
        except (DecisionRefused, IndexError):
            continue
    for told in ActiveRegister(log).history().proposals:
        if told.state is ProposalState.APPROVED:
            assert told.decision is not None
            assert told.decision.by != told.by
    assert not ActiveRegister(log).history().void


def test_the_recorded_digest_is_that_of_the_version() -> None:
    assert digest_of(as_json(VERSIONS[0])) == VERSIONS[0].stamp.digest
    assert register_of(as_json(DEFAULT)) == DEFAULT

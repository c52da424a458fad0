"""What a desk learns: flags and notes, whatever is written into the system log and in whichever order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import learning
from bot.adapters.notifying.system import SystemNotifier
from bot.deciding import BY, ROLE, DecisionRefused
from bot.learning import BadNote, NoteText, Taught, flag_notice, note_contents, note_id, note_meta, note_of, subject_of
from bot.learning_changes import Editing, approve, propose, propose_withdrawal, reject, revise, settle
from bot.learning_history import DeskLearning, folded
from bot.learning_values import NoteProposal, NoteState
from bot.note_checks import NoteFlawed, checked
from bot.ports import LogUnavailable
from bot.records import DeskName, Entry, EntryId, PassageId
from tests.decisions_kit import ADMINISTRATOR, APPROVER, EDITOR, NOBODY, SECOND_APPROVER
from tests.fakes_audit import FakeLog
from tests.learning_kit import NOTE, PRICE, RESPONDER, SECOND_EDITOR, NoWords, editing_of, from_case, revised

TODAY = editing_of().clock.now().date()


def refused(code: str, call: Callable[..., object], *given: object, **named: object) -> None:
    with pytest.raises(DecisionRefused) as caught:
        call(*given, **named)
    assert caught.value.code == code


def flaws(note: NoteText) -> set[tuple[str, str]]:
    with pytest.raises(NoteFlawed) as caught:
        checked(note, NoWords(), TODAY)
    return {(each.field, each.code) for each in caught.value.flaws}


def carried_out(editing: Editing, proposal: NoteProposal, kind: str = learning.PUBLISHED) -> EntryId:
    """What the service writes once it has carried out an approval."""
    assert proposal.approval is not None
    meta = {learning.DESK: editing.desk.value, BY: "service", ROLE: "service", "note": proposal.note, "snapshot": "s1"}
    meta |= {"why": "not_read"} if kind == learning.REFUSED else {}
    return editing.log.append(Entry(kind, subject_of(editing.desk), meta, {}, (proposal.approval,))).entry


def published(editing: Editing, note: NoteText = NOTE) -> NoteProposal:
    waiting = propose(editing, EDITOR, note)
    carried_out(editing, approve(editing, APPROVER, waiting.id, waiting.newest))
    return one(editing, waiting.id)


def one(editing: Editing, named: str) -> NoteProposal:
    found = editing.state().proposal(named)
    assert found is not None
    return found


def test_a_responders_proposal_becomes_knowledge_by_two_others() -> None:
    editing = editing_of()
    waiting = from_case(editing)
    assert (waiting.state, waiting.text, waiting.case, waiting.proposed.role) == (
        NoteState.WAITING,
        NOTE,
        "cs_1234567",
        "responder",
    )
    better = revise(editing, EDITOR, waiting.id, waiting.newest, revised())
    assert [each.note for each in better.versions] == [NOTE, revised()]
    approved = approve(editing, APPROVER, waiting.id, better.newest)
    assert editing.state().to_publish == (approved,)
    carried_out(editing, approved)
    (told,) = editing.state().proposals
    assert (told.state, told.outcome and told.outcome.snapshot) == (NoteState.PUBLISHED, "s1")
    assert editing.state().live == {told.note: told.outcome and told.outcome.id}
    assert not editing.state().void


def test_the_same_proposal_from_the_outbox_is_one_however_often_it_is_brought() -> None:
    editing = editing_of()
    from_case(editing)
    from_case(editing)
    assert len(editing.state().proposals) == 1
    from_case(editing, occasion="another")
    assert len(editing.state().proposals) == 2


def test_nobody_approves_what_they_proposed_or_revised() -> None:
    editing = editing_of()
    own = propose(editing, APPROVER, NOTE)
    refused("own_proposal", approve, editing, APPROVER, own.id, own.newest)
    mended = revise(editing, SECOND_APPROVER, own.id, own.newest, revised())
    refused("own_proposal", approve, editing, SECOND_APPROVER, own.id, mended.newest)
    refused("own_proposal", approve, editing, APPROVER, own.id, mended.newest)
    third = replace(SECOND_APPROVER, id="ac_third")
    assert approve(editing, third, own.id, mended.newest).state is NoteState.APPROVED


def test_a_version_that_was_revised_meanwhile_is_not_approved() -> None:
    editing = editing_of()
    waiting = from_case(editing)
    mended = revise(editing, EDITOR, waiting.id, waiting.newest, revised())
    refused("stale", approve, editing, APPROVER, waiting.id, waiting.newest)
    refused("stale", revise, editing, SECOND_EDITOR, waiting.id, waiting.newest, revised(title="別の題名"))
    approved = approve(editing, APPROVER, waiting.id, mended.newest)
    refused("not_waiting", revise, editing, EDITOR, waiting.id, approved.newest, NOTE)
    refused("not_waiting", reject, editing, APPROVER, waiting.id, "遅い")
    refused("not_waiting", approve, editing, SECOND_APPROVER, waiting.id, approved.newest)


def test_an_entry_that_came_too_late_is_void_whoever_wrote_it() -> None:
    editing = editing_of()
    waiting = from_case(editing)
    mended = revise(editing, EDITOR, waiting.id, waiting.newest, revised())
    approved = approve(editing, APPROVER, waiting.id, mended.newest)
    told = learning.told(DeskName.PUBLIC, EDITOR, "knowledge_editor")
    late = {**told, **note_meta(NOTE)}
    for entry in (
        Entry(learning.REVISED, subject_of(DeskName.PUBLIC), late, note_contents(NOTE), (waiting.id, mended.newest)),
        Entry(learning.REVISED, subject_of(DeskName.PUBLIC), late, note_contents(NOTE), (waiting.id, waiting.id)),
        Entry(learning.APPROVED, subject_of(DeskName.PUBLIC), {**told, ROLE: "approver"}, {}, (waiting.id, waiting.id)),
    ):
        editing.log.append(entry)
    assert one(editing, waiting.id) == approved
    assert [each.why for each in editing.state().void] == ["not_waiting"] * 3


def test_roles_decide_who_may_what() -> None:
    editing = editing_of()
    waiting = from_case(editing)
    for nobody in (NOBODY, RESPONDER, ADMINISTRATOR):
        refused("not_allowed", propose, editing, nobody, NOTE)
        refused("not_allowed", revise, editing, nobody, waiting.id, waiting.newest, revised())
        refused("not_allowed", approve, editing, nobody, waiting.id, waiting.newest)
    refused("not_allowed", approve, editing, EDITOR, waiting.id, waiting.newest)
    refused("not_allowed", reject, editing, EDITOR, waiting.id, "よくない")
    refused("no_reason", reject, editing, APPROVER, waiting.id, "  ")
    assert reject(editing, APPROVER, waiting.id, "出典が足りない").state is NoteState.REJECTED
    own = propose(editing, EDITOR, NOTE)
    assert reject(editing, EDITOR, own.id, "取り下げる").state is NoteState.REJECTED


def test_what_the_service_refused_is_revised_and_approved_again() -> None:
    editing = editing_of()
    waiting = from_case(editing)
    approved = approve(editing, APPROVER, waiting.id, waiting.newest)
    carried_out(editing, approved, learning.REFUSED)
    told = one(editing, waiting.id)
    assert (told.state, told.outcome and told.outcome.refused) == (NoteState.REFUSED, "not_read")
    assert told in editing.state().waiting
    refused("not_waiting", approve, editing, APPROVER, waiting.id, waiting.newest)
    mended = revise(editing, EDITOR, waiting.id, waiting.newest, revised())
    assert mended.state is NoteState.WAITING
    again = approve(editing, APPROVER, waiting.id, mended.newest)
    carried_out(editing, approved)  # of the approval that was refused: too late
    assert one(editing, waiting.id).state is NoteState.APPROVED
    carried_out(editing, again)
    assert one(editing, waiting.id).state is NoteState.PUBLISHED
    assert [each.why for each in editing.state().void] == ["unknown_proposal"]


def test_a_published_note_is_replaced_and_withdrawn_by_two_people() -> None:
    editing = editing_of()
    first = published(editing)
    refused("unchanged", propose, editing, EDITOR, NOTE, replaces=first.note)
    change = propose(editing, EDITOR, revised(), replaces=first.note)
    goodbye = propose_withdrawal(editing, SECOND_EDITOR, first.note, "古くなった")
    assert {change.note, goodbye.note} == {first.note}
    approved = approve(editing, APPROVER, change.id, change.newest)
    refused("stale", approve, editing, APPROVER, goodbye.id, goodbye.newest)
    carried_out(editing, approved)
    assert [each.state for each in editing.state().proposals] == [
        NoteState.REPLACED,
        NoteState.PUBLISHED,
        NoteState.STALE,
    ]
    refused("stale", reject, editing, APPROVER, goodbye.id, "もう古い")
    again = propose_withdrawal(editing, EDITOR, first.note, "やはり古い")
    refused("own_proposal", approve, editing, replace(APPROVER, id=EDITOR.id), again.id, again.newest)
    carried_out(editing, approve(editing, APPROVER, again.id, again.newest), learning.WITHDRAWN)
    assert not editing.state().live
    assert [each.state.value for each in editing.state().proposals] == ["replaced", "withdrawn", "stale", "withdrawn"]
    refused("unknown_proposal", propose_withdrawal, editing, EDITOR, first.note, "もう一度")
    refused("unknown_proposal", propose, editing, EDITOR, NOTE, replaces="tokyo-budget-fy2025")


def test_flags_are_settled_once_with_a_reason() -> None:
    editing = editing_of()
    notice = flag_notice(
        DeskName.PUBLIC, RESPONDER, why="金額が古い", occasion="entry-7", passage=PassageId("budget"), case=None
    )
    for _ in range(2):
        SystemNotifier(editing.log).deliver(notice)
    (flag,) = editing.state().open_flags
    assert (flag.passage, flag.rule, flag.raised.reason, flag.raised.by) == (
        "budget",
        None,
        "金額が古い",
        RESPONDER.id,
    )
    refused("no_reason", settle, editing, EDITOR, flag.id, "")
    refused("not_allowed", settle, editing, RESPONDER, flag.id, "直した")
    refused("unknown_proposal", settle, editing, EDITOR, "entry-99", "直した")
    done = settle(editing, EDITOR, flag.id, "資料を差し替えた")
    assert done.settled is not None
    assert (done.settled.reason, done.settled.name) == ("資料を差し替えた", EDITOR.name)
    refused("not_waiting", settle, editing, EDITOR, flag.id, "もう一度")
    assert not editing.state().open_flags


def test_a_desk_learns_nothing_of_the_other_one() -> None:
    log = FakeLog()
    public, staff = editing_of(log), editing_of(log, DeskName.STAFF)
    waiting = from_case(public)
    assert not staff.state().proposals
    refused("unknown_proposal", approve, staff, APPROVER, waiting.id, waiting.newest)
    stray = {**learning.told(DeskName.STAFF, EDITOR, "knowledge_editor"), "act": "publish", **note_meta(NOTE)}
    log.append(Entry(learning.PROPOSED, subject_of(DeskName.PUBLIC), stray, note_contents(NOTE)))
    assert len(public.state().proposals) == 1
    assert [each.why for each in public.state().void] == ["other_desk"]


def test_metadata_names_nobody_and_holds_no_text() -> None:
    editing = editing_of()
    published(editing)
    from_case(editing)
    kept = editing.log.kept  # type: ignore[attr-defined] # of the fake
    for each in kept:
        for word in (EDITOR.name, RESPONDER.name, NOTE.title, PRICE, NOTE.source):
            assert word not in str(each.entry.meta)


def test_erased_text_cannot_be_approved() -> None:
    editing = editing_of()
    waiting = from_case(editing)
    entries = [
        replace(each, contents=dict.fromkeys(each.contents)) for each in editing.log.entries(subject_of(editing.desk))
    ]
    (told,) = folded(entries, editing.desk).proposals
    assert (told.id, told.state, told.text, told.proposed.name) == (waiting.id, NoteState.UNREADABLE, None, None)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"title": " "}, {("title", "empty")}),
        ({"text": "\n \n"}, {("text", "empty"), ("questions", "no_sentence")}),
        ({"questions": ()}, {("questions", "empty")}),
        ({"questions": (Taught("", PRICE),)}, {("questions", "empty")}),
        ({"questions": (Taught("いくらですか", "有料です。"),)}, {("questions", "no_sentence")}),
        ({"questions": tuple(Taught(f"質問{n}ですか") for n in range(13))}, {("questions", "many")}),
        ({"source": ""}, {("source", "empty")}),
        ({"title": "題" * 121}, {("title", "long")}),
        ({"text": f"{NOTE.text}\n{'あ' * 301}"}, {("text", "long")}),
        ({"text": "\n".join([*NOTE.text.splitlines(), *("文です。",) * 11])}, {("text", "many")}),
        ({"as_of": "令和8年"}, {("as_of", "bad_date")}),
        ({"as_of": "2026-02-30"}, {("as_of", "bad_date")}),
        ({"as_of": "２０２６"}, {("as_of", "bad_date")}),
        ({"review_by": "2027"}, {("review_by", "bad_date")}),
        ({"review_by": TODAY.isoformat()}, {("review_by", "past")}),
        ({"url": "javascript:alert(1)"}, {("url", "bad_address")}),
        ({"url": "https://example.org/ 空白"}, {("url", "bad_address")}),
        ({"source": "担当 03-5321-1111 に確認"}, {("source", "personal")}),
        ({"title": "私の名前は山田太郎です"}, {("title", "personal")}),
        ({"title": "〈氏名1〉さんの質問"}, {("title", "personal")}),
    ],
)
def test_what_is_no_note_is_refused_with_what_is_wrong(changes: dict[str, Any], wrong: set[tuple[str, str]]) -> None:
    assert flaws(replace(NOTE, **changes)) == wrong


def test_a_flaw_names_the_kinds_of_personal_data_and_the_message_none_of_it() -> None:
    note = replace(NOTE, questions=(Taught("090-1234-5678 に電話しましたか"),))
    with pytest.raises(NoteFlawed) as caught:
        checked(note, NoWords(), TODAY)
    assert caught.value.flaws[0].labels == ["電話番号"]
    assert "1234" not in str(caught.value)
    refusing = editing_of()
    with pytest.raises(NoteFlawed):
        propose(refusing, EDITOR, note)
    waiting = from_case(refusing, note)  # by other means: the check at the approval sees it
    with pytest.raises(NoteFlawed):
        approve(refusing, APPROVER, waiting.id, waiting.newest)
    assert one(refusing, waiting.id).state is NoteState.WAITING


def test_a_note_is_tidied_and_otherwise_as_typed() -> None:
    typed = replace(
        NOTE, title=f"  {NOTE.title} ", text=NOTE.text.replace("\n", "\r\n \n"), url=" https://example.org/a "
    )
    assert checked(typed, NoWords(), TODAY) == replace(NOTE, url="https://example.org/a")


def test_a_note_survives_being_recorded() -> None:
    whole = replace(NOTE, section="第3条", url="https://example.org/")
    assert note_of(note_meta(whole), note_contents(whole)) == whole
    assert note_of(note_meta(NOTE), note_contents(NOTE)) == NOTE
    for contents in ({}, {**note_contents(NOTE), "questions": "{"}, {**note_contents(NOTE), "questions": '["a"]'}):
        with pytest.raises(BadNote):
            note_of(note_meta(NOTE), contents)
    with pytest.raises(BadNote):
        note_of({"as_of": 2026, "review_by": None}, note_contents(NOTE))


def test_a_log_that_is_away_says_so() -> None:
    log = FakeLog()
    editing = editing_of(log)
    waiting = from_case(editing)
    log.refuse("io")
    for call in (
        lambda: approve(editing, APPROVER, waiting.id, waiting.newest),
        lambda: propose(editing, EDITOR, NOTE),
        editing.state,
    ):
        with pytest.raises(LogUnavailable):
            call()


def test_two_at_once_are_decided_by_the_log() -> None:
    """The second of two approvers whose programs both saw it waiting learns that somebody else was first."""

    class Late(FakeLog):
        def append(self, entry: Entry, within: object = None) -> Any:
            if entry.kind == learning.APPROVED and entry.meta[BY] == SECOND_APPROVER.id:
                super().append(replace(entry, meta={**entry.meta, BY: APPROVER.id}))
            return super().append(entry)

    editing = editing_of(Late())
    waiting = from_case(editing)
    refused("not_waiting", approve, editing, SECOND_APPROVER, waiting.id, waiting.newest)
    decided = one(editing, waiting.id).decided
    assert decided is not None
    assert decided.by == APPROVER.id


Step = tuple[str, int, int, str, bool]
KINDS = [
    learning.PROPOSED,
    learning.REVISED,
    learning.APPROVED,
    learning.APPROVED,
    learning.REJECTED,
    learning.PUBLISHED,
    learning.REFUSED,
    learning.WITHDRAWN,
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.integers(0, 3),
            st.integers(0, 5),
            st.sampled_from(["approver", "approver", "knowledge_editor", "responder", "administrator"]),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_whatever_is_written_only_two_people_publish(steps: list[Step]) -> None:
    log = FakeLog()
    desk = DeskName.PUBLIC
    state = DeskLearning(log, desk)
    for kind, person, number, role, newest in steps:
        known = state.now().proposals
        about = known[number % len(known)] if known else None
        meta = {learning.DESK: desk.value, BY: f"ac_{person}", ROLE: role, "act": "publish", **note_meta(NOTE)}
        links: tuple[EntryId, ...] = ()
        if kind == learning.PROPOSED and about and not newest:
            meta |= {"act": "withdraw", "note": about.note, "base": state.now().live.get(about.note, "none")}
        elif kind in {learning.PUBLISHED, learning.REFUSED, learning.WITHDRAWN}:
            links = (about.approval,) if about and about.approval else ()
        elif kind != learning.PROPOSED and about:
            links = (about.id, about.newest if newest else about.id)
        log.append(Entry(kind, subject_of(desk), meta, note_contents(NOTE), links))
    learned = state.now()
    for each in learned.proposals:
        if each.approval is None:
            assert each.state not in {NoteState.PUBLISHED, NoteState.APPROVED, NoteState.REPLACED}
            continue
        approval = next(entry for entry in log.entries(subject_of(desk)) if entry.entry == each.approval)
        assert approval.meta[ROLE] == "approver"
        authors = {version.written.by for version in each.versions if version.written.time < approval.time}
        assert approval.meta[BY] not in authors | {each.proposed.by}
    live = [each for each in learned.proposals if each.outcome and each.outcome.id in learned.live.values()]
    assert sorted(each.note for each in live) == sorted(learned.live)
    assert all(each.state is NoteState.PUBLISHED for each in live)


def test_ids_of_notes_are_ids_of_documents() -> None:
    assert note_id(EntryId("entry-1")) == note_id(EntryId("entry-1")) != note_id(EntryId("entry-2"))
    assert note_id(EntryId("entry-1")).startswith("note-")

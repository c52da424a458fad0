"""What people do about one desk's learning: propose, revise, approve and reject notes, withdraw them, settle flags.

Each is one entry of the system log. The checks here give a person an answer; what an entry is worth is decided by the
fold alone (bot/learning_history.py). Everything raises LogUnavailable, and DecisionRefused with one of not_allowed,
no_reason, unknown_proposal, not_waiting, own_proposal, stale, unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import learning
from bot.deciding import NAME, Actor, DecisionRefused, acting, on_one_line, reason_given
from bot.learning import APPROVER, EDITORS, PUBLISH, REASON, WITHDRAW, NoteText, note_contents, note_meta, subject_of
from bot.learning_history import UNDECIDED, DeskLearning
from bot.learning_values import Flag, Learned, NoteProposal, NoteState
from bot.note_checks import checked
from bot.ports import Clock, SystemLog, WordAnalyzer
from bot.records import DeskName, Entry, EntryId


@dataclass(frozen=True, slots=True)
class Editing:
    """One desk's learning in the hands of people. ``Actor.roles`` are those held at this desk."""

    log: SystemLog
    desk: DeskName
    words: WordAnalyzer
    clock: Clock

    def state(self) -> Learned:
        """What stands now. Raises LogUnavailable."""
        return DeskLearning(self.log, self.desk).now()


def propose(editing: Editing, who: Actor, note: NoteText, *, reason: str = "", replaces: str = "") -> NoteProposal:
    """Propose a note, or (``replaces``: a published note's id) another text for it. Raises NoteFlawed too."""
    role = acting(who, EDITORS)
    fit = checked(note, editing.words, editing.clock.now().date())
    meta = {**learning.told(editing.desk, who, role), learning.ACT: PUBLISH, **note_meta(fit)}
    if replaces:
        standing = _published(editing, replaces)
        if standing.text == fit:
            raise DecisionRefused("unchanged", "the note says this already")
        meta |= {learning.NOTE: replaces, learning.BASE: editing.state().live[replaces]}
    contents = {NAME: who.name, **_reason(reason), **note_contents(fit)}
    return _recorded(editing, Entry(learning.PROPOSED, subject_of(editing.desk), meta, contents))


def propose_withdrawal(editing: Editing, who: Actor, note: str, reason: str) -> NoteProposal:
    """Propose that a published note is withdrawn from the knowledge, for a reason."""
    role, why = acting(who, EDITORS), reason_given(reason)
    standing = _published(editing, note)
    meta = {**learning.told(editing.desk, who, role), learning.ACT: WITHDRAW, learning.NOTE: note}
    meta |= {learning.BASE: editing.state().live[note], learning.CASE: standing.case}
    return _recorded(editing, Entry(learning.PROPOSED, subject_of(editing.desk), meta, {NAME: who.name, REASON: why}))


def revise(editing: Editing, who: Actor, proposal: str, version: str, note: NoteText) -> NoteProposal:
    """Write a proposed note anew, made from ``version`` (the one that was shown). Raises NoteFlawed too."""
    role = acting(who, EDITORS)
    about = _undecided(editing, proposal)
    fit = checked(note, editing.words, editing.clock.now().date())
    if about.withdraws or about.newest != version:
        raise DecisionRefused("stale", "somebody else revised it meanwhile; look again")
    if about.text == fit:
        raise DecisionRefused("unchanged", "nothing of it was changed")
    meta = {**learning.told(editing.desk, who, role), **note_meta(fit)}
    contents = {NAME: who.name, **note_contents(fit)}
    links = (about.id, about.newest)
    return _recorded(editing, Entry(learning.REVISED, subject_of(editing.desk), meta, contents, links))


def approve(editing: Editing, who: Actor, proposal: str, version: str) -> NoteProposal:
    """Approve somebody else's proposal as it stood in ``version``; the service then carries it out. Raises NoteFlawed
    too: a note may have come in by other means, and its dates may be over.
    """
    role = acting(who, (APPROVER,))
    about = _undecided(editing, proposal)
    if who.id in about.authors:
        raise DecisionRefused("own_proposal", "somebody else must approve what you proposed or revised")
    if about.newest != version:
        raise DecisionRefused("stale", "it was revised meanwhile; read it again")
    if about.state is not NoteState.WAITING:
        raise DecisionRefused("not_waiting", "the service refused this text; it has to be revised first")
    if about.text is not None:
        checked(about.text, editing.words, editing.clock.now().date())
    meta = learning.told(editing.desk, who, role)
    links = (about.id, about.newest)
    return _recorded(editing, Entry(learning.APPROVED, subject_of(editing.desk), meta, {NAME: who.name}, links))


def reject(editing: Editing, who: Actor, proposal: str, reason: str) -> NoteProposal:
    """Turn a proposal down, or take one's own back, for a reason."""
    about = _undecided(editing, proposal)
    role, why = acting(who, EDITORS if about.proposed.by == who.id else (APPROVER,)), reason_given(reason)
    meta = learning.told(editing.desk, who, role)
    contents = {NAME: who.name, REASON: why}
    return _recorded(editing, Entry(learning.REJECTED, subject_of(editing.desk), meta, contents, (about.id,)))


def settle(editing: Editing, who: Actor, flag: str, reason: str) -> Flag:
    """Say that a flagged passage or rule was seen to, and how."""
    role, why = acting(who, EDITORS), reason_given(reason)
    about = editing.state().flag(flag)
    if about is None:
        raise DecisionRefused("unknown_proposal", "there is no such flag at this desk")
    if about.settled is not None:
        raise DecisionRefused("not_waiting", "somebody settled it already")
    meta = learning.told(editing.desk, who, role)
    contents = {NAME: who.name, REASON: why}
    entry = Entry(learning.SETTLED, subject_of(editing.desk), meta, contents, (about.id,))
    _append(editing, entry)
    return next(each for each in editing.state().flags if each.id == about.id)


def _reason(reason: str) -> dict[str, str]:
    line = on_one_line(reason)
    return {REASON: line} if line else {}


def _published(editing: Editing, note: str) -> NoteProposal:
    found = editing.state().published(note)
    if found is None:
        raise DecisionRefused("unknown_proposal", "no such note is published at this desk")
    return found


def _undecided(editing: Editing, proposal: str) -> NoteProposal:
    found = editing.state().proposal(proposal)
    if found is None:
        raise DecisionRefused("unknown_proposal", "there is no such proposal at this desk")
    if found.state is NoteState.STALE:
        raise DecisionRefused("stale", "the note was replaced or withdrawn since; propose it again")
    if found.state not in UNDECIDED:
        raise DecisionRefused("not_waiting", f"this proposal is {found.state.value}")
    return found


def _recorded(editing: Editing, entry: Entry) -> NoteProposal:
    """Append what somebody did; the proposal as it then stands."""
    named = _append(editing, entry)
    about = entry.links[0] if entry.links else named
    return next(each for each in editing.state().proposals if each.id == about)


def _append(editing: Editing, entry: Entry) -> EntryId:
    """The new entry's id. Raises DecisionRefused where another entry came first and this one changed nothing."""
    appended = editing.log.append(entry)
    if void := next((each for each in editing.state().void if each.entry == appended.entry), None):
        raise DecisionRefused(void.why, "somebody else decided at the same moment; look again")
    return appended.entry

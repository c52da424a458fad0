"""What the entries about one desk's learning amount to: flags, and notes on their way into the knowledge. A pure fold.

A note is published if somebody approved, as an approver, the newest version of a proposal that others wrote, while it
waited and what it was made against was still published. Nothing else counts; what does not is listed as void. What an
entry is worth depends on the entries before it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from bot import learning
from bot.deciding import BY, NAME, ROLE, Folded
from bot.learning import APPROVER, EDITORS, PROPOSERS, BadNote, NoteText, note_id, note_of, subject_of
from bot.learning_values import Done, Flag, Learned, NoteOutcome, NoteProposal, NoteState, NoteVersion, VoidNote
from bot.ports import SystemLog
from bot.records import DeskName, EntryId, RecordedEntry

UNDECIDED: Final = frozenset({NoteState.WAITING, NoteState.REFUSED})
"""What may still be revised or rejected."""


class DeskLearning:
    """What one desk learned, as the system log tells it. Safe to call from any thread."""

    def __init__(self, log: SystemLog, desk: DeskName) -> None:
        self._state = Folded(log, subject_of(desk), lambda entries: folded(entries, desk))

    def now(self) -> Learned:
        """Everything as the log holds it now. Raises LogUnavailable."""
        return self._state.now()


def folded(entries: Iterable[RecordedEntry], desk: DeskName) -> Learned:
    """What these entries amount to, oldest first."""
    telling = _Telling(desk)
    for entry in entries:
        telling.take(entry)
    proposals = tuple(map(telling.as_it_stands, telling.proposals.values()))
    return Learned(tuple(telling.flags.values()), proposals, tuple(telling.void), telling.live)


class _Telling:
    """What the entries read so far amount to."""

    def __init__(self, desk: DeskName) -> None:
        self.flags: dict[EntryId, Flag] = {}
        self.proposals: dict[EntryId, NoteProposal] = {}
        self.void: list[VoidNote] = []
        self.live: dict[str, EntryId] = {}
        self._desk = desk
        self._effects: Mapping[str, Callable[[RecordedEntry], str | None]] = {
            learning.FLAGGED: self._flag,
            learning.SETTLED: self._settle,
            learning.PROPOSED: self._propose,
            learning.REVISED: self._revise,
            learning.APPROVED: self._approve,
            learning.REJECTED: self._reject,
            learning.PUBLISHED: self._carry_out,
            learning.WITHDRAWN: self._carry_out,
            learning.REFUSED: self._carry_out,
        }

    def take(self, entry: RecordedEntry) -> None:
        """Let an entry have its effect, or list it as void; an entry of an unknown kind changes nothing."""
        effect = self._effects.get(entry.kind)
        if effect is None:
            return
        why = effect(entry) if said(entry, learning.DESK) == self._desk.value else "other_desk"
        if why is not None:
            self.void.append(VoidNote(entry.entry, entry.kind, entry.time, said(entry, BY), why))

    def as_it_stands(self, proposal: NoteProposal) -> NoteProposal:
        """A proposal that waits, unless what it was made against is gone or its text cannot be read."""
        if proposal.state not in UNDECIDED:
            return proposal
        if self._is_stale(proposal):
            return replace(proposal, state=NoteState.STALE)
        if not proposal.withdraws and proposal.text is None:
            return replace(proposal, state=NoteState.UNREADABLE)
        return proposal

    def _flag(self, entry: RecordedEntry) -> str | None:
        passage, rule, case = (said(entry, name) or None for name in ("passage", "rule", learning.CASE))
        self.flags[entry.entry] = Flag(entry.entry, _done(entry, "why"), passage, rule, case)
        return None

    def _settle(self, entry: RecordedEntry) -> str | None:
        flag = self.flags.get(entry.links[0]) if entry.links else None
        if flag is None:
            return "unknown_proposal"
        if flag.settled is not None:
            return "not_waiting"
        if said(entry, ROLE) not in EDITORS:
            return "not_editor"
        self.flags[flag.id] = replace(flag, settled=_done(entry))
        return None

    def _propose(self, entry: RecordedEntry) -> str | None:
        withdraws = said(entry, learning.ACT) == learning.WITHDRAW
        target, base = said(entry, learning.NOTE), said(entry, learning.BASE)
        role = said(entry, ROLE)
        if role not in PROPOSERS or (target and role not in EDITORS):
            return "not_editor"
        if (withdraws or target) and self.live.get(target) != base:
            return "stale"
        self.proposals[entry.entry] = NoteProposal(
            id=entry.entry,
            note=target or note_id(entry.entry),
            withdraws=withdraws,
            proposed=_done(entry),
            case=said(entry, learning.CASE) or None,
            base=EntryId(base) if target else None,
            versions=() if withdraws else (_version(entry),),
        )
        return None

    def _revise(self, entry: RecordedEntry) -> str | None:
        about = self._about(entry)
        if isinstance(about, str):
            return about
        if said(entry, ROLE) not in EDITORS:
            return "not_editor"
        if about.withdraws or self._is_stale(about, entry):
            return "stale"
        versions = (*about.versions, _version(entry))
        self.proposals[about.id] = replace(about, versions=versions, state=NoteState.WAITING)
        return None

    def _approve(self, entry: RecordedEntry) -> str | None:
        about = self._about(entry)
        if isinstance(about, str):
            return about
        if about.state is not NoteState.WAITING or not (about.withdraws or about.text):
            return "not_waiting"
        if said(entry, BY) in about.authors:
            return "own_proposal"
        if said(entry, ROLE) != APPROVER:
            return "not_approver"
        if self._is_stale(about, entry) or self._is_busy(about.note):
            return "stale"
        self.proposals[about.id] = replace(
            about, state=NoteState.APPROVED, decided=_done(entry), approval=entry.entry, outcome=None
        )
        return None

    def _reject(self, entry: RecordedEntry) -> str | None:
        about = self._about(entry)
        if isinstance(about, str):
            return about
        if said(entry, BY) != about.proposed.by and said(entry, ROLE) != APPROVER:
            return "not_approver"
        self.proposals[about.id] = replace(about, state=NoteState.REJECTED, decided=_done(entry))
        return None

    def _carry_out(self, entry: RecordedEntry) -> str | None:
        approval = entry.links[0] if entry.links else None
        about = next((each for each in self.proposals.values() if approval and each.approval == approval), None)
        if about is None:
            return "unknown_proposal"
        if about.state is not NoteState.APPROVED:
            return "not_waiting"
        done = replace(about, outcome=_outcome(entry), state=NoteState.REFUSED)
        if entry.kind != learning.REFUSED:
            before = self.live.pop(about.note, None)
            state = NoteState.WITHDRAWN if about.withdraws else NoteState.PUBLISHED
            self._let_go(before, NoteState.WITHDRAWN if about.withdraws else NoteState.REPLACED)
            done = replace(done, state=state)
            if not about.withdraws:
                self.live[about.note] = entry.entry
        self.proposals[about.id] = done
        return None

    def _let_go(self, published: EntryId | None, state: NoteState) -> None:
        """What an entry published is so no longer."""
        for each in self.proposals.values():
            if published and each.outcome and each.outcome.id == published:
                self.proposals[each.id] = replace(each, state=state)
                return

    def _about(self, entry: RecordedEntry) -> NoteProposal | str:
        """The undecided proposal that an entry is about; or why there is none."""
        about = self.proposals.get(entry.links[0]) if entry.links else None
        if about is None:
            return "unknown_proposal"
        return about if about.state in UNDECIDED else "not_waiting"

    def _is_stale(self, about: NoteProposal, entry: RecordedEntry | None = None) -> bool:
        """Whether the note it was made against is gone, or an entry was made on an older version of it."""
        if about.base is not None and self.live.get(about.note) != about.base:
            return True
        return entry is not None and entry.links[1:] != (about.newest,)

    def _is_busy(self, note: str) -> bool:
        """Whether something approved about a note is not carried out yet."""
        return any(each.note == note and each.state is NoteState.APPROVED for each in self.proposals.values())


def said(entry: RecordedEntry, name: str) -> str:
    """A member of the metadata that is text; empty where it is not."""
    value = entry.meta.get(name)
    return value if isinstance(value, str) else ""


def _done(entry: RecordedEntry, reason: str = learning.REASON) -> Done:
    return Done(entry.time, said(entry, BY), said(entry, ROLE), entry.contents.get(NAME), entry.contents.get(reason))


def _version(entry: RecordedEntry) -> NoteVersion:
    return NoteVersion(entry.entry, _done(entry), _note(entry))


def _note(entry: RecordedEntry) -> NoteText | None:
    try:
        return note_of(entry.meta, entry.contents)
    except BadNote:
        return None


def _outcome(entry: RecordedEntry) -> NoteOutcome:
    figures = entry.meta.get("figures")
    return NoteOutcome(
        id=entry.entry,
        time=entry.time,
        snapshot=said(entry, "snapshot") or None,
        activated=said(entry, "activated") or None,
        refused=(said(entry, "why") or "unknown") if entry.kind == learning.REFUSED else None,
        said=entry.contents.get("said"),
        figures=figures if isinstance(figures, Mapping) else {},
    )

"""The nouns of what a desk learns, as the system log tells it. Names and texts are None where they were erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.learning import NoteText
from bot.records import EntryId, Json


class NoteState(StrEnum):
    """Where a proposal is on its way."""

    WAITING = "waiting"
    APPROVED = "approved"  # by another person; the service publishes it within minutes
    PUBLISHED = "published"
    REFUSED = "refused"  # approved, but the service could not publish it and says why; it can be revised
    REJECTED = "rejected"
    STALE = "stale"  # the note it was made against was replaced or withdrawn since
    REPLACED = "replaced"  # published once; another version of the note is now
    WITHDRAWN = "withdrawn"
    UNREADABLE = "unreadable"  # its text was erased, or this program cannot read it


@dataclass(frozen=True, slots=True)
class Done:
    """Who did something in which role (``by`` is an account's id), and when; ``reason`` where one was given."""

    time: datetime
    by: str
    role: str
    name: str | None
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Flag:
    """A passage or rule that people found at fault, and whether somebody has seen to it."""

    id: EntryId
    raised: Done
    passage: str | None
    rule: str | None
    case: str | None
    settled: Done | None = None


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """A note as proposed or revised. ``id`` is the entry that holds it."""

    id: EntryId
    written: Done
    note: NoteText | None


@dataclass(frozen=True, slots=True)
class NoteOutcome:
    """What the service did with an approval: the snapshot it activated and the entry of that in the desk's log, or why
    it did not (``refused``: not_read, held_back, personal; with the line that says more). ``figures``: how many of the
    note's questions were ``asked`` and the places of those ``unanswered``; where versions are compared, that too.
    """

    id: EntryId
    time: datetime
    snapshot: str | None
    activated: str | None
    refused: str | None = None
    said: str | None = None
    figures: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoteProposal:
    """A proposal to publish a note, or to withdraw a published one (``withdraws``); ``note`` is its document's id.

    ``versions`` are what was proposed and every revision of it, oldest first; none of a withdrawal. ``base`` is the
    entry that published what this replaces or withdraws. ``decided``, ``approval`` and ``outcome`` are the last ones.
    """

    id: EntryId
    note: str
    withdraws: bool
    proposed: Done
    case: str | None
    base: EntryId | None
    versions: tuple[NoteVersion, ...]
    state: NoteState = NoteState.WAITING
    decided: Done | None = None
    approval: EntryId | None = None
    outcome: NoteOutcome | None = None

    @property
    def newest(self) -> EntryId:
        """The entry that a decision is about: the newest version, or the proposal to withdraw."""
        return self.versions[-1].id if self.versions else self.id

    @property
    def text(self) -> NoteText | None:
        """The note as it now stands; None for a withdrawal and where it cannot be read."""
        return self.versions[-1].note if self.versions else None

    @property
    def authors(self) -> frozenset[str]:
        """Everybody who proposed or revised it, and so cannot approve it."""
        return frozenset({self.proposed.by, *(each.written.by for each in self.versions)})


@dataclass(frozen=True, slots=True)
class VoidNote:
    """An entry that changed nothing, and why: own_proposal, not_approver, not_editor, not_waiting, stale,
    unknown_proposal, other_desk.
    """

    entry: EntryId
    kind: str
    time: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Learned:
    """Everything one desk learned, oldest first. ``live``: the entry that published each note that is published."""

    flags: tuple[Flag, ...] = ()
    proposals: tuple[NoteProposal, ...] = ()
    void: tuple[VoidNote, ...] = ()
    live: Mapping[str, EntryId] = field(default_factory=dict)

    def proposal(self, named: str) -> NoteProposal | None:
        """The proposal with this id, or whose id alone begins so."""
        found = [each for each in self.proposals if each.id.startswith(named)] if named else []
        return next((each for each in found if each.id == named), found[0] if len(found) == 1 else None)

    def flag(self, named: str) -> Flag | None:
        return next((each for each in self.flags if each.id == named), None)

    def published(self, note: str) -> NoteProposal | None:
        """The proposal by which a note stands in the knowledge now."""
        live = self.live.get(note)
        return next((each for each in self.proposals if live and each.outcome and each.outcome.id == live), None)

    @property
    def open_flags(self) -> tuple[Flag, ...]:
        return tuple(each for each in self.flags if each.settled is None)

    @property
    def waiting(self) -> tuple[NoteProposal, ...]:
        """What people still have to decide on."""
        return tuple(each for each in self.proposals if each.state in {NoteState.WAITING, NoteState.REFUSED})

    @property
    def to_publish(self) -> tuple[NoteProposal, ...]:
        """What is approved and not yet carried out, in the order of approval."""
        approved = [each for each in self.proposals if each.state is NoteState.APPROVED and each.decided]
        return tuple(sorted(approved, key=lambda each: each.decided.time if each.decided else each.proposed.time))

"""What desks learned: passages and rules at fault, and notes that two people make part of a desk's knowledge.

Who edits for one desk sees and decides what is that desk's alone. Administrators see none of it: it comes of cases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.deciding import Actor, DecisionRefused
from bot.learning import APPROVER, NoteText
from bot.learning_changes import Editing, approve, propose, propose_withdrawal, reject, revise, settle
from bot.learning_history import UNDECIDED
from bot.learning_values import Flag, Learned, NoteProposal, NoteState
from bot.note_checks import LONGEST, Flaw, NoteFlawed, checked
from bot.records import DeskName
from web.accounts.roles import Right
from web.accounts.values import Session
from web.decisions import actor_at
from web.differing import difference
from web.entrance import somebody
from web.forms import field, form_of, pages_of, with_language
from web.note_files import unreadable
from web.note_forms import empty_note, note_in, rows_for, whole
from web.security import Refusal
from web.signing import pooled

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why something was not done: the key of the words for it, what is wrong with a note, or a line that says it."""

    key: str
    flaws: Sequence[Flaw] = ()
    said: str = ""


class _Unreadable(Exception):
    """A note that the knowledge would not take; the message says why."""


def may_edit(session: Session, desk: DeskName | None = None) -> bool:
    """Whether somebody edits what a desk learned; ``desk`` None: what any desk did."""
    right = Right.EDIT_NOTES
    return session.may_somewhere(right) if desk is None else session.may(right, desk)


async def to_decide(request: Request) -> Sequence[tuple[DeskName, Learned]]:
    """What there is at the desks that whoever asks edits. Raises LogUnavailable."""
    session = somebody(request)
    own = [each for each in _editings(request) if may_edit(session, each.desk)]
    return await pooled(request, lambda: [(each.desk, each.state()) for each in own])


@router.get("/notes")
async def notes_page(request: Request) -> Response:
    """Flags, proposals and published notes of the desks that whoever asks edits."""
    if not may_edit(somebody(request)):
        raise Refusal(403, "error.right")
    return with_language(request, await _list(request))


@router.get("/notes/{desk}/new")
async def new_page(request: Request, desk: str) -> Response:
    """The form for a new note."""
    editing = _editing(request, desk)
    return with_language(request, await _new(request, editing, empty_note(editing.clock.now().date())))


@router.post("/notes/{desk}/new")
async def propose_note(request: Request, desk: str) -> Response:
    """Propose a note."""
    editing, form = _editing(request, desk), await form_of(request)
    note, who, reason = note_in(form), _actor(request, editing), field(form, "reason")

    def work() -> NoteProposal:
        return propose(editing, who, _fit(request, editing, note), reason=reason)

    done = await _tried(request, work)
    return await _new(request, editing, note, done, reason) if isinstance(done, Wrong) else _to(request, editing, done)


@router.post("/notes/{desk}/flags/{flag}")
async def settle_flag(request: Request, desk: str, flag: str) -> Response:
    """Say that a flag was seen to."""
    editing, form = _editing(request, desk), await form_of(request)
    who, reason = _actor(request, editing), field(form, "reason")
    done = await _tried(request, lambda: settle(editing, who, flag, reason))
    return await _list(request, done) if isinstance(done, Wrong) else _to(request, editing, None)


@router.get("/notes/{desk}/{proposal}")
async def note_page(request: Request, desk: str, proposal: str) -> Response:
    """One proposal: its text and what changed, who did what, and the forms to decide on it."""
    return with_language(request, await _proposal(request, _editing(request, desk), proposal))


@router.post("/notes/{desk}/{proposal}")
async def decide(request: Request, desk: str, proposal: str) -> Response:
    """Revise, approve or reject a proposal; propose another text for a published note, or to withdraw it."""
    editing, form = _editing(request, desk), await form_of(request)
    who, note = _actor(request, editing), note_in(form)
    version, reason, named = field(form, "version"), field(form, "reason"), field(form, "note")
    doing: dict[str, Callable[[], NoteProposal]] = {
        "approve": lambda: approve(editing, who, proposal, version),
        "reject": lambda: reject(editing, who, proposal, reason),
        "revise": lambda: revise(editing, who, proposal, version, _fit(request, editing, note)),
        "change": lambda: propose(editing, who, _fit(request, editing, note), reason=reason, replaces=named),
        "withdraw": lambda: propose_withdrawal(editing, who, named, reason),
    }
    chosen = field(form, "do")
    if chosen not in doing:
        raise Refusal(422, "error.request")
    done = await _tried(request, doing[chosen])
    if not isinstance(done, Wrong):
        return _to(request, editing, done)
    typed = note if chosen in {"revise", "change"} else None
    return await _proposal(request, editing, proposal, done, typed, reason)


async def _tried(request: Request, work: Callable[[], NoteProposal | Flag]) -> NoteProposal | Flag | Wrong:
    """What was done, or why it was not."""
    try:
        return await pooled(request, work)
    except DecisionRefused as refused:
        return Wrong(f"notes.refused.{refused.code}")
    except NoteFlawed as flawed:
        return Wrong("notes.flawed", flawed.flaws)
    except _Unreadable as flawed:
        return Wrong("notes.flawed", said=str(flawed))


def _fit(request: Request, editing: Editing, note: NoteText) -> NoteText:
    """The note as it may be proposed. Raises NoteFlawed, _Unreadable."""
    fit = checked(note, editing.words, editing.clock.now().date())
    if line := unreadable(fit, editing.desk, request.app.state.settings.operator):
        raise _Unreadable(line)
    return fit


def _editings(request: Request) -> Sequence[Editing]:
    editings: Sequence[Editing] = request.app.state.editing
    return editings


def _editing(request: Request, desk: str) -> Editing:
    """What that desk learned, for somebody who edits it."""
    session = somebody(request)
    found = next((each for each in _editings(request) if each.desk.value == desk), None)
    if not may_edit(session, found and found.desk):
        raise Refusal(403, "error.right")
    if found is None:
        raise Refusal(404, "error.missing")
    return found


def _actor(request: Request, editing: Editing) -> Actor:
    session = somebody(request)
    return actor_at(session.account, session.name, session.grants, editing.desk)


def _to(request: Request, editing: Editing, done: NoteProposal | Flag | None) -> Response:
    place = f"/{editing.desk.value}/{done.id}" if isinstance(done, NoteProposal) else ""
    return RedirectResponse(f"{request.app.state.root}/notes{place}", status_code=303)


async def _list(request: Request, wrong: Wrong | None = None) -> Response:
    desks = await to_decide(request)
    status = 422 if wrong else 200
    return pages_of(request).page(request, "admin_notes.html", status=status, desks=desks, wrong=wrong)


async def _new(
    request: Request, editing: Editing, note: NoteText, wrong: Wrong | None = None, reason: str = ""
) -> Response:
    return pages_of(request).page(
        request,
        "admin_note_new.html",
        status=422 if wrong else 200,
        at=editing.desk,
        note=note,
        rows=rows_for(note),
        limits=LONGEST,
        reason=reason,
        wrong=wrong,
    )


async def _proposal(  # noqa: PLR0913, PLR0917 - what the page shows
    request: Request,
    editing: Editing,
    named: str,
    wrong: Wrong | None = None,
    typed: NoteText | None = None,
    reason: str = "",
) -> Response:
    learned = await pooled(request, editing.state)
    about = learned.proposal(named)
    if about is None:
        raise Refusal(404, "error.missing")
    who, before = _actor(request, editing), _before(learned, about)
    note, shown = typed or about.text, about.text
    undecided = about.state in UNDECIDED
    return pages_of(request).page(
        request,
        "admin_note.html",
        status=422 if wrong else 200,
        at=editing.desk,
        about=about,
        note=note,
        rows=rows_for(note) if note else (),
        limits=LONGEST,
        reason=reason,
        wrong=wrong,
        pieces=difference(whole(before), whole(shown)) if before and shown else (),
        target=learned.published(about.note),
        may_approve=about.state is NoteState.WAITING and APPROVER in who.roles and who.id not in about.authors,
        may_reject=undecided and (APPROVER in who.roles or who.id == about.proposed.by),
        may_revise=undecided and not about.withdraws,
        may_change=about.state is NoteState.PUBLISHED,
    )


def _before(learned: Learned, about: NoteProposal) -> NoteText | None:
    """The version before the newest one: the one that was revised, or the published one that it would replace."""
    if len(about.versions) > 1:
        return about.versions[-2].note
    replaced = next((each for each in learned.proposals if each.outcome and each.outcome.id == about.base), None)
    return replaced.text if replaced and about.base else None

"""A case as a responder's page shows it: what is read for it, and the page itself."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from fastapi import Request, Response
from markupsafe import Markup

from bot import correcting, responding
from bot.canned import canned
from bot.case_entries import BASE, PERSON, REPLY, entries_of, held
from bot.case_files import CaseFile, FiledEntry
from bot.cases import Case, CaseId, CaseKind, CaseRefused, CaseState, ChangeKind
from bot.correcting import UPHELD, Affected
from bot.deciding import BY, Actor
from bot.desk import Desk
from bot.note_checks import Flaw
from bot.office import JAPAN
from bot.records import EntryId, Language
from bot.replying import EDITED
from web.differing import Piece, difference
from web.doors import in_pool
from web.forms import pages_of
from web.hours import Calendar
from web.i18n import shown_moment
from web.rendering import Pages
from web.responder_acts import NOTHING, Sent, reference
from web.responder_doors import desk_of, responder_of, stray
from web.security import Refusal

JAPANESE: Final = frozenset({Language.JA, Language.JA_EASY})
"""The languages in which a reply needs no Japanese beside it."""
_CONFLICTS: Final = frozenset({"claimed", "not_claimed", "wrong_state", "too_late"})
_NUMBER: Final = re.compile(r"\s*\[\d{1,2}\]")
_SENTENCE_END: Final = re.compile(r"。(?=.)")
_REVIEWED_AFTER: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as the page shows it: its file, other live cases of the conversation, what a correction would reach, and
    what became of the draft in each answer that was made of it.
    """

    file: CaseFile
    beside: Sequence[Case]
    affected: Sequence[Affected]
    edits: Mapping[EntryId, Sequence[Piece]]


@dataclass(frozen=True, slots=True)
class Saying:
    """What the page says beside the case: what was done, why something was not, the contact that was asked for."""

    done: str | None = None
    error: str | None = None
    flaws: Sequence[Flaw] = ()
    contact: str | None = None

    @property
    def status(self) -> int:
        if self.error is None:
            return 200
        return 409 if self.error in _CONFLICTS else 422


async def seen_by(request: Request, case: CaseId) -> Seen:
    """The case for who asks; the reading is recorded. Raises Refusal (404), LogUnavailable."""
    desk, who = desk_of(request), responder_of(request)
    try:
        return await in_pool(request.app.state.pool, _read, desk, case, who)
    except CaseRefused:
        raise await unknown(request) from None


async def unknown(request: Request) -> Refusal:
    """That this desk has no such case: recorded, and to be raised."""
    return await stray(request, "case", "responder.missing")


async def page(request: Request, case: CaseId, sent: Sent = NOTHING, saying: Saying | None = None) -> Response:
    """The whole page; ``sent`` is the form whose text is to stay. Raises Refusal (404), LogUnavailable."""
    seen, desk, said = await seen_by(request, case), desk_of(request), saying or Saying()
    file = seen.file
    return pages_of(request).page(
        request,
        "responder_case.html",
        status=said.status,
        file=file,
        case=file.case,
        beside=seen.beside,
        affected=seen.affected,
        edits=seen.edits,
        sent=sent,
        saying=said,
        error=said.error,
        now=desk.clock.now(),
        reference=reference,
        canned=canned(),
        japanese=file.case.language in JAPANESE,
        working=file.mine and file.case.state is CaseState.CLAIMED,
        note=_note(file, desk.clock.now()),
        draft=file.draft if file.draft_returned is None else None,
        newest=_newest(file.entries),
    )


def said_since(desk: Desk, case: CaseId, after: str) -> bool:
    """Whether the person did something after an entry of the case. Raises CaseRefused (unknown), LogUnavailable."""
    own = [each.entry for each in entries_of(desk, held(desk, case)) if each.meta.get(BY, PERSON) == PERSON]
    return bool(own) and own[-1] != after


def values_of(request: Request, file: CaseFile, language: Language) -> Mapping[str, str | None]:
    """What the places of a canned reply are filled with, in a language."""
    desk, due = desk_of(request), file.case.due
    words = partial(_words, pages_of(request), language)
    hours = Calendar(desk.queue.office, desk.clock.now).hours(words)
    return {
        "number": file.number,
        "due": shown_moment(due, language).striptags() if due else None,
        "hours": " / ".join(line.striptags() for line in hours.lines),
    }


def _read(desk: Desk, case: CaseId, who: Actor) -> Seen:
    file = responding.open_file(desk, case, who)
    live = responding.queue_of(desk)
    same = [each for each in live if each.conversation == file.case.conversation and each.id != case]
    edits = {each.entry: _edited(each) for each in file.entries if each.meta.get("made") == EDITED}
    return Seen(file, same, correcting.affected(desk, case) if _corrects(file) else (), edits)


def _edited(entry: FiledEntry) -> Sequence[Piece]:
    return difference(entry.contents.get(BASE) or "", entry.contents.get(REPLY) or "")


def _corrects(file: CaseFile) -> bool:
    """Whether there is an answer to decide about, or one that was found wrong."""
    case = file.case
    return case.kind is CaseKind.CORRECTION and (case.live or case.decision == UPHELD) and file.about is not None


def _newest(entries: Sequence[FiledEntry]) -> str:
    """The last thing that the person did."""
    return next((each.entry for each in reversed(entries) if each.by == PERSON), "")


def _words(pages: Pages, language: Language, key: str, **values: object) -> Markup:
    return pages.catalogues.markup(key, language, values)


def _note(file: CaseFile, now: datetime) -> Mapping[str, str]:
    """What a proposed note begins with: the reply, a sentence a line, without the numbers of its sources."""
    replies = [each.contents.get(REPLY) for each in file.entries if each.kind is ChangeKind.ANSWERED]
    text = _NUMBER.sub("", (replies[-1] if replies else None) or "")
    today = now.astimezone(JAPAN).date()
    return {
        "text": "\n".join(line for each in text.splitlines() if (line := _SENTENCE_END.sub("。\n", each).strip())),
        "as_of": today.isoformat(),
        "review_by": (today + _REVIEWED_AFTER).isoformat(),
        "once": secrets.token_hex(8),
    }

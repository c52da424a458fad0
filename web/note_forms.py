"""The form of a note: what was typed as a note, and a note as what the form shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from starlette.datastructures import FormData

from bot.learning import NoteText, Taught
from bot.note_checks import MOST_QUESTIONS
from web.forms import field

_FEWEST_ROWS: Final = 4
_SPARE_ROWS: Final = 2
_REVIEWED_AFTER: Final = timedelta(days=365)


def note_in(form: FormData) -> NoteText:
    """The note that was typed, as it was typed; the checks say what is too long."""
    rows = [Taught(field(form, f"q{row}"), field(form, f"s{row}")) for row in range(MOST_QUESTIONS)]
    return NoteText(
        title=field(form, "title"),
        text=field(form, "text"),
        questions=tuple(each for each in rows if each.question.strip() or each.sentence.strip()),
        source=field(form, "source"),
        as_of=field(form, "as_of"),
        review_by=field(form, "review_by"),
        section=field(form, "section"),
        url=field(form, "url"),
    )


def empty_note(today: date) -> NoteText:
    """What a new form shows: known today, to be looked at again in a year."""
    return NoteText("", "", (), "", today.isoformat(), (today + _REVIEWED_AFTER).isoformat())


def rows_for(note: NoteText) -> Sequence[Taught]:
    """The rows for questions: those there are, and some empty ones."""
    many = min(MOST_QUESTIONS, max(_FEWEST_ROWS, len(note.questions) + _SPARE_ROWS))
    return (*note.questions, *(Taught("") for _ in range(many - len(note.questions))))


def whole(note: NoteText) -> str:
    """Everything a note says as one text, so that two versions can be compared."""
    asked = [f"{each.question} → {each.sentence}" if each.sentence else each.question for each in note.questions]
    rests = [each for each in (note.source, note.section, note.url) if each]
    return "\n".join([note.title, *note.text.splitlines(), *asked, *rests, note.as_of, note.review_by])

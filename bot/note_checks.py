"""What a note must be before anybody decides on it: whole, dated, short, and without personal data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from bot.labels import WORDS, kinds_in
from bot.learning import NoteText, Taught
from bot.masking import mask
from bot.ports import WordAnalyzer

LONGEST: Final[Mapping[str, int]] = {
    "title": 120,
    "section": 120,
    "source": 300,
    "url": 500,
    "sentence": 300,
    "question": 200,
}
"""Characters of each field; a note of the knowledge takes 500 of any."""
MOST_SENTENCES: Final = 12
MOST_QUESTIONS: Final = 12

_DATE: Final = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with a note. ``code`` is one of: empty, long, many, bad_date, past, bad_address, no_sentence (the
    sentence named for a question is none of the note's), personal (what looks like personal data: ``kinds``).

    ``field`` is one of title, section, text, questions, source, url, as_of, review_by.
    """

    code: str
    field: str
    kinds: tuple[str, ...] = ()

    @property
    def labels(self) -> Sequence[str]:
        """The words for the kinds of personal data, each once."""
        return [WORDS[kind] for kind in dict.fromkeys(self.kinds)]


class NoteFlawed(Exception):
    """A note that cannot be proposed, and everything that is wrong with it. The message holds none of it."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.code}" for each in flaws))
        self.flaws = tuple(flaws)


def checked(note: NoteText, words: WordAnalyzer, today: date) -> NoteText:
    """The note on clean lines, masked once more. Raises NoteFlawed: a note that needs masking is no note."""
    tidy = _tidied(note)
    flaws = [*_flaws_of_form(tidy), *_flaws_of_dates(tidy, today)]
    masked = _masked(tidy, words)
    flaws += _labelled(masked)
    if flaws:
        raise NoteFlawed(flaws)
    return masked


def personal(note: NoteText, words: WordAnalyzer) -> Sequence[Flaw]:
    """Where a note holds what looks like personal data, or the label of some."""
    return tuple(_labelled(_masked(note, words)))


def sentences_of(text: str) -> list[str]:
    """The sentences of a note's text: its lines that say anything."""
    return [line for each in text.splitlines() if (line := " ".join(each.split()))]


def _tidied(note: NoteText) -> NoteText:
    return replace(
        note,
        title=" ".join(note.title.split()),
        section=" ".join(note.section.split()),
        source=" ".join(note.source.split()),
        url=note.url.strip(),
        as_of=note.as_of.strip(),
        review_by=note.review_by.strip(),
        text="\n".join(sentences_of(note.text)),
        questions=tuple(
            Taught(" ".join(each.question.split()), " ".join(each.sentence.split()))
            for each in note.questions
            if each.question.strip() or each.sentence.strip()
        ),
    )


def _flaws_of_form(note: NoteText) -> Iterable[Flaw]:
    sentences = sentences_of(note.text)
    needed = {"title": note.title, "text": note.text, "questions": note.questions, "source": note.source}
    yield from (Flaw("empty", name) for name, value in needed.items() if not value)
    yield from (Flaw("empty", "questions") for each in note.questions if not each.question)
    for name in ("title", "section", "source", "url"):
        if len(getattr(note, name)) > LONGEST[name]:
            yield Flaw("long", name)
    if any(len(each) > LONGEST["sentence"] for each in sentences):
        yield Flaw("long", "text")
    if any(len(each.question) > LONGEST["question"] for each in note.questions):
        yield Flaw("long", "questions")
    if len(sentences) > MOST_SENTENCES:
        yield Flaw("many", "text")
    if len(note.questions) > MOST_QUESTIONS:
        yield Flaw("many", "questions")
    if any(each.sentence and each.sentence not in sentences for each in note.questions):
        yield Flaw("no_sentence", "questions")
    if note.url and not _ADDRESS.fullmatch(note.url):
        yield Flaw("bad_address", "url")


def _flaws_of_dates(note: NoteText, today: date) -> Iterable[Flaw]:
    parts = note.as_of.split("-")
    if not _DATE.fullmatch(note.as_of) or (len(parts) == 3 and _day(note.as_of) is None):
        yield Flaw("bad_date", "as_of")
    day = _day(note.review_by)
    if day is None:
        yield Flaw("bad_date", "review_by")
    elif day <= today:
        yield Flaw("past", "review_by")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _masked(note: NoteText, words: WordAnalyzer) -> NoteText:
    def hidden(text: str) -> str:
        return mask(text, None, words).value

    return replace(
        note,
        title=hidden(note.title),
        section=hidden(note.section),
        text="\n".join(map(hidden, note.text.splitlines())),
        source=hidden(note.source),
        questions=tuple(Taught(hidden(each.question), hidden(each.sentence)) for each in note.questions),
    )


def _labelled(note: NoteText) -> Iterable[Flaw]:
    asked = "\n".join(f"{each.question}\n{each.sentence}" for each in note.questions)
    written = {"title": note.title, "section": note.section, "text": note.text, "source": note.source}
    for name, text in {**written, "questions": asked}.items():
        if kinds := kinds_in(text):
            yield Flaw("personal", name, kinds)

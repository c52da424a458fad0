"""What a note must be: the schema of its front matter and the rules between front matter and body (docs/corpus.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from bot.records import (
    DeskName,
    Document,
    DocumentKind,
    ExcerptKind,
    Fact,
    Gap,
    Passage,
    PassageId,
    Slot,
    Validity,
)


class BadDocument(Exception):
    """A file that cannot become knowledge: which one, which field, and what to do about it; one line."""

    def __init__(self, file: str, field: str, advice: str) -> None:
        super().__init__(" ".join(f"{file}: {field}: {advice}".split()))
        self.file = file
        self.field = field
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Loaded:
    """One document as a loader gives it: its citable passages, the desks that may have it, when to look at it again.

    ``supersedes`` names the documents that it replaces, by id, title or source; ``made_from`` is a digest over
    all that shaped it; ``remarks`` are the reader's doubts.
    """

    document: Document
    passages: tuple[Passage, ...]
    audience: frozenset[DeskName]
    review_by: date | None = None
    supersedes: tuple[str, ...] = ()
    made_from: str = ""
    remarks: tuple[str, ...] = ()


def _as_text(value: object) -> object:
    """YAML reads 181 as a number and 2025-07-25 as a date; in a note they are the literal signs."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | date):
        return str(value)
    return value


Text = Annotated[str, BeforeValidator(_as_text), StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
IsoDate = Annotated[Text, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FactNote(_Strict):
    """One value of the note."""

    subject: Text
    slot: Slot
    value: Text
    unit: Text | None = None
    year: Text | None = None
    sentence: Text
    asks: tuple[Text, ...] = Field(min_length=1)
    questions: tuple[Text, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _stands_in_its_sentence(self) -> Self:
        for name, part in (("value", self.value), ("unit", self.unit), ("year", self.year)):
            if part is not None and part not in self.sentence:
                raise ValueError(f"{name} 「{part}」 must stand in the fact's sentence literally")
        return self

    def fact(self) -> Fact:
        return Fact(self.subject, self.slot, self.value, self.sentence, self.unit, self.year, self.asks, self.questions)


class GapNote(_Strict):
    """One thing the note's source does not say."""

    subject: Text
    slot: Slot
    asks: tuple[Text, ...] = ()
    questions: tuple[Text, ...] = Field(min_length=1)
    reason: Text
    unreadable: bool = False

    def gap(self) -> Gap:
        return Gap(self.subject, self.slot, self.reason, self.asks, self.questions, self.unreadable)


class FrontMatter(_Strict):
    """The head of a note. Unknown keys are refused: a misspelt ``superceded_by`` must not pass silently."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
    title: Text
    titles: Mapping[Literal["en", "zh", "ko"], Text] = Field(default_factory=dict)
    publisher: Text
    source: Text
    section: Text | None
    page: Text | None
    url: Annotated[Text, StringConstraints(pattern=r"^https?://\S+$")] | None
    kind: DocumentKind
    validity: Validity
    superseded_by: Text | None = None
    speaker: Text | None = None
    as_of: IsoDate
    audience: frozenset[DeskName] = Field(min_length=1)
    review_by: date
    aliases: tuple[Text, ...] = ()
    questions: tuple[Text, ...] = Field(min_length=1)
    facts: tuple[FactNote, ...] = ()
    gaps: tuple[GapNote, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.validity is Validity.SUPERSEDED and self.superseded_by is None:
            raise ValueError("superseded_by must name the note that replaces a superseded one")
        if self.validity is not Validity.SUPERSEDED and self.superseded_by is not None:
            raise ValueError("superseded_by stands only with validity superseded")
        if self.kind is DocumentKind.OPINION and self.speaker is None:
            raise ValueError("speaker must name whose opinion it is")
        if self.section is None and self.kind is not DocumentKind.SERVICE:
            raise ValueError("section may be null only for service notes")
        return self


_NOT_A_SENTENCE = re.compile(r"^(#|[-*+・●■]\s?|\d+[.)]\s|\||>|```)")


def loaded_note(head: FrontMatter, body: str, file: str, stem: str, version: str) -> Loaded:
    """The loaded document of a note. ``stem`` is the file's name without suffix. Raises BadDocument."""
    if head.id != stem:
        raise BadDocument(file, "id", f"is {head.id}; make it equal to the file name, {stem}")
    sentences = tuple(line.strip() for line in body.strip().splitlines())
    _check_body(head, sentences, file)
    document = Document(
        id=head.id,
        title=head.title,
        publisher=head.publisher,
        source=head.source,
        section=head.section,
        page=head.page,
        url=head.url,
        kind=head.kind,
        validity=head.validity,
        as_of=head.as_of,
        version=version,
        excerpt_kind=ExcerptKind.SUMMARY,
        speaker=head.speaker,
        superseded_by=head.superseded_by,
        titles={str(language): title for language, title in head.titles.items()},
    )
    passage = Passage(
        id=PassageId(head.id),
        document=document,
        text="\n".join(sentences),
        sentences=sentences,
        aliases=head.aliases,
        questions=head.questions,
        facts=tuple(fact.fact() for fact in head.facts),
        gaps=tuple(gap.gap() for gap in head.gaps),
    )
    return Loaded(document, (passage,), head.audience, head.review_by)


def _check_body(head: FrontMatter, sentences: tuple[str, ...], file: str) -> None:
    if not any(sentences):
        raise BadDocument(file, "body", "is empty; write 2 to 8 sentences, one per line")
    for number, sentence in enumerate(sentences, 1):
        if not sentence or _NOT_A_SENTENCE.match(sentence):
            raise BadDocument(
                file, f"body line {number}", "must be a sentence: no blank line, bullet or heading inside"
            )
    for number, fact in enumerate(head.facts):
        if fact.sentence not in sentences:
            raise BadDocument(file, f"facts.{number}.sentence", "must be a line of the body, word for word")

"""What a responder does to a case, by the name of the button: each reads its form and calls the desk's casework."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData

from bot import correcting, responding
from bot.canned import canned
from bot.case_files import CaseFile
from bot.cases import Case, CaseId, CaseRefused
from bot.correcting import Flag
from bot.deciding import Actor
from bot.desk import Desk
from bot.learning import NoteText, Taught
from bot.note_checks import checked
from bot.office import JAPAN
from bot.proposing import propose
from bot.records import ExchangeId, Language, PassageId
from web.forms import field
from web.security import plain

DRAFT: Final = "draft"
"""What a reply was made from: the AI's draft; else the id of a canned reply, or nothing."""
TEXTS: Final = ("text", "text_ja", "reason", "bureau", "title", "questions", "source", "why")
"""The fields in which people write, kept when they are not taken."""
REFERENCE: Final = 6
"""Letters of a case's id that name it among people: too few to open anything."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: the button, its fields without blank edges, and the exchanges that were ticked."""

    do: str
    fields: Mapping[str, str]
    also: Sequence[ExchangeId] = ()

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def confirmed(self) -> bool:
        """Whether what looks like personal data shall stay."""
        return self["confirmed"] == "yes"


NOTHING: Final = Sent("", {})
"""What a page shows that no form led to."""


def read_sent(form: FormData) -> Sent:
    """What was sent."""
    names = {name for name, _ in form.multi_items()} - {"do", "also"}
    ticked = [each for each in form.getlist("also") if isinstance(each, str)]
    return Sent(
        field(form, "do"),
        {name: plain(field(form, name)) for name in names},
        tuple(ExchangeId(each) for each in dict.fromkeys(ticked)),
    )


def reference(case: Case) -> str:
    """How people call a case among themselves."""
    return case.id[-REFERENCE:]


def base_of(file: CaseFile, sent: Sent, values: Mapping[str, str | None]) -> str:
    """The text that a reply was made from, from what the desk holds: never from the form."""
    made_from = sent["from"]
    if made_from == DRAFT:
        return file.draft.text if file.draft is not None and file.draft_returned is None else ""
    return canned_text(made_from, file.case.language, values)


def canned_text(name: str, language: Language, values: Mapping[str, str | None]) -> str:
    """A canned reply with its places filled; empty where there is none of that name."""
    return next((each.filled(language, values) for each in canned() if each.id == name), "")


def act(desk: Desk, case: CaseId, who: Actor, sent: Sent, base: str = "") -> None:
    """Do what the button says. Raises KeyError for a button that is none, CaseRefused, NoteFlawed, LogUnavailable.

    ``base`` is the text that a reply was made from.
    """
    if sent.do == "send":
        answer = responding.Answer(sent["text"], sent["text_ja"], base, sent.confirmed)
        responding.reply(desk, case, who, answer)
    else:
        ACTS[sent.do](desk, case, who, sent)


def _claim(desk: Desk, case: CaseId, who: Actor, _: Sent) -> Case:
    return responding.claim(desk, case, who)


def _release(desk: Desk, case: CaseId, who: Actor, sent: Sent) -> Case:
    return responding.release(desk, case, who, sent["reason"])


def _ask(desk: Desk, case: CaseId, who: Actor, sent: Sent) -> Case:
    return responding.ask_back(desk, case, who, sent["text"], confirmed_personal=sent.confirmed)


def _note(desk: Desk, case: CaseId, who: Actor, sent: Sent) -> Case:
    return responding.note(desk, case, who, sent["text"])


def _return_draft(desk: Desk, case: CaseId, who: Actor, sent: Sent) -> Case:
    return responding.return_draft(desk, case, who, sent["reason"])


def _forward(desk: Desk, case: CaseId, who: Actor, sent: Sent) -> Case:
    return responding.forward(
        desk,
        case,
        who,
        sent["bureau"],
        sent["text"],
        with_content=sent["with_content"] == "yes",
        confirmed_personal=sent.confirmed,
    )


def _refer(desk: Desk, case: CaseId, who: Actor, sent: Sent) -> Case:
    return responding.refer(desk, case, who, sent["text"], confirmed_personal=sent.confirmed)


def _merge(desk: Desk, case: CaseId, who: Actor, sent: Sent) -> Case:
    return responding.merge(desk, case, who, _named(desk, sent["into"] or sent["reference"]))


def _close(desk: Desk, case: CaseId, who: Actor, _: Sent) -> Case:
    return responding.close(desk, case, who)


def _decide(desk: Desk, case: CaseId, who: Actor, sent: Sent) -> Case:
    if sent["decision"] not in ("upheld", "dismissed"):
        raise CaseRefused("no_decision")
    upheld = sent["decision"] == "upheld"
    return correcting.decide(
        desk,
        case,
        who,
        upheld=upheld,
        text=sent["text"],
        text_ja=sent["text_ja"],
        also=sent.also if upheld else (),
        flag=_flag(sent),
        confirmed_personal=sent.confirmed,
    )


def _correct(desk: Desk, case: CaseId, who: Actor, sent: Sent) -> Case:
    return correcting.correct(desk, case, who, text=sent["text"], also=sent.also, confirmed_personal=sent.confirmed)


def _propose(desk: Desk, case: CaseId, who: Actor, sent: Sent) -> None:
    today = desk.clock.now().astimezone(JAPAN).date()
    note = checked(note_in(sent), desk.analyzer, today)
    propose(desk, case, who, note, occasion=sent["once"])


def note_in(sent: Sent) -> NoteText:
    """The note as it was written into the form."""
    return NoteText(
        title=sent["title"],
        text=sent["text"],
        questions=tuple(Taught(line) for line in sent["questions"].splitlines() if line.strip()),
        source=sent["source"],
        as_of=sent["as_of"],
        review_by=sent["review_by"],
        section=sent["section"],
        url=sent["url"],
    )


def _flag(sent: Sent) -> Flag | None:
    kind, _, name = sent["flag"].partition(":")
    if kind == "passage":
        return Flag(passage=PassageId(name), why=sent["why"])
    return Flag(rule=name, why=sent["why"]) if kind == "rule" else None


def _named(desk: Desk, named: str) -> CaseId:
    """The live case of this desk that is meant: by its reference, its id or the number its person holds."""
    wanted = named.strip()
    found = [each.id for each in responding.queue_of(desk) if wanted in (each.id, reference(each))]
    if len(found) == 1:
        return found[0]
    held = responding.find(desk, wanted) if wanted else None
    if held is None:
        raise CaseRefused("unknown_reference")
    return held


ACTS: Final[Mapping[str, Callable[[Desk, CaseId, Actor, Sent], object]]] = {
    "claim": _claim,
    "release": _release,
    "ask": _ask,
    "note": _note,
    "return_draft": _return_draft,
    "forward": _forward,
    "refer": _refer,
    "merge": _merge,
    "close": _close,
    "decide": _decide,
    "correct": _correct,
    "propose": _propose,
}

"""The reply: what of the draft may be shown, its numbered citations, and the way to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.ports import Contacts, Wording
from bot.records import (
    Citation,
    DeskName,
    DocumentKind,
    Draft,
    Evidence,
    Language,
    Outcome,
    Passage,
    PassageId,
    Reply,
    Sentence,
    Topic,
    Triage,
    Verdict,
)
from bot.steps.originals import citable, excerpt
from bot.switch import Off

_SETTLED = {
    Topic.MANIPULATION: Outcome.REFUSED_MANIPULATION,
    Topic.PERSON: Outcome.REFERRED_PERSON_WANTED,
    Topic.OTHER_DESK: Outcome.REFERRED_OTHER_DESK,
    Topic.COMPLAINT: Outcome.REFERRED_COMPLAINT,
    Topic.OWN_CASE: Outcome.REFERRED_OWN_CASE,
    Topic.OPINION: Outcome.REFUSED_OPINION,
}
_OTHER_DESK_TEXT = {DeskName.PUBLIC: "other_desk_staff", DeskName.STAFF: "other_desk_public"}
_VOICED = frozenset({Topic.OPINION, Topic.COMPLAINT})
_OFFERING = frozenset({"abstained", "referred", "failed"})


@dataclass(frozen=True, slots=True)
class Voice:
    """What a desk says by itself: its wording and its contacts."""

    wording: Wording
    contacts: Contacts


def failed(voice: Voice, outcome: Outcome, language: Language) -> Reply:
    """The short notice of a fault, with the way to a person."""
    text = voice.wording.text(outcome.value.replace(".", "_"), language)
    unrecorded = outcome is Outcome.FAILED_LOG  # then no case can be taken either
    way = contact(voice, language) if unrecorded else offer(voice, language)
    return Reply(outcome, language, "\n".join((text, way)))


def settled(voice: Voice, placed: Triage, language: Language) -> Reply:
    """The reply to what triage settles without documents."""
    outcome, desk = _SETTLED[placed.topic], voice.contacts.desk
    name = _OTHER_DESK_TEXT[desk] if placed.topic is Topic.OTHER_DESK else outcome.reason
    lines = [voice.wording.text(name, language)]
    if placed.topic in _VOICED and desk is DeskName.PUBLIC:
        lines.append(voice.wording.text("voice", language))
    if outcome.family in _OFFERING:
        lines.append(offer(voice, language))
    return Reply(outcome, language, "\n".join(lines))


def by_a_person(voice: Voice, language: Language) -> Reply:
    """The reply where the automation register leaves the answer to a person."""
    lines = (voice.wording.text("by_register", language), offer(voice, language))
    return Reply(Outcome.REFERRED_BY_REGISTER, language, "\n".join(lines))


def switched_off(voice: Voice, off: Off, language: Language) -> Reply:
    """The reply while AI answers are off: since when, why, and the way to a person."""
    text = voice.wording.text("ai_off", language, {"since": off.since_japan, "why": off.why})
    return Reply(Outcome.REFERRED_AI_OFF, language, "\n".join((text, offer(voice, language))))


def release(voice: Voice, draft: Draft, verdict: Verdict, evidence: Evidence, language: Language) -> Reply:
    """Show what the verdict supports. If the heart of an answer is gone, abstain and show nothing of it."""
    outcome = draft.outcome
    kept = [
        (sentence, judged.supported)
        for sentence, judged in zip((*draft.sentences, *draft.related), verdict.sentences, strict=True)
    ]
    if outcome.family == "answered" and not verdict.heart_holds:
        text = voice.wording.text("unsupported", language)
        return Reply(Outcome.ABSTAINED_UNSUPPORTED, language, "\n".join((text, offer(voice, language))))
    main = [sentence for sentence, supported in kept[: len(draft.sentences)] if supported]
    related = [sentence for sentence, supported in kept[len(draft.sentences) :] if supported]
    numbers = _numbered((*main, *related))
    lines = [*draft.lead, *(_line(sentence, numbers) for sentence in main)]
    if related:
        lines += [voice.wording.text("related", language), *(f"・{_line(sentence, numbers)}" for sentence in related)]
    lines += draft.tail if main or related else ()
    if outcome.family in _OFFERING:
        lines.append(offer(voice, language))
    passages = citable(evidence)
    citations = tuple(_citation(number, passages[passage], (*main, *related)) for passage, number in numbers.items())
    if outcome is Outcome.ANSWERED_DOCUMENTS and all(
        citation.kind is DocumentKind.SERVICE for citation in citations[:1]
    ):
        outcome = Outcome.ANSWERED_SERVICE
    return Reply(outcome, language, "\n".join(lines), citations)


def arranged(
    voice: Voice, lines: Sequence[str | Sentence], verdict: Verdict, evidence: Evidence, language: Language
) -> Reply:
    """An assessment: the service's own lines and the documents' sentences, in the order given.

    ``verdict`` is on the sentences alone. Without its heart nothing of it is shown.
    """
    if not verdict.heart_holds:
        text = voice.wording.text("unsupported", language)
        return Reply(Outcome.ABSTAINED_UNSUPPORTED, language, "\n".join((text, offer(voice, language))))
    verdicts = iter(verdict.sentences)
    kept = [line for line in lines if isinstance(line, str) or next(verdicts).supported]
    quoted = tuple(line for line in kept if isinstance(line, Sentence))
    numbers = _numbered(quoted)
    text = "\n".join(line if isinstance(line, str) else f"・{_line(line, numbers)}" for line in kept)
    passages = citable(evidence)
    citations = tuple(_citation(number, passages[passage], quoted) for passage, number in numbers.items())
    return Reply(Outcome.ANSWERED_ASSESSMENT, language, text, citations)


def noticed(voice: Voice, reply: Reply, marks: Sequence[str]) -> Reply:
    """The reply with the notice before it that the question may hold confidential information; danger texts as they
    are.
    """
    if not marks or reply.outcome.family == "escalated":
        return reply
    return replace(reply, text="\n".join((voice.wording.text("confidential", reply.language), reply.text)))


def other_desk(voice: Voice, language: Language) -> str:
    """Where to ask what belongs to the other desk."""
    return voice.wording.text(_OTHER_DESK_TEXT[voice.contacts.desk], language)


def offer(voice: Voice, language: Language) -> str:
    """That people can be asked here, with a number; and how else they are reached."""
    return "\n".join((voice.wording.text("person_offer", language), contact(voice, language)))


def contact(voice: Voice, language: Language) -> str:
    """How to reach a person at this desk, as the operator configured it, or that nothing is configured."""
    lines = voice.contacts.lines(language)
    if not lines:
        return voice.wording.text("offer_unset", language)
    return voice.wording.text("offer", language, {"contact": "、".join(lines)})


def _numbered(sentences: tuple[Sentence, ...]) -> dict[PassageId, int]:
    order = dict.fromkeys(passage for sentence in sentences for passage in sentence.passages)
    return {passage: number for number, passage in enumerate(order, start=1)}


def _line(sentence: Sentence, numbers: dict[PassageId, int]) -> str:
    return sentence.text + "".join(f"[{numbers[passage]}]" for passage in sentence.passages)


def _citation(number: int, passage: Passage, sentences: tuple[Sentence, ...]) -> Citation:
    document = passage.document
    cited = excerpt(passage, (sentence.text for sentence in sentences if passage.id in sentence.passages))
    return Citation(
        number=number,
        passage=passage.id,
        document=document.source,
        title=document.title,
        publisher=document.publisher,
        section=document.section,
        page=document.page,
        url=document.url,
        validity=document.validity,
        as_of=document.as_of,
        excerpt=cited,
        excerpt_kind=document.excerpt_kind,
        kind=document.kind,
        speaker=document.speaker,
    )

"""The extractive composer: an answer made of the documents' own sentences, no model needed.

It adds nothing of its own but the frame (prompts/reply): what the answer rests on, what it is not, what is related.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.ports import Wording
from bot.records import (
    Document,
    Draft,
    ExcerptKind,
    Finding,
    Language,
    Outcome,
    Question,
    Sentence,
    Support,
    Validity,
)

_JAPANESE = frozenset({Language.JA, Language.JA_EASY})
_STRATEGY = "strategy-published"  # the note that the slides of the council give way to


def compose(question: Question, finding: Finding, wording: Wording) -> Draft:
    """Put the gate's finding into sentences: what answers first, then its context, then what is related."""
    language = question.language
    quoted = language not in _JAPANESE
    sentences = _sentences(finding.hearts, heart=True, quoted=quoted) + _sentences(
        finding.context, heart=False, quoted=quoted
    )
    related = _sentences(finding.related, heart=False, quoted=quoted)
    lead = _lead(question, finding, wording)
    shown = [support.passage.document for support in (*finding.hearts, *finding.context, *finding.related)]
    return Draft(finding.outcome, lead, sentences, related, standing(shown, wording, language))


def standing(documents: Iterable[Document], wording: Wording, language: Language) -> tuple[str, ...]:
    """What has to be said, once each, of documents that are not the last word."""
    lines = dict.fromkeys(_standing(document, wording, language) for document in documents)
    return tuple(line for line in lines if line)


def _standing(document: Document, wording: Wording, language: Language) -> str:
    """What has to be said of a document that is not the last word: superseded, withdrawn, a draft; else nothing."""
    values = {"title": document.source}
    if document.validity is Validity.SUPERSEDED:
        if document.superseded_by == _STRATEGY:
            return wording.text("status_slides", language)
        if document.successor is None:
            return wording.text("status_old", language, values)
        return wording.text("status_superseded", language, {**values, "successor": document.successor})
    if document.validity is Validity.WITHDRAWN:
        return wording.text("status_withdrawn", language, values)
    if document.validity is Validity.DRAFT and document.excerpt_kind is ExcerptKind.ORIGINAL:
        return wording.text("status_draft", language, values)
    return ""


def _lead(question: Question, finding: Finding, wording: Wording) -> tuple[str, ...]:
    language = question.language
    if finding.outcome.family == "answered":
        return (wording.text("quoted", language),) if language not in {Language.JA, Language.JA_EASY} else ()
    if finding.outcome is Outcome.ABSTAINED_NOT_STATED and finding.missing:
        return (wording.text("not_stated_word", language, {"words": "、".join(finding.missing)}),)
    return (wording.text(finding.outcome.reason, language),)


def _sentences(supports: Iterable[Support], *, heart: bool, quoted: bool) -> tuple[Sentence, ...]:
    seen: dict[str, Sentence] = {}
    for support in supports:
        seen.setdefault(support.text, Sentence(support.text, (support.passage.id,), heart, quoted))
    return tuple(seen.values())

"""The extractive composer: an answer made of the documents' own sentences, no model needed.

It adds nothing of its own but the frame (prompts/reply): what the answer rests on, what it is not, what is related.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.ports import Wording
from bot.records import Draft, Finding, Language, Outcome, Question, Sentence, Support, Validity

_JAPANESE = frozenset({Language.JA, Language.JA_EASY})


def compose(question: Question, finding: Finding, wording: Wording) -> Draft:
    """Put the gate's finding into sentences: what answers first, then its context, then what is related."""
    language = question.language
    quoted = language not in _JAPANESE
    sentences = _sentences(finding.hearts, heart=True, quoted=quoted) + _sentences(
        finding.context, heart=False, quoted=quoted
    )
    related = _sentences(finding.related, heart=False, quoted=quoted)
    lead = _lead(question, finding, wording)
    tail: tuple[str, ...] = ()
    shown = (*finding.hearts, *finding.context, *finding.related)
    if any(support.passage.document.validity is Validity.SUPERSEDED for support in shown):
        tail = (wording.text("status_slides", language),)
    return Draft(finding.outcome, lead, sentences, related, tail)


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

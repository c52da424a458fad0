"""The verdict: is every figure, date and name of every sentence in the passages that the sentence cites?

It looks at the draft alone and at the evidence of this exchange, and trusts neither the gate nor the composer.
"""

from __future__ import annotations

import re

from bot.records import Draft, Evidence, PassageId, Sentence, SentenceVerdict, Verdict
from bot.text import figures, squeeze

_QUOTED_NAME = re.compile(r"[「『“\"]([^」』”\"]{1,60})[」』”\"]")
_KATAKANA_NAME = re.compile(r"[ァ-ヴー]{3,}(?:・[ァ-ヴー]+)*")
_ORGANISATION = re.compile(r"[一-鿿]{1,8}(?:省|庁|局|委員|市|町|村|区|県|府|部門)(?![一-鿿])")
_YES = re.compile(r"^(?:はい|いいえ|yes|no|是的|不是|네|아니)[、,，。.\s]", re.IGNORECASE)


def judge(draft: Draft, evidence: Evidence) -> Verdict:
    """One verdict for each sentence of the draft, in order: those that answer, then the related ones.

    The heart holds where at least one heart sentence was drafted and none of them is unsupported.
    """
    passages = {found.passage.id: squeeze(found.passage.text) for found in evidence.found}
    verdicts = tuple(_judge(sentence, passages) for sentence in (*draft.sentences, *draft.related))
    hearts = [verdict.supported for verdict, sentence in zip(verdicts, draft.sentences, strict=False) if sentence.heart]
    return Verdict(verdicts, heart_holds=bool(hearts) and all(hearts))


def _judge(sentence: Sentence, passages: dict[PassageId, str]) -> SentenceVerdict:
    if not sentence.passages:
        return SentenceVerdict(supported=False, reason="no passage")
    if any(passage not in passages for passage in sentence.passages):
        return SentenceVerdict(supported=False, reason="passage not in this exchange's evidence")
    if _YES.match(sentence.text):
        return SentenceVerdict(supported=False, reason="asserts yes or no")
    cited = "".join(passages[passage] for passage in sentence.passages)
    stands = all(_stands(figure, cited) for figure in figures(sentence.text))
    if not stands or any(squeeze(name) not in cited for name in _names(sentence.text)):
        return SentenceVerdict(supported=False, reason="figure or name not in the cited passage")
    return SentenceVerdict(supported=True)


def _stands(figure: str, cited: str) -> bool:
    """Whether the figure stands there as a figure of its own: 8 is not in 181."""
    return bool(re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d])(?!\.\d)", cited))


def _names(text: str) -> list[str]:
    """The quoted titles, katakana names and organisations that a sentence asserts."""
    return [*_QUOTED_NAME.findall(text), *_KATAKANA_NAME.findall(text), *_ORGANISATION.findall(text)]

"""The verdict: is every figure, date and name of every sentence in the passages that the sentence cites?

It looks at the draft alone and at the evidence of this exchange, and trusts neither the gate nor the composer.
"""

from __future__ import annotations

import re

from bot.records import Draft, Evidence, PassageId, Sentence, SentenceVerdict, Verdict
from bot.steps.originals import asserts_only, citable, citable_text

_YES = re.compile(r"^(?:はい|いいえ|yes|no|是的|不是|네|아니)[、,，。.\s]", re.IGNORECASE)


def judge(draft: Draft, evidence: Evidence) -> Verdict:
    """One verdict for each sentence of the draft, in order: those that answer, then the related ones.

    The heart holds where at least one heart sentence was drafted and none of them is unsupported.
    """
    passages = {key: citable_text(passage) for key, passage in citable(evidence).items()}
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
    if not asserts_only(sentence.text, "".join(passages[passage] for passage in sentence.passages)):
        return SentenceVerdict(supported=False, reason="figure or name not in the cited passage")
    return SentenceVerdict(supported=True)

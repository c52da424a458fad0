"""Making a follow-up question stand alone, from the earlier turns of the conversation.

Rules, readable and few: a question that names its own subject stands alone; one that leans on what was said
(「じゃあ二番目は？」「それはいつ？」 "how many of them …") is read together with the last question that stood alone;
one that corrects (「そっちじゃなくて」) keeps the earlier question's wording but not the service's reply to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ports import WordAnalyzer
from bot.records import MaskedText, Speaker, Turn
from bot.questions import parse_question
from bot.text import fold

_LEANING = re.compile(
    r"^(?:じゃあ|じゃ、|では|で、|それ|その|そこ|そちら|そっち|あと|ほか|他|もう|それと|さっき|今の|この(?!会議|資料|サービス|チャット|窓口|ai)|これ(?!は何の)|ううん|いや、|違う)"
    r"|もう(?:一|ひと|1)つ|[一二三四五2-5]番目|[二三四五2-5]つ目|残り|前者|後者|そっち|そちら|あっち|同じ(?:年|ところ|市)|それ(?:は|って|を|が|の|で|に)|その(?:中|他|ほか|あと|後|人|市|会社|局|ai|事業|うち)"
    r"|^(?:and|what about|how about|then|also|ok|so)\b|\b(?:them|they|it|that one|the other|the second|those|these|its|their)\b"
    r"|^(?:那|那么|还有|它|另|另外)|第二个|另一个|^(?:그럼|그건|그|그러면|또)|두 ?번째"
)
_CORRECTING = re.compile(r"じゃなくて|ではなくて|じゃない(?:ほう|方)|そっちじゃ|違うほう|not that|不是那|그게 아니")
_OWN_SUBJECT_WORDS = 3
_RANKS = re.compile(r"(?:一番|いちばん|最も|トップ)")
_RANK_ASKED = re.compile(r"([二三四五2-5])番目")


@dataclass(frozen=True, slots=True)
class StandAlone:
    """The question as it is searched, and whether earlier turns went into it."""

    text: MaskedText
    leaned: bool


def needs_history(text: MaskedText, analyzer: WordAnalyzer) -> bool:
    """Whether a question leans on something said before (pronoun, ellipsis, too few words of its own)."""
    question = parse_question(text, None, analyzer)
    if _LEANING.search(fold(text.value)):
        return not (question.names and len(question.words) > _OWN_SUBJECT_WORDS)
    return len(question.words) < _OWN_SUBJECT_WORDS - 1 and not question.names and bool(question.slots)


def stand_alone(text: MaskedText, turns: Sequence[Turn], analyzer: WordAnalyzer) -> StandAlone:
    """``text`` with what it leans on put before it. ``turns`` oldest first, masked; the newest matter most."""
    asked = [turn.text for turn in turns if turn.speaker is Speaker.PERSON and turn.text.value.strip()]
    if not asked or not needs_history(text, analyzer):
        return StandAlone(text, leaned=False)
    base = _last_standing(asked, analyzer)
    rank = _RANK_ASKED.search(fold(text.value))
    if rank and _RANKS.search(base.value):
        # The earlier question asked for the first; the ranking word would outweigh the one asked for now.
        return StandAlone(text.then(base), leaned=True)
    return StandAlone(base.then(text), leaned=True)


def corrects(text: MaskedText) -> bool:
    """Whether the person says that the last reply was about the wrong thing."""
    return bool(_CORRECTING.search(fold(text.value)))


def _last_standing(asked: Sequence[MaskedText], analyzer: WordAnalyzer) -> MaskedText:
    """The newest earlier question that stood alone; the newest of all if none did."""
    for text in reversed(asked):
        if not needs_history(text, analyzer):
            return text
    return asked[-1]


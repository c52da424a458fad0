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
from bot.questions import parse_question, properties, strict_slots
from bot.records import MaskedText, Speaker, Turn
from bot.steps.lists import counted_on, meant
from bot.text import fold, ordinals, squeeze

_CONNECTING = re.compile(
    r"^(?:じゃあ?|では|で、|あと(?=[、,は ]|$)|ほか|もう|それと|ううん|いや(?=[、,。 ]|$)|違う|例えば|たとえば|逆に"
    r"|詳しく|くわしく|具体的に|つまり|(?:and|what about|how about|then|also|ok|so)\b|那|那么|还有|그럼|그러면|또)"
)
_POINTING = re.compile(
    r"^(?:それ(?!ぞれ)|その|そこ|そちら|そっち|他の|さっき|今の|この(?!会議|資料|サービス|チャット|窓口|ai|戦略)"
    r"|これ(?!は何の|まで|から))"
    r"|もう(?:一|ひと|1)つ|最後の|後の(?:方|ほう)|(?:一つ|ひとつ)[前先後]の|もう片方|残り(?:は|の)|前者|後者|そっち|そちら|あっち|同じ(?:年|ところ|市|の)"
    r"|それ(?:は|って|を|が|の|で|に)|その(?:中|他|ほか|あと|後|人|市|会社|局|ai|事業|うち)|そうじゃなく|後に言った"
    r"|\b(?:them|they|it|that one|the other|the second|those|these|its|their)\b"
    r"|^(?:它|另|另外)|第二个|另一个|^(?:그건|그)|두 ?번째"
)
_COUNTING = re.compile(r"[二三四五2-5](?:番目|つ目)")
_REJECTED = re.compile(  # not 「人の代わりではなく補助として」 nor 「だけでなく」, which say something of their subject
    r"(?:^|(?<=[、。？?！!,.\s]))([^、。？?！!,.\sはがを]{1,20})(?<!だけ)(?<!のみ)(?<!ばかり)(?:じゃなくて|ではなくて|じゃなく|ではなく|でなく|やなくて|やのうて)[、,]?"
)
_OWN_SUBJECT_WORDS = 3
_CURT = 12  # signs; 「担当の局は？」「夜中でも平気？」 say a property of what was spoken of
_OTHERWISE = re.compile(  # thanks, and questions to the service: nothing of what was spoken of
    r"^(?:(?:いや|いえ|うん|はい|ok|あ)?[、,。 ]*(?:どうも)?ありがと|有難|有り難|どうも$|了解|承知|かしこまり"
    r"|助か(?:り|る|った)|(?:分|わ)かりました|なるほど|ok(?:です)?[。.!！]*$|thank|thx|谢谢|謝謝|감사|고마"
    r"|あなた|君は|きみは|who are you|你是|당신)"
)
_ASKING = re.compile(r"[?何]|詳しく|くわしく")
_NAME = "固有名詞"
_TOKYO = frozenset({"東京", "東京都", "Tokyo"})  # in every reply: it tells nothing apart
_RANKS = re.compile(r"(?:一番|いちばん|最も|トップ)")
_RANK_ASKED = re.compile(r"([二三四五2-5])番目")


@dataclass(frozen=True, slots=True)
class StandAlone:
    """The question as it is searched; whether earlier turns went into it; whether it needs some that are not there.

    ``alone`` is what was said by itself, where it is merely short: if that is answered it was a new topic.
    """

    text: MaskedText
    leaned: bool = False
    lacking: bool = False
    alone: MaskedText | None = None


def needs_history(text: MaskedText, analyzer: WordAnalyzer) -> bool:
    """Whether a question leans on something said before (pronoun, ellipsis, too few words of its own)."""
    question = parse_question(text, None, analyzer)
    if _leans(text):
        return not (question.names and len(question.terms) > _OWN_SUBJECT_WORDS)
    return len(question.terms) < _OWN_SUBJECT_WORDS - 1 and not question.names and bool(question.slots)


def stand_alone(text: MaskedText, turns: Sequence[Turn], analyzer: WordAnalyzer) -> StandAlone:
    """``text`` with what it leans on put before it. ``turns`` oldest first, masked; the newest matter most."""
    corrected, rejected = _corrected(text, analyzer)
    corrects, text = corrected != text, corrected
    asked = [turn.text for turn in turns if turn.speaker is Speaker.PERSON and turn.text.value.strip()]
    leaning = needs_history(text, analyzer) or (asked and _is_curt(text, analyzer))
    if not corrects and (_OTHERWISE.search(fold(text.value)) or not leaning):
        return StandAlone(text)
    if not asked:
        return StandAlone(text, lacking=_says_nothing_itself(text, analyzer))
    counted = counted_on(text, asked)
    if counted is not None:
        base = _last_standing(asked, analyzer)
        # An earlier question about another place would outweigh the place that is asked for now.
        by_itself = not needs_history(counted, analyzer) or ordinals(base.value)
        return StandAlone(counted if by_itself else base.then(counted), leaned=True)
    reply = next((turn.text.value for turn in reversed(turns) if turn.speaker is Speaker.SERVICE), "")
    member = meant(text.value, reply)
    if member is not None:
        return StandAlone(text.with_words([member]), leaned=True)
    alone = None if corrects or not _may_be_new(text, analyzer) else text
    base = _without_names(_last_standing(asked, analyzer), text, analyzer).without(rejected)
    base = base.with_words(_names_told(base, text, reply, analyzer))
    rank = _RANK_ASKED.search(fold(text.value))
    if rank and _RANKS.search(base.value):
        # The earlier question asked for the first; the ranking word would outweigh the one asked for now.
        return StandAlone(text.then(base), leaned=True, alone=alone)
    return StandAlone(base.then(text), leaned=True, alone=alone)


def _is_curt(text: MaskedText, analyzer: WordAnalyzer) -> bool:
    """Whether a question is so short that, in a conversation, it asks of what was spoken of before."""
    question = parse_question(text, None, analyzer)
    if not (question.terms or question.slots or question.yes_no or _ASKING.search(fold(text.value))):
        return False
    return len(squeeze(text.value)) <= _CURT and len(question.terms) < _OWN_SUBJECT_WORDS and not question.names


def _may_be_new(text: MaskedText, analyzer: WordAnalyzer) -> bool:
    """Whether a short question may be a topic of its own: it points at nothing, and names more than a property."""
    question = parse_question(text, None, analyzer)
    own = [term for term in question.terms if term.noun and not properties().intersection(term.forms)]
    return bool(own) and not _leans(text) and not strict_slots(question)


def _names_told(base: MaskedText, text: MaskedText, reply: str, analyzer: WordAnalyzer) -> tuple[str, ...]:
    """The first proper name that the last reply told, where neither question has one of its own."""
    words = analyzer.words(f"{base.value} {text.value}")
    if any(word.detail == _NAME for word in words):
        return ()
    first = reply.partition("。")[0]
    names = [word.surface for word in analyzer.words(first) if word.detail == _NAME and word.surface not in _TOKYO]
    return tuple(names[:1])


def _corrected(text: MaskedText, analyzer: WordAnalyzer) -> tuple[MaskedText, tuple[str, ...]]:
    """The text without what it rejects (「戦略じゃなくて」「そっちではなく」), and the nouns so rejected."""
    match = _REJECTED.search(text.value)
    if not match:
        return text, ()
    nouns = tuple(word.surface for word in analyzer.words(match.group(1)) if word.part == "名詞")
    return text.without([match.group(0)]), nouns


def _says_nothing_itself(text: MaskedText, analyzer: WordAnalyzer) -> bool:
    """Whether a leaning question without anything to lean on has no subject of its own to be searched by."""
    terms = len(parse_question(text, None, analyzer).terms)
    return terms < _OWN_SUBJECT_WORDS - 1 and (bool(_POINTING.search(fold(text.value))) or terms == 0)


def _leans(text: MaskedText) -> bool:
    folded = fold(text.value)
    return any(pattern.search(folded) for pattern in (_CONNECTING, _POINTING, _COUNTING))


def _without_names(base: MaskedText, text: MaskedText, analyzer: WordAnalyzer) -> MaskedText:
    """The earlier question without its proper names where the new one brings its own (「じゃあ裾野市は？」)."""
    if not any(word.detail == _NAME for word in analyzer.words(text.value)):
        return base
    return base.without(word.surface for word in analyzer.words(base.value) if word.detail == _NAME)


def _last_standing(asked: Sequence[MaskedText], analyzer: WordAnalyzer) -> MaskedText:
    """The newest earlier question that stood alone; the oldest if none did."""
    for place, text in reversed(list(enumerate(asked))):
        if not needs_history(text, analyzer) and not (place and _is_curt(text, analyzer)):
            return text
    return asked[0]

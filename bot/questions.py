"""Reading a question: language, what kind of value it asks for, its content words, names, years and ordinals."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib import resources

from bot.bridge import groups, unknown
from bot.cues import QUANTITY, cues_of
from bot.introductions import asked_in
from bot.ports import WordAnalyzer
from bot.records import Language, MaskedText, Question, Slot, Stamp, Term, Word
from bot.text import fold, is_kana_only, language_of, ordinals, years

_NOUNS = frozenset({"名詞", "形状詞"})
_CONTENT = frozenset({"名詞", "動詞", "形容詞", "形状詞"})
_EMPTY_DETAILS = frozenset({"数詞", "非自立可能", "助動詞語幹"})
_ASKING_NOUN = re.compile(r"^(?:何|幾)")
# 何 with a counter asks for a number of just that: 何台, 何歳, 何ページ. 何年 and 何月 are dates, and not meant here.
_UNIT = re.compile(
    r"何(件|事業|校|か所|ヶ所|箇所|カ所|台|社|冊|本|枚|個|種類|回|歳|才|点|問|字|文字|ページ|頁|人|名|円|億円|万円"
    r"|%|パーセント|割|時間|分(?!の|野)|日間|か月|ヶ月|箇月|週間|年間|キロ|km|メートル|m\b|度|路線|区域|項目|団体|自治体"
    r"|機関|世帯|件数|店|施設|ヵ国|か国|カ国|語|カ国語|か国語|教科|科目|コース|代|位|番(?!目)|言語|条|か条|箇条|列|両|室|席|面)"
)
_HAN_OR_KATAKANA = re.compile(r"[㐀-鿿ァ-ヴ]")
_RELATIVE_YEAR = re.compile(
    r"(?:再来|さ来|来|去|昨|今|本|前|翌)年度?|らいねんど?|きょねん|ことし"
    r"|\b(?:next|last|this) (?:fiscal )?year\b|明年度?|내년도?|작년도?|올해"
)
_KANA_WORD = 3
_KANA_OR_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")
# Han alone in a Chinese question is Chinese; what stands in quotation marks with kana is quoted Japanese.
_QUOTED = {
    Language.EN: _KANA_OR_HAN,
    Language.KO: _KANA_OR_HAN,
    Language.ZH: re.compile(
        r"[\"'「『“][^\"'「『“」』”\u3040-\u30ff]*+[\u3040-\u30ff][^\"'「『“」』”]*+[\"'」』”]"  # linear, as in bridge
    ),
}
_JAPANESE = frozenset({Language.JA, Language.JA_EASY})
_COMPARES = re.compile(
    r"違い|違う|ちがい|ちがう|比べ|比較|どっち|どちら|それぞれ|両方|対し(?:て|、)|分けて|同じ|共通"
    r"|\b(?:compare|difference|differ|versus|vs|both|respectively)\b|区别|比较|不同|分别|차이|비교|각각"
)


@cache
def _words_file() -> tuple[frozenset[str], Stamp]:
    raw = resources.files("bot").joinpath("words.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    empty = frozenset((data["filler"] + " " + data["general"]).split())
    return empty, Stamp("words", data["version"], sha256(raw).hexdigest())


@cache
def properties() -> frozenset[str]:
    """The nouns that ask something of a subject and are none themselves (bot/words.toml)."""
    raw = resources.files("bot").joinpath("words.toml").read_text("utf-8")
    return frozenset(tomllib.loads(raw)["property"].split())


def stamp() -> Stamp:
    """Version and digest of the words that questions are made of."""
    return _words_file()[1]


def parse_question(text: MaskedText, language: Language | None, analyzer: WordAnalyzer) -> Question:
    """Parse a stand-alone masked question. ``language`` None means: decide by script."""
    text = asked_in(text)
    spoken = language or language_of(text.value)
    cues = cues_of(text.value)
    slots = cues.slots + (tuple(slot for slot in QUANTITY if slot not in cues.slots) if cues.generic else ())
    kana_only = is_kana_only(text.value)
    foreign = spoken not in _JAPANESE
    terms = _foreign_terms(text.value, spoken, analyzer) if foreign else _terms(analyzer.words(text.value), kana_only)
    folded = fold(text.value)
    return Question(
        text=text,
        language=spoken,
        kana_only=kana_only,
        slots=slots,
        yes_no=cues.polar,
        terms=terms,
        units=tuple(dict.fromkeys(match.group(1) for match in _UNIT.finditer(folded))),
        years=years(text.value),
        ordinals=ordinals(text.value),
        relative_years=tuple(dict.fromkeys(_RELATIVE_YEAR.findall(folded))),
        compares=bool(_COMPARES.search(folded)),
    )


def search_text(question: Question) -> MaskedText:
    """What to search for: the question, with the Japanese words for what a foreign one says put behind it."""
    if question.language in _JAPANESE:
        return question.text
    return question.text.with_words(term.forms[0] for term in question.terms)


def asks_generic_quantity(question: Question) -> bool:
    """Whether any kind of quantity would answer (どのくらい)."""
    return set(QUANTITY) <= set(question.slots)


def strict_slots(question: Question) -> tuple[Slot, ...]:
    """The asked kinds of value whose absence from the evidence means: not stated."""
    # Not WHO: 「誰が」 is also asked of departments, users and addressees.
    strict = {Slot.WHEN, Slot.DURATION, Slot.MONEY, Slot.PEOPLE, Slot.COUNT, Slot.SHARE, Slot.SIZE, Slot.CONTACT}
    if question.yes_no:  # 「電話はつながる？」 asks for no number
        strict -= {Slot.CONTACT}
    return tuple(slot for slot in question.slots if slot in strict)


def content_words(words: Sequence[Word]) -> list[str]:
    """Normalised forms of the words that carry meaning, lower case, without the words that questions are made of."""
    return [word.normal.lower() for word in words if _carries(word)]


def _carries(word: Word) -> bool:
    normal = word.normal.lower()
    if word.part not in _CONTENT or word.detail in _EMPTY_DETAILS:
        return False
    return normal not in _words_file()[0] and not _ASKING_NOUN.match(normal) and bool(normal.strip())


def _terms(words: Sequence[Word], kana_only: bool = False) -> tuple[Term, ...]:  # noqa: FBT001, FBT002 - one fact
    """The content words as terms. Of text in kana alone, scraps of one or two signs are left out: they are what
    morphology makes of words it could not cut.
    """
    terms = {
        word.normal.lower(): Term(
            forms=(word.normal.lower(),),
            reading=word.reading,
            noun=word.part in _NOUNS,
            name=word.detail == "固有名詞" and bool(_HAN_OR_KATAKANA.search(word.surface)),
        )
        for word in words
        if _carries(word) and not (kana_only and len(word.surface) < _KANA_WORD)
    }
    return tuple(terms.values())


def _foreign_terms(text: str, language: Language, analyzer: WordAnalyzer) -> tuple[Term, ...]:
    """What a foreign question says, bridged to Japanese; what it quotes in Japanese; what no bridge covers."""
    quoted = " ".join(match.group(0) for match in _QUOTED[language].finditer(text))
    bridged = tuple(Term(forms=group) for group in groups(text, language))
    left = tuple(Term(forms=(word,)) for word in unknown(text, language))
    return (*_terms(analyzer.words(quoted)), *bridged, *left)

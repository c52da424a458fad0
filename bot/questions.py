"""Reading a question: language, what kind of value it asks for, its content words, names, years and ordinals."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.cues import QUANTITY, cues_of
from bot.ports import WordAnalyzer
from bot.records import Language, MaskedText, Question, Slot, Word
from bot.text import fold, is_kana_only, language_of, ordinals, years

_NOUNS = frozenset({"名詞", "形状詞"})
_CONTENT = frozenset({"名詞", "動詞", "形容詞", "形状詞"})
_EMPTY_DETAILS = frozenset({"数詞", "非自立可能", "助動詞語幹"})
# Words that questions are made of and no subject is: helping verbs, politeness, the act of asking.
_FILLER = frozenset(
    "為る 居る 有る 成る 出来る 言う 下さる 呉れる 貰う 頂く 御座る 教える 知る 聞く 答える 見る 思う 願う 分かる 説明 "
    "質問 事 物 者 所 方 為 時 内 中 等 様 訳 筈 積もり 何 何れ 何処 誰 何時 何故 如何 何方 幾ら 幾つ 此れ 其れ 彼れ "
    "此処 其処 良い 無い 多い 少ない 大きい 宜しい 御 さん 様 氏 的 今 話 本当 全部 全て 結局 具体 一番 最も 資料 スライド "
    "因る 付く 就く 関する 対する 於く 出る 来る 行く 遣る 置く 掛かる 使う 用いる 書く 載る 示す 挙げる "
    "くらい 位 程 例えば 例 又 私 私達 我々 あなた 貴方 君 確か 確認 詳しい 簡単 一言 意味 内容 概要".split()
)
_ASKING_NOUN = re.compile(r"^(?:何|幾)")
_LATIN_WORD = re.compile(r"[a-z][a-z0-9.+-]{1,}")
_ENGLISH_FILLER = frozenset(
    "the an is are was were be been of in on at to for from by with and or not no does do did can could will would has have "
    "had what which who whom whose when where why how many much long it its this that these those there they them their "
    "about please tell me my our your you we us any some all as if than then so also into out up more most used using use "
    "ai tokyo slides document documents council according say says said give name list".split()
)
# 何 with a counter asks for a number of just that: 何台, 何歳, 何ページ. Not 何か, 何も, 何を …; 何年 and 何月 are dates.
_UNIT = re.compile(r"何(件|事業|校|か所|ヶ所|箇所|カ所|台|社|冊|本|枚|個|種類|回|歳|才|点|問|字|文字|ページ|頁|人|名|円|億円|万円|%|パーセント|割|時間|分(?!の|野)|日間|か月|ヶ月|箇月|週間|年間|キロ|km|メートル|m\b|度|路線|区域|項目|団体|自治体|機関|世帯|件数|店|施設|ヵ国|か国|カ国|語|カ国語|か国語|教科|科目|コース|代|位|番(?!目))")
_RELATIVE_YEAR = re.compile(
    r"(?:再来|さ来|来|去|昨|今|本|前|翌)年度?|らいねんど?|きょねん|ことし|\b(?:next|last|this) (?:fiscal )?year\b|明年度?|내년도?|작년도?|올해"
)
_COMPARES = re.compile(
    r"違い|違う|ちがい|ちがう|比べ|比較|どっち|どちら|それぞれ|両方|対し(?:て|、)|分けて|同じ|共通|\b(?:compare|difference|differ|versus|vs|both|respectively)\b|区别|比较|不同|分别|차이|비교|각각"
)


def parse_question(text: MaskedText, language: Language | None, analyzer: WordAnalyzer) -> Question:
    """Parse a stand-alone masked question. ``language`` None means: decide by script."""
    spoken = language or language_of(text.value)
    cues = cues_of(text.value)
    slots = cues.slots + (tuple(slot for slot in QUANTITY if slot not in cues.slots) if cues.generic else ())
    words = analyzer.words(text.value)
    content = _content(words, spoken, text.value)
    return Question(
        text=text,
        language=spoken,
        kana_only=is_kana_only(text.value),
        slots=slots,
        yes_no=cues.polar,
        words=tuple(content),
        readings=tuple(content.values()),
        nouns=frozenset(word.normal.lower() for word in words if word.part in _NOUNS),
        names=_names(words, content),
        units=tuple(dict.fromkeys(match.group(1) for match in _UNIT.finditer(fold(text.value)))),
        years=years(text.value),
        ordinals=ordinals(text.value),
        relative_years=tuple(dict.fromkeys(_RELATIVE_YEAR.findall(fold(text.value)))),
        compares=bool(_COMPARES.search(fold(text.value))),
    )


def asks_generic_quantity(question: Question) -> bool:
    """Whether any kind of quantity would answer (どのくらい)."""
    return set(QUANTITY) <= set(question.slots)


def strict_slots(question: Question) -> tuple[Slot, ...]:
    """The asked kinds of value whose absence from the evidence means: not stated."""
    strict = {Slot.WHEN, Slot.DURATION, Slot.MONEY, Slot.PEOPLE, Slot.COUNT, Slot.SHARE, Slot.SIZE, Slot.WHO, Slot.CONTACT}
    if Slot.TARGET in question.slots:  # 「誰向け」「誰が使える」 ask for a target, not for a person
        strict.discard(Slot.WHO)
    return tuple(slot for slot in question.slots if slot in strict)


def content_words(words: Sequence[Word]) -> list[str]:
    """Normalised forms of the words that carry meaning, lower case, without the words that questions are made of."""
    return [word.normal.lower() for word in words if _carries(word)]


def _carries(word: Word) -> bool:
    normal = word.normal.lower()
    if word.part not in _CONTENT or word.detail in _EMPTY_DETAILS:
        return False
    return normal not in _FILLER and not _ASKING_NOUN.match(normal) and bool(normal.strip())


def _names(words: Sequence[Word], content: dict[str, str]) -> tuple[str, ...]:
    """Proper names in kanji or kana; Sudachi takes many a plain English word for one."""
    names = [word for word in words if word.detail == "固有名詞" and not word.surface.isascii()]
    return tuple(dict.fromkeys(word.normal.lower() for word in names if word.normal.lower() in content))


def _content(words: Sequence[Word], language: Language, text: str) -> dict[str, str]:
    """Content words with their readings. Latin words of an English question count as they are written."""
    kept = {
        word.normal.lower(): word.reading
        for word in words
        if _carries(word) and not (language is Language.EN and word.surface.isascii())
    }
    if language is Language.EN:
        latin = {word: "" for word in _LATIN_WORD.findall(fold(text)) if word not in _ENGLISH_FILLER}
        return latin | kept
    return kept

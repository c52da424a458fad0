"""What the derived index takes from texts, and how what somebody typed becomes a query of it. Pure.

Every token is written in hexadecimal digits (UTF-16, four for most characters), both in the index and in a query:
whatever somebody types, what reaches MATCH consists of such tokens, quotation marks and our own operators. A text
gives four kinds of tokens:

========  ==================================================================================================
normal    the dictionary form of each word that carries meaning (Sudachi), so that any inflection is found
reading   its reading in kana: what was written with other characters
sign      each letter or digit, for queries of one
gram      each run of two letters or digits, in their order: a longer run is found as a phrase of them
========  ==================================================================================================

Signs and grams are taken from text folded by NFKC (half and full width), case and hiragana for katakana, without white
space: a line that was broken in the middle of a word is found as if it were whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from audit.search_values import Query
from bot.ports import WordAnalyzer
from bot.records import Word

VERSION: Final = "1"
"""Part of an index's identity: what is changed here makes every index anew."""

_CONTENT: Final = frozenset(
    {"名詞", "代名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "接尾辞", "連体詞", "感動詞"}
)
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_KANA: Final = re.compile("[ぁ-ゖァ-ヺー]+")
_TO_HIRAGANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_BREAK: Final = "x"
"""Stands between two runs of letters, so that no phrase reaches over it. No token: not a hexadecimal digit."""

_LONGEST_PIECE: Final = 3_000
"""An analyzer takes only so much at once."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of everything that was said in one exchange, as the index stores them, separated by spaces."""

    normals: str
    readings: str
    signs: str
    grams: str


@dataclass(frozen=True, slots=True)
class Expressions:
    """What must match: an expression for the table of words, one for that of characters; None demands nothing.

    ``nothing``: something was typed that no text can hold (punctuation alone), so nothing is found.
    """

    words: str | None = None
    characters: str | None = None
    nothing: bool = False


def tokens_of(texts: Iterable[str], analyzer: WordAnalyzer) -> Tokens:
    """The tokens of these texts. No phrase reaches from one text into another."""
    normals: set[str] = set()
    readings: set[str] = set()
    signs: set[str] = set()
    grams: list[str] = []
    for text in texts:
        for word in _words(text, analyzer):
            normals.add(_token(_folded(word.normal)))
            readings.add(_token(_sounds(word.reading)))
        for run in runs(text):
            signs.update(run)
            grams += [*_grams(run), _BREAK]
    return Tokens(*(" ".join(each) for each in (sorted(normals), sorted(readings), sorted(map(_token, signs)), grams)))


def expressions(query: Query, analyzer: WordAnalyzer) -> Expressions:
    """What MATCH is asked for a query. White space separates what is looked for; all of it must be found."""
    words: list[str] = []
    characters: list[str] = []
    for chunk in query.words.split():
        found = [] if query.mode == "characters" else _by_words(chunk, analyzer)
        if found:
            words += found
            continue
        for run in runs(chunk):
            if len(run) == 1:
                words.append(f'{{signs}} : "{_token(run)}"')
            else:
                characters.append(f'"{" ".join(_grams(run))}"')
    nothing = bool(query.words.strip()) and not words and not characters
    return Expressions(_all(words), _all(characters), nothing)


def runs(text: str) -> list[str]:
    """The runs of letters and digits of a text, folded, white space passed over."""
    folded = "".join(_folded(text).translate(_TO_HIRAGANA).split())
    return [run for run in _NOT_LETTERS.split(folded) if run]


def _by_words(chunk: str, analyzer: WordAnalyzer) -> list[str]:
    """One expression for each word; of a chunk in kana alone one that its readings may match as well."""
    words = list(_words(chunk, analyzer))
    normals = [f'"{_token(_folded(word.normal))}"' for word in words]
    if not words or _KANA.fullmatch(unicodedata.normalize("NFKC", chunk)) is None:
        return [f"{{normals}} : {each}" for each in normals]
    spoken = [f'"{_token(_sounds(word.reading))}"' for word in words]
    whole = f'"{_token(_sounds(chunk))}"'
    return [f"({{normals}} : ({_all(normals)}) OR {{readings}} : ({_all(spoken)}) OR {{readings}} : {whole})"]


def _all(parts: Sequence[str]) -> str | None:
    return " AND ".join(dict.fromkeys(parts)) or None


def _words(text: str, analyzer: WordAnalyzer) -> Iterator[Word]:
    for piece in _pieces(text):
        for word in analyzer.words(piece):
            if word.part in _CONTENT and word.reading and _NOT_LETTERS.sub("", word.normal):
                yield word


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), _LONGEST_PIECE):
        yield text[start : start + _LONGEST_PIECE]


def _folded(text: str) -> str:
    """NFKC before and after folding case, which can take a text out of that form."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _sounds(reading: str) -> str:
    return _folded(reading).translate(_TO_HIRAGANA)


def _grams(run: str) -> list[str]:
    return [_token(run[at : at + 2]) for at in range(len(run) - 1)]


def _token(text: str) -> str:
    return text.encode("utf-16-be", "surrogatepass").hex()

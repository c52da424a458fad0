"""From the words of a foreign question to the words that the notes use for the same things (bot/glossary.toml).

Pure. The longest entry that fits is taken first and every stretch of the text is read once. English is matched by
words (dictionary forms and simple inflection), Chinese and Korean inside the running text; Latin words in a Chinese
or Korean question are read by the English table. Japanese needs no bridge and gives nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import product

from bot.records import Language, Stamp
from bot.text import fold, squeeze

_TABLES = {Language.EN: "en", Language.ZH: "zh", Language.KO: "ko"}
_WORD = re.compile(r"[a-z0-9]+")
_GENITIVE = re.compile(r"['’]s\b")
_INFLECTIONS = (
    (re.compile(r"(?:ies|ied)$"), ("y",)),
    (re.compile(r"(?<=[sxzh])es$"), ("",)),
    (re.compile(r"(?<!s)s$"), ("",)),
    (re.compile(r"([bdgklmnprt])\1(?:ed|ing)$"), (r"\1",)),
    (re.compile(r"(?:ed|ing)$"), ("", "e")),
)
_SHORTEST_STEM = 3  # "used" and "bring" do not come from "us" and "br"
# Japanese inside a foreign question (quoted titles) is read by the analyzer, not here.
# Linear: no two of its parts share a sign.
_JAPANESE = re.compile(r"[\"'「『“‘][^\"'「『“‘」』”’぀-ヿ]*+[぀-ヿ][^\"'「『“‘」』”’]*+[\"'」』”’]|[぀-ヿ]+")
_HAN_RUN = re.compile(r"[㐀-鿿]{2,}")
_HAN_WORD = re.compile(r"..(?:.$)?")
_HANGUL = re.compile(r"[가-힣]")
_HANGUL_RUN = re.compile(r"[가-힣]+")
_TAIL = re.compile(  # what may follow a stem: particles, the verb "to do", the copula, endings
    r"(?:들|별|용|측|적|씩|째|하|되|된|될|됐|됩|돼|한|할|해|했|합|함|시키|시킨|이|인|일|입|은|는|을|를|가|와|과|의|에|로"
    r"|으|도|만|까|부|보다|처럼|란|라|였|며|고|지|나|았|었|겠|네|죠|요|야|어|던|기|게|면|려|습|음|뿐|마다|께|님)"
    r"[가-힣]{0,6}$"
)
_PARTICLE = re.compile(
    r"(?:에서는|에서|에게|으로|까지|부터|보다|처럼|이란|인가요|입니까|인지|하나요|되나요|합니까|했나요|하는|하고|하면|됩니까"
    r"|은|는|이|가|을|를|과|와|의|에|로|도|만|란|한|된)$"
)


@dataclass(frozen=True, slots=True)
class _Unit:
    """One word or sign with the forms it may be looked up by, and where it stands."""

    forms: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Glossary:
    """``entries`` by table; words without a subject of their own stand among them with no Japanese words."""

    entries: Mapping[str, Mapping[str, tuple[str, ...]]]
    signs: Mapping[int, int]
    stamp: Stamp


def groups(text: str, language: Language) -> tuple[tuple[str, ...], ...]:
    """What a question says, each thing as the Japanese words of which any one says the same, in order of the text."""
    found = [span.words for span in _read(text, language)[1] if span.words]
    return tuple(dict.fromkeys(found))


def bridged(text: str, language: Language) -> tuple[str, ...]:
    """The Japanese words for what a foreign question says, in order, without repeats; written as ``squeeze`` writes."""
    return tuple(dict.fromkeys(word for group in groups(text, language) for word in group))


def unknown(text: str, language: Language) -> tuple[str, ...]:
    """The content words of a foreign question that no entry covers: English words as written, Han signs by
    twos (simplified), Hangul stems without their simple particles.
    """
    prepared, spans = _read(text, language)
    if language is Language.EN:
        left = [unit.forms[0] for unit in _words(_blank(prepared, spans))]
        return tuple(dict.fromkeys(word for word in left if len(word) > 1 and not word.isdigit()))
    if language is Language.ZH:
        runs = _HAN_RUN.findall(_blank(prepared, spans))
        # Most Chinese words have two or three signs: a long stretch that nothing covers is many unknown words.
        return tuple(dict.fromkeys(piece for run in runs for piece in _HAN_WORD.findall(run)))
    if language is Language.KO:
        return tuple(dict.fromkeys(_stems(prepared, _blank(prepared, spans))))
    return ()


def stamp() -> Stamp:
    """Version and digest of the glossary, for the record of every exchange it shaped."""
    return _glossary().stamp


@cache
def _glossary() -> _Glossary:
    raw = resources.files("bot").joinpath("glossary.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    signs = data["signs"]
    entries = {}
    for table in _TABLES.values():
        read = dict.fromkeys(data["stop"][table].split(), ())
        read |= {key: tuple(squeeze(word) for word in words) for key, words in data[table].items()}
        entries[table] = dict(_keys(read, table))
    return _Glossary(
        entries=entries,
        signs=str.maketrans("".join(signs["from"].split()), "".join(signs["to"].split())),
        stamp=Stamp("glossary", data["version"], sha256(raw).hexdigest()),
    )


def _keys(entries: Mapping[str, tuple[str, ...]], table: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The entries under the keys they are looked up by. Korean is written with and without spaces."""
    for key, words in entries.items():
        if table == "en":
            yield " ".join(_WORD.findall(key)), words
            continue
        yield key, words
        if " " in key and _HANGUL.search(key):
            yield key.replace(" ", ""), words


def _read(text: str, language: Language) -> tuple[str, list[_Span]]:
    """The text as it was looked up, and its read stretches in order."""
    table = _TABLES.get(language)
    if table is None:
        return "", []
    glossary = _glossary()
    prepared = _GENITIVE.sub("  ", fold(text))
    if language is Language.EN:
        return prepared, _spans(_words(prepared), glossary.entries["en"], " ", _anywhere)
    prepared = _JAPANESE.sub(lambda match: " " * len(match.group(0)), prepared)
    if language is Language.ZH:
        prepared = prepared.translate(glossary.signs)
    signs = [_Unit((sign,), place, place + 1) for place, sign in enumerate(prepared)]
    spans = _spans(signs, glossary.entries[table], "", lambda start, end: _stands(prepared, start, end))
    latin = "".join(sign if sign.isascii() else " " for sign in _blank(prepared, spans))
    spans += _spans(_words(latin), glossary.entries["en"], " ", _anywhere)
    return prepared, sorted(spans, key=lambda span: span.start)


def _spans(
    units: Sequence[_Unit],
    entries: Mapping[str, tuple[str, ...]],
    joint: str,
    stands: Callable[[int, int], bool],
) -> list[_Span]:
    """The longest entries first, each unit used once; in order of the text."""
    longest = max((len(key.split()) if joint else len(key) for key in entries), default=0)
    free = [True] * len(units)
    found: list[_Span] = []
    for size in range(min(longest, len(units)), 0, -1):
        for first in range(len(units) - size + 1):
            if not all(free[first : first + size]):
                continue
            window = units[first : first + size]
            start, end = window[0].start, window[-1].end
            words = _look_up(window, entries, joint)
            if words is not None and stands(start, end):
                found.append(_Span(start, end, words))
                free[first : first + size] = [False] * size
    return sorted(found, key=lambda span: span.start)


def _look_up(window: Sequence[_Unit], entries: Mapping[str, tuple[str, ...]], joint: str) -> tuple[str, ...] | None:
    for forms in product(*(unit.forms for unit in window)):
        words = entries.get(joint.join(forms))
        if words is not None:
            return words
    return None


def _words(text: str) -> list[_Unit]:
    return [_Unit(_forms(match.group(0)), *match.span()) for match in _WORD.finditer(text)]


def _forms(word: str) -> tuple[str, ...]:
    """The word as written, then what it may be an inflected form of."""
    forms = [word]
    for ending, replacements in _INFLECTIONS:
        if ending.search(word):
            forms += [stem for new in replacements if len(stem := ending.sub(new, word)) >= _SHORTEST_STEM]
    return tuple(dict.fromkeys(forms))


def _anywhere(_start: int, _end: int) -> bool:
    return True


def _stands(text: str, start: int, end: int) -> bool:
    """Whether a stretch may be cut out there: not from inside a Latin word or number; a single Hangul syllable only
    as a whole stem.
    """
    if _latin(text, start - 1) and _latin(text, start):
        return False
    if _latin(text, end - 1) and _latin(text, end):
        return False
    if end - start > 1 or not _HANGUL.match(text[start]):
        return True
    rest = _HANGUL_RUN.match(text, end)
    return not (start and _HANGUL.match(text[start - 1])) and (rest is None or bool(_TAIL.match(rest.group(0))))


def _latin(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].isascii() and text[place].isalnum()


def _blank(text: str, spans: Sequence[_Span]) -> str:
    """The text with every read stretch blanked; places stay the same."""
    signs = list(text)
    for span in spans:
        signs[span.start : span.end] = " " * (span.end - span.start)
    return "".join(signs)


def _stems(text: str, blanked: str) -> Iterator[str]:
    """The Hangul stems left over. What follows a read stretch inside the same word may be its ending."""
    for run in _HANGUL_RUN.finditer(blanked):
        left = run.group(0)
        if run.start() and _HANGUL.match(text[run.start() - 1]) and _TAIL.match(left):
            continue
        stem = _PARTICLE.sub("", left)
        if len(stem) > 1:
            yield stem

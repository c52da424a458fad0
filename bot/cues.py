"""The asking words of bot/cues.toml, compiled: which kinds of value does a question ask for?"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

from bot.records import Slot, Stamp
from bot.text import fold

# 「どのくらい」 asks for a quantity without saying which kind: any of these answers it.
QUANTITY = (Slot.COUNT, Slot.SHARE, Slot.MONEY, Slot.DURATION, Slot.PEOPLE, Slot.SIZE)
_POLAR = re.compile(
    r"(?:か|かな|かね|かしら|よね|だよね|でしょ(?:う)?|んですよね|のかい|ますか|ですか)(?:[。.?？!！ ]|$)"
    r"|(?:の|る|た|ない|い|だ|なん|とか|可能|必要|必須|無料|有料|本当|ほんと|対象|もらえる)[?？]$"
    r"|^(?:.*[,.:] )?(?:is|are|was|were|does|do|did|can|could|will|would|has|have|should)\b (?!not\b)\w+"
    r"|吗|嗎|是不是|有没有|是否|能不能|可以(?:(?!可以)[^?？])*+[?？]"  # linear: no two starts read the same sign
    r"|(?:나요|까요|ㅂ니까|습니까|합니까|입니까|은가요|인가요|있어요|돼요|되나요|해요|죠)[?？ ]*$"
)
_OPEN_WORD = re.compile(
    r"何|なに|誰|だれ|どこ|いつ|どんな|どう|なぜ|なんで|いくら|どの|どれ|どっち|どちら|どなた|どういう"
)
_SENTENCE_END = re.compile(r"[。?？!！]")
_TAIL = 12
_NOUN_ENDING = re.compile(r"(?:は|って|とは|について|教えて|おしえて|知りたい)[?？。!！ ]*$")


@dataclass(frozen=True, slots=True)
class Cues:
    """What the asking words of one question say.

    ``slots`` by question words (strong) or, where there are none, by attribute nouns (weak), in order of
    appearance; ``generic`` where only a quantity of unsaid kind is asked; ``polar`` for yes/no questions;
    ``spans`` the matched strings.
    """

    slots: tuple[Slot, ...]
    generic: bool
    polar: bool
    spans: tuple[str, ...]


def _ends_soon(text: str, position: int) -> bool:
    """Whether the sentence ends within a few signs: a noun asks (「料金は？」) where the question is about to end.

    Latin script needs more signs to say the same.
    """
    rest = _SENTENCE_END.split(text[position:], maxsplit=1)[0]
    return len(rest) <= (60 if rest.isascii() and len(rest) > _TAIL else _TAIL)


@dataclass(frozen=True, slots=True)
class _Pattern:
    slot: str
    regex: re.Pattern[str]
    strong: bool


@cache
def _patterns() -> tuple[tuple[_Pattern, ...], Stamp]:
    raw = resources.files("bot").joinpath("cues.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    version = data.pop("version")
    patterns = [
        _Pattern(slot, re.compile("|".join(group[strength])), strength == "strong")
        for slot, group in data.items()
        for strength in ("strong", "weak")
        if group[strength]
    ]
    return tuple(patterns), Stamp("cues", version, sha256(raw).hexdigest())


def stamp() -> Stamp:
    """Version and digest of the asking words, for the record of every exchange they shaped."""
    return _patterns()[1]


def cues_of(text: str) -> Cues:
    """The kinds of value that ``text`` (any language of the service) asks for."""
    folded = fold(text)
    hits: list[tuple[int, _Pattern, str]] = []
    for pattern in _patterns()[0]:
        hits += [
            (match.start(), pattern, match.group(0))
            for match in pattern.regex.finditer(folded)
            if pattern.strong or _ends_soon(folded, match.end())
        ]
    strong = [hit for hit in hits if hit[1].strong]
    # 「何ですか」 and 「about」 ask nothing in particular where another word asks for something.
    telling = [hit for hit in strong if hit[1].slot not in {"what"}]
    chosen = telling or [hit for hit in hits if not hit[1].strong and hit[1].slot != "what"] or strong or hits
    chosen.sort(key=lambda hit: hit[0])
    names = list(dict.fromkeys(hit[1].slot for hit in chosen))
    generic = "quantity" in names
    slots = tuple(Slot(name) for name in names if name != "quantity")
    polar = (
        not strong and bool(_POLAR.search(folded)) and not _NOUN_ENDING.search(folded) and not _OPEN_WORD.search(folded)
    )
    return Cues(slots, generic, polar, tuple(hit[2] for hit in chosen))

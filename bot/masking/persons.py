"""Whether a word is the name of a private person. Each check reads the match of its recogniser."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from bot.masking import person_words as words
from bot.masking.checks import it


@cache
def surnames() -> frozenset[str]:
    """Family names, one a word in surnames.txt (common ones) and surnames_rare.txt."""
    return listed("surnames.txt") | listed("surnames_rare.txt")


@cache
def places() -> frozenset[str]:
    """Family names that are places too."""
    return listed("places_as_names.txt")


@cache
def public_names() -> frozenset[str]:
    """The people whom the documents name in office, in every way the documents and the press write them."""
    return frozenset(name.replace("_", " ") for name in listed("public_names.txt"))


def listed(name: str) -> frozenset[str]:
    """The words of one of the lists beside this module; lines that begin with # are left out."""
    text = resources.files("bot.masking").joinpath(name).read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def bare(match: re.Match[str]) -> str:
    """What was found without spaces and middle dots."""
    return re.sub(r"[\s・]", "", it(match))


def surname(name: str) -> str | None:
    """The longest family name that a word begins with."""
    return next((name[:length] for length in (3, 2, 1) if name[:length] in surnames()), None)


def in_office(match: re.Match[str]) -> bool:
    """A person of the documents, or somebody whose title follows."""
    name = re.sub(r"\s", " ", it(match)).lower()
    return (
        name in public_names()
        or bare(match) in public_names()
        or bool(words.TITLE.match(match.string, match.end("it")))
    )


def stated(match: re.Match[str]) -> bool:
    """A name that the sentence leaves no doubt of."""
    name = bare(match)
    if in_office(match):
        return False
    known = surname(name)
    return (
        name in surnames()
        or bool(known and len(known) >= 2 and len(name) <= 5 and not words.COMMON.search(name))
        or (not words.STOPS.search(name) and not words.ENDS_AS_A_PLACE.search(name))
    )


def known(match: re.Match[str]) -> bool:
    """A name that begins with a common family name, where the sentence alone would leave doubt."""
    return stated(match) and surname(bare(match)) is not None


def plausible(match: re.Match[str]) -> bool:
    """A name that begins with a common family name or ends as family names do."""
    name = bare(match)
    if known(match):
        return not words.COMMON.search(name) or name in surnames() or given_like(name)
    if given_like(name) and not in_office(match) and not re.search(r"[女男王養弟双菓様調扇障原因電粒]子$", name):
        return True
    ends = 2 <= len(name) <= 4 and name[-1] in words.SURNAME_ENDINGS
    return ends and stated(match) and not words.COMMON.search(name)


def told(match: re.Match[str]) -> bool:
    """A name before 「と申します」, which nobody says of anything but a name."""
    name = bare(match)
    return stated(match) and (
        given_like(name) or surname(name) is not None or not words.COMMON.search(name) or name in words.SAMPLES
    )


def somebody(match: re.Match[str]) -> bool:
    """Somebody called さん by a word that reads as a family name."""
    name = bare(match)
    return plausible(match) and not words.OF_THE_COUNCIL.search(match.string) and (name[:2] not in public_names())


def _ends_as_surnames(name: str) -> bool:
    """Whether a word of three signs or more that is no whole word of the language ends as family names do."""
    return (
        len(name) >= 3
        and name[-1] in words.SURNAME_ENDINGS
        and not words.COMMON.search(name[-2:])
        and not words.STOPS.search(name)
    )


def given_like(name: str) -> bool:
    """Whether a word of three signs or more ends as given names do."""
    return bool(words.GIVEN.search(name)) and len(name) >= 3


def honoured(match: re.Match[str]) -> bool:
    """Somebody called さん beside a word that says how near they are: any name but a role."""
    name = bare(match)
    if in_office(match) or not name or re.search(r"[一-鿿々][のがはをにでと]|お[ばじ母父]", name):
        return False
    return (
        name in surnames()
        or given_like(name)
        or _ends_as_surnames(name)
        or not (words.COMMON.search(name) or words.STOPS.search(name) or words.ENDS_AS_A_PLACE.search(name))
    )


def full(match: re.Match[str]) -> bool:
    """Family name and given name of somebody near."""
    name = bare(match)
    found = surname(name)
    if given_like(name) and not in_office(match) and not re.search(r"[女男王養弟双菓様調扇障原因電粒]子$", name):
        return True
    return found is not None and len(name) > len(found) and not words.COMMON.search(name) and stated(match)


def full_in_kana(match: re.Match[str]) -> bool:
    """Family name and a given name in hiragana; not a family name with its particles."""
    name = bare(match)
    found = surname(name)
    return found is not None and bool(re.fullmatch(r"(?![にはがをともかでへのさよま])[ぁ-ゖ]+", name[len(found) :]))


def greeting(match: re.Match[str]) -> bool:
    """A name that is a whole sentence (「佐藤です。」): a common family name, and no place of that name."""
    name = bare(match)
    if name in surnames():
        return len(name) >= 2 and name not in places()
    if name in places():
        return False
    if 2 <= len(name) <= 3 and name[-1] in "山田川村野崎沢澤" and stated(match) and not words.COMMON.search(name):
        return True
    if re.fullmatch(r"[ぁ-ゖ]+", name[-1:]):
        return full_in_kana(match)
    return full(match) and len(name) >= 4 and not re.search(r"[市区町村県都府島駅等]", name[1:])


def given(match: re.Match[str]) -> bool:
    """The given name of somebody near, by its ending."""
    name = bare(match)
    return (
        len(name) >= 2
        and not words.COMMON.search(name)
        and not re.search(r"[のがはをにでと][一-鿿]", name)
        and stated(match)
    )


def private(match: re.Match[str]) -> bool:
    """Somebody with a common family name called さん, in a text that is not about the council."""
    name = bare(match)
    found = surname(name)
    if found is None or in_office(match) or name[: len(found)] in public_names():
        return False
    if len(found) == 1 and len(name) == 1:
        return False
    plain = name == found or not (
        words.COMMON.search(name) or words.STOPS.search(name) or words.ENDS_AS_A_PLACE.search(name)
    )
    return plain and not words.OF_THE_COUNCIL.search(match.string)


def foreign(match: re.Match[str]) -> bool:
    """A name in kana: no loan word, no word of kinship."""
    name = it(match).strip()
    return not words.NOT_FOREIGN.search(name) and not words.NOT_KANA.search(name) and not in_office(match)


def foreign_kin(match: re.Match[str]) -> bool:
    """The given name of somebody near, in katakana without さん."""
    return foreign(match) and 2 <= len(bare(match)) <= 4


def kana(match: re.Match[str]) -> bool:
    """A name spelled in kana behind 「なまえは」 or before 「ともうします」."""
    return foreign(match)

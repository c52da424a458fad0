"""Where each line of a recorded reply comes from: the wording of its version read again, and the drafted sentences.
Pure but for the published wording files, which never change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Final

from bot.records import Language, Reply, Stamp
from prompts.library import ReplyWording

_NAME: Final = "reply"
_VERSION: Final = re.compile(r"v\d{1,4}")
_PLACEHOLDER: Final = re.compile(r"\{\w+\}")
_MARKERS: Final = re.compile(r"(?:\[\d{1,2}\])+$")
_BULLET: Final = "・"


class Origin(StrEnum):
    """Where a line comes from."""

    WORDING = "wording"  # the service's own, word for word as published
    FILLED = "filled"  # the service's own, with its places filled
    SENTENCE = "sentence"  # a drafted sentence of the documents
    OTHER = "other"  # neither: a line of a fixed danger text, of a contact, or of an assessment


class Wording(StrEnum):
    """What became of the wording that the reply was made with."""

    SAME = "same"  # the file of that version has the recorded digest
    DIFFERENT = "different"  # it has another one
    GONE = "gone"  # there is no such version here
    UNSTAMPED = "unstamped"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the reply; ``name``: the text of the wording that says it."""

    text: str = field(repr=False)
    origin: Origin
    name: str | None


@dataclass(frozen=True, slots=True)
class Framed:
    """The reply line by line beside the wording of its version."""

    wording: Wording
    version: str | None
    lines: Sequence[Line]


def framed(reply: Reply, stamps: Sequence[Stamp], sentences: Sequence[str]) -> Framed:
    """Every line of the reply with where it comes from. ``sentences`` are the drafted ones, without their numbers."""
    stamp = next((each for each in stamps if each.name == _NAME), None)
    if stamp is None:
        return Framed(Wording.UNSTAMPED, None, tuple(_lines(reply, (), sentences)))
    wording = _published(stamp.version)
    if wording is None:
        return Framed(Wording.GONE, stamp.version, tuple(_lines(reply, (), sentences)))
    same = wording.stamp.digest == stamp.digest
    lines = _lines(reply, _patterns(stamp.version, reply.language), sentences)
    return Framed(Wording.SAME if same else Wording.DIFFERENT, stamp.version, tuple(lines))


@cache
def _published(version: str) -> ReplyWording | None:
    if not _VERSION.fullmatch(version):
        return None
    try:
        return ReplyWording(version)
    except FileNotFoundError:
        return None


@cache
def _patterns(version: str, language: Language) -> Sequence[tuple[str, re.Pattern[str], bool]]:
    """Name of the text, what one of its lines looks like, and whether it has places to fill; the exact ones first."""
    wording = _published(version)
    found: list[tuple[str, re.Pattern[str], bool]] = []
    for name, text in wording.texts(language).items() if wording else ():
        for line in text.splitlines():
            pieces = _PLACEHOLDER.split(line)
            if any(piece.strip() for piece in pieces):
                found.append((name, re.compile(".*".join(map(re.escape, pieces))), len(pieces) > 1))
    return sorted(found, key=lambda each: (each[2], -len(each[1].pattern)))


def _lines(
    reply: Reply, patterns: Sequence[tuple[str, re.Pattern[str], bool]], sentences: Sequence[str]
) -> Iterator[Line]:
    drafted = {line for each in sentences for line in each.splitlines()}
    for line in reply.text.splitlines():
        bare = _MARKERS.sub("", line.removeprefix(_BULLET))
        if bare in drafted:
            yield Line(line, Origin.SENTENCE, None)
            continue
        known = next(((name, filled) for name, pattern, filled in patterns if pattern.fullmatch(line)), None)
        if known is None:
            yield Line(line, Origin.OTHER, None)
        else:
            yield Line(line, Origin.FILLED if known[1] else Origin.WORDING, known[0])

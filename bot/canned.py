"""Beginnings of replies that responders write again and again: ours, by language, with places for the case's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from bot.records import Language

PLACES: Final = ("number", "due", "hours")
_PLACE: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Canned:
    """One beginning: its title for the list and its text, in every language."""

    id: str
    title: Mapping[Language, str]
    text: Mapping[Language, str]

    def filled(self, language: Language, values: Mapping[str, str | None]) -> str:
        """The text with its places filled; a line is left out where there is no value for it."""
        lines = (_filled(line, values) for line in self.text[language].splitlines())
        return "\n".join(line for line in lines if line is not None)


@cache
def canned() -> Sequence[Canned]:
    """Those that come with the software, in their order.

    Raises KeyError where one lacks a language, ValueError where it names a place that nobody fills.
    """
    data = tomllib.loads(resources.files("bot").joinpath("canned.toml").read_text("utf-8"))
    return tuple(_read(each["id"], each["title"], each["text"]) for each in data["reply"])


def _read(name: str, title: Mapping[str, str], text: Mapping[str, str]) -> Canned:
    unknown = {place for each in text.values() for place in _PLACE.findall(each)} - set(PLACES)
    if unknown:
        raise ValueError(f"canned reply {name}: nobody fills {', '.join(sorted(unknown))}")
    return Canned(
        name,
        {language: title[language.value] for language in Language},
        {language: text[language.value].strip("\n") for language in Language},
    )


def _filled(line: str, values: Mapping[str, str | None]) -> str | None:
    given = {place: values.get(place) for place in _PLACE.findall(line)}
    if any(value is None for value in given.values()):
        return None
    return _PLACE.sub(lambda place: given[place.group(1)] or "", line)

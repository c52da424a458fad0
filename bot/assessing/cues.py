"""The words an assessment reads by, from cues.toml: tables of patterns over folded text, and the slides' stages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

from bot.records import Stamp

_STAGES = ("stage", "stage_of")


@dataclass(frozen=True, slots=True)
class Cues:
    """``patterns`` by "table.name"; ``notes`` and ``names`` of each domain's five stages; ``stage_of`` a function."""

    patterns: Mapping[str, tuple[re.Pattern[str], ...]]
    notes: Mapping[str, tuple[str, ...]]
    names: Mapping[str, Mapping[str, tuple[str, ...]]]
    stage_of: Mapping[str, Mapping[str, int]]
    stamp: Stamp

    def hit(self, name: str, text: str) -> bool:
        """Whether any pattern of the table says something of the folded text."""
        return any(pattern.search(text) for pattern in self.patterns[name])

    def works(self, text: str) -> bool:
        """Whether the text names anything that AI is made to do."""
        return any(self.hit(name, text) for name in self.patterns if name.startswith("function."))

    def weight(self, name: str, text: str) -> int:
        """How many different words of the text the table knows."""
        return len({match.group(0) for pattern in self.patterns[name] for match in pattern.finditer(text)})

    def without(self, name: str, text: str) -> str:
        """The text with what the table matches left out."""
        for pattern in self.patterns[name]:
            text = pattern.sub(" ", text)
        return text

    def numbers(self, name: str, text: str) -> tuple[str, ...]:
        """The groups of every match of a table, in the order of its patterns, without repeats."""
        found = (
            next(group for group in match.groups() if group)
            for pattern in self.patterns[name]
            for match in pattern.finditer(text)
        )
        return tuple(dict.fromkeys(found))


@cache
def load_cues() -> Cues:
    """The cues that came with the software. Raises KeyError or re.error if the file is not of its shape."""
    files = resources.files("bot.assessing")
    raw = files.joinpath("cues.toml").read_bytes()
    plans = files.joinpath("examples.toml").read_bytes()  # what lies near decides as well: one stamp for both
    data = tomllib.loads(raw.decode("utf-8"))
    patterns = {
        f"{table}.{name}": tuple(re.compile(pattern) for pattern in listed)
        for table, names in data.items()
        if table not in (*_STAGES, "version")
        for name, listed in names.items()
    }
    return Cues(
        patterns=patterns,
        notes={domain: tuple(stage["notes"]) for domain, stage in data["stage"].items()},
        names={
            domain: {language: tuple(names) for language, names in stage.items() if language != "notes"}
            for domain, stage in data["stage"].items()
        },
        stage_of=data["stage_of"],
        stamp=Stamp("assessment", data["version"], sha256(raw + plans).hexdigest()),
    )

"""The triage rules of one desk, read from bot/triage.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

from bot.records import DeskName, Risk, Stamp, Topic
from bot.text import fold


@dataclass(frozen=True, slots=True)
class TriageRule:
    """One rule: where it places an inquiry whose folded text ``matches`` and that nothing ``spares``."""

    name: str
    topic: Topic
    risk: Risk
    matches: re.Pattern[str]
    spares: re.Pattern[str] | None

    def fits(self, text: str) -> bool:
        folded = fold(text)
        return bool(self.matches.search(folded)) and not (self.spares and self.spares.search(folded))


@dataclass(frozen=True, slots=True)
class TriageRules:
    """A desk's rules in the order in which they are tried."""

    rules: tuple[TriageRule, ...]
    stamp: Stamp


def rules_of(desk: DeskName) -> TriageRules:
    """The rules that bot/triage.toml gives a desk. Raises KeyError or re.error if the file is not of its shape."""
    raw = resources.files("bot").joinpath("triage.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    rules = tuple(
        TriageRule(
            rule["name"],
            Topic(rule["topic"]),
            Risk(rule["risk"]),
            re.compile("|".join(rule["patterns"])),
            re.compile("|".join(rule["unless"])) if rule["unless"] else None,
        )
        for rule in data["rule"]
        if desk.value in rule["desks"]
    )
    return TriageRules(rules, Stamp("triage", data["version"], sha256(raw).hexdigest()))

"""The triage rules of one desk, read from bot/triage.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

from bot.disguise import readings, tight
from bot.records import DeskName, Risk, Stamp, Topic
from bot.text import fold


@dataclass(frozen=True, slots=True)
class TriageRule:
    """One rule: where it places an inquiry whose folded text ``matches`` and that nothing ``spares``.

    A ``disguised`` rule is also held against what the text says decoded, turned round or spelled out.
    """

    name: str
    topic: Topic
    risk: Risk
    matches: re.Pattern[str]
    spares: re.Pattern[str] | None
    disguised: bool = False

    def fits(self, text: str) -> bool:
        folded = fold(text)
        if self.spares and self.spares.search(folded):
            return False
        plain = dict.fromkeys((folded, tight(folded)))
        return any(self.matches.search(each) for each in (*plain, *(readings(text) if self.disguised else ())))


@dataclass(frozen=True, slots=True)
class TriageRules:
    """A desk's rules in the order in which they are tried."""

    rules: tuple[TriageRule, ...]
    stamp: Stamp

    def first(self, text: str) -> TriageRule | None:
        """The first rule that fits a text, if any does."""
        return next((rule for rule in self.rules if rule.fits(text)), None)


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
            rule.get("disguised", False),
        )
        for rule in data["rule"]
        if desk.value in rule["desks"]
    )
    return TriageRules(rules, Stamp("triage", data["version"], sha256(raw).hexdigest()))

"""The automation register: task × risk → who answers. Read from bot/automation.toml, the published default."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from importlib import resources

from bot.records import AutomationLevel, Risk, Stamp, Topic


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One row: which topic at which risk is answered how, why, on whose word, and who must review it by when."""

    topic: Topic
    risk: Risk
    level: AutomationLevel
    reason: str
    source: str
    owner: str
    review_by: date


@dataclass(frozen=True, slots=True)
class AutomationRegister:
    rows: tuple[RegisterRow, ...]
    stamp: Stamp

    def level(self, topic: Topic, risk: Risk) -> AutomationLevel:
        """The level of the first row for ``topic`` at ``risk``; without a row a person answers."""
        for row in self.rows:
            if row.topic is topic and row.risk is risk:
                return row.level
        return AutomationLevel.NONE


def load_register() -> AutomationRegister:
    """The default register. Raises ValueError or KeyError if the file does not have the documented shape."""
    raw = resources.files("bot").joinpath("automation.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    rows = tuple(
        RegisterRow(
            Topic(row["topic"]),
            Risk(row["risk"]),
            AutomationLevel(row["level"]),
            row["reason"],
            row["source"],
            row["owner"],
            row["review_by"],
        )
        for row in data["row"]
    )
    return AutomationRegister(rows, Stamp("automation", data["version"], sha256(raw).hexdigest()))

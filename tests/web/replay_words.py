"""The keys of the words that the pages of replays and of replaced documents choose by a value."""

from __future__ import annotations

from bot.recalling import Missing
from bot.replaying import DECISIONS, Part
from web.auditor_replay import STAMPS
from web.replaced import Fate

VERDICTS = ("same", "differs", "alone", "none")


def replay_keys() -> set[str]:
    used = {f"replay.{part}.{each.value}" for each in Missing for part in ("missing", "todo")}
    used |= {f"replay.verdict.{each}{more}" for each in VERDICTS for more in ("", ".means")}
    used |= {f"replay.part.{each.value}" for each in Part} | {f"replay.decision.{each}" for each in DECISIONS}
    used |= {f"replay.stamp.{each}" for each in (*STAMPS, "embedding")}
    used |= {f"replay.full.{each}" for each in ("recorded", "now", "held_then", "held_now")}
    used |= {f"cited.fate.{each.value}" for each in Fate}
    used |= {f"cited.column.{each}" for each in ("title", "fate", "by", "answers")}
    return used | {"replay.unknown", "replay.stamps", "replay.decisions", "menu.audit.cited"}

"""How long every pattern takes over what an attacker would send: short units, repeated. Run as a program.

It prints one JSON object: ``patterns`` how many were timed, ``slow`` what broke a bound. The test that runs it gives
it a time limit, for a pattern that reads its text in two ways never returns and holds the whole process meanwhile.
"""

from __future__ import annotations

import importlib
import inspect
import json
import random
import re
import sys
import time
from collections.abc import Callable

ROOMS = ("bot.",)
LONGEST = 2_000  # the longest question that the doors accept
UNITS = 16  # tried for each pattern
SEED = 20_251_123
LENGTHS = (24, 36, 44, 52, 60, 120, LONGEST // 4, LONGEST)  # so close that what doubles is found before it freezes
HIGHEST_SECONDS = 0.25
# Four times the text may take some four times the time; a quadratic pattern takes sixteen. Below the floor the clock
# tells little.
HIGHEST_GROWTH = 10.0
FLOOR_SECONDS = 0.006
SIGNS = "、。 ・-ー/,.「」〈〉()@0123456789aにしごくよ一二の〇\n"

Slow = list[tuple[str, str, float, float]]


def collected() -> dict[str, re.Pattern[str]]:
    """Every text pattern that a module of the rooms compiles, in its own name or in passing, by its source."""
    found: dict[str, re.Pattern[str]] = {}
    original: Callable[..., re.Pattern[str]] = vars(re)["_compile"]

    def remembering(pattern: str | re.Pattern[str], flags: int) -> re.Pattern[str]:
        compiled = original(pattern, flags)
        frame = inspect.currentframe()
        while frame and frame.f_globals.get("__name__") in {"re", __name__}:
            frame = frame.f_back
        caller = str(frame.f_globals.get("__name__")) if frame else ""
        if caller.startswith(ROOMS) and isinstance(compiled.pattern, str):
            found[compiled.pattern] = compiled
        return compiled

    vars(re)["_compile"] = remembering
    try:
        exercise()
    finally:
        vars(re)["_compile"] = original
    return found


def exercise() -> None:
    """Reach every line that compiles a pattern (imports happen here, so that none is missed)."""
    for reader in readers():
        for text in (
            "電話は090-1234-5678、令和7年の第3回「資料」は何件？",
            "新宿区西新宿2-8-1、森が必要と言います",
            "hello",
            "한국",
        ):
            reader(text)


def readers() -> list[Callable[[str], object]]:
    """What reads a question, whole: imported only now, so that no pattern is compiled before anyone looks."""
    return list(importlib.import_module("tests.bot.question_readers").READERS)


def units_for(source: str, chance: random.Random) -> list[str]:
    """Units of one to four signs: stretches of the pattern as it is written, and mixtures of its letters."""
    letters = re.sub(r"\\[a-zA-Z]", "", source)
    alphabet = [letter for letter in dict.fromkeys(letters) if letter.isalnum()] + list(SIGNS)
    words = re.findall(r"\w{1,4}", letters) or ["あ"]
    pieces = [chance.choice(words)[: chance.randint(1, 4)] for _ in range(UNITS // 2)]
    mixed = ["".join(chance.choices(alphabet, k=chance.randint(1, 4))) for _ in range(UNITS // 4)]
    ended = [(chance.choice(words)[:3] + chance.choice(SIGNS))[:4] for _ in range(UNITS - len(pieces) - len(mixed))]
    return pieces + mixed + ended


def repeated(unit: str, length: int) -> str:
    return (unit * length)[:length]


def seconds(reader: Callable[[str], object], text: str) -> float:
    start = time.perf_counter()
    reader(text)
    return time.perf_counter() - start


def judged(name: str, reader: Callable[[str], object], units: list[str], *, growth: bool) -> Slow:
    """The units over which a reader breaks a bound. It stops at the first short text that takes too long."""
    slow: Slow = []
    for unit in units:
        for length in LENGTHS:
            taken = seconds(reader, repeated(unit, length))
            if taken > HIGHEST_SECONDS:
                taken = min(taken, seconds(reader, repeated(unit, length)))
            if taken > HIGHEST_SECONDS:
                slow.append((name, unit, taken, 0.0))
                break
        else:
            if growth and taken > FLOOR_SECONDS:
                small = min(seconds(reader, repeated(unit, LONGEST // 4)) for _ in range(3))
                large = min(seconds(reader, repeated(unit, LONGEST)) for _ in range(3))
                if large > FLOOR_SECONDS and large / small > HIGHEST_GROWTH:
                    slow.append((name, unit, large, large / small))
    return slow


def every(pattern: re.Pattern[str]) -> Callable[[str], object]:
    return lambda text: sum(1 for _ in pattern.finditer(text))


def main() -> None:
    chance = random.Random(SEED)
    found = collected()
    slow: Slow = []
    for source, pattern in found.items():
        slow += judged(source[:60], every(pattern), units_for(source, chance), growth=True)
    units = [unit for source in found for unit in units_for(source, chance)[:3]]
    for number, reader in enumerate(readers()):
        slow += judged(f"reader {number}", reader, chance.sample(units, 60), growth=False)
    json.dump({"patterns": len(found), "slow": slow}, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()

"""How a plan is likely meant, by the written plans that lie nearest to it (examples.toml). Pure: cosines come in.

It is heard only where the words say little, and where it contradicts them both readings are shown.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources
from typing import TypeVar

from bot.assessing.values import FULL, Domain, Likely

Kind = TypeVar("Kind")
_VOTERS = 5
_SHARPNESS = 30.0  # cosines of this model lie close together: .03 nearer weighs about two and a half times as much


@cache
def _examples() -> tuple[tuple[str, Domain, int], ...]:
    data = tomllib.loads(resources.files("bot.assessing").joinpath("examples.toml").read_text("utf-8"))
    return tuple(
        (sentence, Domain(topic["domain"]), topic["stage"]) for topic in data["topic"] for sentence in topic["examples"]
    )


def plan_sentences() -> tuple[str, ...]:
    """The written plans, in the order in which their cosines are to be given."""
    return tuple(sentence for sentence, _, _ in _examples())


def likely(near: Sequence[float]) -> Likely | None:
    """How a plan is likely meant, given its cosines with ``plan_sentences``; None where there are none."""
    if len(near) != len(_examples()):
        return None
    domain, share = _voted(near, lambda _: True, lambda place: _examples()[place][1])
    stages = {each: _stage(near, each) for each in Domain}
    return Likely(domain, share, stages)


def _stage(near: Sequence[float], domain: Domain) -> int:
    def below(place: int) -> bool:
        _, own, stage = _examples()[place]
        return own is domain and stage != FULL

    return _voted(near, below, lambda place: _examples()[place][2])[0]


def _voted(near: Sequence[float], among: Callable[[int], bool], kind: Callable[[int], Kind]) -> tuple[Kind, float]:
    voters = sorted(filter(among, range(len(near))), key=lambda place: -near[place])[:_VOTERS]
    votes: dict[Kind, float] = {}
    for place in voters:
        votes[kind(place)] = votes.get(kind(place), 0.0) + math.exp(_SHARPNESS * (near[place] - near[voters[0]]))
    best = max(votes, key=votes.__getitem__)
    return best, votes[best] / sum(votes.values())

"""Placing by meaning, where no rule fired: is a question nearer to what people write on a topic than to the documents?

The sentences and margins stand in bot/meaning.toml, the vectors come with the software (docs/adr/0020). Nothing here
decides alone: a topic speaks only where its nearest sentences lie nearer than everything the documents answer, less a
margin that was measured on questions about the documents.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from bot.ports import EmbedderUnavailable, Examples
from bot.records import DeskName, Risk, Stamp, Topic

_NEAREST = 2  # sentences of a topic whose mean counts: one alone may be an accident of its wording


@dataclass(frozen=True, slots=True)
class MeantTopic:
    """One topic with the places of its sentences among all, and how near a question must be to be placed there."""

    name: str
    topic: Topic
    risk: Risk
    places: range
    margin: float
    nearest: float


@dataclass(frozen=True, slots=True)
class Placing:
    """The topic a question means, and by how much it is nearer to it than to the documents."""

    topic: MeantTopic
    score: float


@dataclass(frozen=True, slots=True)
class Meaning:
    """A desk's topics over the bundled sentences."""

    topics: tuple[MeantTopic, ...]
    examples: Examples
    stamp: Stamp

    def place(self, text: str, documents: float) -> Placing | None:
        """The topic that a text means, if one is clear; ``documents`` is its nearness to what the documents answer.

        Silent where the text is empty, the sentences have no vectors of the model in use, or the embedder is away.
        """
        try:
            near = self.examples.cosines(text) if text.strip() else ()
        except (EmbedderUnavailable, ValueError):
            return None
        if not near:
            return None
        placings = [Placing(topic, nearness(near, topic) - documents) for topic in self.topics]
        clear = [
            each
            for each in placings
            if each.score >= each.topic.margin and each.score + documents >= each.topic.nearest
        ]
        return max(clear, key=lambda each: each.score - each.topic.margin, default=None)


def meaning_of(desk: DeskName, examples: Examples) -> Meaning:
    """The topics that bot/meaning.toml gives a desk. Raises KeyError or ValueError if the file is not of its shape."""
    data, stamp = _file()
    topics, first = [], 0
    for each in data["topic"]:
        places = range(first, first + len(each["examples"]))
        first = places.stop
        if desk.value in each["desks"]:
            topics.append(
                MeantTopic(
                    each["name"], Topic(each["topic"]), Risk(each["risk"]), places, each["margin"], each["nearest"]
                )
            )
    return Meaning(tuple(topics), examples, stamp)


def sentences() -> tuple[str, ...]:
    """The example sentences of all topics, in the order in which ``Examples`` gives their cosines."""
    return tuple(sentence for topic in _file()[0]["topic"] for sentence in topic["examples"])


def nearness(near: Sequence[float], topic: MeantTopic) -> float:
    """How near a text is to a topic, given its cosines with all sentences."""
    best = sorted((near[place] for place in topic.places), reverse=True)[:_NEAREST]
    return sum(best) / len(best)


@cache
def _file() -> tuple[dict[str, Any], Stamp]:
    raw = resources.files("bot").joinpath("meaning.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    return data, Stamp("meaning", data["version"], sha256(raw).hexdigest())

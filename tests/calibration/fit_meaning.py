"""Measure the margins of bot/meaning.toml: how near may a question about the documents come to a topic?

    python tests/calibration/fit_meaning.py DATA

DATA is a prepared data directory. For each desk and topic: the margin above which at most FALSE_EACH of the questions
about the documents (and, for staff, about plans) lie that no rule places, and how many of the topic's own sentences
lie above it when each is left out in turn. Writes nothing: the margins are set by hand, rounded up.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.masking import mask
from bot.meaning import Meaning, MeantTopic, meaning_of, nearness, sentences
from bot.ports import Shelf, WordAnalyzer
from bot.questions import parse_question, search_text
from bot.records import DeskName
from bot.rules import rules_of
from bot.steps import triage
from knowledge.adapters.embedding import load_embedder
from knowledge.adapters.words import load_analyzer
from knowledge.examples import BundledExamples
from knowledge.shelf import SnapshotShelf

GOLDEN = Path(__file__).parent.parent / "golden"
SETS = ("answerable_tune", "near_scope_tune", "calibration_1", "calibration_2", "calibration_3", "calibration_4")
FALSE_EACH = 0.0007
NEVER = -1.0


def about_documents(desk: DeskName) -> Iterator[str]:
    """The questions that are to stay with the documents (or, for staff, with the consultation)."""
    for name in SETS:
        for row in _rows(name):
            if not row.get("history"):
                yield row["question"]
    for row in _rows("places_tune"):
        if row["topic"] in {"documents", "consultation"} and row["desk"] == desk.value:
            yield row["question"]
    if desk is DeskName.STAFF:
        yield from (row["question"] for row in _rows("consultations") if row["part"] == "tune")


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").splitlines()]


def scored(text: str, shelf: Shelf, meaning: Meaning, analyzer: WordAnalyzer) -> dict[str, float]:
    """How much nearer a text is to each topic than to the documents. No sentence of a topic is its own witness."""
    question = parse_question(mask(text), None, analyzer)
    searched = search_text(question)
    documents, service = triage.nearness(shelf.search(searched, question.language), shelf)
    near = list(meaning.examples.cosines(searched.value))
    for place, sentence in enumerate(sentences()):
        if sentence == text:
            near[place] = NEVER
    nearer = {topic.name: nearness(near, topic) for topic in meaning.topics}
    return {name: value - documents if service <= value else NEVER for name, value in nearer.items()}


def report(topic: MeantTopic, false: list[float], true: list[float]) -> str:
    margin = sorted(false, reverse=True)[int(len(false) * FALSE_EACH)]
    recall = sum(score > margin for score in true) / len(true)
    above = sum(score >= topic.margin for score in false)
    now = sum(score >= topic.margin for score in true) / len(true)
    return (
        f"  {topic.name}: above {margin:.4f} {recall:.2f} of its own; "
        f"at {topic.margin} {above} false, {now:.2f} of its own\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data: Path = parser.parse_args().data
    embedder, analyzer = load_embedder(), load_analyzer()
    examples = BundledExamples(sentences(), embedder)
    for desk in DeskName:
        shelf = SnapshotShelf(data / desk.value, embedder, analyzer)
        meaning, rules = meaning_of(desk, examples), rules_of(desk)
        questions = [text for text in about_documents(desk) if text.strip() and rules.first(text) is None]
        false = [scored(text, shelf, meaning, analyzer) for text in questions]
        sys.stdout.write(f"{desk.value} {len(questions)}\n")
        for topic in meaning.topics:
            own = [sentences()[place] for place in topic.places]
            true = [scored(text, shelf, meaning, analyzer)[topic.name] for text in own]
            sys.stdout.write(report(topic, [score[topic.name] for score in false], true))


if __name__ == "__main__":
    main()

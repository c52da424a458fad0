"""The real house for tests: over three small notes in no time, or over all bundled notes once per test run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.prepare import prepare as prepare_log
from bot.adapters.clock import SystemClock
from bot.answered import Answered, Asked
from bot.exchange import answer
from bot.records import ConversationId, DeskName
from knowledge.ingest import ingest
from tests.forked import forking
from tests.knowledge.notes import note
from web.assembly import House, build
from web.case_storage import prepare_cases
from web.directory import SYSTEM
from web.settings import Settings

ROOT = Path(__file__).parents[1]

BUDGET_QUESTION = "令和7年度の都のAI関連予算はいくらですか？"
BUDGET_ANSWER = "181億円"
FLOODGATE_QUESTION = "東京港の水門の遠隔操作はいつから始まりますか？"
FLOODGATE_ANSWER = "令和9年度"
MIRROR_QUESTION = "このサービスの回答に訂正の申出はできますか"


def write_small_corpus(directory: Path) -> Path:
    """Three notes of the tests' own; the bundled ones are not touched."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "budget.md").write_text(_budget(), encoding="utf-8")
    (directory / "floodgates.md").write_text(_floodgates(), encoding="utf-8")
    (directory / "errors.md").write_text(_errors(), encoding="utf-8")
    return directory


def _budget() -> str:
    return note(
        id="budget",
        title="令和7年度の都のAI関連予算",
        titles={},
        aliases=["AI予算", "都のAI予算"],
        questions=[BUDGET_QUESTION, "都のAI予算はいくら？", "都はAIにお金をいくら使いますか"],
        body="令和7年度の東京都のAI関連予算は181億円です。\n令和7年度の東京都のAI関連事業は140事業です。",
        facts=[
            {
                "subject": "東京都のAI関連予算",
                "slot": "money",
                "value": "181",
                "unit": "億円",
                "year": "令和7年度",
                "sentence": "令和7年度の東京都のAI関連予算は181億円です。",
                "asks": ["予算", "いくら", "金額"],
                "questions": [
                    BUDGET_QUESTION,
                    "都のAI関連予算の金額を教えてください",
                    "今年度の都のAI予算っていくら？",
                ],
            },
            {
                "subject": "東京都のAI関連事業",
                "slot": "count",
                "value": "140",
                "unit": "事業",
                "year": "令和7年度",
                "sentence": "令和7年度の東京都のAI関連事業は140事業です。",
                "asks": ["事業数", "何事業"],
                "questions": ["都のAI関連事業は何事業ですか", "都のAI関連事業の数は？"],
            },
        ],
        gaps=[
            {
                "subject": "東京都のAI関連予算",
                "slot": "money",
                "asks": ["一人当たり"],
                "questions": ["都民一人当たりのAI予算はいくらですか"],
                "reason": "一人当たりの額は資料にない",
            }
        ],
    )


def _floodgates() -> str:
    sentence = "東京港の水門の遠隔操作は令和9年度に始まる予定です。"
    return note(
        id="floodgates",
        title="東京港の水門の遠隔操作",
        titles={},
        aliases=["水門"],
        questions=[FLOODGATE_QUESTION, "水門の遠隔操作はいつから？", "水門を遠くから動かすのはいつですか"],
        body=f"{sentence}\n東京港の水門は遠くから操作できるようになります。",
        facts=[
            {
                "subject": "水門の遠隔操作",
                "slot": "when",
                "value": "令和9年度",
                "unit": None,
                "year": "令和9年度",
                "sentence": sentence,
                "asks": ["いつ", "開始"],
                "questions": [FLOODGATE_QUESTION, "水門の遠隔操作の開始時期は？"],
            }
        ],
        gaps=[
            {
                "subject": "水門の遠隔操作",
                "slot": "money",
                "asks": ["費用"],
                "questions": ["水門の遠隔操作の費用はいくらですか"],
                "reason": "費用は資料にない",
            }
        ],
    )


def _errors() -> str:
    return note(
        id="errors",
        title="このサービスの誤り",
        titles={},
        kind="service",
        section=None,
        aliases=[],
        questions=[MIRROR_QUESTION, "回答が間違っていたらどうしますか"],
        body="このサービスはAIなので、回答に誤りがあるかもしれません。\nこのサービスの回答に誤りがあるときは、訂正の申出ができます。",
        facts=[],
        gaps=[],
    )


@dataclass
class SmallHouse:
    """A real house over a data directory of its own, with only the small corpus."""

    house: House
    data: Path
    corpus: Path

    def ask(self, question: str, conversation: str | None = None, desk: DeskName = DeskName.PUBLIC) -> Answered:
        named = ConversationId(conversation) if conversation else None
        return answer(self.house.desks[desk], Asked(question, named))

    def reopened(self) -> SmallHouse:
        """The same data directory in the hands of a new process, as far as one process can show it."""
        self.house.close()
        return SmallHouse(build(self.house.settings), self.data, self.corpus)


def small_house(directory: Path, **settings: Any) -> SmallHouse:
    """Logs prepared and the small corpus indexed for both desks; about a second."""
    data, corpus = directory / "data", write_small_corpus(directory / "corpus")
    house = build(Settings(data=data, **settings))
    for name in (*DeskName, SYSTEM):
        log = house.system if name == SYSTEM else house.logs[DeskName(name)]
        prepare_log(data / name, f"example.org/{name}", SystemClock(), log.database)
    house.accounts.prepare()
    for name in DeskName:
        prepare_cases(data / name.value, house.logs[name])
        ingest([corpus], name, data / name.value, house.embedder, house.analyzer)
    return SmallHouse(house, data, corpus)


def command(
    *arguments: str, data: Path, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line as an operator would, with nothing of this process's own settings."""
    if not os.environ.get("MADOGUCHI_SOAK"):
        return forking().run(arguments, command_environment(data, **environment), stdin)
    return subprocess.run(
        [sys.executable, "-m", "web.cli", *arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=command_environment(data, **environment),
    )


def command_environment(data: Path, **environment: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
    return {**plain, "MADOGUCHI_DATA": str(data), **environment}


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]

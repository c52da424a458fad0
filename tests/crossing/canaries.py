"""Canaries: words that stand nowhere else, planted in one desk's documents and log to be seen if they ever cross.

Secrets are never sent by the tests: wherever one comes out, it came from inside. Lures are what somebody would send who
knows of the other desk's things: a title, a question, an id. They are told apart so that what is merely echoed is never
taken for a leak, and no leak for an echo.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from bot.records import DeskName
from tests.knowledge.notes import note


@dataclass(frozen=True, slots=True)
class Planted:
    """What one desk's shelf and log hold that the other desk must not show."""

    sentence: str
    title: str
    english: str
    section: str
    source: str
    alias: str
    question: str
    gap: str
    passage: str
    asked: str
    comment: str

    @property
    def shelf(self) -> Sequence[str]:
        """The secrets of the documents."""
        named = (self.sentence, self.title, self.english, self.section, self.source, self.alias, self.question)
        return (*named, self.gap, self.passage)

    @property
    def secrets(self) -> Sequence[str]:
        """The secrets of the documents and of the log."""
        return (*self.shelf, self.asked, self.comment)


PLANTED: Mapping[DeskName, Planted] = {
    DeskName.STAFF: Planted(
        sentence="ゾルカニフ",
        title="ベルムドラ",
        english="Vexquilor",
        section="ラグーザイ",
        source="トラペゾイ",
        alias="ミルゾッパ",
        question="キャズメロン",
        gap="ドルファニク",
        passage="nyxaroth-rota",
        asked="フォンデュルク",
        comment="パルミジャク",
    ),
    DeskName.PUBLIC: Planted(
        sentence="オルブライゼ",
        title="グスタヴォム",
        english="Wimbrauken",
        section="ネブロスカ",
        source="ヴィオランク",
        alias="ケルミダス",
        question="ブランメルツ",
        gap="ロミナツァク",
        passage="quovadium-rota",
        asked="シュトルーデ",
        comment="ガランティエ",
    ),
}
PEOPLE = {DeskName.STAFF: "ゼンダブロク", DeskName.PUBLIC: "クヴァンティル"}
"""The names of people with accounts: one who uses the staff desk, one who has to do with the public desk alone."""

VAULT_TITLE = {DeskName.STAFF: "庁内倉庫の点検", DeskName.PUBLIC: "公園広場の点検"}
VAULT_QUESTION = {DeskName.STAFF: "庁内倉庫の点検は何月ですか", DeskName.PUBLIC: "公園広場の点検は何月ですか"}
ROTA_QUESTION = {DeskName.STAFF: "庁内の夜間当番は何人ですか", DeskName.PUBLIC: "公園の夜間巡回は何人ですか"}
VAULT_ID = {DeskName.STAFF: "crossing-vault", DeskName.PUBLIC: "crossing-park"}
OTHER = {DeskName.STAFF: DeskName.PUBLIC, DeskName.PUBLIC: DeskName.STAFF}


def write_notes(directory: Path) -> Path:
    """Two notes for each desk alone: one whose text is the secret, one whose names are."""
    directory.mkdir(parents=True, exist_ok=True)
    for desk in DeskName:
        (directory / f"{VAULT_ID[desk]}.md").write_text(_vault(desk), encoding="utf-8")
        (directory / f"{PLANTED[desk].passage}.md").write_text(_rota(desk), encoding="utf-8")
    return directory


def _vault(desk: DeskName) -> str:
    planted, about = PLANTED[desk], VAULT_TITLE[desk]
    sentence = f"{about}は毎年11月に{planted.sentence}班が行います。"
    return note(
        id=VAULT_ID[desk],
        title=about,
        titles={"en": f"Inspection by {planted.english}"},
        section=f"{planted.section}の章",
        source=f"{planted.source}の資料",
        audience=[desk.value],
        aliases=[about, f"{planted.alias}点検"],
        questions=[VAULT_QUESTION[desk], f"{about}の時期は？", f"{planted.question}はいつ点検しますか"],
        body=f"{sentence}\n{planted.sentence}班は{about}の記録を残します。",
        facts=[_fact(about, "11", "月", sentence, VAULT_QUESTION[desk])],
        gaps=[_gap(about, planted)],
    )


def _rota(desk: DeskName) -> str:
    planted, asked = PLANTED[desk], ROTA_QUESTION[desk]
    about = asked.partition("は")[0]
    sentence = f"{about}は毎晩7人です。"
    return note(
        id=planted.passage,
        title=f"{planted.title}の表",
        titles={},
        audience=[desk.value],
        aliases=[about],
        questions=[asked, f"{about}の人数は？"],
        body=f"{sentence}\n{about}の人は朝に交代します。",
        facts=[_fact(about, "7", "人", sentence, asked)],
        gaps=[],
    )


def _fact(about: str, value: str, unit: str, sentence: str, question: str) -> dict[str, object]:
    return {
        "subject": about,
        "slot": "when" if unit == "月" else "count",
        "value": value,
        "unit": unit,
        "year": None,
        "sentence": sentence,
        "asks": ["何月", "時期"] if unit == "月" else ["何人", "人数"],
        "questions": [question],
    }


def _gap(about: str, planted: Planted) -> dict[str, object]:
    return {
        "subject": about,
        "slot": "money",
        "asks": ["費用"],
        "questions": [f"{about}の費用はいくらですか"],
        "reason": f"費用は{planted.gap}に任されている",
    }


@cache
def forms_of(text: str) -> frozenset[bytes]:
    """The ways in which a text may stand in what leaves a door: plain, escaped for JSON, for HTML, for an address."""
    entities = "".join(f"&#{ord(sign)};" for sign in text)
    hexadecimal = "".join(f"&#x{ord(sign):x};" for sign in text)
    escaped, quoted = json.dumps(text)[1:-1], quote(text, safe="")
    plain = {text, escaped, entities, hexadecimal, quoted}
    return frozenset(each.lower().encode() for each in plain) | {text.encode("utf-16-le").lower()}


@cache
def _any_of(texts: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(form) for text in texts for form in sorted(forms_of(text))))


def found_in(data: bytes, texts: Sequence[str]) -> list[str]:
    """Which of the texts stand in the data, in whatever form and case."""
    lower = data.lower()
    if not _any_of(tuple(texts)).search(lower):
        return []
    return [text for text in texts if any(form in lower for form in forms_of(text))]

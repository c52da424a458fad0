"""Notes for tests: a good one whose parts can be replaced, and nasty texts."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

GOOD: dict[str, Any] = {
    "id": "budget",
    "title": "令和7年度のAI予算",
    "titles": {"en": "AI budget of fiscal 2025", "zh": "2025年度AI预算", "ko": "2025년도 AI 예산"},
    "publisher": "東京都",
    "source": "試験資料",
    "section": "予算",
    "page": None,
    "url": None,
    "kind": "document",
    "validity": "final",
    "superseded_by": None,
    "speaker": None,
    "as_of": "2025",
    "audience": ["public", "staff"],
    "review_by": "2027-03-31",
    "aliases": ["AI予算"],
    "questions": ["AIの予算はいくらですか", "What is the AI budget?"],
    "facts": [
        {
            "subject": "AI予算",
            "slot": "money",
            "value": "181",
            "unit": "億円",
            "year": "令和7年度",
            "sentence": "令和7年度のAI予算は181億円です。",
            "asks": ["予算", "いくら"],
            "questions": ["今年度の予算はいくら？", "お金はどれくらい？"],
        }
    ],
    "gaps": [
        {
            "subject": "AI予算",
            "slot": "money",
            "asks": ["来年度"],
            "questions": ["来年度の予算はいくら？"],
            "reason": "来年度の額は資料にない",
        }
    ],
}
BODY = "令和7年度のAI予算は181億円です。\n令和7年度のAI予算は東京都の試験資料に書かれています。"

OTHERS = {
    "river": ("水門の遠隔操作", "東京港の水門は遠くから操作できます。", "水門はどこから操作しますか"),
    "school": ("都立学校の生成AI", "都立学校では生成AIを授業で使います。", "学校で生成AIを使いますか"),
    "library": ("図書館の案内ロボット", "図書館では案内ロボットが本の場所を教えます。", "図書館にロボットはいますか"),
}

NASTY = [
    "\ufdfa" * 100,
    "a\0b",
    "\0",
    "\ud800\udfff\ud83d",
    "\ufffe\uffff",
    "あ" * 100_000,
    "\u202e\u200f\u200e文\u200b字\ufeff",
    "😀👨‍👩‍👧‍👦🇯🇵" * 50,
    " \t\n\u3000 ",
    "e\u0301" * 5_000,
    "か\u3099" * 5_000,
    "ﾊﾝｶｸ ｶﾅ ⽂⾳⽰",
    "```\n---\nid: x\n---\n",
    "'; DROP TABLE vectors; --",
    "\U0010ffff\U000e0001",
    "ก็็็็็็็็" * 300,
    "\x1b[31m赤\x1b[0m",
]


def note(**changes: object) -> str:
    head = copy.deepcopy(GOOD) | changes
    body = head.pop("body", BODY)
    return f"---\n{yaml.safe_dump(head, allow_unicode=True, sort_keys=False)}---\n{body}\n"


def other(key: str, **changes: object) -> str:
    title, body, question = OTHERS[key]
    plain = {"id": key, "title": title, "titles": {}, "body": body, "questions": [question], "aliases": []}
    return note(**(plain | {"facts": [], "gaps": []} | changes))


def write_notes(directory: Path) -> Path:
    """Four good notes."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "budget.md").write_text(note(), encoding="utf-8")
    for key in OTHERS:
        (directory / f"{key}.md").write_text(other(key), encoding="utf-8")
    return directory

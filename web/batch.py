"""Questions and searches as the command line reads and prints them (the objects of DESIGN §7)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bot.answered import Answered, Asked
from bot.exchange import answer
from bot.masking import mask
from bot.ports import LogUnavailable, ShelfUnavailable
from bot.records import Citation, DeskName, Language, Receipt, Speaker
from bot.text import language_of
from web.assembly import House
from web.cli_support import Stop

_ALSO_JAPANESE = "ja-kana"  # a way of writing that some question sets name as if it were a language


def desk_named(name: str) -> DeskName:
    """The desk of that name. Raises Stop."""
    try:
        return DeskName(name)
    except ValueError:
        raise Stop(f"there is no desk {name!r}; the desks are public and staff", 2) from None


def asked_of(row: Mapping[str, Any]) -> tuple[DeskName, Asked]:
    """One row of a batch as a question for a desk. Raises Stop for a row that is not of the documented shape."""
    question = row.get("question")
    if not isinstance(question, str):
        raise Stop(f"row {row.get('id')!r} has no question", 2)
    try:
        lang = row.get("lang")
        language = None if lang is None else Language.JA if lang == _ALSO_JAPANESE else Language(lang)
        history = tuple((Speaker(turn["role"]), str(turn["content"])) for turn in row.get("history") or ())
    except (KeyError, TypeError, ValueError):
        raise Stop(f"row {row.get('id')!r} has a lang or history of another shape than DESIGN §7 says", 2) from None
    return desk_named(str(row.get("desk", "public"))), Asked(question, None, language, history)


def printable(house: House, desk: DeskName, asked: Asked) -> dict[str, Any]:
    """Ask and lay the answer out for printing."""
    start = time.perf_counter()
    answered = answer(house.desks[desk], asked)
    elapsed = (time.perf_counter() - start) * 1000
    return {
        **answer_object(answered),
        "stages_ms": dict(answered.stages_ms),
        "elapsed_ms": round(elapsed, 2),
        "log_text": _log_text(house, desk, answered),
    }


def answer_object(answered: Answered) -> dict[str, Any]:
    """The public members of an answer."""
    reply = answered.reply
    return {
        "outcome": reply.outcome.family,
        "reason": reply.outcome.reason,
        "reply": reply.text,
        "citations": [_citation(citation) for citation in reply.citations],
        "risk": answered.risk.value,
        "automation": answered.automation.value,
        "exchange": answered.exchange,
        "conversation": answered.conversation,
        "receipt": _receipt(answered.receipt),
        "case": answered.case,
        "snapshot": answered.snapshot,
        "masked": list(answered.masked),
        "stamps": [{"name": stamp.name, "version": stamp.version, "digest": stamp.digest} for stamp in answered.stamps],
    }


def passages_found(house: House, desk: DeskName, query: str, limit: int) -> list[dict[str, Any]]:
    """What a search of one desk finds, best first. Raises Stop where the index is away."""
    text = mask(query)
    try:
        found = house.shelves[desk].search(text, language_of(text.value), limit).found
    except ShelfUnavailable as failure:
        raise Stop(f"{failure}; run madoguchi ingest, or restore the data directory", 3) from None
    return [
        {
            "id": each.passage.id,
            "score": round(each.score, 4),
            "document": each.passage.document.source,
            "section": each.passage.document.section,
            "title": each.passage.document.title,
        }
        for each in found
    ]


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "passage": citation.passage,
        "document": citation.document,
        "title": citation.title,
        "publisher": citation.publisher,
        "section": citation.section,
        "page": citation.page,
        "url": citation.url,
        "validity": citation.validity.value,
        "as_of": citation.as_of,
        "excerpt": citation.excerpt,
        "excerpt_kind": citation.excerpt_kind.value,
        "kind": citation.kind.value,
        "speaker": citation.speaker,
    }


def _receipt(receipt: Receipt | None) -> dict[str, Any] | None:
    if receipt is None:
        return None
    return {
        "code": receipt.code,
        "log": receipt.log,
        "entry": receipt.entry,
        "leaf": receipt.leaf,
        "time": receipt.time.isoformat(),
        "longest_delay_seconds": receipt.longest_delay_seconds,
        "signature": receipt.signature,
        "checkpoint": receipt.checkpoint,
    }


def _log_text(house: House, desk: DeskName, answered: Answered) -> str:
    if answered.exchange is None:
        return ""
    try:
        return house.logs[desk].text(answered.exchange)
    except LogUnavailable:
        return ""

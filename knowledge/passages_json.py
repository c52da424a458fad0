"""Passages as JSON and back, exactly. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.records import Document, DocumentKind, ExcerptKind, Fact, Gap, Passage, PassageId, Slot, Validity


def to_json(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """Plain values, ready for ``json.dumps``."""
    return [asdict(passage) for passage in passages]


def from_json(values: Sequence[Mapping[str, Any]]) -> tuple[Passage, ...]:
    """The passages of ``to_json``. Raises KeyError, TypeError or ValueError for anything else."""
    return tuple(_passage(value) for value in values)


def _passage(value: Mapping[str, Any]) -> Passage:
    return Passage(
        id=PassageId(value["id"]),
        document=_document(value["document"]),
        text=value["text"],
        sentences=tuple(value["sentences"]),
        aliases=tuple(value["aliases"]),
        questions=tuple(value["questions"]),
        facts=tuple(Fact(**_asked(fact)) for fact in value["facts"]),
        gaps=tuple(Gap(**_asked(gap)) for gap in value["gaps"]),
    )


def _asked(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **value,
        "slot": Slot(value["slot"]),
        "asks": tuple(value["asks"]),
        "questions": tuple(value["questions"]),
    }


def _document(value: Mapping[str, Any]) -> Document:
    kinds = {
        "kind": DocumentKind(value["kind"]),
        "validity": Validity(value["validity"]),
        "excerpt_kind": ExcerptKind(value["excerpt_kind"]),
    }
    return Document(**{**value, **kinds})

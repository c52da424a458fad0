"""The service on paper: privacy notice, terms of use and risk analysis, made from data files and checked at the start.

Nothing of these texts stands in the code. Each paper is one file of structure (``<name>.toml``: version, date, owner
role, review date, sections or rows, and the tests that show a statement) and one file of texts for each language.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from web.papers.notice import Notice, notice_of
from web.papers.reading import paper_of
from web.papers.retention import Schedule, schedule_of
from web.papers.risks import Risks, risks_of
from web.papers.values import BadPaper, Paper

__all__ = ["BadPaper", "Papers", "bundled", "papers_of"]


@dataclass(frozen=True, slots=True)
class Papers:
    """Everything the pages on paper show. ``notice`` is the body's own privacy notice, shown above ours."""

    privacy: Paper
    terms: Paper
    risks: Risks
    schedule: Schedule
    notice: Notice | None = None
    responsible: str | None = None


def papers_of(notice: Path | None, schedule: Path | None, responsible: str | None) -> Papers:
    """The papers with what the operator configured. Raises BadPaper with one line that says which file and why."""
    return Papers(
        paper_of("privacy"),
        paper_of("terms"),
        risks_of("risks"),
        schedule_of(schedule),
        notice_of(notice),
        responsible,
    )


@cache
def bundled() -> Papers:
    """The papers of a service for which nothing is configured."""
    return papers_of(None, None, None)

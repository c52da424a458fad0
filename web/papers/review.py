"""What ``madoguchi doctor`` says of the papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from audit.retention import Period
from web.papers import Papers, papers_of
from web.papers.values import BadPaper, Head


def findings(
    notice: Path | None, schedule: Path | None, responsible: str | None, day: date
) -> Sequence[tuple[bool, str]]:
    """Lines about the papers as configured; False where somebody has to do what the line says."""
    try:
        papers = papers_of(notice, schedule, responsible)
    except BadPaper as problem:
        return [(False, str(problem))]
    return [*_schedule(papers), *((False, line) for line in overdue(papers, day))]


def overdue(papers: Papers, day: date) -> list[str]:
    """One line for each paper, retention schedule and row of the risk analysis whose review date has passed."""
    heads = [papers.privacy.head, papers.terms.head, papers.risks.paper.head, papers.schedule.head]
    lines = [_late(f"{head.stamp.name} {head.stamp.version}", head) for head in heads if head.review_by < day]
    for point in papers.risks.points:
        lines += [
            f"risk {point.name}.{row.name} is overdue for review since {row.review_by} (owner: {row.owner})"
            for row in point.rows
            if row.review_by < day
        ]
    return lines


def _late(what: str, head: Head) -> str:
    return f"paper {what} is overdue for review since {head.review_by} (owner: {head.owner})"


def _schedule(papers: Papers) -> list[tuple[bool, str]]:
    named = ", ".join(f"{rule.name} {_long(rule.period)}" for rule in papers.schedule.rules)
    whose = "the body's own" if papers.schedule.own else "this project's defaults (MADOGUCHI_RETENTION)"
    return [(True, f"retention schedule: {whose}: {named}; shown to people and applied")]


def _long(period: Period) -> str:
    if period.along is not None:
        return f"with {period.along}"
    return f"{period.years} years" if period.years is not None else f"{period.days} days"

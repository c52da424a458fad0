"""Conditions and samples in words for people, and as values for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from audit.grades import Drawn, Gradebook
from audit.statistics import Agreement
from bot.conditions import Basis, ConditionState, RowCondition, Standing
from bot.conditions_values import Permit, PermitState
from bot.records import EntryId

STATES: Final = {
    ConditionState.UNMEASURED: "未測定",
    ConditionState.UNCERTAIN: "判断できない（判定が足りない）",
    ConditionState.WITHIN: "許容の範囲内",
    ConditionState.EXCEEDED: "許容を超えた",
}
BASES: Final = {
    Basis.MEASURED: "直接回答（測定による）",
    Basis.DECISION: "直接回答（二人の決定による）",
    Basis.DEMO: "直接回答（デモのため）",
    Basis.NONE: "担当者が確認してから回答（決定がない）",
    Basis.EXPIRED: "担当者が確認してから回答（決定の期限が切れた）",
    Basis.EXCEEDED: "担当者が確認してから回答（許容を超えた）",
}
PERMITS: Final = {
    PermitState.WAITING: "承認待ち",
    PermitState.APPROVED: "承認済み",
    PermitState.REJECTED: "却下",
    PermitState.STALE: "無効（状態が変わった）",
}

Again = Mapping[EntryId, bool]
"""Whether each sample can be drawn again from the log."""


def as_json(standing: Standing, *, demo: bool) -> dict[str, Any]:
    """Every row and every proposal."""
    return {
        "demo": demo,
        "rows": [row_json(each) for each in standing.rows.values()],
        "proposals": [permit_json(each) for each in standing.decisions.permits],
        "void": [{"entry": each.entry, "kind": each.kind, "why": each.why} for each in standing.decisions.void],
    }


def row_json(row: RowCondition) -> dict[str, Any]:
    """One row with its figures; bounds are shares, None while nothing is graded."""
    found = row.measured
    return {
        "row": row.key,
        "state": row.state.value,
        "basis": row.basis.value,
        "direct": row.direct,
        "graded": found.graded,
        "not_right": found.strict,
        "errors": found.errors,
        "grave": len(found.grave),
        "lower": row.lower if found.graded else None,
        "upper": row.upper if found.graded else None,
        "allowed": row.row.allowed_error,
        "baseline": row.row.baseline,
        "until": row.held.permit.until.isoformat() if row.held.permit else None,
    }


def permit_json(permit: Permit) -> dict[str, Any]:
    return {
        "proposal": permit.id,
        "row": permit.row,
        "until": permit.until.isoformat(),
        "state": permit.state.value,
        "returns": permit.base is not None,
        "by": permit.name,
        "reason": permit.reason,
    }


def permit_line(permit: Permit) -> str:
    returns = ["元に戻す提案"] if permit.base else []
    told = (permit.id, permit.row, f"{permit.until}まで", *returns, PERMITS[permit.state], permit.reason or "―")
    return "　".join(told)


def lines(standing: Standing, *, demo: bool) -> str:
    """The rows, then the proposals."""
    told = ["デモ：測っていない行にも直接答えることを許しています。"] if demo else []
    told += [line for row in standing.rows.values() for line in row_lines(row)]
    if standing.decisions.permits:
        told += ["", "提案", *(f"  {permit_line(each)}" for each in standing.decisions.permits)]
    return "\n".join(told)


def row_lines(row: RowCondition) -> Iterator[str]:
    found = row.measured
    yield f"{row.key}　{STATES[row.state]}　{BASES[row.basis]}"
    if found.graded:
        bounds = f"{100 * row.lower:.2f} %…{100 * row.upper:.2f} %"
        yield f"   判定 {found.graded} 件　正しくない {found.strict} 件　誤り {found.errors} 件　限界 {bounds}"
    yield f"   重大な誤り {len(found.grave)} 件　許容 {100 * row.row.allowed_error:g} %　人の場合：{row.row.baseline}"


def sample_json(sample: Drawn) -> dict[str, Any]:
    """A sample so that it can be drawn again; no text of anybody."""
    return {
        "sample": sample.id,
        "kind": sample.plan.kind.value,
        "graders": sample.plan.graders,
        "seed": sample.seed,
        "checkpoint": {"size": sample.size, "root": sample.root},
        "population": sample.population,
        "items": [{"entry": each.entry, "exchange": each.exchange, "row": each.row} for each in sample.items],
    }


def report_json(standing: Standing, book: Gradebook, agreed: Agreement, again: Again) -> dict[str, Any]:
    """Rates of every row, how far graders agree, and whether every sample can be drawn again."""
    return {
        "rows": [row_json(each) for each in standing.rows.values()],
        "agreement": {"pairs": agreed.pairs, "agreed": agreed.agreed, "kappa": agreed.kappa},
        "samples": [
            {"sample": each.id, "items": len(each.items), "population": each.population, "again": again[each.id]}
            for each in book.samples.values()
        ],
        "void": [{"entry": each.id, "kind": each.kind, "why": each.why} for each in book.void],
    }


def report_lines(standing: Standing, book: Gradebook, agreed: Agreement, again: Again) -> Iterator[str]:
    for row in standing.rows.values():
        yield from row_lines(row)
    kappa = "計算できない" if agreed.kappa is None else f"{agreed.kappa:.2f}"
    yield f"二人の判定 {agreed.pairs} 件　一致 {agreed.agreed} 件　κ {kappa}"
    for each in book.samples.values():
        same = "同じ抽出になる" if again[each.id] else "同じ抽出にならない"
        yield f"抽出 {each.id}　{each.population} 件から {len(each.items)} 件　{same}"

"""The register and the switch in words for people, and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.records import DeskName
from bot.register import as_json, as_toml
from bot.register_history import Decision, History, Proposal
from bot.register_rows import RegisterRow
from bot.switch import Off, Scope
from web.decisions import DESKS, LEVELS, RISKS, ROLES, SCOPES, STATES, TOPICS, VOID

_JAPAN = timezone(timedelta(hours=9))


def toml(history: History) -> str:
    return as_toml(history.active)


def active_json(history: History) -> str:
    """The version in force, each row with its id, and how many proposals wait."""
    tables = as_json(history.active)
    rows = [{"id": row.id, **_table(tables, "row", at)} for at, row in enumerate(history.active.rows)]
    places = [{"id": place.id, **_table(tables, "place", at)} for at, place in enumerate(history.active.places)]
    stamp = history.active.stamp
    return _json(
        {
            "version": stamp.version,
            "digest": stamp.digest,
            "places": places,
            "rows": rows,
            "waiting": [each.id for each in history.waiting],
        }
    )


def active_lines(history: History) -> str:
    stamp = history.active.stamp
    lines = [f"自動化台帳　版 {stamp.version}（{stamp.digest[:12]}）　承認待ちの提案 {len(history.waiting)} 件", ""]
    for place in history.active.places:
        lines += [
            f"■ {DESKS[place.desk]}の位置づけ：{place.domain} 段階{place.stage} {place.name}",
            f"   理由：{place.reason}",
            f"   根拠：{place.source}（{place.view}）　見直し：{place.review_by}（{place.owner}）",
        ]
    for row in history.active.rows:
        lines += ["", *_row_lines(row)]
    return "\n".join(lines)


def proposal_json(proposal: Proposal) -> str:
    return _json(_proposal(proposal))


def proposal_lines(proposal: Proposal) -> str:
    version = proposal.register.stamp.version if proposal.register else "―"
    lines = [
        f"提案 {proposal.id}　版 {version}　{STATES[proposal.state]}",
        f"   提案：{_who(proposal.name, proposal.role)} {_moment(proposal.time)}　{proposal.reason or ''}".rstrip(),
    ]
    if proposal.decision:
        made = proposal.decision
        lines.append(f"   決定：{_who(made.name, made.role)} {_moment(made.time)}　{made.reason or ''}".rstrip())
    return "\n".join(lines)


def history_json(history: History) -> str:
    return _json(
        {
            "active": history.active.stamp.digest,
            "proposals": [_proposal(each) for each in history.proposals],
            "void": [
                {"entry": each.entry, "kind": each.kind, "time": each.time.isoformat(), "by": each.by, "why": each.why}
                for each in history.void
            ],
        }
    )


def history_lines(history: History) -> str:
    stamp = history.active.stamp
    lines = [f"有効な版：{stamp.version}（{stamp.digest[:12]}）", *(proposal_lines(each) for each in history.proposals)]
    lines += [f"無効な決定 {each.entry}　{VOID.get(each.why, each.why)}　{_moment(each.time)}" for each in history.void]
    return "\n".join(lines)


def switch_json(thrown: Mapping[Scope, Off]) -> str:
    def one(desk: DeskName) -> dict[str, Any]:
        off = thrown.get(Scope.ALL) or thrown.get(Scope(desk.value))
        if off is None:
            return {"ai": "on"}
        return {"ai": "off", "scope": off.scope.value, "role": off.role, "why": off.why, "since": off.since.isoformat()}

    return _json({desk.value: one(desk) for desk in DeskName})


def switch_lines(thrown: Mapping[Scope, Off]) -> str:
    if not thrown:
        return "AIによる回答：動いています（すべての窓口）"
    return "\n".join(
        f"AIによる回答：停止中（{SCOPES[off.scope]}）　{_role(off.role)} {off.since_japan}　理由：{off.why}"
        for off in thrown.values()
    )


def _row_lines(row: RegisterRow) -> list[str]:
    desks = "・".join(DESKS[desk] for desk in row.desks)
    return [
        f"■ {TOPICS[row.topic]}（リスク {RISKS[row.risk]}、{desks}）：{LEVELS[row.level]}　［{row.id}］",
        f"   理由：{row.reason}",
        f"   根拠：{row.source}（{row.view}）",
        f"   許容する誤り：{row.allowed_error:.1%}　人の場合：{row.baseline}",
        f"   見直し：{row.review_by}（{row.owner}）",
    ]


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "proposal": proposal.id,
        "state": proposal.state.value,
        "version": proposal.register.stamp.version if proposal.register else None,
        "digest": proposal.digest,
        "base": proposal.base,
        "time": proposal.time.isoformat(),
        "by": proposal.by,
        "role": proposal.role,
        "name": proposal.name,
        "reason": proposal.reason,
        "decision": _decision(proposal.decision),
    }


def _decision(made: Decision | None) -> dict[str, Any] | None:
    if made is None:
        return None
    return {
        "time": made.time.isoformat(),
        "by": made.by,
        "role": made.role,
        "name": made.name,
        "reason": made.reason,
    }


def _table(tables: Mapping[str, Any], kind: str, at: int) -> Mapping[str, Any]:
    found: Mapping[str, Any] = tables[kind][at]
    return found


def _who(name: str | None, role: str) -> str:
    return f"{name or '（消去済み）'}（{_role(role)}）"


def _role(role: str) -> str:
    return ROLES.get(role, role)


def _moment(time: datetime) -> str:
    return time.astimezone(_JAPAN).strftime("%Y-%m-%d %H:%M (JST)")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

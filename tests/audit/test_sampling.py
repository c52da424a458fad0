"""Samples: drawn from the log alone, again by a program that shares nothing but the rule."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.drawing import GradeRefused
from audit.sampling import Drawing, Item, Plan, drawn, shares
from bot.grading import SAMPLE_DRAWN, SUBJECT, counted_row
from bot.records import Entry, EntryId, ExchangeId
from tests.grading_kit import FIRST, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "public")
    yield made
    made.close()


def population(export: bytes, meta: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Lot, row and exchange of every answer that a plan asks for, in the order of the lot."""
    plan, found = meta["plan"], []
    for line in export.decode().splitlines()[1:]:
        row = json.loads(line)
        leaf: dict[str, Any] = (
            json.loads(row["leaf"]) if "leaf" in row and row["index"] < meta["checkpoint"]["size"] else {"kind": ""}
        )
        told = leaf.get("meta", {})
        if leaf["kind"] != "exchange.closed" or told.get("automation") != "full":
            continue
        family, name = told["outcome"].split(".")[0], told["topic"] + "." + told["risk"]
        own, time = told["topic"] in {"documents", "service", "consultation"}, leaf["time"].replace("Z", "+00:00")
        answer = family == "answered" or not (own or family in {"failed", "escalated", "referred"})
        in_time = (plan["since"] or "") <= time < (plan["until"] or "9")
        if answer and in_time and name in (plan["rows"] or [name]):
            lot = hashlib.sha256((meta["seed"] + leaf["entry"]).encode()).hexdigest()
            found.append((lot, name, told["exchange"]))
    return sorted(found)


def again(export: bytes, meta: Mapping[str, Any]) -> list[str]:
    """The sample drawn a second time, from an export of the whole log without texts and the entry's own words."""
    plan, found = meta["plan"], population(export, meta)
    if plan["kind"] == "random":
        return [each[2] for each in found[: plan["size"]]]
    sizes: dict[str, int] = {}
    for _, name, _ in found:
        sizes[name] = sizes.get(name, 0) + 1
    order = sorted(sizes, key=lambda name: (-sizes[name], name))
    take = dict.fromkeys(order, 0)
    for name in order[: plan["size"]]:
        take[name] = 1
    left, total = plan["size"] - sum(take.values()), sum(sizes.values()) - len(order)
    if left > 0 and total > 0:
        left = min(left, total)
        parts = {name: divmod(left * (sizes[name] - 1), total) for name in order}
        extra = left - sum(whole for whole, _ in parts.values())
        for place, name in enumerate(sorted(order, key=lambda name: (-parts[name][1], name))):
            take[name] += parts[name][0] + (place < extra)
    kept = []
    for _, name, exchange in found:
        if take[name] > 0:
            take[name] -= 1
            kept.append(exchange)
    return kept


@pytest.mark.parametrize("kind", list(Drawing))
def test_anybody_draws_the_same_sample_from_an_export(bench: Bench, kind: Drawing) -> None:
    bench.answered(40)
    bench.answered(7, topic="service", outcome="answered.service")
    bench.answered(3, topic="opinion", risk="moderate", outcome="refused.opinion")
    bench.answered(5, automation="assisted", outcome="referred.assisted")
    bench.answered(5, outcome="abstained.no_evidence")
    sample = bench.drawn(12, "ある種", kind=kind)
    bench.answered(20)  # later ones are none of its business
    written: list[bytes] = []
    bench.proofs.export(written.append, contents=False)
    [entry] = [each for each in bench.log.entries(SUBJECT) if each.kind == SAMPLE_DRAWN]
    assert sample.population == 50
    assert len(sample.items) == 12
    assert [each.exchange for each in sample.items] == again(b"".join(written), entry.meta)
    assert bench.sampling.draws_again(sample)
    if kind is Drawing.STRATIFIED:
        assert {each.row for each in sample.items} == {"documents.low", "service.low", "opinion.moderate"}


def test_a_sample_of_days_and_rows(bench: Bench) -> None:
    bench.answered(3)
    begun = bench.clock.now()
    bench.answered(4, topic="service", outcome="answered.service")
    until = bench.clock.now()
    bench.answered(5)
    assert bench.drawn(100, since=begun, until=until).population == 4
    assert bench.drawn(100, rows=frozenset({"documents.low"}), since=until).population == 5
    with pytest.raises(GradeRefused, match="empty"):
        bench.drawn(100, rows=frozenset({"opinion.moderate"}))


def test_without_a_checkpoint_there_is_nothing_to_draw_from(bench: Bench) -> None:
    with pytest.raises(GradeRefused, match="no_checkpoint"):
        bench.drawn()


def test_a_seed_is_made_by_chance(bench: Bench) -> None:
    bench.answered(30)
    one, other = (bench.sampling.draw(FIRST, Plan(size=20)) for _ in range(2))
    assert one.seed != other.seed
    assert one.items != other.items


def test_what_somebody_put_together_by_hand_counts_for_nothing(bench: Bench) -> None:
    bench.answered(10)
    sample = bench.drawn(5)
    [entry] = [each for each in bench.log.entries(SUBJECT) if each.kind == SAMPLE_DRAWN]
    items = entry.meta["items"]
    assert isinstance(items, list)

    bench.log.append(Entry(SAMPLE_DRAWN, SUBJECT, {**entry.meta, "items": [*items[1:], items[0]]}))
    bench.log.append(Entry(SAMPLE_DRAWN, SUBJECT, {**entry.meta, "items": [*items, items[-1]]}))
    bench.log.append(Entry(SAMPLE_DRAWN, SUBJECT, {**entry.meta, "plan": "all"}))
    book = bench.sampling.grades.book()
    assert list(book.samples) == [sample.id]
    assert [each.why for each in book.void] == ["not_by_lot", "not_by_lot", "unreadable"]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 500), min_size=1), st.integers(1, 600))
def test_a_size_is_shared_out_whole(sizes: dict[str, int], size: int) -> None:
    found = shares(sizes, size)
    assert sum(found.values()) == min(size, sum(sizes.values()))
    assert all(0 <= found[name] <= sizes[name] for name in sizes)
    assert size < len(sizes) or min(found.values()) >= 1


@given(st.integers(1, 60), st.sampled_from(Drawing), st.integers(1, 40), st.text(min_size=1, max_size=8))
def test_a_draw_is_the_same_whatever_the_order(count: int, kind: Drawing, size: int, seed: str) -> None:
    items = [_item(number) for number in range(count)]
    found = drawn(items, Plan(kind, size), seed)
    assert found == drawn(items[::-1], Plan(kind, size), seed)
    assert len(set(found)) == len(found) == min(size, count)


@pytest.mark.parametrize("plan", [Plan(size=0), Plan(size=2_001), Plan(graders=3)], ids=["none", "many", "graders"])
def test_plans_that_cannot_be_drawn(plan: Plan) -> None:
    with pytest.raises(ValueError, match="a sample has"):
        drawn([_item(1)], plan, "種")


@pytest.mark.parametrize(
    ("meta", "row"),
    [
        ({"outcome": "answered.documents"}, "documents.low"),
        ({"outcome": "abstained.no_evidence"}, None),
        ({"outcome": "answered.documents", "automation": "assisted"}, None),
        ({"outcome": "referred.ai_off"}, None),
        ({"outcome": "refused.opinion", "topic": "opinion", "risk": "moderate"}, "opinion.moderate"),
        ({"outcome": "something.else"}, None),
        ({}, None),
    ],
)
def test_which_answers_count_for_which_row(meta: dict[str, str], row: str | None) -> None:
    assert counted_row({"topic": "documents", "risk": "low", "automation": "full", **meta}) == row


def _item(number: int) -> Item:
    row = ("documents.low", "service.low", "opinion.moderate")[number % 3]
    closed = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=number)
    return Item(EntryId(f"entry-{number}"), ExchangeId(f"ex_{number}"), row, closed)

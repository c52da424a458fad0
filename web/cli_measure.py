"""``madoguchi evaluate``, ``bench`` and ``doctor``: how well, how fast, and what is wrong."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from web.cli_support import Stop, bar, house_ready, rows_of

if TYPE_CHECKING:
    from web.assembly import House
    from web.evaluation import Evaluation

SMALLEST_LOG = 100
bench = typer.Typer(no_args_is_help=True, help="The project's own measurements, each as a ratio in one run.")
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]


def add_to(app: typer.Typer) -> None:
    app.command()(evaluate)
    app.command()(doctor)
    app.add_typer(bench, name="bench")


def evaluate(
    files: Annotated[list[str], typer.Argument(help="question sets (JSON lines)")],
    most_errors: Annotated[float, typer.Option("--gate", help="highest error rate that is no bad news")] = 0.02,
    as_json: JsonOption = False,
) -> None:
    """Ask every question of the sets and count: errors with their 95 % bound, coverage, abstention, per category."""
    from web.evaluation import evaluate as run  # noqa: PLC0415 - reading the help needs no model

    rows = [row for file in files for row in rows_of(file)]
    wanting = next((row for row in rows if not {"id", "question", "expect"} <= row.keys()), None)
    if wanting is not None:
        raise Stop(f"row {wanting.get('id')!r} lacks id, question or expect", 2)
    with house_ready() as house:
        _not_in_production(house)
        result = run(house, rows)
    if as_json:
        sys.stdout.write(json.dumps(result.as_dict(), ensure_ascii=False) + "\n")
    else:
        _print(result)
    if result.bad_news:
        raise Stop(result.bad_news, 1)
    if result.error_rate > most_errors:
        raise Stop(f"error rate {result.error_rate:.4f} is above the gate of {most_errors}", 1)


def doctor() -> None:
    """What is configured, what is wrong, what is overdue for review."""
    from web.doctor import examine  # noqa: PLC0415 - reading the help needs no model

    with house_ready(knowledge=False) as house:
        findings = examine(house)
    for finding in findings:
        sys.stdout.write(f"{'ok   ' if finding.good else 'wrong'} {finding.line}\n")
    if not all(finding.good for finding in findings):
        raise Stop("the lines marked wrong say what to do", 3)


@bench.command()
def retrieval(
    corpus: Annotated[Path, typer.Option(help="JSON lines {id, text, title?}")],
    queries: Annotated[Path, typer.Option(help="JSON lines {id, text, relevant}")],
    as_json: JsonOption = False,
) -> None:
    """Recall, MRR and nDCG of the shelf's own search on an outside set, with its latency."""
    from knowledge.bench import bench_retrieval, printed  # noqa: PLC0415 - reading the help needs no model

    for file in (corpus, queries):
        if not file.is_file():
            raise Stop(f"{file} does not exist", 2)
    with house_ready(knowledge=False) as house:
        result = bench_retrieval(corpus, queries, house.embedder, house.analyzer, house.settings.data / "bench")
    sys.stdout.write((json.dumps(result.as_dict()) if as_json else printed(result)) + "\n")


@bench.command()
def answer(
    rounds: Annotated[int, typer.Option(min=5, help="measured rounds")] = 25,
    clients: Annotated[int, typer.Option(min=1, help="concurrent clients of the load round")] = 8,
    as_json: JsonOption = False,
) -> None:
    """One answer against one query embedding, cached against uncached, and concurrent clients, in one run."""
    from web.bench_answer import bench_answer  # noqa: PLC0415 - reading the help needs no model

    with house_ready() as house:
        _not_in_production(house)
        result = bench_answer(house, rounds, clients)
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    for name, value in result.items():
        sys.stdout.write(f"{name}: {value}\n")


@bench.command()
def ingest(
    passages: Annotated[int, typer.Option(min=1, help="how many notes of one passage to read in")] = 3_000,
    seed: Annotated[int, typer.Option(help="the same seed makes the same notes")] = 1,
    as_json: JsonOption = False,
) -> None:
    """What knowledge costs at size: time, memory and space to read it in, to search it, to read it in again."""
    from bot.records import DeskName  # noqa: PLC0415 - reading the help needs no model
    from knowledge.bench_ingest import bench_ingest  # noqa: PLC0415 - as above

    with house_ready(knowledge=False) as house, TemporaryDirectory() as place, bar() as show:
        cost = bench_ingest(
            passages,
            Path(place),
            house.embedder,
            house.analyzer,
            seed=seed,
            progress=lambda done, total: show(DeskName.PUBLIC, done, total),
        )
    if as_json:
        sys.stdout.write(json.dumps(asdict(cost)) + "\n")
        return
    for name, value in asdict(cost).items():
        sys.stdout.write(f"{name}: {value}\n")


@bench.command()
def audit(
    entries: Annotated[
        str, typer.Option(help="sizes of the growing log, with commas; 1000000 takes long")
    ] = "1000,10000",
    rounds: Annotated[int, typer.Option(min=1, help="measured rounds, fewer for large logs")] = 25,
    place: Annotated[
        Path | None, typer.Option(help="directory on the disk to measure on; else a temporary one")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What the record costs: an append beside a plain row, checking, proving, and all of it as a log grows."""
    from web.bench_audit import as_lines, measured  # noqa: PLC0415 - reading the help needs none of it

    try:
        sizes = [int(each) for each in entries.split(",")]
    except ValueError:
        sizes = []
    if not sizes or min(sizes) < SMALLEST_LOG:
        raise Stop(f"--entries takes numbers from {SMALLEST_LOG} on, with commas between them", 2)
    cost, limits = measured(place, sizes, rounds, lambda at: sys.stderr.write(f"{at} …\n"))
    if as_json:
        sys.stdout.write(json.dumps({**cost.as_dict(), "limits": [asdict(each) for each in limits]}) + "\n")
        return
    for line in as_lines(cost, limits):
        sys.stdout.write(line + "\n")


def _not_in_production(house: House) -> None:
    """Measurements ask real questions, and every exchange is recorded for good: not among citizens' records."""
    if house.settings.mode == "production":
        raise Stop("measurements write to the record; run them with another MADOGUCHI_DATA in demo mode", 2)


def _print(result: Evaluation) -> None:
    for name, value in result.as_dict().items():
        if name == "failed":
            for failure in result.failed:
                sys.stdout.write(f"  failed {failure.id}: {failure.outcome}, {failure.why}\n")
        else:
            sys.stdout.write(f"{name}: {value}\n")

"""The command ``madoguchi``: serve, ask, search, and what the other modules of the command line add."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from web import (
    cli_audit,
    cli_cases,
    cli_conditions,
    cli_database,
    cli_knowledge,
    cli_measure,
    cli_records,
    cli_register,
    cli_users,
)
from web.cli_support import Stop, house_ready, rows_of, settings_read, show_error

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
cli_audit.add_to(app)
cli_records.add_to(cli_audit.audit)
cli_cases.add_to(app)
cli_conditions.add_to(app)
cli_database.add_to(app)
cli_knowledge.add_to(app)
cli_measure.add_to(app)
cli_register.add_to(app)
cli_users.add_to(app)

DeskOption = Annotated[str, typer.Option("--desk", help="public or staff")]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="port to listen on; 0 takes a free one")] = None,
    workers: Annotated[int, typer.Option(help="server processes; the embedded stores allow one")] = 1,
) -> None:
    """Start the service; the first start prepares the data directory."""
    from web.serving import run  # noqa: PLC0415 - the web stack is needed only here

    if workers != 1:
        raise Stop(
            "the embedded stores allow one server process: use --workers 1 and MADOGUCHI_WORKERS for exchanges", 2
        )
    settings = settings_read()
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    run(settings.model_copy(update=changes))


@app.command()
def ask(
    question: Annotated[
        str | None,
        typer.Argument(help="the question, or - for standard input: an argument shows in the list of processes"),
    ] = None,
    desk: DeskOption = "public",
    as_json: JsonOption = False,
    batch: Annotated[str | None, typer.Option(help="JSON lines file, or - for standard input")] = None,
) -> None:
    """Ask one question, or many from a file of JSON lines {id, desk, lang?, question, history?}."""
    from web.batch import asked_of, printable  # noqa: PLC0415 - reading the help needs no model

    if (question is None) == (batch is None):
        raise Stop("give one question, or --batch FILE", 2)
    with house_ready() as house:
        if batch is not None:
            for row in rows_of(batch):
                print_line({"id": row.get("id"), **printable(house, *asked_of(row))})
            return
        answer = printable(house, *asked_of({"question": typed(question), "desk": desk}))
    if as_json:
        print_line(answer)
        return
    console = Console(highlight=False, markup=False)
    console.print(answer["reply"], soft_wrap=True)
    for citation in answer["citations"]:
        parts = (citation["title"], citation["publisher"], citation["document"], citation["section"])
        console.print(f"[{citation['number']}] " + "｜".join(part for part in parts if part), soft_wrap=True)


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="what to look for, or - for standard input")] = None,
    desk: DeskOption = "public",
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    as_json: JsonOption = False,
    batch: Annotated[str | None, typer.Option(help="JSON lines file {id, text}, or -")] = None,
) -> None:
    """Search a desk's documents without asking the bot."""
    from web.batch import desk_named, passages_found  # noqa: PLC0415 - as above

    if (query is None) == (batch is None):
        raise Stop("give one query, or --batch FILE", 2)
    name = desk_named(desk)
    with house_ready() as house:
        if batch is not None:
            for row in rows_of(batch):
                print_line(
                    {"id": row.get("id"), "passages": passages_found(house, name, str(row.get("text", "")), limit)}
                )
            return
        found = passages_found(house, name, typed(query), limit)
    if as_json:
        print_line({"passages": found})
        return
    console = Console(highlight=False, markup=False)
    for passage in found:
        console.print(f"{passage['score']:7.3f}  {passage['id']}  {passage['title']}")


def typed(argument: str | None) -> str:
    """What was asked: the argument, or for ``-`` what stands in standard input, which no list of processes shows."""
    return sys.stdin.read().strip() if argument == "-" else argument or ""


def print_line(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except Stop as stop:
        show_error(stop)
        raise SystemExit(stop.status) from None


def main() -> None:
    """The console script. Errors are one line: what is wrong and what to do; the exit status tells (DESIGN §7)."""
    os.umask(0o077)  # keys, logs and what is derived from them are for the user of the service alone
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump of this memory would hold what people typed, unmasked
    with _one_line_errors():
        app()


if __name__ == "__main__":
    main()

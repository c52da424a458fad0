"""What every command shares: a prepared house, rows from a file, one-line errors."""

from __future__ import annotations

import getpass
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from web.loglines import LibraryLimit, LibraryLine, LineLimit, limited
from web.settings import Settings

if TYPE_CHECKING:
    from bot.records import DeskName
    from web.assembly import House

Progressing = Callable[["DeskName", int, int], None]
_DESK_WORDS = {"public": "都民窓口", "staff": "職員窓口"}


class Stop(Exception):
    """A command ends here. ``status``: 1 bad news, 2 wrong use, 3 the environment is not ready (DESIGN §7)."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def show_error(stop: Stop) -> None:
    sys.stderr.write(f"madoguchi: {stop}\n")


def password_typed() -> str:
    """Asked for at a terminal; else the first line of standard input. Never an argument: those are seen by others."""
    if sys.stdin.isatty():
        return getpass.getpass("パスワード: ")
    return sys.stdin.readline().rstrip("\r\n")


def configure_logging() -> None:
    """Structured lines on standard error; never a question's text (nothing in the house hands one to a logger)."""
    limit = LineLimit()
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(LibraryLine())
    libraries.addFilter(LibraryLimit(limit))
    logging.basicConfig(level=logging.WARNING, handlers=[libraries])
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.WARNING)  # a library that lowers its own level must not speak to the terminal
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # its warnings spell out bytes that people sent
    structlog.configure(
        processors=[
            limited(limit),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def settings_read() -> Settings:
    """The settings from the environment. Raises Stop naming the variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as problem:
        first = problem.errors()[0]
        name = "MADOGUCHI_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Stop(f"{name} cannot be used: {first['msg']}; see docs/operations.md", 3) from None


@contextmanager
def house_ready(*, knowledge: bool = True) -> Iterator[House]:
    """The house over the configured data directory, prepared (with a progress bar where notes must be indexed)."""
    from bot.assessing.colours import BadColours  # noqa: PLC0415 - reading the help needs none of this
    from bot.office_table import BadOffice  # noqa: PLC0415 - as above
    from bot.ports import EmbedderUnavailable, LogUnavailable  # noqa: PLC0415 - as above
    from web.accounts.provider import BadProvider  # noqa: PLC0415 - as above
    from web.assembly import build, prepare  # noqa: PLC0415 - as above
    from web.contacts import BadContacts  # noqa: PLC0415 - as above
    from web.identity import BadIdentity  # noqa: PLC0415 - as above
    from web.notices import BadNotices  # noqa: PLC0415 - as above

    configure_logging()
    settings = settings_read()
    try:
        house = build(settings)
    except (BadColours, BadContacts, BadIdentity, BadNotices, BadOffice, BadProvider) as problem:
        raise Stop(str(problem), 3) from None
    except EmbedderUnavailable as problem:
        raise Stop(f"{problem}; run make setup again", 3) from None
    try:
        if knowledge:
            with bar() as show:
                for report in prepare(house, show):
                    for remark in report.remarks:
                        sys.stderr.write(f"madoguchi: {report.desk.value}: {remark}\n")
        yield house
    except LogUnavailable as problem:
        raise Stop(f"{problem}; check the data directory {settings.data}", 3) from None
    except (EmbedderUnavailable, MemoryError) as problem:
        raise Stop(
            f"the notes cannot be indexed here ({type(problem).__name__}); free memory or run make setup", 3
        ) from None
    except BrokenPipeError:
        raise Stop("the output was closed before all was printed", 1) from None
    except OSError as problem:
        raise Stop(f"the data directory {settings.data} cannot be used: {problem.strerror or problem}", 3) from None
    finally:
        _sign_what_waits(house)
        house.close()


def _sign_what_waits(house: House) -> None:
    """What the command wrote comes under a checkpoint now: a server that would see to it may not be running."""
    from audit.prepare import KEYS  # noqa: PLC0415 - as above
    from bot.adapters.clock import SystemClock  # noqa: PLC0415 - as above
    from web.sequencing import sign_what_waits  # noqa: PLC0415 - as above

    for name, log in {**{desk.value: log for desk, log in house.logs.items()}, "system": house.system}.items():
        if (house.settings.data / name / KEYS).is_dir():  # a log that was never made has said so
            sign_what_waits(name, log, house.proofs[name], SystemClock())


@contextmanager
def bar() -> Iterator[Progressing]:
    """A progress bar on standard error; gives the callback that moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks: dict[DeskName, Any] = {}

        def show(desk: DeskName, done: int, total: int) -> None:
            if desk not in tasks:
                tasks[desk] = progress.add_task(f"資料を索引に登録中（{_DESK_WORDS[desk.value]}）", total=total)
            progress.update(tasks[desk], completed=done, total=total)

        yield show


def rows_of(file: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON lines file (``-``: standard input). Raises Stop naming the line that is not one."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise Stop(f"{file} cannot be read: {getattr(problem, 'strerror', None) or 'not UTF-8'}", 2) from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise Stop(f"{file}, line {number}, is not JSON; one object per line", 2) from None
        if not isinstance(row, dict):
            raise Stop(f"{file}, line {number}, is not a JSON object", 2)
        yield row

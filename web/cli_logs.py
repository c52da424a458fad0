"""The logs of the data directory for a command, without models and knowledge; what fails is one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from web.cli_support import Stop, configure_logging, settings_read

if TYPE_CHECKING:
    from audit.log import DeskLog
    from audit.proofs import DeskProofs

NAMES: Final = ("public", "staff", "system")


@dataclass(frozen=True, slots=True)
class OpenedLog:
    """One log by its name, to write in and to prove from."""

    name: str
    log: DeskLog
    proofs: DeskProofs


def names_of(desk: str) -> Sequence[str]:
    """The logs that ``--desk`` means. Raises Stop."""
    if desk == "all":
        return NAMES
    if desk not in NAMES:
        raise Stop("--desk is public, staff, system or all", 2)
    return (desk,)


def name_of(desk: str) -> Sequence[str]:
    """The one log that ``--desk`` means. Raises Stop."""
    if desk not in NAMES:
        raise Stop("--desk is public, staff or system", 2)
    return (desk,)


@contextmanager
def logs_opened(names: Sequence[str]) -> Iterator[Sequence[OpenedLog]]:
    """These logs, made or brought up to date where that is needed. Raises Stop where they cannot be used."""
    from audit.checkpoint import BadNote  # noqa: PLC0415 - reading the help needs none of this
    from audit.sequencer import Overtaken  # noqa: PLC0415 - as above
    from bot.adapters.clock import SystemClock  # noqa: PLC0415 - as above
    from bot.ports import LogUnavailable  # noqa: PLC0415 - as above
    from web.directory import make_private  # noqa: PLC0415 - as above
    from web.log_places import log_of, prepare_log, proofs_of  # noqa: PLC0415 - as above

    configure_logging()
    settings, clock = settings_read(), SystemClock()
    made: list[OpenedLog] = []
    try:
        make_private(settings.data)
        for name in names:
            prepare_log(settings, name, clock)
            made.append(OpenedLog(name, log_of(settings, name, clock), proofs_of(settings, name, clock)))
        yield made
    except (LogUnavailable, BadNote) as problem:
        raise Stop(f"{problem}; check the data directory {settings.data}", 3) from None
    except Overtaken:
        raise Stop("another process is signing; try again", 3) from None
    except OSError as problem:
        raise Stop(f"the data directory {settings.data} cannot be used: {problem.strerror or problem}", 3) from None
    finally:
        for each in made:
            each.log.close()
            each.proofs.close()


def notes_in(file: Path) -> Sequence[str]:
    """The checkpoints in a file: a note, or JSON that has some (a receipt, a bundle). Raises Stop."""
    from audit.canonical import strict  # noqa: PLC0415 - as above

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise Stop(f"{file} cannot be read: {getattr(problem, 'strerror', None) or 'not UTF-8'}", 2) from None
    if not text.lstrip().startswith("{"):
        return [text]
    try:
        value = strict(text)
        promise = value.get("promise") or value.get("receipt", {}).get("promise")
        found = [value.get("checkpoint"), strict(promise).get("checkpoint") if promise else None]
    except (ValueError, AttributeError):
        raise Stop(f"{file} is neither a checkpoint nor a receipt", 2) from None
    notes = [each for each in found if isinstance(each, str)]
    if not notes:
        raise Stop(f"{file} holds no checkpoint", 2)
    return notes

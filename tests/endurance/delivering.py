"""A process that delivers a desk's notices until none is left: ``python -m tests.endurance.delivering JSON``.

Options: ``directory`` (the desk's), ``ahead`` (seconds its clock is ahead), ``mail`` (port), ``secret`` (base64),
``seconds`` (for one delivery). Prints ``ready`` before it begins.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from audit.log import DeskLog
from bot.adapters.database import DeskOutbox
from bot.adapters.notifying.hook import HookNotifier
from bot.adapters.notifying.mail import MailNotifier, MailServer
from bot.dispatch import Dispatcher, Patience
from bot.ports import Notifier
from bot.records import Way

QUICK = Patience(timedelta(milliseconds=40), timedelta(milliseconds=400), timedelta())


@dataclass(frozen=True)
class Ahead:
    """The time, some seconds on."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


def ways(mail: int, secret: bytes, seconds: float) -> dict[Way, Notifier]:
    clock = Ahead()
    server = MailServer("127.0.0.1", mail, "plain", "madoguchi@example.jp", "madoguchi.example.jp")
    return {
        Way.MAIL: MailNotifier(server, clock, seconds=seconds),
        Way.HOOK: HookNotifier([secret], clock, seconds=seconds),
    }


def main(options: dict[str, Any]) -> None:
    clock = Ahead(options["ahead"])
    log = DeskLog(Path(options["directory"]), clock)
    outbox = DeskOutbox(log, clock)
    notifiers = ways(options["mail"], base64.b64decode(options["secret"]), options["seconds"])
    dispatcher = Dispatcher(outbox, notifiers, clock, patience=QUICK)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while outbox.waiting():
        if not dispatcher.dispatch().taken:
            time.sleep(0.01)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

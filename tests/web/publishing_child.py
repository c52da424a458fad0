"""A second process that publishes: ``python -m tests.web.publishing_child DATA`` carries out what is approved at the
public desk of a small house, without end; a line says when it begins.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from bot.records import DeskName
from tests.web.publishing_kit import NoTrials
from web.assembly import build
from web.publishing import publish, publishing_of
from web.settings import Settings


def main(data: Path) -> None:
    work = replace(publishing_of(build(Settings(data=data)), DeskName.PUBLIC), trials=NoTrials())
    work.learning.now()
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    while True:
        publish(work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

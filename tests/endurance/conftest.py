"""The figures of the endurance tests, printed at the end of the run."""

from __future__ import annotations

import json

import pytest

from tests.endurance.kit import FIGURES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("endurance")
        for line in FIGURES:
            terminalreporter.line(json.dumps(line))

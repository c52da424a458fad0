"""Everything that the service and its libraries write while a test runs, as an operator would find it."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from web.cli_support import configure_logging


@contextmanager
def service_lines(monkeypatch: pytest.MonkeyPatch, libraries: int) -> Iterator[io.StringIO]:
    """The lines, by the service's own rules; of libraries those from the level ``libraries`` on."""
    written = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", written)
        configure_logging()
    handler = logging.StreamHandler(written)
    handler.setLevel(libraries)
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)
    structlog.reset_defaults()

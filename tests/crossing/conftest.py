"""One place for the whole directory: what a test changes for good it does in a place of its own."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from tests.crossing.place import Place, place_in
from tests.written import service_lines


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = place_in(tmp_path_factory.mktemp("crossing"))
    yield made
    made.close()


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    with service_lines(monkeypatch, logging.DEBUG) as written:
        yield written

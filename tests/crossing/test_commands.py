"""The commands that name a desk show that desk's things alone; what both desks share on disk holds no text."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from bot.records import DeskName
from tests.crossing.canaries import OTHER, PLANTED, ROTA_QUESTION, VAULT_ID, VAULT_QUESTION, found_in
from tests.crossing.place import Place
from tests.endurance.kit import mark_prepared
from tests.house_kit import ROOT, SmallHouse, command_environment

# All commands one after the other in one process: starting costs more than any of them.
PROGRAM = """
import json, sys
from web.cli import app
for arguments in json.loads(sys.argv[1]):
    print("=====")
    app(arguments, standalone_mode=False)
"""


@pytest.fixture(scope="module")
def data(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that a command finds prepared, so that it holds these few notes and no others."""
    target = tmp_path_factory.mktemp("commands") / "data"
    shutil.copytree(place.data, target)
    mark_prepared(SmallHouse(place.house, target, target))
    return target


def lures(desk: DeskName) -> Sequence[str]:
    return (VAULT_QUESTION[desk], ROTA_QUESTION[desk], VAULT_ID[desk])


@pytest.fixture(scope="module")
def printed(data: Path) -> Mapping[DeskName, Mapping[str, str]]:
    """What each command prints for each desk when it is given what names the other's things."""
    names: list[tuple[DeskName, str]] = []
    commands: list[list[str]] = []
    for desk in DeskName:
        rows = [{"id": number, "desk": desk.value, "question": each} for number, each in enumerate(lures(OTHER[desk]))]
        rows.append({"id": "own", "desk": desk.value, "question": VAULT_QUESTION[desk]})
        file = data.parent / f"{desk.value}.jsonl"
        file.write_text("".join(json.dumps({**row, "text": row["question"]}) + "\n" for row in rows), "utf-8")
        named = ["--desk", desk.value]
        for name, arguments in (
            ("ask", ["ask", "--batch", str(file)]),
            ("ask one", ["ask", VAULT_QUESTION[OTHER[desk]], *named, "--json"]),
            ("search", ["search", *named, "--limit", "100", "--batch", str(file)]),
            ("show", ["knowledge", "show", *named, "--json"]),
            ("list", ["knowledge", "list", *named, "--json"]),
        ):
            names.append((desk, name))
            commands.append(arguments)
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(commands)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=command_environment(data),
    )
    assert ended.returncode == 0, ended.stderr[-500:]
    parts = ended.stdout.split("=====\n")[1:]
    assert len(parts) == len(commands)
    told: dict[DeskName, dict[str, str]] = {desk: {"standard error": ended.stderr} for desk in DeskName}
    for (desk, name), part in zip(names, parts, strict=True):
        told[desk][name] = part
    return told


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_command_shows_the_named_desks_things_alone(
    printed: Mapping[DeskName, Mapping[str, str]], desk: DeskName
) -> None:
    for name, told in printed[desk].items():
        assert found_in(told.encode(), PLANTED[OTHER[desk]].secrets) == [], name
    for name in ("search", "show", "list"):  # here not even what the question named
        assert found_in(printed[desk][name].encode(), [VAULT_ID[OTHER[desk]]]) == [], name


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_command_does_show_the_desks_own(printed: Mapping[DeskName, Mapping[str, str]], desk: DeskName) -> None:
    assert PLANTED[desk].sentence in printed[desk]["ask"]
    assert VAULT_ID[desk] in printed[desk]["search"]
    assert PLANTED[desk].passage in printed[desk]["show"]


def test_the_caches_of_vectors_hold_no_text(data: Path) -> None:
    """Digests and numbers. The one that the desks share takes only what the public may read (knowledge/ingest.py)."""
    for file in data.rglob("vectors.sqlite"):
        with closing(sqlite3.connect(file)) as database:
            assert {row[1] for row in database.execute("PRAGMA table_info(vectors)")} == {"key", "vector"}
            assert all(len(key) == 32 for (key,) in database.execute("SELECT key FROM vectors"))

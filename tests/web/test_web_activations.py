"""Every activation of a version of the knowledge is an entry in the desk's log, also one whose process ended first."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.records import DeskName
from bot.records_json import ACTIVATED
from knowledge import snapshots
from knowledge.ingest import ingest
from web.assembly import House, build, prepare
from web.settings import Settings


def newest(house: House) -> tuple[object, object, object]:
    meta = house.logs[DeskName.PUBLIC].newest(ACTIVATED)
    assert meta is not None
    return meta["snapshot"], meta["before"], meta["by"]


def test_an_activation_without_its_entry_gets_it_at_the_next_start(prepared_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(prepared_data, data)
    house = build(Settings(data=data))
    prepare(house)
    first = snapshots.active(data / "public")
    assert newest(house)[0] == first
    file = tmp_path / "paper.txt"
    file.write_text("第1章 目的\n\nこの文書は、記録の試験のために書かれました。\n", "utf-8")
    # The version is activated and the process ends: nobody appends the entry.
    ingest(
        [file], DeskName.PUBLIC, data / "public", house.embedder, house.analyzer, shared=data / "system/vectors.sqlite"
    )
    second = snapshots.active(data / "public")
    assert second != first
    assert newest(house)[0] == first
    prepare(house)
    assert newest(house) == (second, first, "prepare")
    house.close()

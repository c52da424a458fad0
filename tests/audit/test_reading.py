"""Every reading is an entry, written before anything leaves; and what happens when index or log fail."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from audit.proofs import DeskProofs
from audit.reading import (
    Filters,
    IndexUnavailable,
    Purpose,
    PurposeKind,
    Query,
    Reader,
    ReadingRefused,
)
from audit.search_index import FILE, READY
from bot.ports import LogUnavailable
from bot.records import ExchangeId
from tests.audit.search_kit import BEGIN, READER, Searched

ROOT = Path(__file__).parents[2]
QUALITY = Purpose(PurposeKind.QUALITY, "抜取りの確認")
OTHER = Reader("ac_2", "auditor", "監査 太郎")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Searched]:
    made = Searched(tmp_path / "public")
    yield made
    made.close()


def later(desk: Searched, minutes: int) -> None:
    desk.clock.time += timedelta(minutes=minutes)


def test_a_search_is_recorded_with_its_words_as_a_content(desk: Searched) -> None:
    desk.exchange("山田太郎の件")
    query = Query("山田太郎", "characters", Filters(outcomes=frozenset({"answered"}), since=BEGIN))
    assert desk.reading.search(READER, query).total == 1
    [(kind, meta, contents)] = desk.reads()
    assert kind == "read"
    assert meta == {
        "by": "ac_1",
        "role": "auditor",
        "what": "search",
        "mode": "characters",
        "filters": {"outcomes": ["answered"], "since": "2026-11-23T09:00:00.000000Z"},
        "count": 1,
    }
    assert contents == {"name": "監査 花子", "words": "山田太郎"}


def test_what_is_typed_for_a_filter_is_not_written_down_for_good(desk: Searched) -> None:
    desk.exchange("問い")
    typed = frozenset({"山田太郎", "doc-a"})
    chosen = Filters(documents=typed, topics=frozenset({"090-1234-5678"}), masked=frozenset({"x"}))
    assert desk.reading.search(READER, Query(filters=chosen)).total == 0
    [(_, meta, _)] = desk.reads()
    assert meta["filters"] == {"documents": ["doc-a"], "unknown": 3}


def test_pages_and_counts_of_a_search_are_one_reading(desk: Searched) -> None:
    for number in range(5):
        desk.exchange(f"問い{number}")
    query = Query("問い", "characters")
    page = desk.reading.search(READER, query, limit=2)
    desk.reading.search(READER, query, page.after, 2)
    desk.reading.counts(READER, query)
    assert len(desk.reads()) == 1
    desk.reading.search(OTHER, query)
    desk.reading.search(READER, Query("問い"))
    assert len(desk.reads()) == 3
    later(desk, 16)
    desk.reading.counts(READER, query)
    assert len(desk.reads()) == 4


def test_opening_is_recorded_once_per_reader_record_and_quarter_of_an_hour(desk: Searched) -> None:
    name, other = desk.exchange("問い"), desk.exchange("別の問い")
    first = desk.reading.open(READER, name, QUALITY)
    assert [each.leaf["kind"] for each in first.entries] == ["exchange.opened", "exchange.closed"]
    assert first.entries[0].contents == {"question": "問い"}
    desk.reading.open(READER, name, QUALITY)
    desk.reading.record(READER, "view", QUALITY, name)
    [(_, meta, contents)] = desk.reads()
    told = {"by": "ac_1", "role": "auditor", "what": "view", "purpose": "quality", "record": name}
    assert (meta, contents) == (told, {"name": "監査 花子", "purpose": "抜取りの確認"})
    desk.reading.open(OTHER, name, QUALITY)
    desk.reading.open(READER, other, QUALITY)
    desk.reading.open(READER, name, QUALITY, what="bundle")
    assert len(desk.reads()) == 4
    later(desk, 14)
    desk.reading.open(READER, name, QUALITY)
    assert len(desk.reads()) == 4
    later(desk, 2)
    found = desk.reading.open(READER, name, QUALITY)
    assert len(desk.reads()) == 5
    assert [each.leaf["kind"] for each in found.entries].count("read") == 3
    assert found.hit.closed in found.entries[2].leaf["links"]


def test_the_quarter_of_an_hour_is_in_the_log_not_in_memory(desk: Searched) -> None:
    name = desk.exchange("問い")
    desk.reading.open(READER, name, QUALITY)
    again = Searched(desk.directory, desk.clock)
    again.reading.open(READER, name, QUALITY)
    assert len(desk.reads()) == 1
    again.close()


def test_many_at_once_are_one_reading(desk: Searched) -> None:
    name = desk.exchange("問い")
    work = [threading.Thread(target=desk.reading.open, args=(READER, name, QUALITY)) for _ in range(6)]
    work += [threading.Thread(target=desk.reading.search, args=(READER, Query("問い"))) for _ in range(6)]
    for each in work:
        each.start()
    for each in work:
        each.join()
    assert sorted(str(meta["what"]) for _, meta, _ in desk.reads()) == ["search", "view"]


def test_no_purpose_no_text(desk: Searched) -> None:
    name = desk.exchange("問い")
    nothing = Purpose(PurposeKind.OTHER, " \n ")
    for read in (
        lambda: desk.reading.open(READER, name, nothing),
        lambda: desk.reading.each(READER, Query(), nothing),
        lambda: desk.reading.record(READER, "view", None, name),
    ):
        with pytest.raises(ReadingRefused, match="no_purpose"):
            read()
    with pytest.raises(ReadingRefused, match="unknown"):
        desk.reading.open(READER, ExchangeId("ex_none"), QUALITY)
    with pytest.raises(ReadingRefused, match="long_words"):
        desk.reading.search(READER, Query("あ" * 501))
    assert desk.reads() == []


def test_everything_about_an_exchange_is_opened_and_what_is_erased_is_none(desk: Searched) -> None:
    name = desk.exchange("問い")
    desk.said(name, "feedback", {"useful": True, "reason": None}, comment="感想")
    desk.case(name, "opened", question="案件")
    with closing(sqlite3.connect(desk.directory / "log.sqlite")) as connection, connection:
        connection.execute("DELETE FROM contents WHERE path = 'question'")
    found = desk.reading.open(READER, name, QUALITY)
    said = [(each.leaf["kind"], dict(each.contents)) for each in found.entries]
    assert said[0] == ("exchange.opened", {"question": None})
    assert said[2:] == [("feedback", {"comment": "感想"}), ("case.opened", {"question": None})]
    assert (found.hit.useful, found.hit.case_state, found.hit.index) == (True, "open", None)


def test_an_export_is_recorded_before_and_after(desk: Searched) -> None:
    names = [desk.exchange(f"問い{number}") for number in range(3)]
    desk.exchange("別", outcome="abstained.not_stated")
    query = Query("問い", "characters", Filters(outcomes=frozenset({"answered"})))
    export = desk.reading.each(READER, query, Purpose(PurposeKind.DISCLOSURE))
    [(_, before, contents)] = desk.reads()
    assert before["what"] == "export"
    assert (before["count"], before["purpose"], contents["words"]) == (3, "disclosure", "問い")
    assert [each.hit.exchange for each in export] == names
    assert export.total == 3
    export.made("ab" * 32, 1234, "csv")
    [_, (kind, after, _)] = desk.reads()
    assert kind == "export.made"
    assert after == {
        "by": "ac_1",
        "role": "auditor",
        "what": "export",
        "form": "csv",
        "sha256": "ab" * 32,
        "bytes": 1234,
        "count": 3,
    }
    [link] = [each.links for each in desk.log.of_kinds({"export.made"})]
    assert link == (export.read,)


def test_who_read_what_is_listed_newest_first_in_whatever_version_it_was_written(desk: Searched) -> None:
    name = desk.exchange("問い")
    desk.reading.search(READER, Query("問い"))
    desk.reading.open(OTHER, name, Purpose(PurposeKind.OTHER, "上司の\n依頼"))
    desk.said(ExchangeId(""), "read", {"by": "command_line", "what": "export", "contents": True}, purpose="確認")
    listed = desk.reading.reads(BEGIN - timedelta(days=1))
    assert [(each.what, each.by, each.exchange, each.purpose, each.purpose_words) for each in listed] == [
        ("export", "command_line", None, None, "確認"),
        ("view", "ac_2", name, "other", "上司の 依頼"),
        ("search", "ac_1", None, None, None),
    ]
    assert (listed[2].words, listed[2].count, listed[1].name) == ("問い", 1, "監査 太郎")
    assert len(desk.reading.reads(BEGIN - timedelta(days=1), limit=1)) == 1
    assert desk.reading.reads(BEGIN + timedelta(days=300)) == []


def test_the_place_in_the_tree_is_told(desk: Searched) -> None:
    name, opening = desk.opened("問い")
    proofs = DeskProofs(desk.directory, desk.clock)
    proofs.sequence()
    proofs.close()
    assert [hit.index for hit in desk.reading.search(READER, Query()).hits] == [0]
    desk.closed(name, opening, "答え")
    assert [hit.index for hit in desk.reading.search(READER, Query()).hits] == [None]


LOG_AWAY = {
    "gone": lambda path: path.rename(path.with_name("away")),
    "damaged": lambda path: path.write_bytes(b"\0" * path.stat().st_size),
}


@pytest.mark.parametrize("fault", sorted(LOG_AWAY))
def test_without_the_log_nothing_is_read(desk: Searched, fault: str) -> None:
    name = desk.exchange("問い")
    desk.found("問い")
    desk.log.close()
    LOG_AWAY[fault](desk.directory / "log.sqlite")
    for read in (
        lambda: desk.reading.search(OTHER, Query("問い")),
        lambda: desk.reading.search(READER, Query("問い")),
        lambda: desk.reading.counts(OTHER, Query()),
        lambda: desk.reading.open(READER, name, QUALITY),
        lambda: desk.reading.each(READER, Query(), QUALITY),
        lambda: desk.reading.record(READER, "verify"),
        lambda: desk.reading.reads(BEGIN),
    ):
        with pytest.raises(LogUnavailable):
            read()


def test_what_cannot_be_recorded_is_not_shown(desk: Searched, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that can be read but not written."""
    name = desk.exchange("問い")
    desk.index.catch_up(desk.log)

    def full(*_: object) -> None:
        raise LogUnavailable("full")

    monkeypatch.setattr(desk.log, "append", full)
    for read in (
        lambda: desk.reading.search(READER, Query()),
        lambda: desk.reading.counts(READER, Query()),
        lambda: desk.reading.open(READER, name, QUALITY),
        lambda: desk.reading.each(READER, Query(), QUALITY),
    ):
        with pytest.raises(LogUnavailable, match="full"):
            read()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _scribbled(path: Path) -> None:
    old = bytearray(path.read_bytes())
    dice = random.Random(5)
    for at in range(4096, len(old), 97):
        old[at] = dice.randrange(256)
    path.write_bytes(bytes(old))


def _of_another_format(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE state (format TEXT)")
        connection.execute("INSERT INTO state VALUES ('0')")


BROKEN: Mapping[str, Callable[[Path], object]] = MappingProxyType(
    {
        "gone": lambda path: path.unlink(),
        "empty": lambda path: path.write_bytes(b""),
        "no_database": lambda path: path.write_bytes(b"no database at all" * 500),
        "cut": _cut,
        "scribbled": _scribbled,
        "older": _of_another_format,
    }
)


@pytest.mark.parametrize("running", [True, False], ids=["while_open", "between_starts"])
@pytest.mark.parametrize("how", sorted(BROKEN))
def test_a_broken_index_is_made_anew(desk: Searched, how: str, running: bool) -> None:
    names = [desk.exchange(f"問い{number}") for number in range(30)]
    assert len(desk.found("問い", "characters")) == 30
    if not running:
        desk.index.close()
    else:
        desk.index._store.truncate()
    if running and how not in {"gone", "older"}:
        copy = desk.directory / "copy"  # a file that is replaced, as from a backup
        shutil.copyfile(desk.directory / FILE, copy)
        BROKEN[how](copy)
        copy.replace(desk.directory / FILE)
    else:
        BROKEN[how](desk.directory / FILE)
    if not running:
        for beside in ("-wal", "-shm"):
            (desk.directory / f"{FILE}{beside}").unlink(missing_ok=True)
    assert sorted(desk.found("問い", "characters")) == sorted(names)
    assert desk.index.check() == READY
    assert desk.reading.search(READER, Query()).total == 30


def test_a_check_tells_what_is_wrong_and_changes_nothing(desk: Searched) -> None:
    desk.exchange("問い")
    desk.found("問い")
    desk.index.close()
    path = desk.directory / FILE
    path.write_bytes(b"no database at all" * 500)
    assert desk.index.check() == "corrupt"
    assert path.read_bytes().startswith(b"no database")


def test_an_index_of_another_log_is_thrown_away(desk: Searched, tmp_path: Path) -> None:
    """An older state of the log was put back: what was written since is not to be found."""
    names = [desk.exchange("最初")]
    desk.log.close()
    shutil.copytree(desk.directory, tmp_path / "kept")
    desk.exchange("後の問い")
    desk.exchange("後の問い")
    assert len(desk.found()) == 3
    desk.close()
    for file in ("log.sqlite", "log.sqlite-wal", "log.sqlite-shm"):
        (desk.directory / file).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "kept" / "log.sqlite", desk.directory / "log.sqlite")
    again = Searched(desk.directory, desk.clock)
    assert again.found() == names
    for number in range(4):
        names.append(again.exchange(f"別の続き{number}"))
    assert again.found() == names[::-1]
    assert again.found("後の問い", "characters") == []
    again.close()


def test_rebuilding_finds_the_same(desk: Searched) -> None:
    for number in range(5):
        desk.exchange(f"問い{number}")
    before = desk.reading.search(READER, Query("問い", "characters"))
    desk.index.rebuild(desk.log)
    assert desk.reading.search(READER, Query("問い", "characters")) == before


def test_a_search_does_not_wait_for_ever_and_says_what_is_missing(
    desk: Searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(150):
        desk.opened(f"問い{number}")
    monkeypatch.setattr("audit.search_index._BATCH", 20)
    monkeypatch.setattr("audit.reading._PATIENCE", 0.0)
    page = desk.reading.search(READER, Query())
    assert 0 < page.total < 150
    assert page.behind == 150 - page.total
    while desk.reading.catch_up(0.0):
        pass
    later(desk, 16)
    assert desk.reading.search(READER, Query()).total == 150


AS_NOBODY = """
import os, sys
from pathlib import Path
from audit.reading import IndexUnavailable
from audit.search_index import SearchIndex
from tests.fakes_knowledge import FakeAnalyzer
os.setgid(65534); os.setuid(65534)
index = SearchIndex(Path(sys.argv[1]), FakeAnalyzer())
try:
    index.forget([])
except IndexUnavailable as unavailable:
    print(unavailable.cause, unavailable.__context__, unavailable.__cause__)
"""


def _nobody(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.skipif(os.getuid() != 0, reason="another user is tried, which takes root")
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents[:-2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    place = tmp_path / "locked"
    place.mkdir(mode=0o755)
    assert _nobody(place / FILE) == "read_only None None"


def test_a_full_disk_is_told_and_nothing_is_lost(desk: Searched) -> None:
    desk.exchange("問い")
    desk.found("問い")

    def limit(pages: int) -> None:
        desk.index._store._opened().pragma("max_page_count", pages)

    limit(1)
    for number in range(60):
        desk.exchange("新しい問い" + "".join(chr(0x4E00 + (number * 97 + at * 31) % 9000) for at in range(300)))
    with pytest.raises(IndexUnavailable) as told:
        desk.reading.search(READER, Query("新しい"))
    assert (told.value.cause, told.value.__context__, told.value.__cause__) == ("full", None, None)
    assert "新しい" not in str(told.value)
    limit(1_000_000)
    assert len(desk.found("新しい問い", "characters")) == 60


def test_a_folder_in_its_place_is_told(desk: Searched) -> None:
    (desk.directory / FILE).mkdir()
    with pytest.raises(IndexUnavailable, match=r"read_only|missing|io"):
        desk.reading.search(READER, Query())
    assert desk.index.check() != READY


def test_values_show_no_words() -> None:
    shown = [Query("秘密の語"), Purpose(PurposeKind.OTHER, "秘密の語"), replace(READER, name="秘密の語")]
    assert not any("秘密" in repr(each) for each in shown)

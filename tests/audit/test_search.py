"""The derived index finds what was said, in every way it can be written, and nothing else."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.reading import Filters, IndexUnavailable, Query, ReadingRefused
from audit.search_index import FILE, READY, SearchIndex
from audit.search_rows import Row
from audit.search_synthetic import fill_synthetic, row
from audit.search_terms import expressions, tokens_of
from audit.search_values import CHOICES
from bot.cases import ChangeKind
from bot.records import ExchangeId
from knowledge.adapters.words import load_analyzer
from tests.audit.search_kit import BEGIN, READER, Searched, holds, matches, stamps
from tests.fakes_knowledge import FakeAnalyzer


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Searched]:
    made = Searched(tmp_path / "public")
    yield made
    made.close()


@pytest.fixture(scope="module")
def japanese(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Searched, ExchangeId]]:
    made = Searched(tmp_path_factory.mktemp("japanese") / "public", analyzer=load_analyzer())
    wanted = made.exchange(
        "生成ＡＩの予算を申請したいのですが", "ﾊﾞｽの運賃は、\n２１０円で、税込です。さくら市の\n広報も見てください。"
    )
    made.exchange("別の話です", "何もありません。")
    yield made, wanted
    made.close()


@pytest.mark.parametrize(
    ("words", "mode"),
    [
        pytest.param("予算", "words", id="a_word"),
        pytest.param("生成AI", "words", id="half_width_for_full"),
        pytest.param("予算 運賃", "words", id="all_in_different_texts"),
        pytest.param("申請する", "words", id="another_inflection"),
        pytest.param("よさん", "words", id="hiragana_for_kanji"),
        pytest.param("ヨサン", "words", id="katakana_for_kanji"),
        pytest.param("バス", "words", id="full_width_for_half_width_kana"),
        pytest.param("税", "characters", id="one_character"),
        pytest.param("税込", "characters", id="two_characters"),
        pytest.param("成AIの予", "characters", id="a_run_across_words"),
        pytest.param("ばすの", "characters", id="hiragana_for_katakana"),
        pytest.param("市の広報", "characters", id="across_a_line_break"),
        pytest.param("２１０円", "characters", id="full_width_digits"),
        pytest.param("が", "words", id="a_word_without_meaning_as_characters"),
    ],
)
def test_it_is_found(japanese: tuple[Searched, ExchangeId], words: str, mode: str) -> None:
    desk, wanted = japanese
    assert desk.found(words, mode) == [wanted]


@pytest.mark.parametrize("mode", ["words", "characters"])
@pytest.mark.parametrize(
    "words", ["予算 存在しない", "円税", "広報別", "。", "「」", "題名", "answered.documents", "outcome"], ids=range(8)
)
def test_it_is_not_found(japanese: tuple[Searched, ExchangeId], words: str, mode: str) -> None:
    """Nothing that only stands in two texts, in punctuation, in a citation or in the record's own words."""
    desk, _ = japanese
    assert desk.found(words, mode) == []


ODD = [
    *"\"'*(\0\ud800",
    "予算*",
    'a" OR "b',
    "NEAR(予 算)",
    "grams : 予算",
    "-予算",
    "^予",
    "{signs} : x",
    "AND",
    "a;--",
]
OURS = set("{signs} : AND {normals} {readings} ( ) OR ({normals} ((".split())  # noqa: SIM905 - one line


@pytest.mark.parametrize("mode", ["words", "characters"])
@pytest.mark.parametrize("words", ODD, ids=range(len(ODD)))
def test_no_syntax_of_ours_is_typed(desk: Searched, words: str, mode: str) -> None:
    desk.exchange("予算と数字")
    desk.found(words, mode)
    query = Query(words, "characters" if mode == "characters" else "words")
    for expression in (found := expressions(query, FakeAnalyzer())).words, found.characters:
        quoted = [] if expression is None else expression.split('"')[1::2]
        assert all(set(each) <= set("0123456789abcdef ") for each in quoted)
        rest = "" if expression is None else "".join(expression.split('"')[::2])
        assert set(rest.split()) <= OURS


@given(text=st.text(max_size=40), cut=st.tuples(st.integers(0, 39), st.integers(1, 6)))
@settings(max_examples=150, deadline=None)
def test_every_run_of_a_text_is_among_its_tokens(text: str, cut: tuple[int, int]) -> None:
    tokens = tokens_of([text], FakeAnalyzer())
    begin, length = cut
    part = text[begin : begin + length]
    if not any(sign.isspace() for sign in part) and holds(_row((text,)), part) and part.strip():
        asked = expressions(Query(part, "characters"), FakeAnalyzer())
        for phrase in (asked.characters or "").split('"')[1::2]:
            assert phrase in tokens.grams
        for sign in (asked.words or "").split('"')[1::2]:
            assert sign in tokens.signs.split()


def _row(texts: tuple[str, ...]) -> Row:
    dice = random.Random(1)
    made = next(_rows(dice, 1))
    return replace(made, texts=texts)


def _rows(dice: random.Random, count: int) -> Iterator[Row]:
    for number in range(count):
        said = tuple("".join(dice.choices("予算都AIの、 ", k=dice.randint(0, 8))) for _ in range(2))
        yield replace(row(dice, number, BEGIN + timedelta(minutes=number)), texts=said)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SearchIndex, list[Row]]]:
    rows = list(_rows(random.Random(7), 300))
    index = SearchIndex(tmp_path_factory.mktemp("many") / FILE, FakeAnalyzer())
    index.put([(number + 1, row, tokens_of(row.texts, FakeAnalyzer())) for number, row in enumerate(rows)])
    yield index, rows
    index.close()


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    values = {
        "outcomes": ["answered", "answered.documents", "abstained.not_stated", "refused"],
        "risks": ["low", "grave", "moderate"],
        "topics": ["documents", "danger"],
        "levels": ["full", "none"],
        "languages": ["ja", "ko", "fr"],
        "models": ["model 1"],
        "snapshots": ["snapshot-0", "other"],
        "prompts": ["v1", "v9"],
        "case_states": ["none", "open"],
        "feedback": ["none", "useful", "not_useful"],
        "masked": ["phone", "name"],
        "documents": ["document-0", "document-3"],
    }
    assert values.keys() == set(CHOICES)
    few = draw(st.sets(st.sampled_from(sorted(values)), max_size=3))
    chosen = {name: draw(st.frozensets(st.sampled_from(values[name]), min_size=1)) for name in few}
    minutes = st.none() | st.integers(0, 300).map(lambda minute: BEGIN + timedelta(minutes=minute))
    made = Filters(draw(minutes), draw(minutes), corrected=draw(st.sampled_from([None, None, True, False])))
    members: dict[str, Any] = {**chosen}
    return replace(made, **members)


@given(chosen=filters(), words=st.sampled_from(["", "", "予", "予算", "AI", "算都 の", "、", "都の"]))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_and_counts_are_those_of_a_search_by_hand(
    many: tuple[SearchIndex, list[Row]], chosen: Filters, words: str
) -> None:
    index, rows = many
    query = Query(words, "characters", chosen)
    wanted = [row for row in rows if matches(row, chosen) and holds(row, words)]
    page = index.page(query, None, 7)
    assert page.total == len(wanted)
    gathered = list(page.hits)
    while page.after:
        page = index.page(query, page.after, 7)
        gathered += page.hits
    assert [hit.exchange for hit in gathered] == [row.exchange for row in reversed(wanted)]
    counts = index.counts(query)
    assert sum(counts["feedback"].values()) == len(wanted)
    for name in CHOICES:
        for value, number in counts[name].items():
            only: dict[str, Any] = {name: frozenset({value})}
            one = Filters(**only)
            assert number == sum(matches(row, one) for row in wanted), (name, value)
    assert counts["corrected"].get("true", 0) == sum(row.shape.corrected for row in wanted)


def test_every_choice_is_a_member_of_the_filters() -> None:
    assert {each.name for each in fields(Filters)} == {*CHOICES, "since", "until", "corrected"}


def test_paging_is_stable_while_entries_arrive(desk: Searched) -> None:
    names = [desk.exchange(f"問い{number}") for number in range(9)]
    first = desk.reading.search(READER, Query(), limit=3)
    for number in range(4):
        desk.exchange(f"後から{number}")
    second = desk.reading.search(READER, Query(), first.after, 3)
    third = desk.reading.search(READER, Query(), second.after, 3)
    listed = [hit.exchange for page in (first, second, third) for hit in page.hits]
    assert listed == names[::-1]
    assert (third.after, third.total, first.before) == (None, 13, None)
    back = desk.reading.search(READER, Query(), third.before, 3)
    assert back.hits == second.hits
    newest = desk.reading.search(READER, Query(), first.hits[0].cursor.replace("o", "n"), 200)
    assert [len(newest.hits), newest.before] == [4, None]
    assert newest.after is not None


@pytest.mark.parametrize("cursor", ["", "o", "x1", "o-1", "o1;drop", "o" + "9" * 40, "ｏ1"], ids=range(7))
def test_a_bad_cursor_is_refused(desk: Searched, cursor: str) -> None:
    with pytest.raises(ReadingRefused, match="bad_cursor"):
        desk.reading.search(READER, Query(), cursor)


def test_what_is_said_later_is_found_and_shown(desk: Searched) -> None:
    name, opening = desk.opened("最初の問い")
    assert desk.found("最初") == [name]
    assert desk.found(outcomes=frozenset({"answered"})) == []
    closing = desk.closed(name, opening, "返答文", stamps=stamps("v3", "2"))
    desk.said(name, "feedback", {"useful": False, "reason": "wrong"}, comment="感想欄")
    desk.case(name, ChangeKind.OPENED, number="秘密番号", question="案件文", name="係員名")
    desk.case(name, ChangeKind.SUPPLIED, text="追記文")
    desk.said(name, "answer.corrected", {"case": f"cs_{name}"}, text="訂正文")
    for words in ("最初", "返答文", "感想欄", "案件文", "追記文", "訂正文"):
        assert desk.found(words) == [name], words
    for words in ("秘密番号", "係員名"):
        assert desk.found(words, "characters") == []
    [hit] = desk.reading.search(READER, Query()).hits
    assert (hit.opened, hit.closed) == (opening, closing)
    assert (hit.case_state, hit.useful, hit.corrected) == ("open", False, True)
    desk.case(name, ChangeKind.CLAIMED, {"by": "ac_2", "until": (BEGIN + timedelta(days=90)).isoformat()})
    desk.case(name, ChangeKind.ANSWERED, {"by": "ac_2", "made": "own"}, reply="職員回答", reply_ja="和訳文")
    desk.said(name, "feedback", {"useful": True, "reason": None})
    assert desk.found("職員回答") == desk.found("和訳文") == [name]
    assert desk.found(
        case_states=frozenset({"answered"}),
        feedback=frozenset({"useful"}),
        corrected=True,
        prompts=frozenset({"v3"}),
        models=frozenset({"e5 2"}),
        documents=frozenset({"doc-a"}),
    ) == [name]
    counts = desk.reading.counts(READER, Query())
    assert counts["case_states"] == {"answered": 1}
    assert counts["outcomes"] == {"answered": 1, "answered.documents": 1}


def test_erased_texts_leave_no_byte_behind(desk: Searched) -> None:
    others = [desk.exchange(f"普通の問い{number}") for number in range(40)]
    name = desk.exchange("極秘案件の錆びた歯車", "鸚鵡返しの返答")
    others += [desk.exchange(f"続きの問い{number}") for number in range(40)]
    desk.index.catch_up(desk.log)
    # FTS5 keeps of a token only what the one before it does not begin with.
    traces = [each.encode("utf-16-be").hex()[2:].encode() for each in ("極秘", "錆び", "歯車", "鸚鵡")]
    assert all(each in desk.bytes() for each in traces)
    desk.index.forget([name])
    left = desk.bytes()
    assert not any(each in left for each in traces)
    assert not any(each.encode(code) in left for each in ("極秘", "錆", "歯車", "鸚鵡") for code in ("utf-8", "utf-16"))
    assert desk.found("歯車", "characters") == []
    assert name in desk.found()
    assert len(desk.found("問い", "characters")) == len(others)


def test_an_erasure_in_the_log_alone_empties_the_index_too(desk: Searched) -> None:
    name = desk.exchange("極秘案件の錆びた歯車")
    gone = desk.exchange("枝葉末節")
    desk.index.catch_up(desk.log)
    listing = "SELECT entry, exchange, tree_index, leaf_hash FROM entries"
    entries = desk.log.looking(lambda connection, _: connection.exec_driver_sql(listing).all())
    with closing(sqlite3.connect(desk.directory / "log.sqlite")) as connection, connection:
        connection.execute("DELETE FROM contents")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DELETE FROM links")
        connection.execute("UPDATE entries SET leaf = NULL, exchange = NULL WHERE exchange = ?", (gone,))
    targets = [{"entry": entry, "paths": ["question"]} for entry, exchange, _, _ in entries if exchange == name]
    lost = [(entry, leaf.hex()) for entry, exchange, _, leaf in entries if exchange == gone]
    pruned = [{"index": 1, "entry": entry, "leaf": leaf} for entry, leaf in lost]
    desk.said(ExchangeId(""), "erasure", {"basis": "unlawful", "rule": None, "targets": targets, "pruned": pruned})
    assert desk.found("歯車") == []
    assert desk.found() == [name]
    counts = desk.reading.counts(READER, Query())
    assert (counts["documents"], counts["feedback"]) == ({"doc-a": 1}, {"none": 1})


def test_what_was_read_before_it_was_forgotten_is_not_written_after(desk: Searched) -> None:
    """A batch that was cut into words while its texts were erased must not bring them back."""

    class Forgetting(FakeAnalyzer):
        armed = True

        def words(self, text: str) -> list:  # type: ignore[type-arg]  # whatever the fake gives
            if self.armed:
                self.armed = False
                with closing(sqlite3.connect(desk.directory / "log.sqlite")) as connection, connection:
                    connection.execute("DELETE FROM contents")
                desk.index.forget([name])
            return list(super().words(text))

    name = desk.exchange("極秘案件")
    desk.index.analyzer = Forgetting()
    desk.index.catch_up(desk.log)
    assert desk.found("極秘案件") == []
    assert "極秘".encode("utf-16-be").hex().encode() not in desk.bytes()


def test_two_indexers_at_once_write_everything_once(desk: Searched) -> None:
    second = SearchIndex(desk.directory / FILE, FakeAnalyzer())
    names = [desk.exchange(f"問い{number}") for number in range(30)]
    taken = desk.index.catch_up(desk.log) + second.catch_up(desk.log)
    assert taken == 60
    assert desk.found() == names[::-1]
    assert second.catch_up(desk.log) == 1  # the search that was just recorded
    second.close()


def test_an_entry_that_shows_late_is_taken(desk: Searched) -> None:
    """Where several write, a smaller number can show after a larger one."""
    names = [desk.exchange(f"問い{number}") for number in range(3)]
    with closing(sqlite3.connect(desk.directory / "log.sqlite")) as connection, connection:
        connection.execute("DROP TRIGGER IF EXISTS entries_are_kept")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE entries SET sequence = sequence + 100 WHERE exchange = ?", (names[1],))
        for table in ("contents", "links", "receipts"):
            connection.execute(f"UPDATE {table} SET sequence = sequence + 100 WHERE sequence IN (3, 4)")
        connection.commit()
        desk.index.catch_up(desk.log)
        connection.execute("UPDATE entries SET sequence = sequence - 100 WHERE exchange = ?", (names[2],))
        connection.execute("UPDATE entries SET sequence = sequence + 100 WHERE sequence < 0")
        connection.commit()
    assert set(desk.found()) == set(names)


def test_a_tampered_exchange_keeps_nobody_from_searching(desk: Searched) -> None:
    bad, good = desk.exchange("改竄"), desk.exchange("無事")
    with closing(sqlite3.connect(desk.directory / "log.sqlite")) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE entries SET leaf = CAST(leaf || ' ' AS BLOB) WHERE exchange = ?", (bad,))
    assert desk.found() == [good]


def test_a_file_that_cannot_be_read_is_opened_anew_when_it_can(desk: Searched) -> None:
    """Another SQLite in this process takes the locks away with it, and the journal that is in use."""
    found = [desk.exchange(f"問い{number}") for number in range(30)]
    assert len(desk.found("問い")) == len(found)
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        (desk.directory / name).read_bytes()
    with closing(sqlite3.connect(desk.directory / FILE)) as other:
        other.execute("SELECT count(*) FROM exchanges").fetchone()
    found.append(desk.exchange("問い"))
    with suppress(IndexUnavailable):  # at most once
        desk.found("問い")
    assert len(desk.found("問い")) == len(found)


def test_it_is_private_and_made_when_it_is_needed(desk: Searched) -> None:
    assert desk.index.check() == READY
    assert not (desk.directory / FILE).exists()
    desk.exchange("問い")
    desk.found("問い")
    for file in desk.directory.glob(f"{FILE}*"):
        assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_deleted_is_overwritten_and_readers_wait_for_no_writer(desk: Searched) -> None:
    opened = desk.index._store._opened()
    names = ("journal_mode", "secure_delete", "synchronous", "temp_store", "trusted_schema", "busy_timeout")
    assert [opened.pragma(name) for name in names] == ["wal", 1, 1, 2, 0, 5000]
    for table in ("words", "characters"):
        assert opened.execute(f"SELECT v FROM {table}_config WHERE k = 'secure-delete'").get == 1


def test_a_million_is_filled_like_a_thousand(tmp_path: Path) -> None:
    """The generator of the measurements, in small."""
    index = SearchIndex(tmp_path / FILE, FakeAnalyzer())
    fill_synthetic(index, 400, seed=3)
    page = index.page(Query(filters=Filters(outcomes=frozenset({"answered"}))), None, 10)
    assert 150 < page.total < 300
    assert index.page(Query("予算", "characters"), None, 10).total > 0
    index.close()


def test_an_index_is_unavailable_by_a_cause_alone() -> None:
    assert str(IndexUnavailable("full")) == "the search index is unavailable: full"

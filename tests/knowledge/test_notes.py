from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.records import DeskName, Slot
from knowledge.documents import BadDocument, Loaded
from knowledge.ingest import BUNDLED
from knowledge.loading import LARGEST, LARGEST_NOTE, find_files, open_source
from knowledge.loading.notes import is_note, load_note
from tests.knowledge.notes import BODY, GOOD, note


def loaded(text: str) -> Loaded:
    return load_note(Path("budget.md"), text.encode())


def test_a_good_note_becomes_one_passage() -> None:
    found = loaded(note())
    (passage,) = found.passages
    assert passage.text == BODY
    assert passage.sentences == tuple(BODY.split("\n"))
    assert passage.facts[0].slot is Slot.MONEY
    assert passage.facts[0].value == "181"
    assert found.audience == {DeskName.PUBLIC, DeskName.STAFF}
    assert len(found.document.version) == 64
    assert passage.document.titles["ko"] == "2025년도 AI 예산"


def test_windows_line_ends_and_a_byte_order_mark_are_taken() -> None:
    assert load_note(Path("budget.md"), b"\xef\xbb\xbf" + note().replace("\n", "\r\n").encode()).passages


FACT = GOOD["facts"][0]
BAD = {
    "no front matter": ("# 見出し\n本文", "front matter"),
    "broken yaml": ("---\nid: [\n---\n本文\n", "line 3"),
    "a list": ("---\n- a\n---\n本文\n", "front matter"),
    "key twice": ("---\nid: budget\nid: budget\n---\n本文\n", "line 3"),
    "unknown key": (note(superceded_by="x"), "superceded_by"),
    "missing key": (note().replace("publisher: 東京都\n", ""), "publisher"),
    "wrong slot": (note(facts=[FACT | {"slot": "price"}]), "facts.0.slot"),
    "value not in sentence": (note(facts=[FACT | {"value": "182"}]), "facts.0"),
    "unit not in sentence": (note(facts=[FACT | {"unit": "兆円"}]), "facts.0"),
    "year not in sentence": (note(facts=[FACT | {"year": "令和8年度"}]), "facts.0"),
    "sentence not in body": (note(body="別の文です。"), "facts.0.sentence"),
    "superseded by nothing": (note(validity="superseded"), "front matter"),
    "opinion of nobody": (note(kind="opinion"), "front matter"),
    "no section": (note(section=None), "front matter"),
    "other file name": (note(id="other"), "id"),
    "id with a path": (note(id="../etc"), "id"),
    "bad address": (note(url="javascript:alert(1)"), "url"),
    "bad date": (note(as_of="2025年"), "as_of"),
    "no desk": (note(audience=[]), "audience"),
    "unknown desk": (note(audience=["secret"]), "audience"),
    "empty body": (note(facts=[], body=""), "body"),
    "blank line": (note(body=BODY.replace("\n", "\n\n")), "body line 2"),
    "bullet": (note(body="- " + BODY, facts=[]), "body line 1"),
}


def test_the_head_of_a_note_is_read_with_the_same_care() -> None:
    with pytest.raises(BadDocument, match=r"line 2: .*50 deep"):
        loaded("---\n" + "- " * 49_000 + "\n---\n文です。\n")


@pytest.mark.parametrize("case", BAD)
def test_a_bad_note_is_refused_in_one_line(case: str) -> None:
    text, field = BAD[case]
    with pytest.raises(BadDocument) as problem:
        loaded(text)
    assert problem.value.field.startswith(field)
    assert str(problem.value).startswith("budget.md: ")
    assert "\n" not in str(problem.value)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadDocument, match="UTF-8"):
        load_note(Path("budget.md"), b"\xff\xfe\x00")


def test_files_that_cannot_be_taken_say_so(tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match="does not exist"):
        find_files(tmp_path / "nothing.md")
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"x")
    with pytest.raises(BadDocument, match="no reader"):
        open_source(picture)
    empty = tmp_path / "empty.md"
    empty.write_bytes(b"")
    with pytest.raises(BadDocument, match="is empty"):
        open_source(empty)
    large = tmp_path / "large.md"
    large.write_bytes(b"---\n" + b"a" * LARGEST_NOTE)
    with pytest.raises(BadDocument, match="split"):
        open_source(large)
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(BadDocument, match="larger than 50 MB"):
        open_source(huge)
    assert find_files(tmp_path) == [empty, huge, large, picture]


def test_hidden_files_and_descriptions_are_no_documents(tmp_path: Path) -> None:
    for name in ("a.txt", "a.txt.yaml", "alone.yaml", ".hidden.txt", ".git/b.txt", "more/c.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("本文です。", "utf-8")
    assert [file.name for file in find_files(tmp_path)] == ["a.txt", "alone.yaml", "c.md"]


def test_what_cannot_be_read_under_a_directory_is_named_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("本文です。", "utf-8")
    (tmp_path / "gone.txt").symlink_to("nothing")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "again").symlink_to(".")
    os.mkfifo(tmp_path / "pipe.txt")
    found = find_files(tmp_path)
    assert [file.name for file in found] == ["again", "gone.txt", "good.txt", "loop.txt", "pipe.txt"]
    refused = {}
    for file in found:
        try:
            open_source(file)
        except BadDocument as problem:
            refused[file.name] = problem.advice
    assert refused.keys() == {"again", "gone.txt", "loop.txt", "pipe.txt"}
    assert "link to a directory" in refused["again"]
    assert "cannot be read" in refused["gone.txt"]
    assert "cannot be read" in refused["loop.txt"]


def test_a_path_that_the_system_does_not_take_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match="cannot be read"):
        find_files(tmp_path / ("a" * 300))


def test_a_name_that_is_no_text_is_refused_in_words_that_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9.txt")
    file.write_text("本文です。", "utf-8")
    with pytest.raises(BadDocument, match="is not UTF-8") as problem:
        open_source(find_files(tmp_path)[0])
    assert problem.value.file.encode() == rb"caf\udce9.txt"


def test_a_note_is_told_by_its_first_line() -> None:
    assert is_note(b"---\nid: a\n")
    assert is_note(b"\xef\xbb\xbf---\r\nid: a\r\n")
    assert not is_note("# 戦略\n---\n".encode())
    assert not is_note(b"----\n")


def test_every_bundled_note_loads() -> None:
    files = find_files(BUNDLED)
    assert files
    for file in files:
        assert load_note(file, file.read_bytes()).passages

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.records import DeskName, Validity
from knowledge.documents import BadDocument
from knowledge.loading import open_source
from knowledge.loading.declared import Declared, declared, read_declared

PUBLIC = frozenset({DeskName.PUBLIC})


def test_a_file_beside_the_document_declares_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "strategy.pdf"
    assert read_declared(file) == Declared()
    (tmp_path / "strategy.pdf.yaml").write_text(
        "title: 東京都AI戦略\nas_of: 2025-07-25\naudience: [public]\nsupersedes: [draft-2025]\nreview_by: 2027-03-31\n",
        "utf-8",
    )
    said = read_declared(file)
    assert (said.title, said.as_of, said.supersedes) == ("東京都AI戦略", "2025-07-25", ("draft-2025",))
    assert said.audience == PUBLIC
    assert said.review_by == date(2027, 3, 31)


def test_the_nearer_declaration_wins_and_the_other_fills_in() -> None:
    merged = Declared(title="甲", validity=Validity.FINAL).with_defaults(
        Declared(title="乙", publisher="東京都", validity=Validity.SUPERSEDED, superseded_by="x", supersedes=("y",))
    )
    assert (merged.title, merged.publisher, merged.validity) == ("甲", "東京都", Validity.FINAL)
    assert (merged.superseded_by, merged.supersedes) == (None, ("y",))


BAD = {
    "unknown key": ("superceded_by: x", "superceded_by"),
    "key twice": ("title: a\ntitle: b", "line 2"),
    "no mapping": ("- a", "declaration"),
    "no yaml": ("title: [", "line"),
    "bad date": ("as_of: 2025年", "as_of"),
    "bad address": ("url: javascript:alert(1)", "url"),
    "bad id": ("id: ../x", "id"),
    "unknown desk": ("audience: [secret]", "audience"),
    "no desk": ("audience: []", "audience"),
    "opinion of nobody": ("kind: opinion", "declaration"),
    "a speaker of a document": ("kind: document\nspeaker: 甲", "declaration"),
    "a final document superseded": ("validity: final\nsuperseded_by: x", "declaration"),
    "deep in lists": ("- " * 49_000, "line 1"),
    "deep in brackets": ("id: a\ntitle: " + "[" * 51 + "]" * 51, "line 2"),
    "deep in braces": ("{a: " * 20_000, "line 1"),
    "a list as key": ("? [a, b]\n: c", "line 1"),
    "a mapping as key": ("title: a\n? {a: b}\n: c", "line 2"),
    "no time": ("title: !!timestamp abc", "declaration"),
    "no truth value": ("title: !!bool foo", "declaration"),
    "no number": ("title: !!int ''", "declaration"),
    "a number beyond all": ("title: !!float " + "1:" * 300 + "1.0", "declaration"),
    "values by name": ("title: &a x\nsource: *a", "line 2"),
    "itself by name": ("&a [*a]", "line 1"),
    "an object": ("title: !!python/object:os.system {}", "line"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_declaration_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    text, field = BAD[case]
    (tmp_path / "a.pdf.yaml").write_text(text, "utf-8")
    with pytest.raises(BadDocument) as problem:
        read_declared(tmp_path / "a.pdf")
    assert problem.value.field.startswith(field)
    assert str(problem.value).startswith("a.pdf.yaml: ")
    assert "\n" not in str(problem.value)


def test_declarations_that_are_no_text_or_too_large_are_refused(tmp_path: Path) -> None:
    for content, words in ((b"\xff\xfe", "UTF-8"), (b"#" * 200_000, "larger")):
        (tmp_path / "a.pdf.yaml").write_bytes(content)
        with pytest.raises(BadDocument, match=words):
            read_declared(tmp_path / "a.pdf")


def test_values_of_the_command_line_are_checked_alike() -> None:
    assert declared({"validity": "draft"}, "command line").validity is Validity.DRAFT
    with pytest.raises(BadDocument, match="command line: as_of"):
        declared({"as_of": "gestern"}, "command line")


@pytest.mark.parametrize("name", ["a.pdf.yml", "a.pdf.YAML", "a.pdf.YML", "a.yaml", "a.yml", "a.YAML"])
def test_a_description_under_a_near_name_holds_the_document_back(name: str, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF")
    (tmp_path / name).write_text("audience: [staff]", "utf-8")
    with pytest.raises(BadDocument, match=rf"^a\.pdf: description: {name} is not read; rename it to a\.pdf\.yaml$"):
        open_source(file)
    (tmp_path / name).rename(tmp_path / "a.pdf.yaml")
    assert open_source(file).declared.audience == {DeskName.STAFF}


def test_a_description_is_found_whichever_way_its_accents_are_written(tmp_path: Path) -> None:
    file = tmp_path / "\u30ab\u3099.pdf"
    file.write_bytes(b"%PDF")
    (tmp_path / "\u30ac.pdf.yaml").write_text("audience: [staff]", "utf-8")
    with pytest.raises(BadDocument, match="rename it"):
        open_source(file)


def test_the_description_of_another_document_stands_in_nobodys_way(tmp_path: Path) -> None:
    for name in ("a.txt", "a.txt.html", "b.md"):
        (tmp_path / name).write_text("本文です。", "utf-8")
    (tmp_path / "a.txt.yaml").write_text("title: 甲", "utf-8")
    assert open_source(tmp_path / "a.txt.html").declared == Declared()
    assert open_source(tmp_path / "a.txt").declared.title == "甲"
    (tmp_path / "b.md").write_text("---\nid: b\n", "utf-8")
    (tmp_path / "b.yml").write_text("本文", "utf-8")
    assert open_source(tmp_path / "b.md").is_note


def test_a_name_that_leaves_no_room_for_a_description_has_none(tmp_path: Path) -> None:
    file = tmp_path / ("a" * 251 + ".txt")
    file.write_text("本文です。", "utf-8")
    assert open_source(file).declared == Declared()


def test_a_description_that_leads_nowhere_or_is_no_file_is_refused(tmp_path: Path) -> None:
    beside = tmp_path / "a.pdf.yaml"
    for target, words in (("gone", "cannot be read"), (beside.name, "cannot be read"), (".", "no plain file")):
        beside.symlink_to(target)
        with pytest.raises(BadDocument, match=words):
            read_declared(tmp_path / "a.pdf")
        beside.unlink()

"""The papers' files: what is broken is refused with one line; the body's own schedule and notice are shown as data."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.records import Language
from tests.papers_kit import OWN, own_schedule, page, words
from web.papers import BadPaper, bundled, papers_of
from web.papers.notice import notice_of, pieces_of
from web.papers.reading import DIRECTORY, paper_of
from web.papers.retention import schedule_of
from web.papers.risks import risks_of
from web.papers.tables import LARGEST

# The start: what is broken is refused with one line.


def copied(directory: Path) -> Path:
    for file in DIRECTORY.glob("*.toml"):
        shutil.copy(file, directory)
    return directory


def changed(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(directory: Path) -> None:
        text = (directory / file).read_text("utf-8")
        assert old in text
        (directory / file).write_text(text.replace(old, new, 1), "utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (changed("terms.toml", "version =", "versoin ="), "terms.toml: version"),
        (changed("terms.toml", 'owner = "responsible"', 'owner = "nobody"'), "terms.toml: owner must be one of"),
        (changed("terms.toml", "review_by = 2027-05-31", "review_by = 2020-05-31"), "review_by must be later"),
        (changed("terms.toml", "date = 2026-11-23", 'date = "2026-11-23"'), "date must be a date"),
        (changed("terms.toml", 'when = "demo"', 'when = "sometimes"'), "when must be one of"),
        (changed("terms.toml", 'desks = ["public"]', 'desks = ["garden"]'), "desks must be a list"),
        (changed("terms.toml", 'name = "demo"\n', 'name = "demo"\ncolour = "red"\n'), "colour is unknown"),
        (changed("terms.toml", 'name = "demo"', 'name = "production"'), "two parts have one name"),
        (changed("terms.toml", '"tests/bot/', '"somewhere/bot/'), "must be a list of tests/file.py"),
        (changed("terms.toml", "[[section]]", "[[section"), "terms.toml is not TOML"),
        (changed("terms.ko.toml", "[off]", "[on]"), "terms.ko.toml: missing or unknown: off.may"),
        (changed("terms.zh.toml", "由{operator}运营", "由某机构运营"), "is.production has other placeholders"),
        (changed("terms.en.toml", 'check = "', "check = 1\n#"), "terms.en.toml: wrong.check must be text"),
        (lambda directory: (directory / "terms.zh.toml").unlink(), "terms.zh.toml is no file"),
        (lambda directory: (directory / "terms.en.toml").write_bytes(b"\xff\xfe\x00"), "terms.en.toml is not UTF-8"),
    ],
)
def test_a_broken_paper_is_refused_in_one_line(change: Callable[[Path], None], line: str, tmp_path: Path) -> None:
    change(copied(tmp_path))
    with pytest.raises(BadPaper) as refused:
        paper_of("terms", tmp_path)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (changed("risks.toml", 'name = "safety"', 'name = "speed"'), "the points are safety, fairness"),
        (changed("risks.toml", 'name = "while_down"', 'name = "danger_missed"'), "rows with names of their own"),
        (changed("risks.toml", "tests = [", "tests = []\n#"), "risks.toml"),
        (changed("risks.toml", 'name = "while_down"', 'name = "while_up"'), "missing or unknown: safety.while_"),
        (changed("risks.ja.toml", "remains =", "stays ="), "missing or unknown"),
    ],
)
def test_a_broken_risk_analysis_is_refused_in_one_line(
    change: Callable[[Path], None], line: str, tmp_path: Path
) -> None:
    change(copied(tmp_path))
    with pytest.raises(BadPaper, match=line):
        risks_of("risks", tmp_path)


def test_the_stamp_covers_every_language(tmp_path: Path) -> None:
    before = paper_of("terms", copied(tmp_path)).head.stamp
    assert before == bundled().terms.head.stamp
    changed("terms.ko.toml", "이용", "사용")(tmp_path)
    assert paper_of("terms", tmp_path).head.stamp.digest != before.digest
    assert before.digest[:16] in page("terms")


# The retention schedule.


def test_the_schedule_is_shown_and_whose_it_is(tmp_path: Path) -> None:
    default = words(page("privacy"))
    assert "このプロジェクトの初期設定です" in default
    assert ("質問、回答、意見などの文章1年" in default, "5年" in default) == (True, True)
    made = papers_of(None, own_schedule(tmp_path), None)
    html = page("privacy", Language.EN, papers=made)
    assert "Register of consultations" in html
    assert '<th scope="row" lang="ja">相談の文章</th>' in html
    assert "甲市文書管理規程 別表 &lt;b&gt;" in html
    assert "periods below are this project’s defaults" not in html
    assert "Backups of the keys" in html  # what the body leaves out stays as it is by default, and is shown
    assert "come from the retention schedule that the operator configured" in html


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("years = 2", "years = 0", "whole number from 1 to 100"),
        ("years = 2", "years = true", "whole number from 1 to 100"),
        ("years = 2", "years = 2.5", "whole number from 1 to 100"),
        ("years = 2", "years = 4", "contents cannot be kept longer"),
        ("years = 2", "months = 2", "months is unknown"),
        ("years = 2", "years = 2\ndays = 3", "more than one period"),
        ("years = 2", 'with = "contents"', "years is missing"),
        ("[rule.contents]", "[rule.texts]", "contents is missing"),
        ("[rule.contents]", '[rule."a b"]\nwhat = "x"\n[rule.contents]', "a b is unknown"),
        ('what = "相談の文章"', 'what = {en = "texts"}', "ja is missing"),
        ('what = "相談の文章"', 'what = {ja = "文章", fr = "x"}', "fr is unknown"),
        ('what = "相談の文章"', 'what = " "', "ja must be text"),
        ('version = "3"', "version = 3", "version must be text"),
        ("[rule.contents]", "keep = true\n[rule.contents]", "keep is unknown"),
    ],
)
def test_a_wrong_schedule_is_refused_in_one_line(old: str, new: str, line: str, tmp_path: Path) -> None:
    file = own_schedule(tmp_path, OWN.replace(old, new, 1))
    with pytest.raises(BadPaper) as refused:
        schedule_of(file)
    assert line in str(refused.value)
    assert "schedule.toml (MADOGUCHI_RETENTION)" in str(refused.value)


# The body's own notice.


def test_the_own_notice_is_shown_above_ours_and_as_characters_alone(tmp_path: Path) -> None:
    file = tmp_path / "notice.md"
    file.write_text(
        "﻿# 甲市の方針\n\n個人情報を\n守ります。<script>alert(1)</script>\n\n"
        "### 目的\n- 相談\n- **監査** [x](javascript:1)\n"
        "1. 一つ目\n2. 二つ目\n## 窓口\n<img src=x onerror=alert(1)>\n",
        "utf-8",
    )
    html = page("privacy", papers=papers_of(file, None, None))
    main = html.partition("<main")[2].partition("</main>")[0]
    assert "<script" not in main
    assert "<img" not in main
    assert "javascript:" not in re.sub(r">[^<]*<", "><", main)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in main
    assert "<p>個人情報を<br>守ります。" in main
    assert re.findall(r"<h([1-6])", main)[:5] == ["1", "2", "3", "4", "4"]
    assert re.search(
        r"<ul>\s*<li>相談</li>\s*<li>\*\*監査\*\* \[x\]\(javascript:1\)</li>\s*</ul>\s*<ol>\s*<li>一つ目", main
    )
    assert main.index("甲市の方針") < main.index("記録するもの")
    assert ' lang="ja">甲市の方針' in page("privacy", Language.EN, papers=papers_of(file, None, None))
    assert "甲市" not in page("terms", papers=papers_of(file, None, None))


def test_any_text_becomes_pieces_in_time() -> None:
    assert pieces_of("") == ()
    assert [piece.kind for piece in pieces_of("## 一\n#二\n- 三\n四\n\n# " + "五" * 100_000)] == [
        "h3",
        "p",
        "ul",
        "p",
        "h3",
    ]
    assert len(pieces_of("#" * LARGEST)) == 1
    assert len(pieces_of("a\n\n" * 80_000)) == 80_000


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"a" * (LARGEST + 1), "is larger than 256 KB"),
        (b"\x80\x81", "is not UTF-8 text"),
        (b"%PDF-1.7\x00", "control or invisible characters"),
        ("右から\u202e左".encode(), "control or invisible characters"),
        (b"<!DOCTYPE html><p>x", "is HTML"),
        (b"\n <html><p>x", "is HTML"),
    ],
)
def test_a_notice_that_cannot_be_shown_is_refused_in_one_line(content: bytes, line: str, tmp_path: Path) -> None:
    file = tmp_path / "notice.txt"
    file.write_bytes(content)
    with pytest.raises(BadPaper) as refused:
        notice_of(file)
    assert line in str(refused.value)
    assert "notice.txt (MADOGUCHI_PRIVACY_NOTICE)" in str(refused.value)
    assert str(tmp_path) not in str(refused.value)


def test_a_notice_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "none.txt", tmp_path / "a" / "b"):
        with pytest.raises(BadPaper, match="is no file that can be read"):
            notice_of(file)
    locked = tmp_path / "locked.txt"
    locked.write_text("個人情報の方針")
    locked.chmod(0)
    try:
        locked.read_bytes()
    except PermissionError:
        with pytest.raises(BadPaper, match="check its rights"):
            notice_of(locked)

"""Plain text: encodings, pages, and the text layer of slides."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from functools import cache
from multiprocessing import Process
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.records import Validity
from knowledge.documents import BadDocument
from knowledge.ingest import BUNDLED
from knowledge.loading import READERS, Reader
from knowledge.loading.blocks import BlockKind, Extracted
from knowledge.loading.declared import Declared
from knowledge.loading.describing import described
from knowledge.loading.flow import flowed
from knowledge.loading.legibility import is_garbled
from knowledge.loading.plain import read_text

SHARED = Path(__file__).resolve().parents[3] / "shared" / "sources" / "tokyo-ai-strategy-council-3.txt"
SLIDES = "東京都AI戦略会議 第3回資料（案）"

GOOD = (
    "東京都は、生成ＡＩの利活用を進めるため、職員に向けた手引きを作りました。\n"
    "相談の窓口は、平日の９時から１７時まで開いています。\n"
)


def texts(extracted: Extracted, kind: BlockKind | None = None) -> list[str]:
    return [block.text for block in extracted.blocks if kind is None or block.kind is kind]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_encodings_of_japanese_text(encoding: str, ends: str) -> None:
    assert texts(read_text("a.txt", GOOD.replace("\n", ends).encode(encoding))) == [
        "東京都は、生成AIの利活用を進めるため、職員に向けた手引きを作りました。",
        "相談の窓口は、平日の9時から17時まで開いています。",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"\x00\x01\x02text", "not a text file"),
        (GOOD.encode("utf-16-le"), "save it as UTF-8"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "save it as UTF-8"),
        (bytes(range(128, 256)) * 4, "save it as UTF-8"),
        (GOOD.encode().decode("latin-1").encode(), "mojibake"),
        (GOOD.encode("cp932").decode("latin-1").encode(), "mojibake"),
        (GOOD.encode().decode("cp1252", "ignore").encode(), "mojibake"),
        (GOOD.encode().decode("cp932", "ignore").encode(), "mojibake"),
        (b"(cid:12)(cid:340) (cid:5)" * 10, "mojibake"),
        (b"\n\n---\n\n***\n", "no readable text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(BadDocument, match=says) as caught:
        read_text("a.txt", content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "Le général a été élu à l'Assemblée nationale, où siègent déjà près de 300 députés âgés.",
        "Größe, Übung, Äpfel und Straße für die Bürgerinnen und Bürger der Stadt.",
        "서울시는 인공지능 전략을 발표했습니다.",
        "东京都公布了人工智能战略，职员可以使用。",
        "Việt Nam đã công bố chiến lược quốc gia về trí tuệ nhân tạo đến năm 2030",
        "Стратегия развития искусственного интеллекта",
        GOOD,
    ],
)
def test_other_languages_are_no_mojibake(text: str) -> None:
    assert not is_garbled(text)


def test_form_feeds_are_page_breaks_and_numbers_alone_go() -> None:
    read = read_text(
        "a.txt", "はじめの頁の文です。\n- 1 -\n\f次の頁の文です。\n- 2 -\n\f終わりの頁です。\n- 3 -\n".encode()
    )
    assert [(block.text, block.page) for block in read.blocks] == [
        ("はじめの頁の文です。", "1"),
        ("次の頁の文です。", "2"),
        ("終わりの頁です。", "3"),
    ]
    assert read.pages == 3


def test_chapters_and_numbered_lines_are_headings() -> None:
    text = """第１章　目的

この要綱は、窓口の運営について定める。

１　窓口

窓口は平日に開く。

２　記録

記録は五年のあいだ残す。

・質問
・回答
"""
    read = read_text("a.txt", text.encode())
    assert [(block.kind.value, block.text, block.level) for block in read.blocks] == [
        ("heading", "第1章 目的", 1),
        ("paragraph", "この要綱は、窓口の運営について定める。", 0),
        ("heading", "1 窓口", 2),
        ("paragraph", "窓口は平日に開く。", 0),
        ("heading", "2 記録", 2),
        ("paragraph", "記録は五年のあいだ残す。", 0),
        ("item", "質問", 0),
        ("item", "回答", 0),
    ]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_blocks_or_one_line(content: bytes) -> None:
    assert blocks_or_advice(content)


def blocks_or_advice(content: bytes) -> object:
    try:
        return read_text("a.txt", content).blocks
    except BadDocument as problem:
        return "\n" not in str(problem)


@cache
def slides() -> Extracted:
    if not SHARED.is_file():
        pytest.skip("the sources are not beside the project")
    return read_text(SHARED.name, SHARED.read_bytes())


def plain(text: object) -> str:
    return "".join(unicodedata.normalize("NFKC", str(text)).split())


def sections() -> dict[str, str]:
    """What stands below each heading, its sub-headings included."""
    found: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for block in slides().blocks:
        if block.kind is BlockKind.HEADING:
            path = [step for step in path if step[0] < block.level] + [(block.level, plain(block.text))]
        for _, name in path:
            found[name] = found.get(name, "") + plain(block.text)
    return found


def notes() -> list[dict[str, object]]:
    heads = [yaml.safe_load(file.read_text("utf-8").split("---\n")[1]) for file in sorted(BUNDLED.rglob("*.md"))]
    return [head for head in heads if head["source"] == SLIDES]


@pytest.mark.outside
def test_every_section_that_a_note_names_alone_is_a_heading() -> None:
    named = {plain(note["section"]) for note in notes()}
    found = sections()
    # A note that compares slides names several; 「２-② 自治体の利活用事例」 is short for three slides.
    alone = {name for name in named if not any(sign in name for sign in ("/江間", "/伊藤", ">、<", "委員<3/4>/"))}
    assert {name for name in alone if name not in found} == {plain("２-② 自治体の利活用事例")}


@pytest.mark.outside
def test_what_the_notes_state_stands_under_its_heading() -> None:
    """Of the values that the source has word for word, those under their heading; the rest are in notes on several."""
    source = plain(SHARED.read_text("utf-8")) if slides() else ""
    found = sections()
    literal = there = 0
    for note in notes():
        below = found.get(plain(note["section"]))
        for fact in note["facts"] if below and isinstance(note["facts"], list) else ():
            value = plain(fact["value"])
            literal += value in source
            there += value in source and value in below
    assert there / literal >= 0.88


@pytest.mark.outside
def test_cases_and_upright_words_of_the_slides() -> None:
    found = sections()
    cases = found[plain("２-② 自治体の利活用事例３")]
    for words in ("戸田市等", "豊田市", "守口市", "約15%減少", "259箇所の漏水箇所を発見できた。"):
        assert words in cases
    all_texts = texts(slides())
    assert "着実に進め全国に波及=ジャパンモデル" in all_texts
    assert not [text for text in all_texts if len(text) == 1 and not text.isdigit() and text != "国"]
    assert [block.page for block in slides().blocks if block.text == "討議の内容"] == ["37"]
    assert all("figures" in remark or "single signs" in remark for remark in slides().remarks)


LONG = {
    "digits": ("1" * 400_000, "a.txt"),
    "paragraphs of many lines": (("窓\n" * 50_000 + "\n") * 4, "a.md"),
    "lines that open nothing": ("1１" * 200_000, "a.txt"),
}


@pytest.mark.parametrize("case", LONG)
def test_long_lines_and_paragraphs_cost_no_square_of_their_length(case: str) -> None:
    content, name = LONG[case]
    reader = READERS[Path(name).suffix]
    held = Process(target=_quietly, args=(reader, name, content.encode()))
    held.start()
    held.join(20)
    try:
        assert held.exitcode == 0
    finally:
        held.kill()
        held.join()


def _quietly(reader: Reader, name: str, content: bytes) -> None:
    with suppress(BadDocument):
        reader(name, content)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (f"<html><head><title>{'長' * 100_000}</title></head><body><p>{GOOD}</p></body></html>", "a.html"),
        (f"<html><body><main><h1>{'長' * 100_000}</h1><p>{GOOD}</p></main></body></html>", "a.html"),
        (f"# {'長' * 100_000}\n\n{GOOD}", "a.md"),
    ],
)
def test_a_title_without_end_is_cut_where_nobody_declared_it(content: str, name: str) -> None:
    extracted = READERS[Path(name).suffix](name, content.encode())
    assert described(extracted, Declared(), name, "v").title == "長" * 119 + "…"
    assert described(extracted, Declared(title="題" * 300), name, "v").title == "題" * 300


def test_a_draft_that_says_so_at_the_end_of_a_long_title_is_one() -> None:
    extracted = READERS[".md"]("a.md", f"# {'長' * 130}（案）\n\n{GOOD}".encode())
    assert described(extracted, Declared(), "a.md", "v").validity is Validity.DRAFT


def test_lines_are_joined_by_what_stands_at_their_seam() -> None:
    assert flowed("この窓口では、毎日の相談を受け付けることにしており\n電話でも\nできます。\n来所も") == (
        "この窓口では、毎日の相談を受け付けることにしており電話でもできます。 来所も"
    )
    assert flowed("短い\n\none\ntwo") == "短い one two"

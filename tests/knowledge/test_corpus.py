"""Every bundled note, held against docs/corpus.md, and its words against the source where that is at hand."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.records import DocumentKind, Passage, Validity
from knowledge.documents import Loaded
from knowledge.ingest import BUNDLED
from knowledge.loading import find_files
from knowledge.loading.notes import load_note

ROOT = Path(__file__).parents[2]
SOURCES = ROOT.parent / "shared" / "sources"
# Notes on what these folders hold rest on the slides alone; `published` and `service` have other sources.
FROM_THE_SLIDES = ("national", "municipal", "tokyo", "direction", "opinions")

FILES = find_files(BUNDLED)

_QUOTED = re.compile(r"[「『]([^「」『』]{2,80})[」』]")
_KATAKANA = re.compile(r"[ァ-ヴー]{3,}(?:・[ァ-ヴー]+)*")
_ORGANISATION = re.compile(r"[一-鿿]{1,8}(?:省|庁|局|市|町|村|部門)(?![一-鿿])")
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?(?:億円|万円|円|%|％|事業|件|校|人|名|時間|か所|台|社|回|年度?|月|日|つ)?")
# Words of ours, and one that the slides misprint (メンテンナンス).
OUR_WORDS = frozenset({"アドレス", "メンテナンス"})


@cache
def loaded(file: Path) -> Loaded:
    return load_note(file, file.read_bytes())


def passages() -> Iterator[tuple[Path, Passage]]:
    for file in FILES:
        for passage in loaded(file).passages:
            yield file, passage


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_note_is_what_a_note_must_be(file: Path) -> None:
    note = loaded(file)
    assert note.document.id == file.stem
    assert note.audience
    assert note.review_by is not None
    (passage,) = note.passages
    assert len(passage.sentences) >= 1
    for fact in passage.facts:
        assert fact.value in fact.sentence
        assert fact.sentence in passage.sentences
    assert len(set(passage.sentences)) == len(passage.sentences)


def test_there_are_notes_and_no_id_stands_twice() -> None:
    assert len(FILES) >= 200
    assert [each for each, count in Counter(file.stem for file in FILES).items() if count > 1] == []


def test_what_is_superseded_names_a_note_of_the_same_desks() -> None:
    by_id = {loaded(file).document.id: loaded(file) for file in FILES}
    for note in by_id.values():
        target = note.document.superseded_by
        if note.document.validity is Validity.SUPERSEDED:
            assert target in by_id, note.document.id
            assert by_id[str(target)].document.validity is not Validity.SUPERSEDED
            assert note.audience <= by_id[str(target)].audience, note.document.id


def test_no_question_stands_among_what_is_answered_and_what_is_not() -> None:
    """One note cannot both answer a question and say that nobody can."""
    both = []
    for _, passage in passages():
        answered = {plain(text) for text in passage.questions}
        answered |= {plain(text) for fact in passage.facts for text in fact.questions}
        both += [(passage.id, text) for gap in passage.gaps for text in gap.questions if plain(text) in answered]
    assert both == []


def test_an_opinion_names_its_owner_in_every_sentence_and_says_it_is_one() -> None:
    """Where it is compared with the slides, a sentence may be theirs and says so."""
    nameless = []
    for _, passage in passages():
        speaker = passage.document.speaker
        if passage.document.kind is not DocumentKind.OPINION:
            assert speaker is None, passage.id
            continue
        assert speaker, passage.id
        names = [name for name in re.split(r"[、・,／/]|と", speaker) if name.strip()]
        surnames = [name.strip()[:2] for name in names]
        for sentence in passage.sentences:
            if not any(name in sentence for name in (*surnames, "委員", "第3回資料（案）")):
                nameless.append((passage.id, sentence))
        assert any("都の決定ではありません" in sentence for sentence in passage.sentences), passage.id
    assert nameless == []


def plain(text: str) -> str:
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
    return re.sub(r"(?<=\d),(?=\d)", "", re.sub(r"[‐‑‒–—―−ｰー〜～~-]", "-", folded))


@cache
def source_text() -> str:
    return "".join(plain(file.read_text(encoding="utf-8")) for file in sorted(SOURCES.glob("*.txt")))


def strangers(passage: Passage, source: str) -> list[str]:
    """The figures and names of a note's body that the source does not have."""
    found = []
    for sentence in passage.sentences:
        offices = [name.removeprefix("東京都") for name in _ORGANISATION.findall(sentence)]
        claims = [*_QUOTED.findall(sentence), *_KATAKANA.findall(sentence), *offices]
        claims += _FIGURE.findall(unicodedata.normalize("NFKC", sentence))
        found += [claim for claim in claims if claim not in OUR_WORDS and not stands_in(plain(claim), source)]
    return list(dict.fromkeys(found))


def stands_in(claim: str, source: str) -> bool:
    if claim in source:
        return True
    bare = re.match(r"\d[\d.]*", claim)
    return bool(bare and re.search(rf"(?<![\d.]){re.escape(bare.group())}(?![\d])", source))


@pytest.mark.outside
def test_every_figure_and_name_stands_in_the_source() -> None:
    if not SOURCES.is_dir():
        pytest.skip("the sources are not beside the project")
    source = source_text()
    wrong = {
        passage.id: found
        for file, passage in passages()
        if file.parent.name in FROM_THE_SLIDES and (found := strangers(passage, source))
    }
    assert wrong == {}

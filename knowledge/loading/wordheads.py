"""Which lines of a Word document are its title and its headings, and how deep. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.loading.blocks import Block, BlockKind
from knowledge.loading.flow import flowed
from knowledge.loading.wording import ends_sentence, joined, numbering

LONGEST_TITLE = 120
_FRONT = 12  # lines in which a title is looked for
_LONGEST_HEADING = 120  # a styled heading; a question of an FAQ can be long
_LONGEST_BOLD = 40
_CHAPTERS = 3
_TITLES = frozenset({"title", "表題"})
_SUBTITLES = frozenset({"subtitle", "副題"})
_ALWAYS = re.compile(
    r"(?:要旨|概要|要約|はじめに|まえがき|序文|おわりに|あとがき|結び|(?:改定|改訂|更新|変更)履歴|(?:参考)?文献|参考(?:情報|資料)|(?:用語の)?定義"
    r"|付録|附則|(?:お問い?合わ?せ|問合せ|連絡)先)"
)
_ADDED = re.compile(r"[(（]|.*\d{4}[-年./]|.*(?:令和|平成)[\d元]")  # a version or a date below a title
_CAPTION = re.compile(r"(?:表|図|別表|写真|table|figure|fig\.)\s*[\d-]+", re.IGNORECASE)
_JUNK = re.compile(
    r"microsoft word|word 文書|文書\s*\d*|無題.*|タイトル|表題|題名|title|untitled.*|document\s*\d*"
    r"|.*\.(?:docx?|docm|rtf|odt|txt)|[\d\W_]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph or row, tidied, with what its type says about it."""

    text: str
    style: str = ""
    outline: int | None = None
    bold: bool = False
    size: int | None = None
    listed: bool = False
    centred: bool = False
    note: bool = False
    row: bool = False
    tabled: bool = False
    boxed: bool = False

    @property
    def plain(self) -> bool:
        """Whether it stands in the running text: no list, note or table."""
        return not (self.listed or self.note or self.row or self.tabled)


def split_title(lines: Sequence[Line], stored: str, size: int | None) -> tuple[str | None, list[Line]]:
    """The document's title and the lines without it.

    ``stored`` is the title among the file's properties; it counts where the text shows it or shows none, for it is
    often left over from the document somebody began with. ``size`` is that of the body's type.
    """
    shown = _shown_title(lines, size)
    text = _one_text([lines[place].text for place in shown])
    property_ = flowed(stored)
    if property_ and len(property_) <= LONGEST_TITLE and not _JUNK.fullmatch(property_):
        front = _squeezed("".join(line.text for line in lines[:_FRONT]))
        if not text or _squeezed(property_) in front:
            same = [place for place, line in enumerate(lines[:_FRONT]) if _squeezed(line.text) == _squeezed(property_)]
            gone = set(shown if _squeezed(text) in _squeezed(property_) else []) | set(same[:1])
            return property_, [line for place, line in enumerate(lines) if place not in gone]
    return text or None, [line for place, line in enumerate(lines) if place not in shown]


def leveled(lines: Sequence[Line]) -> Iterator[Block]:
    """The lines as blocks; headings get levels without gaps, 1 the highest."""
    ranks = _ranks(lines)
    levels = {rank: level for level, rank in enumerate(sorted({rank for rank in ranks if rank is not None}), 1)}
    for line, rank in zip(lines, ranks, strict=True):
        if rank is not None:
            yield Block(BlockKind.HEADING, line.text, levels[rank])
        elif line.row:
            yield Block(BlockKind.ROW, line.text)
        else:
            yield Block(BlockKind.ITEM if line.listed else BlockKind.PARAGRAPH, line.text)


def _shown_title(lines: Sequence[Line], size: int | None) -> list[int]:
    """The places of the lines that show the title: by style, as the largest, centred, or as the one top heading."""
    front = list(lines[:_FRONT])
    styled = [place for place, line in enumerate(front) if line.style in _TITLES]
    if styled:
        return _run(front, styled)
    top = min((line.outline for line in lines if line.outline is not None), default=None)
    if front and top is not None and front[0].outline == top and sum(line.outline == top for line in lines) == 1:
        return [0]
    end = next((place for place, line in enumerate(front) if line.outline is not None or not line.plain), len(front))
    candidates = [place for place in range(end) if not _ALWAYS.fullmatch(front[place].text)]
    largest = max((front[place].size or 0 for place in candidates), default=0)
    if largest > (size or 0) > 0:
        return _run(front, [place for place in candidates if front[place].size == largest])
    first = front[0] if candidates[:1] == [0] else None
    if first and (first.centred or first.bold) and len(first.text) <= LONGEST_TITLE and not ends_sentence(first.text):
        return [0]
    return []


def _run(front: Sequence[Line], places: Sequence[int]) -> list[int]:
    """The first of the places and those that follow it without a gap and go on with the title."""
    run = list(places[:1])
    for place in places[1:]:
        text = _one_text([front[each].text for each in (*run, place)])
        if place != run[-1] + 1 or _ADDED.match(front[place].text) or len(text) > LONGEST_TITLE:
            break
        run.append(place)
    return run if len(front[run[0]].text) <= LONGEST_TITLE else []


def _one_text(texts: Sequence[str]) -> str:
    whole = ""
    for text in texts:
        whole = joined(whole, text) if whole else text
    return whole


def _squeezed(text: str) -> str:
    return "".join(text.split()).lower()


@dataclass(frozen=True, slots=True)
class _Habits:
    """What this document does: headings by style, mostly bold type, subtitles as headings."""

    styled: bool
    bold: bool
    subtitled: bool

    @staticmethod
    def of(lines: Sequence[Line]) -> _Habits:
        running = [line for line in lines if line.plain]
        bold = sum(len(line.text) for line in running if line.bold)
        return _Habits(
            styled=any(line.outline is not None for line in lines),
            bold=bold * 2 > sum(len(line.text) for line in running),
            subtitled=sum(line.style in _SUBTITLES for line in lines) > 1,
        )


def _ranks(lines: Sequence[Line]) -> list[float | None]:
    """How high each line stands, lower is higher; None for one that is no heading."""
    habits = _Habits.of(lines)
    followers = [*lines, None][1:]
    return [
        None if not line.plain else _by_look(line, after, habits) if _is_unstyled(line) else _by_style(line, habits)
        for line, after in zip(lines, followers, strict=True)
    ]


def _is_unstyled(line: Line) -> bool:
    return line.outline is None and line.style not in _TITLES | _SUBTITLES


def _by_style(line: Line, habits: _Habits) -> float | None:
    if line.style in _TITLES:
        return None if _ADDED.match(line.text) else 0.2
    if line.style in _SUBTITLES:
        return 0.5 if habits.subtitled else None
    return float(line.outline or 1) if len(line.text) <= _LONGEST_HEADING else None


def _by_look(line: Line, after: Line | None, habits: _Habits) -> float | None:
    if line.boxed or _CAPTION.match(line.text) or after is None or ends_sentence(line.text):
        return None
    if _ALWAYS.fullmatch(line.text):
        return 1.0
    bold = line.bold and not habits.bold
    number = numbering(line.text)
    if number is not None and (bold or (not habits.styled and _opens(number, line, after))):
        return 10.0 + number
    return 20.0 if bold and not after.bold and 2 <= len(line.text) <= _LONGEST_BOLD else None


def _opens(number: int, line: Line, after: Line) -> bool:
    """Whether a numbered line is a heading, not one of several numbered entries."""
    return number <= _CHAPTERS or (numbering(after.text) != number and len(after.text) > len(line.text))

"""Blocks grouped under their headings, with questions and answers of an FAQ kept together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from knowledge.loading import questions
from knowledge.loading.blocks import Block, BlockKind
from knowledge.loading.sentences import sentences, shortened

_LISTED = frozenset({BlockKind.ITEM, BlockKind.ROW})
_LONGEST_ITEM = 200  # characters of a list's member that is one sentence, whatever stands in it
_LONGEST_LEAD = 200
_LABELS = ("【", "[", "<", "〔", "■", "●", "◆")
_SHORT = 120  # characters under a label, or of a subtitle
_TOGETHER = 500  # characters of a section with its labels
_NOTE = "注"
_CONTENTS = frozenset({"目次", "もくじ"})  # the heading of a list that readers leave out


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence. ``lead`` introduces the list or table it belongs to, None for running text."""

    text: str
    page: str | None
    lead: str | None = None


@dataclass(slots=True)
class Section:
    """What stands under one heading. ``path`` are the headings from the highest; ``asks`` the question it answers."""

    path: tuple[str, ...]
    units: list[Unit] = field(default_factory=list)
    asks: str | None = None


def sections(blocks: Sequence[Block]) -> list[Section]:
    """The sections in reading order, none empty. Headings without any content become sentences of their parent."""
    reading = _Reading()
    for place, block in enumerate(blocks):
        after = blocks[place + 1] if place + 1 < len(blocks) else None
        if block.kind is BlockKind.HEADING:
            reading.heading(block, after)
        else:
            reading.content(block, after)
    return _settled([section for section in reading.found if section.units])


def _settled(found: Sequence[Section]) -> list[Section]:
    """Labels inside a section (「【定義】」) stay in it while they are short; a subtitle goes to the part below it."""
    settled: list[Section] = []
    for section in found:
        last = settled[-1] if settled else None
        if last is None or last.asks or section.asks:
            settled.append(section)
        elif _is_label(section) and last.path == section.path[:-1] and _length(last) + _length(section) <= _TOGETHER:
            first, *rest = section.units
            last.units += [replace(first, text=f"{section.path[-1]} {first.text}"), *rest]
        elif len(last.units) == 1 and _is_phrase(last.units[0].text) and section.path[:-1] == last.path != ():
            settled[-1] = Section(section.path, [*last.units, *section.units])
        else:
            settled.append(section)
    return settled


def _is_label(section: Section) -> bool:
    return len(section.path) > 1 and section.path[-1][:1] in _LABELS and _length(section) <= _SHORT


def _is_phrase(text: str) -> bool:
    return len(text) <= _SHORT and not text.endswith(("。", "！", "？", ".", "!", "?"))


def _length(section: Section) -> int:
    return sum(len(unit.text) for unit in section.units)


class _Reading:
    def __init__(self) -> None:
        self.found: list[Section] = [Section(())]
        self._stack: list[tuple[int, str]] = []
        self._lead: str | None = None

    def heading(self, block: Block, after: Block | None) -> None:
        if block.text.replace(" ", "") in _CONTENTS:
            return
        while self._stack and self._stack[-1][0] >= block.level:
            self._stack.pop()
        if after is None or (after.kind is BlockKind.HEADING and after.level <= block.level):
            self._open(None)
            self._add(Block(BlockKind.PARAGRAPH, block.text, page=block.page))
            return
        self._stack.append((block.level, block.text))
        self._open(questions.question(block.text) if after.kind is not BlockKind.HEADING else None)

    def content(self, block: Block, after: Block | None) -> None:
        both = questions.row_of_both(block.text) if block.kind is BlockKind.ROW else None
        if both is not None:
            self._aside(both, block.page)
            return
        asked = questions.marked_question(block.text)
        if asked is not None and after is not None and questions.answer(after.text) is not None:
            self._open(asked, own=block.text)
            return
        section = self.found[-1]
        if section.asks is not None and not section.units:
            replied = questions.answer(block.text)
            block = Block(block.kind, replied, page=block.page) if replied is not None else block
        self._add(block)

    def _open(self, asked: str | None, own: str = "") -> None:
        path = tuple(text for _, text in self._stack)
        self.found.append(Section((*path, own) if own else path, asks=asked))
        self._lead = None

    def _aside(self, both: tuple[str, str], page: str | None) -> None:
        """A question and its answer between what stands around them."""
        around = self.found[-1]
        units = [Unit(sentence, page) for sentence in sentences(both[1])]
        self.found.append(Section((*around.path, both[0]), units, both[0]))
        self.found.append(Section(around.path, asks=around.asks))

    def _add(self, block: Block) -> None:
        units = self.found[-1].units
        lead = self._lead
        if block.kind in _LISTED:
            for text in _listed(block):
                units.append(Unit(text, block.page, lead))
                # What follows in a long member is about what its first sentence names.
                lead = text if lead is self._lead and len(text) <= _LONGEST_LEAD else lead
            return
        whole = sentences(block.text)
        units.extend(Unit(text, block.page) for text in whole)
        if whole and not _is_note(block.text):
            self._lead = whole[-1] if len(whole[-1]) <= _LONGEST_LEAD else None


def _listed(block: Block) -> Iterator[str]:
    if block.kind is BlockKind.ITEM and len(block.text) <= _LONGEST_ITEM:
        yield block.text
        return
    yield from sentences(block.text) if block.kind is BlockKind.ITEM else shortened(block.text)


def _is_note(text: str) -> bool:
    return text.startswith(_NOTE) and text[1:2].isdigit()

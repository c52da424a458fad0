"""From what a reader gives to citable passages. Pure: the same bytes give the same passages.

A passage is one section of the document or a part of it, cut only between sentences. Members of lists and rows of
tables keep the sentence that introduces them. A question of an FAQ and its answer are one passage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.records import DeskName, Document, Passage, PassageId
from knowledge.documents import BadDocument, Loaded
from knowledge.loading.blocks import Extracted
from knowledge.loading.declared import Declared
from knowledge.loading.describing import described
from knowledge.loading.sections import Section, Unit, sections

LONGEST = 600
"""Characters of a passage, so that with its title it is short enough for the embedding model (510 tokens)."""
SHORTEST = 12
"""Characters; what is shorter and no sentence joins the passage after it."""
_REST = 60  # characters by which a passage may be longer where a rest would be left over
_FRAGMENT = 40  # characters of a lone phrase that says nothing without its heading
LONGEST_LOOSE = 30
"""Characters of a phrase under no heading, such as a date on the first page."""
_PATH = 2  # headings of a path that a citation shows, from the deepest
_STOPS = ("。", "！", "？", ".", "!", "?")


@dataclass(frozen=True, slots=True)
class _Part:
    """The sentences of one passage to be."""

    path: tuple[str, ...]
    units: tuple[Unit, ...]
    asks: str | None = None


def loaded(extracted: Extracted, declared: Declared, file: str, version: str, desks: frozenset[DeskName]) -> Loaded:
    """The loaded document of what a reader gave.

    ``file`` is the file's name, ``version`` the SHA-256 of its bytes; ``desks`` may have it unless its declaration
    names others. Raises BadDocument where there is nothing to cite.
    """
    document = described(extracted, declared, file, version)
    parts = _without_fragments([part for section in sections(extracted.blocks) for part in _parts(section)])
    if not parts:
        raise BadDocument(file, "text", "holds nothing to cite; give a file with running text")
    passages = tuple(_passage(document, number, part) for number, part in enumerate(parts, 1))
    return Loaded(
        document=passages[0].document,
        passages=passages,
        audience=declared.audience or desks,
        review_by=declared.review_by,
        supersedes=declared.supersedes,
        remarks=extracted.remarks,
    )


def _passage(document: Document, number: int, part: _Part) -> Passage:
    sentences = tuple(unit.text for unit in part.units)
    section = part.path[-1] if part.asks and part.path else " > ".join(part.path[-_PATH:])
    return Passage(
        id=PassageId(f"{document.id}:{number}"),
        document=replace(document, section=section or None, page=part.units[0].page),
        text="\n".join(sentences),
        sentences=sentences,
        aliases=part.path[-_PATH:-1] if part.asks else part.path[-_PATH:],
        questions=(part.asks,) if part.asks else (),
    )


def _parts(section: Section) -> list[_Part]:
    """The section, cut into parts of about the same length where it is too long for one."""
    units = [unit for unit in section.units if any(sign.isalnum() for sign in unit.text)]
    if not units:
        return []
    if len(units) == 1 and section.path and not section.asks:
        units = [_with_heading(units[0], section.path[-1])]
    return [_Part(section.path, tuple(_with_leads(group)), section.asks) for group in _groups(units)]


def _with_heading(unit: Unit, heading: str) -> Unit:
    """A phrase that is all there is under its heading says nothing alone: 「申請期限: 6月30日まで」."""
    if len(unit.text) > _FRAGMENT or unit.text.endswith(_STOPS):
        return unit
    return replace(unit, text=f"{heading}: {unit.text}")


def _groups(units: Sequence[Unit]) -> list[list[Unit]]:
    whole = sum(len(unit.text) for unit in units)
    target = whole / math.ceil(whole / LONGEST)
    groups: list[list[Unit]] = [[]]
    length = 0
    for unit in units:
        if groups[-1] and (length + len(unit.text) > LONGEST or length + len(unit.text) / 2 > target):
            moved = groups[-1].pop() if _introduces(groups[-1], unit) else None
            groups.append([moved] if moved else [])
            length = sum(len(each.text) for each in groups[-1])
        elif not groups[-1] or unit.lead is None or unit.lead not in (each.text for each in groups[-1]):
            length += len(unit.lead or "")
        groups[-1].append(unit)
        length += len(unit.text)
    if len(groups) > 1 and _length(groups[-2] + groups[-1]) <= LONGEST + _REST:
        last = groups.pop()
        groups[-1] += last
    return groups


def _length(group: Sequence[Unit]) -> int:
    return sum(len(unit.text) for unit in _with_leads(group))


def _introduces(group: Sequence[Unit], unit: Unit) -> bool:
    """Whether the group ends with the sentence that introduces ``unit``, and has others."""
    return len(group) > 1 and unit.lead is not None and group[-1].text == unit.lead


def _with_leads(group: Sequence[Unit]) -> list[Unit]:
    """The sentences of a group, with the introduction of a list that was cut before its first member here."""
    units: list[Unit] = []
    for unit in group:
        if unit.lead is not None and unit.lead not in (each.text for each in units):
            units.append(Unit(unit.lead, unit.page))
        units.append(unit)
    return units


def _without_fragments(parts: Sequence[_Part]) -> list[_Part]:
    """Page furniture and single words are no passages: they join the next part, at the end the last."""
    found: list[_Part] = []
    loose: list[Unit] = []
    for part in parts:
        if not part.asks and _is_fragment(part):
            loose += part.units
        elif part.asks:
            found.append(part)
        else:
            found.append(replace(part, units=(*loose, *part.units)))
            loose = []
    if loose and found and not found[-1].asks:
        found[-1] = replace(found[-1], units=(*found[-1].units, *loose))
    if not found and sum(len(unit.text) for unit in loose) >= SHORTEST:
        found.append(_Part((), tuple(loose)))  # a document of a line or two
    return found


def _is_fragment(part: _Part) -> bool:
    if any(unit.text.endswith(_STOPS) for unit in part.units):
        return False
    return sum(len(unit.text) for unit in part.units) < (SHORTEST if part.path else LONGEST_LOOSE)

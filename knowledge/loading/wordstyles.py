"""What the styles and the numbering of a Word document say: how a paragraph is meant, and its heading's number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element

_HEADING = re.compile(r"(?:heading|見出し)\s*([1-9])", re.IGNORECASE)
_MOST_STEPS = 20  # of a chain of styles based on each other; a circle ends there


@dataclass(frozen=True, slots=True)
class Style:
    """A style with what it takes from those it is based on. ``outline`` is the depth as a heading, 1 the highest."""

    name: str = ""
    outline: int | None = None
    bold: bool = False
    hidden: bool = False
    size: int | None = None  # half points
    numbering: tuple[str, int] | None = None  # list and level


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles of a document by id; an unknown id is the plain style."""

    known: Mapping[str, Style]
    plain: Style

    def of(self, key: str | None) -> Style:
        return self.known.get(key or "", self.plain)


def value(node: Element | None, path: str) -> str | None:
    """The ``w:val`` of the element at a path below, None where there is none; "" where it has no value."""
    found = node.find(path, None) if node is not None else None
    return None if found is None else str(found.get(qn("w:val"), ""))


def switched_on(node: Element | None, tag: str) -> bool | None:
    """A property that is on, off, or (None) not said."""
    said = value(node, qn(tag))
    return None if said is None else said not in {"0", "false", "off", "none"}


def numbering_of(properties: Element | None) -> tuple[str, int] | None:
    """The list and level that paragraph properties name; list "0" means none."""
    numbers = properties.find(qn("w:numPr")) if properties is not None else None
    if numbers is None:
        return None
    level = value(numbers, qn("w:ilvl")) or "0"
    return (value(numbers, qn("w:numId")) or "", int(level) if level.isdecimal() else 0)


def read_styles(root: Element | None) -> Styles:
    """The styles of ``styles.xml``."""
    if root is None:
        return Styles({}, Style())
    defaults = root.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    plain = Style(size=_number(value(defaults, qn("w:sz"))))
    nodes = {str(node.get(qn("w:styleId"))): node for node in root.iterchildren(qn("w:style"))}
    known = {key: _resolved(key, nodes, plain) for key in nodes}
    normal = next(
        (
            known[key]
            for key, node in nodes.items()
            if node.get(qn("w:default")) in {"1", "true"} and _is_paragraph(node)
        ),
        plain,
    )
    return Styles(known, normal)


def _is_paragraph(node: Element) -> bool:
    return str(node.get(qn("w:type"))) == "paragraph"


def _resolved(key: str, nodes: Mapping[str, Element], plain: Style) -> Style:
    chain: list[Element] = []
    step: str | None = key
    while step is not None and step in nodes and len(chain) < _MOST_STEPS:
        chain.append(nodes[step])
        step = value(nodes[step], qn("w:basedOn"))
    style = plain
    for node in reversed(chain):
        style = _with(style, node)
    return style


def _with(style: Style, node: Element) -> Style:
    name = (value(node, qn("w:name")) or "").strip()
    paragraph, run = node.find(qn("w:pPr")), node.find(qn("w:rPr"))
    heading = _HEADING.fullmatch(name)
    outline = _outline(value(paragraph, qn("w:outlineLvl")), style.outline)
    bold, hidden = switched_on(run, "w:b"), switched_on(run, "w:vanish")
    return replace(
        style,
        name=name,
        outline=int(heading[1]) if heading else outline,
        bold=style.bold if bold is None else bold,
        hidden=style.hidden if hidden is None else hidden,
        size=_number(value(run, qn("w:sz"))) or style.size,
        numbering=numbering_of(paragraph) or style.numbering,
    )


def _outline(said: str | None, otherwise: int | None) -> int | None:
    """Levels are counted from 0; 9 is body text."""
    if said is None or not said.isdecimal():
        return otherwise
    return int(said) + 1 if int(said) < 9 else None


def outline_of(properties: Element | None, style: Style) -> int | None:
    """The depth of a paragraph as a heading, None for body text."""
    said = value(properties, qn("w:outlineLvl"))
    return _outline(said, style.outline)


def _number(said: str | None) -> int | None:
    return int(said) if said is not None and said.isdecimal() else None

"""An HTML page as a tree of plain values, without what no reader sees. Nothing here recurses: pages can nest deeply.

The parser takes quadratic time for parts nested very deeply and for tags with very many attributes, so such pages are
refused before it sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.documents import BadDocument
from knowledge.loading.decoding import decode

LARGEST = 20_000_000
"""Bytes of a page; a long law has about 2,000,000."""
MOST_NESTED = 20_000
"""Elements that are open at the same time; the parser takes half a second for as many, and 23 for five times of it."""
MOST_ATTRIBUTES = 3_000


def names(text: str) -> frozenset[str]:
    """The names in a line of them."""
    return frozenset(text.split())


UNSEEN = names(
    "script style noscript template svg iframe object embed canvas audio video map head link meta title base input"
    " select button textarea datalist option optgroup label meter progress dialog del s strike rt rp"
)
"""Elements without text of the page: code, controls, what was struck out."""
_KEPT = ("id", "class", "role", "colspan", "rowspan", "scope")
_VOID = names("area base br col embed hr img input link meta param source track wbr")
_IMPLIED = names("p li dt dd tr td th thead tbody tfoot option optgroup colgroup rt rp")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][^\s/>]*)(?P<rest>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)")
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_NAMES = {
    "utf8": "utf-8",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "xsjis": "cp932",
    "windows31j": "cp932",
    "cp932": "cp932",
    "ms932": "cp932",
    "eucjp": "euc_jp",
    "xeucjp": "euc_jp",
    "iso2022jp": "iso2022_jp",
}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(slots=True)
class Node:
    """An element, or (``tag`` empty) a text. ``plain`` and ``linked`` count the signs below, outside and in links."""

    tag: str
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    kids: list[Node] = field(default_factory=list)
    dropped: bool = False
    plain: int = 0
    linked: int = 0
    links: int = 0
    tables: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page: its body, every node of it in reading order, and what its head calls it."""

    body: Node
    nodes: tuple[Node, ...]
    title: str = ""
    shared_title: str = ""  # og:title
    site: str = ""  # og:site_name


def read_page(name: str, content: bytes) -> Page:
    """The page in ``content``. Raises BadDocument with one line that says what to do."""
    if len(content) > LARGEST:
        raise BadDocument(name, "file", f"is larger than {LARGEST:,} bytes; split it")
    text = _decoded(name, content).replace("\0", "")
    _check(name, text)
    parser = LexborHTMLParser(text)
    metas = {
        (meta.attributes.get("property") or ""): (meta.attributes.get("content") or "")
        for meta in parser.css("meta[property]")
    }
    title = parser.css_first("title")
    body = Node("body")
    nodes = tuple(_copied(parser.body, body)) if parser.body is not None else ()
    return Page(
        body, nodes, title.text() if title is not None else "", metas.get("og:title", ""), metas.get("og:site_name", "")
    )


def words(node: Node) -> str:
    """The text below a node as it is read, a new line for every block; without dropped parts and nested tables."""
    found: list[str] = []
    stack = [node]
    while stack:
        this = stack.pop()
        if this.dropped or (this.tag == "table" and this is not node):
            continue
        if not this.tag:
            found.append(this.text)
        elif this.tag == "br" or this.tag in BLOCKS:
            found.append("\n")
        stack.extend(reversed(this.kids))
    return "".join(found)


BLOCKS = names(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol p pre section summary table tbody td tfoot th thead"
    " tr ul"
)
"""Elements that begin and end a line."""


def _decoded(name: str, content: bytes) -> str:
    """By the byte order mark, by what the page says of itself, else as any text."""
    said = _CHARSET.search(content[:8_192])
    encoding = _NAMES.get(re.sub(r"[^a-z0-9]", "", said[1].decode("ascii").lower())) if said else None
    if encoding is None and b"\x1b$" in content:
        encoding = "iso2022_jp"
    if encoding is not None and not content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        text = content.decode(encoding, errors="replace")
        # Pages often hold a stray byte or a sign that their encoding lacks.
        if text.count("\ufffd") * 1_000 <= len(text) and text.strip():
            return text
    return decode(name, content)


def _check(name: str, text: str) -> None:
    depth = 0
    for tag in _TAG.finditer(text):
        if len(tag["rest"]) > MOST_ATTRIBUTES and _attributes(tag["rest"]) > MOST_ATTRIBUTES:
            raise BadDocument(name, "file", f"has a tag with more than {MOST_ATTRIBUTES:,} attributes; save it anew")
        kind = tag["name"].lower()
        if kind in _VOID or kind in _IMPLIED:
            continue
        depth = max(depth - 1, 0) if tag["end"] else depth + 1
        if depth > MOST_NESTED:
            raise BadDocument(name, "file", f"nests its parts more than {MOST_NESTED:,} deep; save it anew")


def _attributes(rest: str) -> int:
    return len(re.split(r"[\s/]+", _QUOTED.sub(" ", rest)))


def _copied(source: LexborNode, body: Node) -> Iterator[Node]:
    """The nodes below ``source``, put below ``body``."""
    stack: list[tuple[LexborNode, Node]] = []
    if source.child is not None:
        stack.append((source.child, body))
    while stack:
        this, parent = stack.pop()
        if this.next is not None:
            stack.append((this.next, parent))
        if this.is_text_node:
            node = Node("", this.text_content or "")
        elif this.is_element_node and not _is_unseen(this):
            attributes = this.attributes
            node = Node(
                this.tag or "", attributes={key: attributes.get(key) or "" for key in _KEPT if key in attributes}
            )
            if this.child is not None:
                stack.append((this.child, node))
        else:
            continue
        parent.kids.append(node)
        yield node


def _is_unseen(node: LexborNode) -> bool:
    if node.tag in UNSEEN:
        return True
    attributes = node.attributes
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or bool(_HIDDEN_STYLE.search(attributes.get("style") or ""))
    )

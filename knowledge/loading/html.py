"""HTML to text: the matter of a page without what surrounds it; headings, lists, tables, questions and answers.

Links keep their text and lose their address. Pictures are left out with their descriptions.
"""

from __future__ import annotations

import re

from knowledge.documents import BadDocument
from knowledge.loading import questions
from knowledge.loading.blocks import Block, BlockKind, Extracted
from knowledge.loading.flow import flowed
from knowledge.loading.grids import Cell, table_blocks
from knowledge.loading.htmlmain import main_part
from knowledge.loading.htmltree import BLOCKS, Node, Page, read_page, words

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SITE = re.compile(r"\s*[|｜]\s*|\s+[-–—:：]\s+(?=[^-–—:：]*$)")
_FURNITURE = re.compile(
    r"(?:この)?ページの?(?:先頭|トップ|上部?)[へに]?(?:戻る|もどる)?|(?:ページ)?トップ[へに](?:戻る)?|本文(?:へ|ここから|ここまで)(?:移動|スキップ)?(?:です。?)?"
    r"|(?:この(?:ページ|記事)を)?(?:印刷|シェア|ツイート|共有)(?:する)?|(?:メニュー|検索)を?(?:開く|閉じる)?|戻る|次へ|前へ|もっと見る|以上|pdf"
    r"|(?:back to )?top|skip to (?:main )?content|share|print",
    re.IGNORECASE,
)
_WIDE_CELL = 1_000  # signs of a cell, from which a table only arranges the page
_DEEPEST = 9


def read_html(name: str, content: bytes) -> Extracted:
    """The text of a page; ``name`` is the file's for messages. Raises BadDocument."""
    page = read_page(name, content)
    root = main_part(page)
    title = _title(page, root)
    blocks = _Writing(title, titled=len(_heads(root)) < 2).blocks(root)
    if not blocks:
        raise BadDocument(
            name, "text", "holds no text but navigation and links; give the page or document that they lead to"
        )
    return Extracted(title, tuple(blocks))


def _title(page: Page, root: Node) -> str | None:
    """What the page calls itself: its first top heading, what it is shared as, or the title of the window."""
    window = flowed(page.title)
    inside = next((text for node in _heads(root) if (text := flowed(words(node)))), "")
    if inside:
        return inside
    outside = next((text for node in page.nodes if node.tag == "h1" and (text := flowed(words(node)))), "")
    if outside and window.startswith(outside):
        return outside
    for text in (flowed(page.shared_title), window):
        own = _SITE.split(text, maxsplit=1)[0].strip()
        if own and own != flowed(page.site):
            return own
    return window or None


def _heads(root: Node) -> list[Node]:
    found: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.dropped:
            continue
        if node.tag == "h1":
            found.append(node)
        stack.extend(reversed(node.kids))
    return found


class _Writing:
    """One walk through the page's matter that writes down its blocks."""

    def __init__(self, title: str | None, *, titled: bool) -> None:
        self._title = title
        self._titled = titled  # of several top headings the first is one part's as well
        self._found: list[Block] = []
        self._buffer: list[str] = []
        self._open: list[tuple[int, str]] = []  # the headings that stand above what comes
        self._depth: list[int] = []  # how many of them stood when each list or details began
        self._reopen = False
        self._items = 0
        self._term = ""  # what the next definition defines
        self._defined = True
        self._prefix = ""

    def blocks(self, root: Node) -> list[Block]:
        stack: list[tuple[Node, bool]] = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                self._leave(node)
            elif node.dropped:
                continue
            elif not node.tag:
                self._buffer.append(node.text)
            elif node.tag in _HEADINGS:
                self._flush()
                self._heading(int(node.tag[1]), flowed(words(node)))
            elif node.tag == "table" and _is_data(node):
                self._flush()
                self._table(node)
                stack.extend((inner, False) for inner in reversed(_tables_in(node)))
            else:
                self._enter(node)
                stack.append((node, True))
                stack.extend((kid, False) for kid in reversed(node.kids))
        self._flush()
        return self._found

    def _enter(self, node: Node) -> None:
        if node.tag == "br":
            self._buffer.append("\n")
        elif node.tag == "sup" and "".join(self._buffer[-1:]).rstrip()[-1:].isdigit():
            self._buffer.append("^")
        elif node.tag in BLOCKS:
            self._flush()
        if node.tag in {"dl", "details"}:
            self._depth.append(len(self._open))
        if node.tag == "dd":
            self._prefix, self._defined = self._term, True
        self._items += node.tag == "li"

    def _leave(self, node: Node) -> None:
        if node.tag == "dt":
            self._named(self._taken())
        elif node.tag == "summary":
            self._heading(self._below(), self._taken())
        elif node.tag in BLOCKS:
            self._flush()
        if node.tag in {"dl", "details"}:
            if self._term and not self._defined:
                self._emit(Block(BlockKind.ITEM, self._term))
            self._term = self._prefix = ""
            self._close(self._depth.pop())
        self._items -= node.tag == "li"

    def _named(self, term: str) -> None:
        """A term of a definition list: a question is a heading, all else stands before what defines it."""
        if questions.question(term) is not None:
            self._close(self._depth[-1] if self._depth else len(self._open))
            self._heading(self._below(), term)
            self._term = ""
        elif term:
            self._term = term if self._defined else f"{self._term}、{term}"
            self._defined = False

    def _heading(self, level: int, text: str) -> None:
        if not text or _FURNITURE.fullmatch(text):
            return
        floor = self._depth[-1] if self._depth else 0
        while len(self._open) > floor and self._open[-1][0] >= level:
            self._open.pop()
        if text == self._title and not self._open and self._titled:
            return
        self._open.append((level, text))
        self._reopen = False
        self._found.append(Block(BlockKind.HEADING, text, level))

    def _below(self) -> int:
        return min((self._open[-1][0] if self._open else 1) + 1, _DEEPEST)

    def _close(self, count: int) -> None:
        """Headings beyond ``count`` are over; what comes next stands under the one before them again."""
        if len(self._open) > count:
            del self._open[count:]
            self._reopen = True

    def _taken(self) -> str:
        text = flowed("".join(self._buffer))
        self._buffer.clear()
        return text

    def _flush(self) -> None:
        text = self._taken()
        if not text or _FURNITURE.fullmatch(text):
            return
        if self._prefix:
            self._emit(Block(BlockKind.ITEM, f"{self._prefix}: {text}"))
            self._prefix = ""
        else:
            self._emit(Block(BlockKind.ITEM if self._items else BlockKind.PARAGRAPH, text))

    def _emit(self, block: Block) -> None:
        if self._reopen:
            self._reopen = False
            level, text = self._open[-1] if self._open else (1, self._title or "")
            if text:
                self._found.append(Block(BlockKind.HEADING, text, level))
        self._found.append(block)

    def _table(self, table: Node) -> None:
        for caption in (kid for kid in table.kids if kid.tag == "caption" and not kid.dropped):
            text = flowed(words(caption))
            if text:
                self._emit(Block(BlockKind.PARAGRAPH, text))
        grid = [[_cell(cell) for cell in row.kids if cell.tag in {"td", "th"}] for row in _rows(table)]
        for block in table_blocks(grid):
            self._emit(block)


def _rows(table: Node) -> list[Node]:
    groups = [kid for kid in table.kids if kid.tag in {"thead", "tbody", "tfoot"}]
    return [kid for group in (table, *groups) for kid in group.kids if kid.tag == "tr" and not kid.dropped]


def _cell(node: Node) -> Cell:
    return Cell(flowed(words(node)), _span(node, "colspan"), _span(node, "rowspan"), head=node.tag == "th")


def _span(node: Node, name: str) -> int:
    said = node.attributes.get(name, "").strip()
    return max(1, min(int(said), 1_000)) if said.isascii() and said.isdecimal() and len(said) < 6 else 1


def _is_data(table: Node) -> bool:
    """Whether a table is one, and does not only arrange the page."""
    if table.attributes.get("role") in {"presentation", "none"}:
        return False
    cells = [cell for row in _rows(table) for cell in row.kids if cell.tag in {"td", "th"}]
    if any(cell.tag == "th" for cell in cells):
        return True
    columns = max((sum(cell.tag in {"td", "th"} for cell in row.kids) for row in _rows(table)), default=0)
    return columns > 1 and table.tables == 1 and all(cell.plain + cell.linked < _WIDE_CELL for cell in cells)


def _tables_in(table: Node) -> list[Node]:
    """The outermost tables inside the cells of a table."""
    found: list[Node] = []
    stack = list(reversed(table.kids))
    while stack:
        node = stack.pop()
        if node.tag == "table":
            found.append(node)
        elif not node.dropped and node.tables:
            stack.extend(reversed(node.kids))
    return found

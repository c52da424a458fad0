"""Which part of an HTML page is its matter: what surrounds it on every page of a site is marked as dropped. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.loading.htmltree import Node, Page, names

LINKED = 0.75
"""Share of the signs of a list that are links, from which it leads elsewhere and says nothing."""
_FEWEST_LINKS = 3
_FEWEST_SIGNS = 20
_LEAST_SHARE = 0.2  # of the page's text outside links, that a named main part must hold
_ONE_ARTICLE = 0.6  # of it, from which one article among others is the matter
_DENSE = 0.85  # of a part's text, that one of its parts must hold for the rest to be surroundings

_AROUND = frozenset({"nav", "footer", "aside"})
_AROUND_ROLES = names(
    "navigation banner contentinfo complementary search menu menubar tablist toolbar dialog alertdialog"
)
_NAMES_AROUND = re.compile(
    r"(?:(?:g|l|s|sp|pc|global|local|main|site|sub|side|foot|head|header|footer|page|top|bottom|drawer|mega|user)[-_]?)*"
    r"(?:nav|navi|navigation|navbar|menu)(?:[-_]?(?:bar|list|area|wrap|wrapper|box|block|\d+))?"
    r"|(?:bread)?crumbs?(?:[-_]?(?:list|nav|area|wrap))?|topic[-_]?path|pankuzu(?:[-_]?list)?|panlist"
    r"|(?:cookie|consent|gdpr).*|.*(?:cookie|consent)[-_]?(?:banner|bar|notice|box|dialog|popup)"
    r"|skip(?:[-_]?(?:to|link|nav|content).*)?|pager|pagination|page[-_]?top|to[-_]?top|back[-_]?to[-_]?top|gotop"
    r"|(?:sns|share|social)(?:[-_]?(?:area|box|buttons?|links?|list))?"
    r"|sider?(?:[-_]?(?:bar|area|column|menu))?|(?:left|right)[-_]?(?:bar|column|menu)"
    r"|(?:(?:site|global|page)[-_]?)?(?:footer|header)(?:[-_]?(?:area|wrap|wrapper|inner))?|banners?|ads?|advertis.*"
    r"|(?:site[-_]?)?search(?:[-_]?(?:box|form|area|block))?|print(?:[-_]?button)?|toolbar|language[-_]?(?:select|switch).*"
    r"|element-invisible|sr-only|visually-?hidden|screen-reader-text|hidden|d-none",
    re.IGNORECASE,
)
_NAMES_MAIN = re.compile(
    r"main|main[-_]?(?:content|contents|body|column|area|inner)|contents?|contents?[-_]?(?:body|main|area|inner)|honbun|article"
    r"|article[-_]?body|(?:entry|post|page|body)[-_]?(?:content|contents|body)|tmp_contents|tmp_honbun",
    re.IGNORECASE,
)
_LISTS = names("ul ol dl menu dir table div section p")


def main_part(page: Page) -> Node:
    """The part of the page that is its matter; what is dropped in it is marked so."""
    for node in page.nodes:
        node.dropped = _is_around(node)
    for node in page.nodes:
        if node.tag in {"main", "article"} or node.attributes.get("role") == "main":
            for kid in node.kids:
                kid.dropped = kid.dropped and kid.tag != "header"
    _count(page)
    _keep_what_is_most(page)
    _count(page)
    root = _chosen(page)
    for node in page.nodes:
        if node.tag in _LISTS and node is not root and _leads_elsewhere(node):
            node.dropped = True
    return root


def _is_around(node: Node) -> bool:
    if node.tag in _AROUND or node.attributes.get("role") in _AROUND_ROLES:
        return True
    if node.tag in {"main", "article", "h1", "h2", "h3", "h4", "h5", "h6", "p", "table", "td", "li", "dt", "dd"}:
        return False
    return node.tag == "header" or any(_NAMES_AROUND.fullmatch(name) for name in _own_names(node))


def _own_names(node: Node) -> list[str]:
    return f"{node.attributes.get('id', '')} {node.attributes.get('class', '')}".split()


def _count(page: Page) -> None:
    """Adds up the signs from the leaves; a node stands in ``nodes`` before all below it."""
    for node in (*reversed(page.nodes), page.body):
        seen = [kid for kid in node.kids if not kid.dropped]
        node.plain = sum(kid.plain for kid in seen) + len("".join(node.text.split()))
        node.linked = sum(kid.linked for kid in seen)
        node.links = sum(kid.links for kid in seen)
        node.tables = sum(kid.tables for kid in node.kids) + (node.tag == "table")
        if node.tag == "a":
            node.plain, node.linked, node.links = 0, node.plain + node.linked, node.links + 1


def _keep_what_is_most(page: Page) -> None:
    """Surroundings that hold most of the page's text are none: some sites name the whole page so."""
    whole = sum(len("".join(node.text.split())) for node in page.nodes)
    for node in page.nodes:
        if node.dropped and node.plain > node.linked and node.plain * 2 > whole:
            node.dropped = False


def _chosen(page: Page) -> Node:
    whole = page.body.plain
    marked = [node for node in page.nodes if node.tag == "main" or node.attributes.get("role") == "main"]
    root = _largest(marked, whole) or page.body
    article = _largest([node for node in _below(root) if node.tag == "article"], whole)
    if article is not None and article.plain >= _ONE_ARTICLE * root.plain:
        return article
    if root is not page.body:
        return root
    named = [node for node in page.nodes if any(_NAMES_MAIN.fullmatch(name) for name in _own_names(node))]
    return _largest(named, whole) or _densest(page.body)


def _largest(nodes: Iterable[Node], whole: int) -> Node | None:
    fit = [node for node in nodes if not node.dropped and node.plain >= max(_FEWEST_SIGNS, _LEAST_SHARE * whole)]
    return max(fit, key=lambda node: node.plain, default=None)


def _densest(node: Node) -> Node:
    while True:
        inner = max((kid for kid in node.kids if not kid.dropped), key=lambda kid: kid.plain, default=None)
        if inner is None or not inner.kids or inner.tag not in {"div", "section", "center", "form", "article", "main"}:
            return node
        if inner.plain < _DENSE * node.plain:
            return node
        node = inner


def _below(node: Node) -> Iterable[Node]:
    """The seen nodes below a node."""
    stack = [node]
    while stack:
        this = stack.pop()
        for kid in this.kids:
            if not kid.dropped:
                yield kid
                stack.append(kid)


def _leads_elsewhere(node: Node) -> bool:
    whole = node.plain + node.linked
    return node.links >= _FEWEST_LINKS and whole > 0 and node.linked / whole >= LINKED

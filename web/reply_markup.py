"""From a reply's plain text to safe markup: paragraphs, lists, links from [1] to its source, telephone links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from markupsafe import Markup, escape

from bot.records import Language, Reply
from web.i18n import ruby

_MARKER = re.compile(r"\[(\d{1,2})\]")
_BULLET = re.compile(r"^\s*[・•\-*]\s*")
_KANA = re.compile(r"[ぁ-ゖァ-ヺ]")
_HAN = re.compile(r"[一-鿿]")
# Emergency and help lines (110, 119, #7119, 0120-279-338) and https addresses, only in the service's own fixed texts.
_REACH = re.compile(
    r"(?P<address>https://[A-Za-z0-9./?=&%_~\-]+[A-Za-z0-9/])"
    r"|(?<![\d\-#])(?P<number>#\d{4}|0\d{1,4}-\d{2,4}-\d{3,4}|110|119|171|189)(?![\d\-])"
)


def looks_japanese(text: str, language: Language) -> bool:
    """Whether text on a page of another language is Japanese, so that it must carry its own ``lang``.

    Chinese pages share the characters, so there only kana tell.
    """
    if language in (Language.JA, Language.JA_EASY):
        return False
    return bool(_KANA.search(text)) or (language is not Language.ZH and bool(_HAN.search(text)))


def lang_attribute(text: str, language: Language) -> Markup:
    """`` lang="ja"`` for Japanese on a page of another language, else nothing."""
    return Markup(' lang="ja"') if looks_japanese(text, language) else Markup("")


def reply_markup(reply: Reply, anchor: str) -> Markup:
    """The reply's paragraphs. ``[n]`` becomes a link to ``#<anchor>-n`` only where citation n exists."""
    return Markup("\n").join(_blocks(reply, anchor))


def reachable(text: str) -> Markup:
    """Escaped text in which telephone numbers and https addresses are links. For the service's own texts only."""
    return _linked(text, _REACH, _reach_link)


def _blocks(reply: Reply, anchor: str) -> Iterator[Markup]:
    items: list[Markup] = []
    for line in reply.text.splitlines():
        if not line.strip():
            continue
        bullet = _BULLET.match(line)
        inner = _inline(line[bullet.end() :] if bullet else line, reply, anchor)
        lang = lang_attribute(line, reply.language)
        if bullet:
            items.append(Markup("<li{}>{}</li>").format(lang, inner))
            continue
        if items:
            yield _listed(items)
            items = []
        yield Markup("<p{}>{}</p>").format(lang, inner)
    if items:
        yield _listed(items)


def _listed(items: list[Markup]) -> Markup:
    return Markup("<ul>{}</ul>").format(Markup("").join(items))


def _inline(text: str, reply: Reply, anchor: str) -> Markup:
    if reply.outcome.family == "escalated":
        return reachable(text)
    known = {citation.number for citation in reply.citations}

    def link(match: re.Match[str]) -> Markup:
        number = int(match.group(1))
        if number not in known:
            return escape(match.group(0))
        return Markup('<a class="mark" href="#{}-{}">[{}]</a>').format(anchor, number, number)

    return _linked(text, _MARKER, link, easy=reply.language is Language.JA_EASY)


def _linked(
    text: str, pattern: re.Pattern[str], link: Callable[[re.Match[str]], Markup], *, easy: bool = False
) -> Markup:
    written = ruby if easy else escape
    pieces: list[Markup] = []
    end = 0
    for match in pattern.finditer(text):
        pieces += [written(text[end : match.start()]), link(match)]
        end = match.end()
    pieces.append(written(text[end:]))
    return Markup("").join(pieces)


def _reach_link(match: re.Match[str]) -> Markup:
    if address := match.group("address"):
        return Markup('<a href="{0}" rel="noopener">{0}</a>').format(address)
    number = match.group("number")
    # A literal # would start a fragment; dialling keeps it as %23 (RFC 3966 allows no plain # in a number).
    return Markup('<a class="call" href="tel:{}">{}</a>').format(number.replace("#", "%23"), number)

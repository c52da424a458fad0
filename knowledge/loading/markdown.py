"""Markdown without front matter: an ordinary document. It is set as HTML, which has a reader."""

from __future__ import annotations

from markdown_it import MarkdownIt

from knowledge.loading.blocks import Extracted
from knowledge.loading.decoding import decode
from knowledge.loading.html import read_html


def read_markdown(name: str, content: bytes) -> Extracted:
    """The document's blocks; markup inside the Markdown is text. Raises BadDocument."""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(decode(name, content))
    page = f'<!doctype html><html><head><meta charset="utf-8"></head><body><main>{body}</main></body></html>'
    return read_html(name, page.encode())

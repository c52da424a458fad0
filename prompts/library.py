"""Versioned texts from ``prompts/<name>/vN.toml``, chosen per desk by ``prompts/current.toml``.

A published file never changes (a test holds the digests of published versions); a new wording is a new file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from importlib import resources

from bot.records import DeskName, Language, Stamp

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class ReplyWording:
    """``bot.ports.Wording`` over one published version."""

    def __init__(self, version: str) -> None:
        """Read ``prompts/reply/<version>.toml``. Raises FileNotFoundError, ValueError if a language lacks a text."""
        raw = resources.files("prompts").joinpath("reply", f"{version}.toml").read_bytes()
        tables = tomllib.loads(raw.decode("utf-8"))
        self._texts: dict[Language, dict[str, str]] = {Language(name): table for name, table in tables.items()}
        names = set(self._texts[Language.JA])
        for language in Language:
            if set(self._texts.get(language, {})) != names:
                raise ValueError(f"prompts/reply/{version}.toml: {language} does not have the same texts as ja")
        self._stamp = Stamp("reply", version, sha256(raw).hexdigest())

    @property
    def stamp(self) -> Stamp:
        return self._stamp

    def text(self, name: str, language: Language, values: Mapping[str, str] | None = None) -> str:
        """The text with every placeholder filled once; what is filled in is never read as a placeholder itself."""
        given = values or {}
        return _PLACEHOLDER.sub(lambda match: given[match.group(1)], self._texts[language][name])

    def texts(self, language: Language) -> Mapping[str, str]:
        """Every text of a language as published, its placeholders in braces."""
        return self._texts[language]


def wording_for(desk: DeskName) -> ReplyWording:
    """The wording that ``prompts/current.toml`` names for a desk."""
    current = tomllib.loads(resources.files("prompts").joinpath("current.toml").read_text("utf-8"))
    return ReplyWording(current[desk.value]["reply"])

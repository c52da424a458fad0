"""The screens' words: gettext catalogues, compiled in memory at start. Keys are stable names; Japanese comes first.

Catalogue texts are plain text. A reading may follow its kanji as 漢字《かんじ》: ``markup`` makes it ruby, ``text``
(for titles and attributes) leaves it out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from markupsafe import Markup, escape

from bot.records import Language

LOCALES: Mapping[Language, str] = {
    Language.JA: "ja",
    Language.JA_EASY: "ja@easy",
    Language.EN: "en",
    Language.ZH: "zh",
    Language.KO: "ko",
}
# The value of the lang attribute: Chinese is written in simplified characters.
HTML_LANGUAGES: Mapping[Language, str] = {
    Language.JA: "ja",
    Language.JA_EASY: "ja",
    Language.EN: "en",
    Language.ZH: "zh-Hans",
    Language.KO: "ko",
}
LANGUAGE_NAMES: Mapping[Language, str] = {
    Language.JA: "日本語",
    Language.JA_EASY: "やさしい日本語",
    Language.EN: "English",
    Language.ZH: "中文",
    Language.KO: "한국어",
}
DIRECTORY = Path(__file__).parent / "locales"
_READING = re.compile(r"([々〆㐀-䶿一-鿿]+)《([ぁ-ゖー]+)》")
_JAPAN = timezone(timedelta(hours=9))
_DATE_PARTS = {"年": "年《ねん》", "月": "月《がつ》", "日": "日《にち》"}


class CatalogueIncomplete(Exception):
    """A catalogue lacks a text, or has one too many; the message names the locale and the keys."""


@dataclass(frozen=True, slots=True)
class Catalogues:
    """The texts of every language. Unknown keys raise KeyError: no key is ever shown raw."""

    texts: Mapping[Language, Mapping[str, str]]

    def text(self, key: str, language: Language, values: Mapping[str, object] | None = None) -> str:
        """Plain text without readings, for attributes, titles and JSON."""
        found = _READING.sub(r"\1", self.texts[language][key])
        return found.format(**values) if values else found

    def markup(self, key: str, language: Language, values: Mapping[str, object] | None = None) -> Markup:
        """Escaped text with readings as ruby; values are escaped too."""
        found = ruby(self.texts[language][key])
        return found.format(**values) if values else found


def ruby(text: str) -> Markup:
    """Escape ``text`` and turn 漢字《かんじ》 into ruby. Nothing else becomes markup."""
    made = r"<ruby>\1<rp>(</rp><rt>\2</rt><rp>)</rp></ruby>"
    return Markup(_READING.sub(made, str(escape(text))))  # noqa: S704 - escaped just before


def load(directory: Path = DIRECTORY) -> Catalogues:
    """Read and compile every catalogue. Raises CatalogueIncomplete unless all hold exactly the Japanese keys."""
    texts = {language: _compile(directory / f"{locale}.po", locale) for language, locale in LOCALES.items()}
    wanted = texts[Language.JA].keys()
    for language, locale in LOCALES.items():
        if differing := sorted(wanted ^ texts[language].keys()):
            raise CatalogueIncomplete(f"{locale}.po: missing or unknown: {', '.join(differing)}")
    return Catalogues(texts)


def _compile(file: Path, locale: str) -> Mapping[str, str]:
    with file.open("rb") as source:
        catalogue = read_po(source, locale=locale, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    translations = Translations(compiled)
    keys = [str(message.id) for message in catalogue if message.id and message.string]
    return {key: translations.gettext(key) for key in keys}


def language_named(name: str | None) -> Language | None:
    """The language of a ``lang`` parameter or cookie; the catalogue's name ``ja@easy`` is understood too."""
    if name is None:
        return None
    wanted = name.strip().replace("@", "-")
    return next((language for language in Language if language.value == wanted), None)


def shown_date(value: str, language: Language) -> Markup:
    """An ISO 8601 date as exact as it is known (year, month or day), written as the language writes it."""
    locale = LOCALES[language]
    parts = value.split("-")
    if not all(part.isdecimal() for part in parts) or len(parts) > 3:
        return escape(value)
    numbers = [int(part) for part in parts]
    try:
        day = date(*[*numbers, 1, 1][:3])
    except ValueError:
        return escape(value)
    written = (
        format_date(day, "long", locale=locale)
        if len(numbers) == 3
        else format_skeleton("y" if len(numbers) == 1 else "yMMMM", day, locale=locale)
    )
    if language is Language.JA_EASY:
        written = "".join(_DATE_PARTS.get(character, character) for character in written)
    return ruby(written)


def shown_moment(moment: datetime, language: Language) -> Markup:
    """A moment to the minute, as the clocks in Japan show it."""
    day = shown_date(moment.astimezone(_JAPAN).date().isoformat(), language)
    return Markup("{} {}").format(day, shown_clock(moment))


def shown_clock(moment: datetime) -> str:
    """The time of day, as the clocks in Japan show it: for what ends within the hour."""
    return moment.astimezone(_JAPAN).strftime("%H:%M")

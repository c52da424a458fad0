"""When people are there, in words: the office calendar of a desk as every page shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import groupby
from typing import Protocol

from markupsafe import Markup

from bot.office import Office, Spans


class Words(Protocol):
    """A page's words: a key and its values, as markup."""

    def __call__(self, key: str, **values: object) -> Markup: ...


@dataclass(frozen=True, slots=True)
class Calendar:
    """A desk's office and the server's clock: what a page's frame holds."""

    office: Office
    now: Callable[[], datetime]

    def hours(self, words: Words) -> Hours:
        """The hours at this moment, in the words of a page."""
        now = self.now()
        office = self.office
        return Hours(office.open_at(now), office.next_opening(now), tuple(_lines(office, words)), office.configured)


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether somebody is there, the next moment at which somebody is, and the week's hours.

    ``lines``: one for each stretch of days with the same hours, and one that names the days without. ``decided`` is
    False for the bundled hours, which no operator has decided.
    """

    open: bool
    next: datetime | None
    lines: Sequence[Markup]
    decided: bool


def _lines(office: Office, words: Words) -> Iterator[Markup]:
    shut: list[Markup] = []
    for spans, days in groupby(range(7), key=lambda day: office.hours[day]):
        named = _stretch(list(days), words)
        if spans:
            yield words("hours.line", days=named, times=_times(spans, words))
        else:
            shut.append(named)
    for spans, name in ((office.holiday, "hours.holiday"), (office.year_end, "hours.year_end")):
        if spans:
            yield words("hours.line", days=words(name), times=_times(spans, words))
        else:
            shut.append(words(name))
    if shut:
        yield words("hours.off", days=_listed(shut, words))


def _stretch(days: Sequence[int], words: Words) -> Markup:
    first, last = words(f"hours.day.{days[0]}"), words(f"hours.day.{days[-1]}")
    if len(days) == 1:
        return first
    return _listed((first, last), words) if len(days) == 2 else words("hours.to", first=first, last=last)


def _times(spans: Spans, words: Words) -> Markup:
    return _listed([Markup("{}").format(str(span).replace("-", "–")) for span in spans], words)


def _listed(parts: Sequence[Markup], words: Words) -> Markup:
    return reduce(lambda first, rest: words("hours.both", first=first, rest=rest), parts)

"""What people are told of a case in the desk's wording: when the desk is open, and by when an answer comes."""

from __future__ import annotations

from datetime import datetime

from bot.office import JAPAN, Office
from bot.ports import Wording
from bot.records import Language


def in_words(wording: Wording, moment: datetime, language: Language) -> str:
    """A moment in Japan's time, to the minute."""
    here = moment.astimezone(JAPAN)
    values = {
        "year": str(here.year),
        "month": str(here.month),
        "day": str(here.day),
        "month2": f"{here.month:02}",
        "day2": f"{here.day:02}",
        "weekday": wording.text("case_weekdays", language).split()[here.weekday()],
        "time": f"{here:%H:%M}",
    }
    return wording.text("case_moment", language, values)


def hours(wording: Wording, office: Office, now: datetime, language: Language) -> str:
    """Whether somebody is there now, and when next."""
    if office.open_at(now):
        return wording.text("case_open", language)
    opening = office.next_opening(now)
    if opening is None:
        return wording.text("case_shut", language)
    return wording.text("case_opens", language, {"opening": in_words(wording, opening, language)})


def terms(wording: Wording, office: Office, now: datetime, due: datetime, language: Language) -> list[str]:
    """Hours and due date, and that nobody decided them where that is so."""
    lines = [
        hours(wording, office, now, language),
        wording.text("case_due", language, {"due": in_words(wording, due, language)}),
    ]
    return lines if office.configured else [*lines, wording.text("case_undecided", language)]

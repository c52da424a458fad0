"""One desk's notices on their way out, in its database: the real thing behind ``bot.ports.Outbox``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, exists, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.adapters.database.storage import Driver, Storage, compiled
from bot.adapters.database.tables import NOTICES, as_text
from bot.ports import Clock, Transaction
from bot.records import Notice, Waiting, Way

LEASE: Final = timedelta(seconds=120)

_KEYED: Final = NOTICES.c.key == bindparam("name")
_ON_ITS_WAY: Final = NOTICES.c.delivered.is_(None)
_SHOWN: Final = select(
    NOTICES.c.key,
    NOTICES.c.way,
    NOTICES.c.recipient,
    NOTICES.c.subject,
    NOTICES.c.body,
    NOTICES.c.since,
    NOTICES.c.tries,
    NOTICES.c.cause,
)
_DUE: Final = NOTICES.c.not_before <= bindparam("now")

_PUT: Final = compiled(
    insert(NOTICES).on_conflict_do_nothing(index_elements=[NOTICES.c.key]),
    ["key", "way", "recipient", "subject", "body", "since", "not_before", "tries"],
)
_ANY_DUE: Final = compiled(select(exists().where(_ON_ITS_WAY, _DUE)))
_TAKE: Final = compiled(_SHOWN.where(_ON_ITS_WAY, _DUE).order_by(NOTICES.c.sequence)) + " LIMIT :limit"
_LEASE: Final = compiled(update(NOTICES).where(_KEYED), ["not_before"])
_DONE: Final = compiled(update(NOTICES).where(_KEYED, _ON_ITS_WAY), ["recipient", "subject", "body", "delivered"])
_LATER: Final = compiled(
    update(NOTICES)
    .where(_KEYED, _ON_ITS_WAY)
    .values(not_before=bindparam("when"), cause=bindparam("why"), tries=literal_column("tries + 1"))
)
_WAITING: Final = compiled(_SHOWN.where(_ON_ITS_WAY).order_by(NOTICES.c.sequence))


class DeskOutbox:
    """The notices in the database that ``storage`` opens. Safe from any thread, and beside other processes."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def put(self, within: Transaction, notice: Notice) -> None:
        now = as_text(self._clock.now())
        row = {
            "key": notice.key,
            "way": notice.way.value,
            "recipient": notice.to,
            "subject": notice.subject,
            "body": notice.body,
            "since": now,
            "not_before": now,
            "tries": 0,
        }
        self._storage.writing(lambda connection: connection.execute(_PUT, row).rowcount, within)

    def take(self, now: datetime, limit: int = 20) -> Sequence[Waiting]:
        until = as_text(now + LEASE)
        values = {"now": as_text(now), "limit": limit}

        def work(connection: Driver) -> Sequence[Waiting]:
            taken = [_as_waiting(row) for row in connection.execute(_TAKE, values)]
            connection.executemany(_LEASE, [{"name": each.notice.key, "not_before": until} for each in taken])
            return taken

        if self._storage.reading(lambda connection: connection.execute(_ANY_DUE, values).fetchone()) == (0,):
            return []  # asking often takes no lock while there is nothing to send
        return self._storage.writing(work)

    def done(self, key: str, now: datetime) -> None:
        emptied = {"name": key, "recipient": "", "subject": "", "body": "", "delivered": as_text(now)}
        self._storage.writing(lambda connection: connection.execute(_DONE, emptied).rowcount)

    def later(self, key: str, when: datetime, cause: str) -> None:
        delayed = {"name": key, "when": as_text(when), "why": cause}
        self._storage.writing(lambda connection: connection.execute(_LATER, delayed).rowcount)

    def waiting(self) -> Sequence[Waiting]:
        return self._storage.reading(lambda connection: [_as_waiting(row) for row in connection.execute(_WAITING)])


def _as_waiting(row: Sequence[Any]) -> Waiting:
    key, way, recipient, subject, body, since, tries, cause = row
    return Waiting(Notice(key, Way(way), recipient, subject, body), datetime.fromisoformat(since), tries, cause)

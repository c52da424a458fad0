"""One desk's cases in its database: the real thing behind ``bot.ports.Cases``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, delete, func, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.adapters.database.contacts import ContactKey
from bot.adapters.database.rows import COLUMNS, as_case, as_row
from bot.adapters.database.storage import Driver, Storage, compiled
from bot.adapters.database.tables import CASES, CONTACTS, as_text
from bot.cases import LIVE, Case, CaseId, CaseState
from bot.ports import LogUnavailable, Transaction
from bot.records import ConversationId, Risk

_STATES: Final = [f"state_{number}" for number in range(len(CaseState))]
_IN_STATES: Final[ColumnElement[bool]] = CASES.c.state.in_([bindparam(name) for name in _STATES])
_CHOSEN: Final = select(*(CASES.c[name] for name in COLUMNS))

_ADD: Final = compiled(insert(CASES).on_conflict_do_nothing(), [*COLUMNS, "digest", "once"])
_PUT: Final = compiled(update(CASES).where(CASES.c.id == bindparam("case")), [name for name in COLUMNS if name != "id"])
_BY_ID: Final = compiled(_CHOSEN.where(CASES.c.id == bindparam("value")))
_BY_DIGEST: Final = compiled(_CHOSEN.where(CASES.c.digest == bindparam("value")))
_BY_ONCE: Final = compiled(_CHOSEN.where(CASES.c.once == bindparam("value")))
_OF_CONVERSATION: Final = compiled(_CHOSEN.where(CASES.c.conversation == bindparam("value")).order_by(CASES.c.sequence))
_MERGED_INTO: Final = compiled(_CHOSEN.where(CASES.c.merged_into == bindparam("value")).order_by(CASES.c.sequence))
_NOT_GRAVE: Final = CASES.c.priority != literal_column(f"'{Risk.GRAVE.value}'")
_BY_URGENCY: Final = (  # what has no date cannot wait for one
    compiled(
        _CHOSEN.where(_IN_STATES).order_by(
            _NOT_GRAVE, CASES.c.due.asc().nulls_first(), CASES.c.opened, CASES.c.sequence
        )
    )
    + " LIMIT :limit"
)
_HOW_MANY: Final = compiled(select(func.count()).select_from(CASES).where(_IN_STATES))

_EVERY: Final = compiled(_CHOSEN.order_by(CASES.c.sequence))
_DROP: Final = compiled(delete(CASES).where(CASES.c.id == bindparam("value")))

_NEW_CONTACT: Final = insert(CONTACTS).from_select(
    ["case", "sealed", "until"],
    select(CASES.c.id, bindparam("sealed"), bindparam("until")).where(CASES.c.id == bindparam("case")),
)
_KEEP_CONTACT: Final = compiled(
    _NEW_CONTACT.on_conflict_do_update(
        index_elements=[CONTACTS.c.case],
        set_={"sealed": _NEW_CONTACT.excluded.sealed, "until": _NEW_CONTACT.excluded.until},
    ),
)
_CONTACT: Final = compiled(select(CONTACTS.c.sealed, CONTACTS.c.until).where(CONTACTS.c.case == bindparam("value")))
_DROP_CONTACT: Final = compiled(delete(CONTACTS).where(CONTACTS.c.case == bindparam("value")))
_CONTACTS_PAST: Final = compiled(
    select(CONTACTS.c.case).where(CONTACTS.c.until <= bindparam("value")).order_by(CONTACTS.c.until, CONTACTS.c.case)
)


class DeskCases:
    """The cases in the database that ``storage`` opens; contacts are sealed under ``key``. Safe from any thread.

    Beside LogUnavailable, writing raises ValueError for what no case of this desk can be: a second case of one name,
    number or request, a change of a case that is not kept, a transaction of another desk.
    """

    def __init__(self, storage: Storage, key: ContactKey) -> None:
        self._storage = storage
        self._key = key

    def add(self, within: Transaction, case: Case, digest: bytes | None, once: str | None) -> None:
        row = {**as_row(case), "digest": digest, "once": once}
        if self._storage.writing(lambda connection: connection.execute(_ADD, row).rowcount, within) != 1:
            raise ValueError("a case of this name, number or request is kept already")

    def put(self, within: Transaction, case: Case) -> None:
        row = {**as_row(case), "case": case.id}
        if self._storage.writing(lambda connection: connection.execute(_PUT, row).rowcount, within) != 1:
            raise ValueError("no such case is kept")

    def get(self, case: CaseId, within: Transaction | None = None) -> Case | None:
        return self._one(_BY_ID, case, within)

    def by_digest(self, digest: bytes) -> Case | None:
        return self._one(_BY_DIGEST, digest, None)

    def by_once(self, once: str, within: Transaction | None = None) -> Case | None:
        return self._one(_BY_ONCE, once, within)

    def of_conversation(self, conversation: ConversationId) -> Sequence[Case]:
        return self._many(_OF_CONVERSATION, {"value": conversation}, None)

    def in_states(self, states: frozenset[CaseState], limit: int = 10_000) -> Sequence[Case]:
        return self._many(_BY_URGENCY, {**_listed(states), "limit": limit}, None)

    def merged_into(self, case: CaseId, within: Transaction | None = None) -> Sequence[Case]:
        return self._many(_MERGED_INTO, {"value": case}, within)

    def live(self, within: Transaction | None = None) -> int:
        return int(self._rows(_HOW_MANY, _listed(LIVE), within)[0][0])

    def keep_contact(self, within: Transaction, case: CaseId, contact: str, until: datetime) -> None:
        def work(connection: Driver) -> int:
            row = {"case": case, "sealed": self._key.seal(case, contact), "until": as_text(until)}
            return connection.execute(_KEEP_CONTACT, row).rowcount

        if self._storage.writing(work, within) != 1:
            raise ValueError("no such case is kept")

    def contact(self, case: CaseId) -> tuple[str, datetime] | None:
        def work(connection: Driver) -> tuple[str, datetime] | None:
            row = connection.execute(_CONTACT, {"value": case}).fetchone()
            return row and (self._key.open(case, row[0]), datetime.fromisoformat(row[1]))

        return self._storage.reading(work)

    def drop_contact(self, within: Transaction, case: CaseId) -> bool:
        dropped = {"value": case}
        return self._storage.writing(lambda connection: connection.execute(_DROP_CONTACT, dropped).rowcount, within) > 0

    def contacts_past(self, moment: datetime) -> Sequence[CaseId]:
        return [CaseId(row[0]) for row in self._rows(_CONTACTS_PAST, {"value": as_text(moment)}, None)]

    def every(self, within: Transaction | None = None) -> Mapping[CaseId, Case | None]:
        """All cases in the order they were kept; None for a row that holds no case. Raises LogUnavailable."""
        return {CaseId(row[0]): _case_in(row) for row in self._rows(_EVERY, {}, within)}

    def drop(self, within: Transaction, case: CaseId) -> None:
        """Forget a case that the log knows nothing of, with its contact. Raises LogUnavailable."""
        self.drop_contact(within, case)
        self._storage.writing(lambda connection: connection.execute(_DROP, {"value": case}).rowcount, within)

    def _one(self, statement: str, value: str | bytes, within: Transaction | None) -> Case | None:
        return next(iter(self._many(statement, {"value": value}, within)), None)

    def _many(self, statement: str, values: Mapping[str, Any], within: Transaction | None) -> Sequence[Case]:
        found = [_case_in(row) for row in self._rows(statement, values, within)]
        if None in found:
            raise LogUnavailable("corrupt")
        return [each for each in found if each is not None]

    def _rows(self, statement: str, values: Mapping[str, Any], within: Transaction | None) -> list[Any]:
        return self._storage.reading(lambda connection: connection.execute(statement, values).fetchall(), within)


def _case_in(row: Sequence[Any]) -> Case | None:
    """None where the row holds no case: nothing that an entry could amount to."""
    try:
        return as_case(row)
    except ValueError:
        return None


def _listed(states: frozenset[CaseState]) -> Mapping[str, str | None]:
    """The values of ``_STATES``, of which no case has the empty ones."""
    return dict(zip_longest(_STATES, sorted(states)))

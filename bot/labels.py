"""The labels that stand for personal data: their words, and which value got which number in one conversation.

A label keeps kind and identity (〈電話番号1〉): the same value has the same label as long as the conversation lives in
this process. Nothing of a value is kept but a keyed hash of it, in memory alone, under a key that is never written
down (docs/adr/0016-labels-of-a-conversation.md).
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from threading import Lock
from typing import Final

from bot.ports import Log
from bot.records import ConversationId

WORDS: Final[Mapping[str, str]] = {
    "email": "メールアドレス",
    "phone": "電話番号",
    "my_number": "マイナンバー",
    "card": "カード番号",
    "licence": "運転免許証番号",
    "passport": "旅券番号",
    "residence_card": "在留カード番号",
    "pension_number": "基礎年金番号",
    "insurance_number": "保険証番号",
    "bank_account": "口座番号",
    "staff_number": "職員番号",
    "birth_date": "生年月日",
    "number_plate": "車両番号",
    "ip_address": "IPアドレス",
    "coordinates": "位置座標",
    "reference": "受付番号",
    "account": "アカウント名",
    "postal_code": "郵便番号",
    "address": "住所",
    "name": "氏名",
}
"""What a label says of each kind. Published records hold these words: a kind may be added, none renamed."""

KIND_OF: Final[Mapping[str, str]] = {word: kind for kind, word in WORDS.items()}
LABEL: Final = re.compile(
    f"〈(?P<word>{'|'.join(sorted(WORDS.values(), key=len, reverse=True))})(?P<number>[0-9]{{0,3}})〉"
)

_HIGHEST = 999  # three digits: a label in a text must never be able to carry a number of anyone
_MOST_VALUES = 200  # in one conversation
_MOST_CONVERSATIONS = 2_000
_MOST_EXCHANGES = 500  # read back to find the highest labels of a conversation

Earlier = Callable[[], Iterable[str] | None]


def label(kind: str, number: int | None) -> str:
    """The label of a kind; without a number where the identity is not known."""
    return f"〈{WORDS[kind]}{number or ''}〉"


def kinds_in(text: str) -> tuple[str, ...]:
    """The kind of every label of a text, in order of appearance."""
    return tuple(KIND_OF[found["word"]] for found in LABEL.finditer(text))


class Labels:
    """The numbers of one conversation's labels. Safe to call from any thread.

    ``earlier`` gives the texts of the conversation that were recorded before this process knew of it, once, at the
    first value; numbering goes on after the highest label that they show, so that a new value never takes an old
    identity. None from it means that they cannot all be read: then labels carry no numbers. Of a value only
    HMAC-SHA256 under a random key of this ledger is kept, with its kind.
    """

    def __init__(self, earlier: Earlier = tuple) -> None:
        self._earlier: Earlier | None = earlier
        self._key = secrets.token_bytes(32)
        self._numbers: dict[bytes, int] = {}
        self._highest: dict[str, int] = {}
        self._closed = False
        self._lock = Lock()

    def number(self, kind: str, value: str) -> int | None:
        """The number of a normalised value, the same every time; None where there is no room for another.

        Raises what reading the earlier texts raises (LogUnavailable).
        """
        digest = hmac.digest(self._key, f"{kind}\0{value}".encode(), sha256)
        with self._lock:
            self._go_on()
            known = self._numbers.get(digest)
            if known is not None:
                return known
            following = self._highest.get(kind, 0) + 1
            if self._closed or following > _HIGHEST or len(self._numbers) >= _MOST_VALUES:
                return None
            self._numbers[digest] = self._highest[kind] = following
            return following

    def shown(self, text: str) -> None:
        """Take note of the labels that a text carries already: their numbers are taken."""
        with self._lock:
            self._note(text)

    def _go_on(self) -> None:
        if self._earlier is None:
            return
        texts = self._earlier()
        self._closed = texts is None
        for text in texts or ():
            self._note(text)
        self._earlier = None

    def _note(self, text: str) -> None:
        for found in LABEL.finditer(text):
            kind = KIND_OF[found["word"]]
            self._highest[kind] = max(self._highest.get(kind, 0), int(found["number"] or 0))


class ConversationLabels:
    """The ledgers of a desk's conversations, the most recent ones in memory. Safe to call from any thread."""

    def __init__(self, log: Log, most: int = _MOST_CONVERSATIONS) -> None:
        self._log = log
        self._most = most
        self._held: OrderedDict[ConversationId, Labels] = OrderedDict()
        self._lock = Lock()

    def of(self, conversation: ConversationId) -> Labels:
        """The ledger of a conversation. The log is read only when a first value needs its number."""
        with self._lock:
            held = self._held.pop(conversation, None) or Labels(lambda: self._told(conversation))
            self._held[conversation] = held
            if len(self._held) > self._most:
                self._held.popitem(last=False)
            return held

    def _told(self, conversation: ConversationId) -> Sequence[str] | None:
        """Everything recorded of a conversation, comments and cases too; None where it is too long to be read back."""
        exchanges = self._log.conversation(conversation, limit=_MOST_EXCHANGES)
        if len(exchanges) >= _MOST_EXCHANGES:
            return None
        entries = self._log.entries(conversation)
        return [text for each in entries for text in each.contents.values() if text is not None]

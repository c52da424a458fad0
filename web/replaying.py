"""Any recorded answer of one desk again: what its record names is found here, ``bot.replaying`` does the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from audit.log import DeskLog
from bot.conditions import lowered, lowered_then
from bot.desk import Desk
from bot.lexicon import Lexicon
from bot.ports import LogUnavailable, Shelf, SystemLog, Wording
from bot.recalling import Missing, Past, lacking, off_then, past_of
from bot.records import ExchangeId, SnapshotId
from bot.records_json import ACTIVATED
from bot.register import AutomationRegister, load_register
from bot.register_history import ActiveRegister
from bot.replaying import Found, Replayed, replayed, unreplayed
from bot.switch import SUBJECT
from knowledge.manifests import SnapshotDamaged
from knowledge.shelf import FixedShelf, OtherEmbedder, SnapshotShelf
from knowledge.snapshots import NoSuchSnapshot
from prompts.library import ReplyWording

_VERSION: Final = re.compile(r"v[0-9]{1,4}", re.ASCII)


class UnknownExchange(LookupError):
    """The desk's log has no such exchange, or its entries have expired."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A snapshot that is not the active one, with its words."""

    shelf: FixedShelf
    lexicon: Lexicon


class Replayer:
    """Replays what one desk answered. Safe to call from any thread.

    Of the snapshots that are not active the one used last stays open, so that going through the answers of one time
    opens it once. Nothing is written anywhere: that somebody looked is recorded by who calls this, before.
    """

    def __init__(self, desk: Desk, log: DeskLog, shelf: SnapshotShelf, system: SystemLog) -> None:
        self._desk = desk
        self._log = log
        self._shelf = shelf
        self._system = system
        self._register = ActiveRegister(system)
        self._opening = Lock()
        self._held: _Opened | None = None

    def __call__(self, exchange: ExchangeId) -> Replayed:
        """What comes out today of what was asked then. Raises UnknownExchange, LogUnavailable."""
        past = self._past(exchange)
        try:
            found = self._found(past)
            if isinstance(found, Missing):
                return unreplayed(past, (*lacking(past), found))
            return replayed(self._desk, past, found)
        except (ValueError, KeyError, TypeError):
            pass  # raised below, outside the handler: the error may hold what was read
        raise LogUnavailable("corrupt")

    def _past(self, exchange: ExchangeId) -> Past:
        known = self._log.exchange(exchange)
        past = None if known is None else past_of(self._log.entries(known.conversation), exchange)
        if past is None:
            raise UnknownExchange
        return past

    def _found(self, past: Past) -> Found | Missing:
        """What the record names, as far as it is there; or why nothing can be searched."""
        opened = self._documents(past) if past.needs_documents else (self._desk.shelf, self._desk.lexicon)
        if isinstance(opened, Missing):
            return opened
        missing: list[Missing] = []
        wording, register = self._wording(past), self._version(past)
        off = off_then(past, self._system.entries(SUBJECT)) if "switch" in past.meta else None
        if wording is None:
            missing.append(Missing.WORDING_UNKNOWN)
        if register is None:
            missing.append(Missing.REGISTER_UNKNOWN)
        if off is None and "switch" in past.meta:
            missing.append(Missing.SWITCH_UNKNOWN)
        shelf, lexicon = opened
        return Found(
            shelf=shelf,
            lexicon=lexicon,
            wording=wording or self._desk.wording,
            register=register or self._desk.register.active(),
            off=off,
            missing=tuple(missing),
        )

    def _documents(self, past: Past) -> tuple[Shelf, Lexicon] | Missing:
        """The shelf with the snapshot of that time."""
        named = past.snapshot or self._active_at(past)
        if named is None:
            return Missing.SNAPSHOT_UNKNOWN
        try:
            return self._at(named)
        except NoSuchSnapshot:
            return Missing.SNAPSHOT_REMOVED
        except OtherEmbedder:
            return Missing.EMBEDDER_CHANGED
        except (SnapshotDamaged, OSError):
            return Missing.SNAPSHOT_DAMAGED
        except MemoryError:
            return Missing.FAULT_NOW

    def _at(self, snapshot: SnapshotId) -> tuple[Shelf, Lexicon]:
        if self._shelf.holds(snapshot):
            return self._shelf.at(snapshot), self._desk.lexicon
        with self._opening:
            if self._held is None or self._held.shelf.snapshot() != snapshot:
                self._held = None  # never two of them in memory
                self._held = _Opened(self._shelf.at(snapshot), Lexicon(self._desk.analyzer))
            return self._held.shelf, self._held.lexicon

    def _active_at(self, past: Past) -> SnapshotId | None:
        """The snapshot that was active when it was asked, as the log tells."""
        told = [each for each in self._log.of_kinds([ACTIVATED]) if each.time <= past.opened.time]
        named = told[-1].meta.get("snapshot") if told else None
        return SnapshotId(named) if isinstance(named, str) else None

    def _wording(self, past: Past) -> Wording | None:
        """The wording of the recorded version; None where this program has no such text."""
        then, now = past.stamp(self._desk.wording.stamp.name), self._desk.wording
        if then is None or then == now.stamp:
            return now
        if not _VERSION.fullmatch(then.version):
            return None
        try:
            held = ReplyWording(then.version)
        except FileNotFoundError:
            return None
        return held if held.stamp == then else None

    def _version(self, past: Past) -> AutomationRegister | None:
        """The register of the recorded digest, its rows as their conditions left them then; today's where the exchange
        never looked at it.
        """
        active = self._desk.register.active()
        then = past.stamp(active.stamp.name)
        if then is None:
            return active
        proposed: Sequence[AutomationRegister] = [
            each.register for each in self._register.history().proposals if each.register is not None
        ]
        known = (each for each in (*proposed, load_register()) if each.stamp.digest == then.digest)
        whole = next(known, None)
        return None if whole is None else lowered(whole.of(self._desk.name), lowered_then(past.meta))

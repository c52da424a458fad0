"""What entries of the kind ``erasure`` explain: texts and whole leaves that are gone by a decision or a rule. Pure.

Their shape is written down in docs/record.md; one that has another shape explains nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

KIND: Final = "erasure"
EXPIRY: Final = "expiry"
BASES: Final = frozenset({EXPIRY, "suspension", "unlawful"})

_HASH: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Erasure:
    """The entry that explains: its index in the tree, its basis, and with an expiry the rule with its version."""

    index: int
    basis: str
    rule: str | None

    @property
    def verdict(self) -> str:
        return "expired" if self.basis == EXPIRY else "erased"


@dataclass
class Erasures:
    """Erasures by what they explain, added in the order of their index."""

    _fields: dict[tuple[str, str], list[Erasure]] = field(default_factory=dict)
    _leaves: dict[tuple[int, str, str], Erasure] = field(default_factory=dict)

    def add(self, index: int, leaf: Mapping[str, Any]) -> None:
        """Take an entry of the kind ``erasure``, as ``audit.leaves.read_leaf`` gives it."""
        meta = leaf["meta"]
        if not _is_erasure(meta):
            return
        erasure = Erasure(index, meta["basis"], _rule(meta["rule"]))
        for target in meta["targets"]:
            for path in target["paths"]:
                self._fields.setdefault((target["entry"], path), []).append(erasure)
        for pruned in meta.get("pruned", ()):
            if pruned["index"] < index:
                self._leaves.setdefault((pruned["index"], pruned["entry"], pruned["leaf"]), erasure)

    def of_field(self, index: int, entry: str, path: str) -> Erasure | None:
        """The first later entry that says this text of the entry at ``index`` was destroyed."""
        return next((each for each in self._fields.get((entry, path), ()) if each.index > index), None)

    def of_leaf(self, index: int, entry: str, leaf_hash: bytes) -> Erasure | None:
        """The first later entry that says of this leaf only the hash is kept."""
        return self._leaves.get((index, entry, leaf_hash.hex()))


def _rule(rule: Mapping[str, str] | None) -> str | None:
    return None if rule is None else f"{rule['name']} {rule['version']}"


def _is_erasure(meta: Mapping[str, Any]) -> bool:
    targets, pruned = meta.get("targets"), meta.get("pruned", [])
    return (
        meta.get("basis") in BASES
        and (_is_rule(meta.get("rule")) if meta["basis"] == EXPIRY else meta.get("rule", "") is None)
        and isinstance(targets, list)
        and isinstance(pruned, list)
        and all(_is_target(each) for each in targets)
        and all(_is_pruned(each) for each in pruned)
    )


def _is_rule(rule: object) -> bool:
    return isinstance(rule, dict) and all(isinstance(rule.get(name), str) for name in ("name", "version"))


def _is_target(target: object) -> bool:
    return isinstance(target, dict) and isinstance(target.get("entry"), str) and _all_texts(target.get("paths"))


def _all_texts(paths: object) -> bool:
    return isinstance(paths, list) and all(isinstance(each, str) for each in paths)


def _is_pruned(pruned: object) -> bool:
    return (
        isinstance(pruned, dict)
        and type(pruned.get("index")) is int
        and isinstance(pruned.get("entry"), str)
        and isinstance(pruned.get("leaf"), str)
        and _HASH.fullmatch(pruned["leaf"]) is not None
    )

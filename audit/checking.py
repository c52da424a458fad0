"""The entries of one exchange checked, each by its own proof: what the page of an auditor says, and no more.

The proof of each entry is made as for an outsider and read by the outsider's own verifier, so that the page cannot say
anything else than the file that is given away. What a proof of one entry cannot show (links, and what the database says
beside the leaf) is looked at here.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, or_, select

from audit import verifier as outsiders
from audit.bundles import NotInTree, bundle
from audit.canonical import canonical
from audit.checkpoint import BadNote, Checkpoint, Verifier, opened
from audit.erasures import Erasure, Erasures
from audit.opening import Placed, placed, unplaced
from audit.report import LEAF, LINK, MISSING, PRESENT, Finding, Report
from audit.subject_keys import SubjectKeys
from audit.tables import ENTRIES, LINKS
from audit.tiles import TreeDamaged
from audit.tree import INDEX, latest
from audit.verifying import erasures_of
from audit.walking import Walk
from bot.records import EntryId, ExchangeId

UNREADABLE: Final = "unreadable"
"""The proof of an entry cannot even be made of what is stored."""
WHOLE: Final = ""
"""In place of a path: the whole entry, of which only the hash is kept."""
_BROKEN: Final = (BadNote, NotInTree, TreeDamaged, ValueError, LookupError, TypeError, AttributeError)
_OF_NOTES: Final = frozenset({"form", "checkpoint", "consistency", "outside", "unreached"})


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """The verdict on one text of an entry; ``by``: the index of the entry that explains what is gone."""

    path: str
    verdict: str
    by: int | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class EntryChecked:
    """One entry: its place and hash, what was found wrong (codes of ``audit.report``, of ``audit.verifier`` or
    ``unreadable``), and the verdict on each of its texts.

    ``waits``: it is under no checkpoint yet, so its bytes, texts and links were checked, and nothing of the tree;
    ``index`` is then the one it will have.
    """

    entry: EntryId
    kind: str
    index: int
    hash: str
    waits: bool
    findings: Sequence[Finding]
    texts: Sequence[TextVerdict]


@dataclass(frozen=True, slots=True)
class ExchangeChecked:
    """What was found of an exchange's entries, under which checkpoint (a note, and its size; None and 0 where the log
    has none). ``kept``: sizes of the checkpoints from outside that agree; ``refused``: how many of them do not, or are
    not this log's.
    """

    origin: str
    key: str
    checkpoint: str | None
    size: int
    entries: Sequence[EntryChecked]
    kept: Sequence[int]
    refused: int

    @property
    def bad(self) -> int:
        """How many pieces of bad news there are."""
        return self.refused + sum(len(each.findings) for each in self.entries)

    @property
    def waiting(self) -> int:
        """How many entries are under no checkpoint yet."""
        return sum(each.waits for each in self.entries)

    @property
    def verdicts(self) -> Mapping[str, int]:
        """How many texts have which verdict."""
        return Counter(text.verdict for each in self.entries for text in each.texts)


def check_exchange(
    connection: Connection, keys: SubjectKeys, verifier: Verifier, exchange: ExchangeId, outside: Sequence[str] = ()
) -> ExchangeChecked | None:
    """Check every entry of an exchange and about it, and checkpoints kept outside (notes) against the log; None where
    the log has no such exchange.

    Raises what the database raises; never for what lies in it.
    """
    found = _entries(connection, keys, exchange)
    if not found:
        return None
    erasures, note = erasures_of(connection, verifier.name), latest(connection)
    head = None if note is None else _opened(note, verifier)
    size = head.size if head else 0
    entries = [_checked(connection, keys, verifier, erasures, (each, each.index >= size)) for each in found]
    kept = [_agreed(connection, verifier, found[0], each) for each in outside]
    return ExchangeChecked(
        verifier.name,
        verifier.text,
        note,
        size,
        entries,
        sorted({each for each in kept if each is not None}),
        kept.count(None),
    )


def _entries(connection: Connection, keys: SubjectKeys, exchange: ExchangeId) -> Sequence[Placed]:
    own = select(ENTRIES.c.entry).where(ENTRIES.c.exchange == exchange)
    linking = select(LINKS.c.sequence).where(LINKS.c.target.in_(own))
    which = or_(ENTRIES.c.exchange == exchange, ENTRIES.c.sequence.in_(linking))
    rows = connection.execute(
        select(ENTRIES.c.sequence, ENTRIES.c.tree_index).where(which).order_by(ENTRIES.c.sequence)
    ).all()
    waiting = {row.sequence for row in rows if row.tree_index is None}
    found = [
        each
        for row in rows
        if row.tree_index is not None
        for each in placed(connection, keys, row.tree_index, row.tree_index + 1)
        if each.sequence == row.sequence
    ]
    return [*found, *(each for each in (unplaced(connection, keys) if waiting else ()) if each.sequence in waiting)]


def _checked(
    connection: Connection, keys: SubjectKeys, verifier: Verifier, erasures: Erasures, which: tuple[Placed, bool]
) -> EntryChecked:
    each, waits = which
    report = Report(verifier.name, verifier.text)
    leaf = Walk(connection, report, erasures).check(each)
    found = list(report.findings)
    if leaf is not None:
        found += [Finding(LINK, each.index)] if not _links_hold(connection, each, leaf["links"]) else []
    if waits and each.mac != keys.mac(each.leaf_hash) and (each.mac or each.index):
        found.append(Finding(LEAF, each.index))
    if not waits:
        known = {finding.code for finding in found}
        found += [one for one in _by_proof(connection, keys, verifier, each) if one.code not in known]
    return EntryChecked(
        EntryId(each.entry),
        each.kind,
        each.index,
        each.leaf_hash.hex(),
        waits,
        found,
        tuple(_texts(each, leaf, report, erasures)),
    )


def _texts(each: Placed, leaf: Mapping[str, Any] | None, report: Report, erasures: Erasures) -> Iterator[TextVerdict]:
    wrong = {finding.what: finding.code for finding in report.findings if finding.what}
    if each.leaf is None:
        yield _because(WHOLE, erasures.of_leaf(each.index, each.entry, each.leaf_hash))
    for path in sorted({*(leaf["commitments"] if leaf else ()), *each.fields}):
        if path in wrong or path in each.fields:
            yield TextVerdict(path, wrong.get(path, PRESENT))
        else:
            yield _because(path, erasures.of_field(each.index, each.entry, path))


def _because(path: str, why: Erasure | None) -> TextVerdict:
    return TextVerdict(path, why.verdict, why.index, why.rule) if why else TextVerdict(path, MISSING)


def _links_hold(connection: Connection, each: Placed, links: Sequence[str]) -> bool:
    """Whether an entry names what the table says, and each of these is an earlier entry."""
    rows = connection.execute(
        select(LINKS.c.target, INDEX.label("place"))
        .join_from(LINKS, ENTRIES, ENTRIES.c.entry == LINKS.c.target, isouter=True)
        .where(LINKS.c.sequence == each.sequence)
        .order_by(LINKS.c.position)
    ).all()
    named = [row.target for row in rows]
    return named == list(links) and all(row.place is not None and row.place < each.index for row in rows)


def _by_proof(connection: Connection, keys: SubjectKeys, verifier: Verifier, each: Placed) -> Sequence[Finding]:
    """What the outsiders' verifier says of the proof of this entry."""
    try:
        made = canonical(bundle(connection, keys, verifier, EntryId(each.entry)))
    except _BROKEN:
        return [Finding(UNREADABLE, each.index)]
    told = outsiders.check(io.BytesIO(made), verifier.text, (), ())
    return [Finding(code, each.index) for code in dict.fromkeys(code for code, _ in told.shown)]


def _opened(note: str, verifier: Verifier) -> Checkpoint | None:
    try:
        return opened(note, verifier)
    except BadNote:
        return None


def _agreed(connection: Connection, verifier: Verifier, each: Placed, note: str) -> int | None:
    """The size of a checkpoint kept outside if the log begins with it; None where it does not, or is not this log's."""
    try:
        made = canonical(bundle(connection, None, verifier, EntryId(each.entry), (note,)))
    except _BROKEN:
        return None
    told = outsiders.check(io.BytesIO(made), verifier.text, (note,), ())
    return told.agreed[0] if told.agreed and not {code for code, _ in told.shown} & _OF_NOTES else None

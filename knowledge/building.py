"""Building a snapshot: aside, synced, then renamed into place."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bot.ports import WordAnalyzer
from bot.records import Passage, SnapshotId, Stamp
from knowledge import lexical
from knowledge.adapters.chroma import write_vectors
from knowledge.cleaning import clean
from knowledge.documents import Loaded
from knowledge.durable import sync, sync_tree
from knowledge.linking import searched
from knowledge.manifests import FORMAT, DocumentEntry, Manifest, SnapshotDamaged, check, hash_file
from knowledge.passages_json import to_json
from knowledge.retrieval import RETRIEVAL, indexed_text
from knowledge.units import rows_of
from knowledge.words import content_words, grams, readings


@dataclass(frozen=True, slots=True)
class Item:
    """A loaded document on its way into a snapshot; ``bundled`` ones come with the software."""

    loaded: Loaded
    bundled: bool


def snapshots_of(desk_directory: Path) -> Path:
    return desk_directory / "snapshots"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a snapshot is made from."""

    items: Sequence[Item]
    embedding: Stamp

    @property
    def passages(self) -> list[Passage]:
        return [passage for item in self.items for passage in item.loaded.passages]

    @property
    def searched(self) -> list[Passage]:
        """The passages that carry vectors and words of their own."""
        return searched(self.passages)

    @property
    def digest(self) -> str:
        """The digest of everything that shapes the snapshot."""
        made_of = {
            "format": FORMAT,
            "documents": [_shaping(item) for item in self.items],
            "passages": to_json(self.passages),
            "embedding": asdict(self.embedding),
            "retrieval": asdict(RETRIEVAL.stamp),
        }
        return hashlib.sha256(json.dumps(made_of, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def id_of(digest: str) -> SnapshotId:
    return SnapshotId(digest[:20])


def build(desk_directory: Path, recipe: Recipe, vectors: Sequence[bytes], analyzer: WordAnalyzer) -> SnapshotId:
    """Builds the snapshot of these documents unless it exists; ``vectors`` are packed, in the order of ``rows_of``.

    Does not activate it. Raises OSError; whatever was begun is then no snapshot and is cleared by the next build.
    """
    digest = recipe.digest
    root = snapshots_of(desk_directory)
    root.mkdir(parents=True, exist_ok=True)
    with _building(root):
        final = root / id_of(digest)
        if final.is_dir():
            with suppress(SnapshotDamaged):
                check(final)
                return id_of(digest)
            final.rename(root / f".building-damaged-{os.getpid()}")
        aside = Path(tempfile.mkdtemp(prefix=".building-", dir=root))
        _fill(aside, recipe, vectors, analyzer)
        sync_tree(aside)
        aside.rename(final)
        sync(root)
        _clear_leftovers(root)
    return id_of(digest)


def _fill(aside: Path, recipe: Recipe, vectors: Sequence[bytes], analyzer: WordAnalyzer) -> None:
    passages, digest = recipe.passages, recipe.digest
    matrix = np.frombuffer(b"".join(vectors), dtype=np.float32).reshape(len(vectors), -1 if vectors else 0)
    write_vectors(aside / "vectors", matrix)
    own = recipe.searched
    texts = [clean(indexed_text(passage), longest=20_000) for passage in own]
    words = [[word for line in text.split("\n") for word in analyzer.words(line)] for text in texts]
    lexical.build([content_words(each) for each in words]).save(aside / "words")
    lexical.build([grams(text) for text in texts]).save(aside / "characters")
    lexical.build([readings(each) for each in words]).save(aside / "readings")
    (aside / "passages.json").write_text(json.dumps(to_json(passages), ensure_ascii=False), encoding="utf-8")
    files = sorted(
        file for file in aside.rglob("*") if file.is_file() and "vectors" not in file.relative_to(aside).parts
    )
    manifest = Manifest(
        format=FORMAT,
        id=id_of(digest),
        digest=digest,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        documents=tuple(_entry(item) for item in recipe.items),
        embedding=recipe.embedding,
        retrieval=RETRIEVAL.stamp,
        counts={
            "documents": len(recipe.items),
            "passages": len(passages),
            "rows": len(rows_of(own)),
            "originals_behind_notes": len(passages) - len(own),
            "facts": sum(len(passage.facts) for passage in passages),
            "gaps": sum(len(passage.gaps) for passage in passages),
        },
        files={str(file.relative_to(aside)): hash_file(file) for file in files},
        vectors=hashlib.sha256(b"".join(vectors)).hexdigest(),
    )
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    (aside / "manifest.json").write_text(text, encoding="utf-8")


def _shaping(item: Item) -> dict[str, object]:
    """What of a document's entry shapes the snapshot: the same text read by a newer reader is the same snapshot."""
    entry = asdict(_entry(item))
    return {name: value for name, value in entry.items() if name not in {"made_from", "remarks"}}


def _entry(item: Item) -> DocumentEntry:
    document, loaded = item.loaded.document, item.loaded
    return DocumentEntry(
        id=document.id,
        title=document.title,
        publisher=document.publisher,
        validity=document.validity,
        as_of=document.as_of,
        version=document.version,
        audience=tuple(sorted(loaded.audience)),
        review_by=loaded.review_by.isoformat() if loaded.review_by else None,
        bundled=item.bundled,
        passages=len(loaded.passages),
        supersedes=loaded.supersedes,
        made_from=loaded.made_from,
        remarks=loaded.remarks,
    )


@contextmanager
def _building(root: Path) -> Iterator[None]:
    """One build at a time for a desk; what a killed build left behind is cleared first."""
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _clear_leftovers(root)
        yield


def _clear_leftovers(root: Path) -> None:
    for leftover in root.glob(".building-*"):
        shutil.rmtree(leftover, ignore_errors=True)

#!/usr/bin/env python3
"""Checks a proof bundle or an export of the record, offline, without trusting whoever made it.

    python verifier.py FILE [--key KEY] [--checkpoint FILE]... [--receipt FILE]... [--lang ja|en] [--json]

This one file needs Python 3.11 or newer and the package ``cryptography``; it was written from docs/record.md ("The
record and how to check it") and shares no code with the service. KEY is the log's verifier key as you know it from
elsewhere; checkpoints and receipts are files that you, or somebody you trust, kept. It prints one page.
Exit status: 0 nothing bad was found, 1 bad news, 2 wrong use, 3 ``cryptography`` is not installed.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import hashlib
import json
import re
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import reduce
from pathlib import Path
from typing import Any, BinaryIO

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.stderr.write("verifier: the Python package 'cryptography' is needed (pip install cryptography)\n")
    raise SystemExit(3) from None

BUNDLE, EXPORT, ENTRY = "madoguchi-bundle-v1", "madoguchi-export-v1", "madoguchi-entry-v1"
PRESENT, ERASED, EXPIRED, MISSING, ALTERED, WITHHELD = "present", "erased", "expired", "missing", "altered", "withheld"
VERDICTS = (PRESENT, ERASED, EXPIRED, MISSING, ALTERED, WITHHELD)
TEXT_MEMBERS = ("v", "log", "entry", "kind", "time", "clock", "subject")
LEAF_MEMBERS = {*TEXT_MEMBERS, "meta", "links", "commitments"}
HEADER_MEMBERS = {"format", "log", "key", "contents", "checkpoint"}
MOST_SHOWN, MOST_BYTES = 20, 1 << 26
LEAF = "\0"  # in place of a path: the whole leaf
PLACE = (1 << 40) - 1
HEX32 = re.compile(r"[0-9a-f]{64}\Z")
NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)

Head = tuple[int, bytes]  # size and root


class Bad(Exception):
    """Bad news: its code (a row of TEXTS) and what it is about."""

    def __init__(self, code: str, what: object = "") -> None:
        super().__init__(code)
        self.code, self.what = code, str(what)


def need(condition: object, code: str = "form", what: object = "") -> None:
    if not condition:
        raise Bad(code, what)


@contextmanager
def broken_is(code: str, unless: type[Exception] = StopIteration) -> Iterator[None]:
    """Whatever is wrong with a thing is bad news of this code."""
    try:
        yield
    except unless:
        raise
    except (Bad, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise Bad(code) from None


def parsed(text: str) -> Any:
    """Strict JSON: no member twice, no NaN, well-formed Unicode."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len(dict(pairs)) == len(pairs))
        return dict(pairs)

    with broken_is("form"):
        value = json.loads(text, object_pairs_hook=once, parse_constant=lambda _: need(condition=False))
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a character may also be written as an escape
        return value


def members(value: Any, names: set[str], *more: str) -> dict[str, Any]:
    need(isinstance(value, dict) and names <= value.keys() <= names.union(more))
    found: dict[str, Any] = value
    return found


def whole(value: Any) -> bool:
    return type(value) is int and value >= 0


def unbase64(text: str) -> bytes:
    with broken_is("form"):
        value = base64.b64decode(text.encode("ascii"), validate=True)
        need(base64.b64encode(value).decode("ascii") == text)
        return value


def hashes_of(texts: list[str]) -> list[bytes]:
    found = [unbase64(each) for each in texts]
    need(isinstance(texts, list) and all(len(each) == 32 for each in found))
    return found


class Key:
    """A verifier key, ``name+keyid+key``."""

    def __init__(self, text: Any) -> None:
        with broken_is("key"):
            self.text = text.strip()
            self.name, _, rest = self.text.partition("+")
            key_id, _, encoded = rest.partition("+")
            value = unbase64(encoded)
            need(self.name and not re.search(r"\s", self.name) and len(value) == 33 and value[0] == 1)
            self.id = digest(self.name.encode("utf-8"), b"\n", value)[:4]
            need(self.id.hex() == key_id)
            self._key = Ed25519PublicKey.from_public_bytes(value[1:])

    def signed(self, signature: bytes, data: bytes) -> bool:
        with suppress(InvalidSignature):
            self._key.verify(signature, data)
            return True
        return False


def opened(note: Any, key: Key, code: str = "checkpoint") -> Head:
    """Size and root of a checkpoint whose signature is right."""
    with broken_is(code):
        need(isinstance(note, str) and len(note) <= 65536 and note.endswith("\n"))
        need(not any((ord(sign) < 32 and sign != "\n") or 0xD800 <= ord(sign) <= 0xDFFF for sign in note))
        at = note.rfind("\n\n")
        need(at > 0)
        text, ours = note[: at + 1], []
        for line in note[at + 2 : -1].split("\n"):
            parts = line.split(" ")
            need(len(parts) == 3 and parts[0] == "\u2014" and parts[1] and "+" not in parts[1])
            value = unbase64(parts[2])
            need(len(value) > 4)
            if parts[1] == key.name and value[:4] == key.id:
                ours.append(value[4:])
        need(ours and all(key.signed(each, text.encode("utf-8")) for each in ours))
        lines = text[:-1].split("\n")
        need(len(lines) >= 3 and all(lines) and lines[0] == key.name and NUMBER.match(lines[1]))
        return int(lines[1]), hashes_of([lines[2]])[0]


def digest(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def climb(fn: int, sn: int, found: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The hashes that a proof leads to: with what lies left of it alone, and with all of it. None if the proof has not
    the right length (RFC 9162, 2.1.3.2 and 2.1.4.2).
    """
    left = found
    for each in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            left, found = digest(b"\x01", each, left), digest(b"\x01", each, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = digest(b"\x01", found, each)
        fn, sn = fn >> 1, sn >> 1
    return (left, found) if sn == 0 else None


def consistent(one: Head, other: Head, proof: list[bytes]) -> bool:
    """Whether the larger of two trees begins with the smaller."""
    (old, old_root), (new, new_root) = sorted((one, other))
    if old == new:
        return not proof and old_root == new_root
    if old == 0 or not proof:
        return False
    first, *path = proof if old & (old - 1) else [old_root, *proof]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return climb(fn, sn, first, path) == (old_root, new_root)


class Tree:
    """The roots of the complete subtrees of what was added so far."""

    def __init__(self) -> None:
        self.size = 0
        self._row: list[bytes] = []

    def add(self, found: bytes) -> None:
        at = self.size
        while at & 1:
            found, at = digest(b"\x01", self._row.pop(), found), at >> 1
        self._row.append(found)
        self.size += 1

    def root(self) -> bytes:
        return reduce(lambda right, left: digest(b"\x01", left, right), reversed(self._row)) if self._row else digest()


def read_leaf(text: Any, log: str) -> dict[str, Any]:
    """The members of a leaf."""
    with broken_is("leaf"):
        leaf = members(parsed(text), LEAF_MEMBERS)
        need(all(isinstance(leaf[name], str) for name in TEXT_MEMBERS) and leaf["v"] == ENTRY and leaf["log"] == log)
        need(isinstance(leaf["meta"], dict) and isinstance(leaf["links"], list))
        need(all(isinstance(each, str) for each in leaf["links"]) and isinstance(leaf["commitments"], dict))
        need(all(isinstance(each, str) and HEX32.match(each) for each in leaf["commitments"].values()))
        return leaf


def commitment(path: str, field: Any) -> str | None:
    """The commitment that a text with its salt gives, in hex; None if they are not well formed."""
    with suppress(Bad), broken_is("altered"):
        members(field, {"salt", "value"})
        salt, name, value = bytes.fromhex(field["salt"]), path.encode("utf-8"), field["value"].encode("utf-8")
        need(len(salt) >= 16 and salt.hex() == field["salt"])
        parts = [len(part).to_bytes(4, "big") + part for part in (name, salt)]
        return digest(b"audit-field-v1", *parts, value).hex()
    return None


def named_by(meta: dict[str, Any]) -> tuple[list[tuple[str, str, str, str]], str, str | None]:
    """What an erasure names, the verdict it gives, its rule. It names nothing if it has another shape."""
    things: list[tuple[str, str, str, str]] = []
    try:
        basis, rule, targets, pruned = meta["basis"], meta["rule"], meta["targets"], meta.get("pruned", [])
        need(basis in ("expiry", "suspension", "unlawful") and isinstance(targets, list) and isinstance(pruned, list))
        need((rule is None) == (basis != "expiry"))
        told = None if rule is None else [rule["name"], rule["version"]]
        need(told is None or all(isinstance(each, str) for each in told))
        for each in targets:
            need(isinstance(each["entry"], str) and isinstance(each["paths"], list))
            need(all(isinstance(path, str) for path in each["paths"]))
            things += [("text", each["entry"], path, "") for path in each["paths"]]
        for each in pruned:
            need(whole(each["index"]) and isinstance(each["entry"], str) and HEX32.match(each["leaf"]))
            things.append(("leaf", str(each["index"]), each["leaf"], each["entry"]))
    except (Bad, KeyError, TypeError):
        return [], ERASED, None
    return things, EXPIRED if basis == "expiry" else ERASED, " ".join(told) if told else None


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)


def promise_of(receipt: Any, key: Key) -> dict[str, Any]:
    """What a receipt promises, after its signature was checked; either form."""
    texts = {"code", "log", "entry", "leaf", "time"}
    with broken_is("receipt"):
        if "promise" in receipt:
            text = members(receipt, {"promise", "signature"})["promise"]
        else:
            given = {name: value for name, value in receipt.items() if name != "signature" and value is not None}
            given["time"] = moment(given["time"]).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            text = json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        need(key.signed(unbase64(receipt["signature"]), text.encode("utf-8")))
        promise = members(parsed(text), texts | {"longest_delay_seconds"}, "checkpoint")
        need(all(isinstance(promise[name], str) for name in texts) and promise["log"] == key.name)
        need(whole(promise["longest_delay_seconds"]) and moment(promise["time"]))
        return promise


def short(*parts: str) -> int:
    """64 bits that stand for a name, so that a long log fits into memory."""
    named = [part.encode("utf-8") for part in parts]
    return int.from_bytes(digest(*(len(part).to_bytes(4, "big") + part for part in named))[:8], "big")


class Findings:
    """Everything a check finds. Why a thing is missing is settled at the end, when all erasures are known."""

    def __init__(self, log: str, *, closed: bool) -> None:
        self.log, self.closed, self.bad, self.size = log, closed, 0, 0
        self.shown: list[tuple[str, str]] = []
        self.verdicts = dict.fromkeys(VERDICTS, 0)
        self.pruned = dict.fromkeys((ERASED, EXPIRED, MISSING), 0)
        self.detail: list[tuple[int, str, str, int | None, str | None]] = []
        self.agreed: list[int] = []
        self.heads, self.promises = list[Head](), list[dict[str, Any]]()
        self.key = self.newest = self.about = ""
        self._missing = array("Q"), array("Q"), array("L")  # name, index, number of the path
        self._paths: list[str] = []
        self._explained: dict[int, list[tuple[int, str, str | None, str]]] = {}
        self._ids, self._places, self._links, self._linking = array("Q"), array("Q"), array("Q"), array("Q")

    def add(self, code: str, what: object = "") -> None:
        self.bad += 1
        if len(self.shown) < MOST_SHOWN:
            self.shown.append((code, str(what)))

    def entry(self, index: int, item: dict[str, Any]) -> tuple[bytes, dict[str, Any] | None]:
        """One entry (``leaf`` or ``leaf_hash``, ``fields``): its leaf hash, and its members where they are there."""
        fields = item.get("fields", {})
        need(isinstance(fields, dict) and not (self.closed and fields), "form", index)
        if "leaf_hash" in item:
            need(isinstance(item["leaf_hash"], str) and HEX32.match(item["leaf_hash"]) and not fields, "form", index)
            self._miss(index, LEAF, ("leaf", str(index), item["leaf_hash"]))
            return bytes.fromhex(item["leaf_hash"]), None
        need(isinstance(item.get("leaf"), str), "form", index)
        found, leaf = digest(b"\x00", item["leaf"].encode("utf-8")), self._tried(read_leaf, item["leaf"], self.log)
        if leaf is None:
            return found, None
        self._texts(index, leaf, fields)
        if leaf["kind"] == "erasure":
            self.explain(index, leaf["meta"])
        self.newest = max(self.newest, leaf["time"])
        self._ids.append(short(leaf["entry"]))
        self._places.append(index)
        for each in leaf["links"]:
            self._links.append(short(each))
            self._linking.append(index)
        return found, leaf

    def _texts(self, index: int, leaf: dict[str, Any], fields: dict[str, Any]) -> None:
        committed = leaf["commitments"]
        for path in [*committed, *(each for each in fields if each not in committed)]:
            if self.closed:
                self._verdict(index, path, WITHHELD)
            elif path not in fields:
                self._miss(index, path, ("text", leaf["entry"], path))
            elif commitment(path, fields[path]) == committed.get(path, ""):
                self._verdict(index, path, PRESENT)
            else:
                self._verdict(index, path, ALTERED)
                self.add("altered", f"{index} {path}")

    def _miss(self, index: int, path: str, name: tuple[str, ...]) -> None:
        if path not in self._paths:
            self._paths.append(path)
        for row, value in zip(self._missing, (short(*name), index, self._paths.index(path)), strict=True):
            row.append(value)

    def explain(self, index: int, meta: dict[str, Any]) -> None:
        things, verdict, rule = named_by(meta)
        for *name, entry in things:
            self._explained.setdefault(short(*name), []).append((index, verdict, rule, entry))

    def _verdict(self, index: int, path: str, verdict: str, by: int | None = None, rule: str | None = None) -> None:
        self.verdicts[verdict] += 1
        if len(self.detail) < 100 * MOST_SHOWN:
            self.detail.append((index, path, verdict, by, rule))

    def keep(self, notes: Sequence[str], receipts: Sequence[Any], key: Key) -> None:
        """Take the checkpoints and receipts that somebody kept."""
        self.key = key.text
        self.promises = [each for each in (self._tried(promise_of, each, key) for each in receipts) if each]
        kept = [*notes, *(each["checkpoint"] for each in self.promises if "checkpoint" in each)]
        self.heads = [each for each in (self._tried(opened, note, key, "outside") for note in kept) if each]

    def _tried(self, work: Callable[..., Any], *given: Any) -> Any:
        try:
            return work(*given)
        except Bad as bad:
            self.add(bad.code, bad.what)

    def compare(self, roots: dict[int, set[bytes]]) -> None:
        """Each checkpoint that somebody kept must be one of the file's own heads."""
        for size, root in self.heads:
            if root in roots.get(size, ()):
                self.agreed.append(size)
            else:
                self.add("outside" if size in roots else "unreached", size)

    def settle(self) -> None:
        """Say why each missing thing is missing: by the first erasure that is later."""
        for at, index, path in zip(*self._missing, strict=True):
            later = sorted(each for each in self._explained.get(at, ()) if each[0] > index)
            by, verdict, rule, entry = later[0] if later else (None, MISSING, None, "")
            if self._paths[path] == LEAF:
                self.pruned[verdict] += 1
                self._ids.append(short(entry))
                self._places.append(index)
            else:
                self._verdict(index, self._paths[path], verdict, by, rule)
            if verdict == MISSING:
                self.add("missing", f"{index} {self._paths[path]}".strip())

    def settle_links(self) -> None:
        """No id twice, and every link leads to an earlier entry."""
        ids = sorted(each << 40 | at for each, at in zip(self._ids, self._places, strict=True))
        links = iter(sorted(each << 40 | at for each, at in zip(self._links, self._linking, strict=True)))
        link, last = next(links, None), -1
        for each in [*ids, 1 << 200]:
            if each >> 40 == last:
                self.add("order", each & PLACE)
                continue
            last = each >> 40
            while link is not None and link >> 40 <= last:
                if link >> 40 < last or each & PLACE >= link & PLACE:
                    self.add("link", link & PLACE)
                link = next(links, None)


def begun(first: Any, key_text: str | None, notes: Sequence[str], receipts: Sequence[Any]) -> tuple[Findings, Key]:
    """The findings, with what was kept, and the key that everything is checked with."""
    key = Key(key_text or first["key"])
    need(key.name == first["log"] and first["key"] == key.text, "key")
    need(first["contents"] in ("opened", "closed") and first["format"] in (BUNDLE, EXPORT))
    findings = Findings(first["log"], closed=first["contents"] == "closed")
    findings.keep(notes, receipts, key)
    return findings, key


def check_bundle(bundle: Any, key_text: str | None, notes: Sequence[str], receipts: Sequence[Any]) -> Findings:
    """One entry with its proofs. Raises Bad where nothing more can be checked."""
    members(bundle, {*HEADER_MEMBERS, "entry", "inclusion", "consistency", "erasures"}, "receipt")
    findings, key = begun(bundle, key_text, notes, receipts)
    own = promise_of(bundle["receipt"], key) if "receipt" in bundle else {}
    head = opened(bundle["checkpoint"], key)
    findings.size, roots = head[0], {head[0]: {head[1]}}
    for item in bundle["consistency"]:
        other = opened(members(item, {"checkpoint", "proof"})["checkpoint"], key)
        if consistent(other, head, hashes_of(item["proof"])):
            roots.setdefault(other[0], set()).add(other[1])
        else:
            findings.add("consistency", other[0])
    item = members(bundle["entry"], {"index", "leaf_hash" if "leaf_hash" in bundle["entry"] else "leaf"}, "fields")
    found, leaf = findings.entry(item["index"], item)
    findings.about = f"{item['index']} {leaf['kind']} {leaf['time']}" if leaf is not None else str(item["index"])
    prove(found, item["index"], bundle["inclusion"], head)
    for item in bundle["erasures"]:
        erasure = read_leaf(members(item, {"index", "leaf", "inclusion"})["leaf"], findings.log)
        prove(digest(b"\x00", item["leaf"].encode("utf-8")), item["index"], item["inclusion"], head)
        if erasure["kind"] == "erasure":
            findings.explain(item["index"], erasure["meta"])
    findings.settle()
    findings.compare(roots)
    if "checkpoint" in own:
        size, root = opened(own["checkpoint"], key)
        need(root in roots.get(size, ()), "receipt")
    for promise in [*findings.promises, *([own] if own else [])]:
        if promise["leaf"] != found.hex() or (leaf is not None and promise["entry"] != leaf["entry"]):
            findings.add("promise")
    return findings


def prove(found: bytes, index: Any, proof: Any, head: Head) -> None:
    """Raises Bad where the proof does not lead from the leaf hash to the head."""
    need(whole(index) and index < head[0])
    climbed = climb(index, head[0] - 1, found, hashes_of(proof))
    need(climbed and climbed[1] == head[1], "inclusion", index)


def check_export(
    first: Any, lines: Iterator[Any], key_text: str | None, notes: Sequence[str], receipts: Sequence[Any]
) -> Findings:
    """A whole log. Raises Bad where nothing more can be checked."""
    members(first, {*HEADER_MEMBERS, "size"})
    findings, key = begun(first, key_text, notes, receipts)
    tree, signed, roots = Tree(), 0, {0: {Tree().root()}}
    wanted, promised = {size for size, _ in findings.heads}, {each["leaf"] for each in findings.promises}
    for item in lines:
        if "checkpoint" in item:
            signed, root = opened(members(item, {"checkpoint"})["checkpoint"], key)
            need((signed, root) == (tree.size, tree.root()), "root", signed)
            continue
        members(item, {"index", "leaf_hash" if "leaf_hash" in item else "leaf"}, "fields")
        need(type(item["index"]) is int and item["index"] == tree.size, "order", tree.size)
        found, _ = findings.entry(tree.size, item)
        promised.discard(found.hex())
        tree.add(found)
        if tree.size in wanted:
            roots[tree.size] = {tree.root()}
    findings.size = tree.size
    need(opened(first["checkpoint"], key) == (tree.size, tree.root()), "root", tree.size)
    need(first["size"] == signed == tree.size, "form")
    findings.settle()
    findings.settle_links()
    findings.compare(roots)
    for promise in findings.promises:
        if promise["leaf"] in promised:
            late = moment(promise["time"]) + datetime.timedelta(seconds=promise["longest_delay_seconds"])
            findings.add("promise" if findings.newest and moment(findings.newest) > late else "early")
    return findings


def check(file: BinaryIO, key_text: str | None, notes: Sequence[str], receipts: Sequence[Any]) -> Findings:
    """A bundle or an export. Never raises for what a file holds: bad news is in the findings."""

    def line_of(line: bytes) -> Any:
        need(line.endswith(b"\n"))
        return parsed(line.decode("utf-8"))

    try:
        with broken_is("form", unless=Bad):
            line = file.readline()
            if not re.search(rb'"format"\s*:\s*"' + EXPORT.encode(), line):  # a bundle, which may have several lines
                return check_bundle(parsed((line + file.read(MOST_BYTES)).decode("utf-8")), key_text, notes, receipts)
            first = line_of(line)
            return check_export(first, map(line_of, file), key_text, notes, receipts)
    except Bad as bad:
        findings = Findings("", closed=True)
        findings.add(bad.code, bad.what)
        return findings


TEXTS = """
form|ファイルの形式が定められたものではありません|the file is not of the written form
key|検証鍵が、この台帳のものではありません|the key is not this log's
checkpoint|ファイルの中のチェックポイントの署名が正しくありません|a checkpoint in the file is not rightly signed
root|記録の内容が、署名されたチェックポイントと一致しません|the entries are not those that were signed
inclusion|署名された台帳にあることが証明されません|the entry is not proved to be in the signed log
consistency|二つのチェックポイントが、一つの台帳のものではありません|two checkpoints are not of one log
order|記録の番号に抜けか重なりがあります|entries are not numbered without a gap, or one comes twice
leaf|記録の形が定められたものではありません|an entry is not of the written form
link|先にあるはずの記録がありません|an entry names one that is not before it
altered|文章が、記録されたものと違います|a text is not the one that was recorded
missing|消えていて、その理由の記録がありません|something is gone and no entry says why
outside|お手元のチェックポイントと台帳が食い違います|the log contradicts a checkpoint that was kept
unreached|お手元のチェックポイントに届きません。新しいファイルが要ります|it ends before a checkpoint that was kept
receipt|控えの署名が正しくありません|a receipt is not rightly signed
promise|控えが約束した記録がありません|what a receipt promised is not there
early|控えの記録がまだありません。新しいファイルが要ります|a receipt's entry may not be there yet; ask for a newer file
present.|記録されたとおり|present, and as recorded
erased.|消去の記録あり|erased by an entry
expired.|保存期間の定めにより廃棄|expired by a rule
missing.|記録なしに消えている|missing without an entry
altered.|改変されている|altered
withheld.|このファイルには載せていない|not shown in this file
title|記録の検証結果|Result of checking the record
good|問題は見つかりませんでした。|Nothing bad was found.
bad|問題が見つかりました：|Bad news:
log|台帳|Log
size|署名された台帳の記録数|Entries in the signed log
entry|検証した記録|Entry that was checked
given|検証鍵（別に渡されたもの）|Key (given from elsewhere)
own|検証鍵（ファイル自身のもの。公表された鍵と比べてください）|Key (the file's own: compare it with the published one)
kept|お手元のチェックポイント・控えと一致（記録数）|Agrees with checkpoints and receipts that were kept (entries)
alone|お手元のチェックポイント・控えとは照合していません|Not compared with anything that was kept
texts|文章ごとの判定|Verdict on each text
leaves|記録そのものの廃棄|Whole entries gone
by|記録の番号|by entry
rule|規則|rule
not|この検証が証明しないこと：記録が真実であること、すべてが記録されたこと、消去された文章の中身、時刻の正しさ\
（証明されるのは順序だけ）、決定をした人が誰か、手元の控えと照合しない場合に台帳が丸ごと書き直されていないこと。|\
What this does not prove: that the record is true; that everything was recorded; what an erased text said; the time of \
an entry (only the order); who decided; and, if nothing that was kept was compared, that the log was not written anew.
"""
SAID = {name: (ja, en) for name, ja, en in (line.split("|") for line in TEXTS.strip().split("\n"))}


def page(findings: Findings, language: int, *, given: bool) -> Iterator[str]:
    """One page for a reader who is no engineer."""
    words = {name: texts[language] for name, texts in SAID.items()}
    yield f"== {words['title']} =="
    yield f"{words['bad']} {findings.bad}" if findings.bad else words["good"]
    for code, what in findings.shown:
        yield f"  ! {words[code]}" + (f" [{what}]" if what else "")
    yield f"{words['log']}: {findings.log}"
    yield f"{words['size']}: {findings.size}"
    yield f"{words['entry']}: {findings.about or '-'}"
    yield f"{words['given' if given else 'own']}: {findings.key}"
    agreed = ", ".join(map(str, sorted(findings.agreed)))
    yield f"{words['kept']}: {agreed}" if agreed else words["alone"]
    for title, counts in (("texts", findings.verdicts), ("leaves", findings.pruned)):
        told = [f"{words[f'{verdict}.']} {count}" for verdict, count in counts.items() if count]
        if told:
            yield f"{words[title]}: " + " / ".join(told)
    for index, path, verdict, by, rule in findings.detail[:MOST_SHOWN]:
        more = [f"{words[name]} {told}" for name, told in (("by", by), ("rule", rule)) if told is not None]
        yield f"  {index} {path}: {words[f'{verdict}.']}" + (f" ({', '.join(more)})" if more else "")
    yield words["not"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check a proof bundle or an export of the record, offline.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", help="the log's verifier key, as you know it from elsewhere")
    for name in ("checkpoint", "receipt"):
        parser.add_argument(f"--{name}", type=Path, action="append", default=[], help=f"a {name} that was kept")
    parser.add_argument("--lang", choices=("ja", "en"), default="ja")
    parser.add_argument("--json", action="store_true", help="print figures instead of a page")
    given = parser.parse_args(arguments)
    try:
        notes = [each.read_bytes().decode("utf-8") for each in given.checkpoint]
        receipts = [parsed(each.read_bytes().decode("utf-8")) for each in given.receipt]
        with given.file.open("rb") as file:
            findings = check(file, given.key, notes, receipts)
    except (OSError, ValueError, Bad) as problem:
        parser.error(f"a file cannot be read: {problem}")
    if given.json:
        told = {"well": not findings.bad, "size": findings.size, "bad": findings.bad, "findings": findings.shown}
        told |= {"fields": findings.verdicts, "leaves": findings.pruned, "outside": sorted(findings.agreed)}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        for line in page(findings, 0 if given.lang == "ja" else 1, given=given.key is not None):
            shown = (sign if sign.isprintable() else "?" for sign in line)  # nothing may move a terminal's cursor
            sys.stdout.write("".join(shown)[:1000] + "\n")
    return 1 if findings.bad else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""A second checker of bundles and exports, written from docs/record.md alone.

It shares no code with ``audit`` or the verifier and goes its own way where it can: the tree by its recursive definition
over all leaf hashes, proofs by recomputing which hashes they must hold, everything in memory.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections import Counter
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """The file cannot be what the page describes, or a signature or proof in it is wrong."""


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hold(condition: Any) -> None:
    if not condition:
        raise Refused


def read_json(text: str) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in found]
        hold(len(names) == len(set(names)))
        return dict(found)

    def constant(name: str) -> None:
        raise Refused(name)

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise Refused from None
    return value


def from_base64(text: Any) -> bytes:
    hold(isinstance(text, str) and len(text) % 4 == 0)
    alphabet = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    hold(set(text.rstrip("=")) <= alphabet and len(text) - len(text.rstrip("=")) <= 2)
    value = base64.b64decode(text)
    hold(base64.b64encode(value) == text.encode())
    return value


def is_hash(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 64 and set(text) <= set("0123456789abcdef")


def is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


# Signatures


class Signer:
    def __init__(self, text: Any) -> None:
        hold(isinstance(text, str))
        parts = text.split("+", 2)
        hold(len(parts) == 3)
        self.name = parts[0]
        raw = from_base64(parts[2])
        hold(self.name and not any(each.isspace() for each in self.name) and len(raw) == 33 and raw[0] == 1)
        self.key_id = sha(self.name.encode() + b"\n\x01" + raw[1:])[:4]
        hold(parts[1] == self.key_id.hex())
        self.key = Ed25519PublicKey.from_public_bytes(raw[1:])

    def check(self, signature: bytes, message: bytes) -> None:
        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            raise Refused from None

    def head(self, note: Any) -> tuple[int, bytes]:
        hold(isinstance(note, str))
        hold(not [each for each in note if ord(each) < 0x20 and each != "\n"])
        lines = note.split("\n")
        hold(lines.pop() == "" and "" in lines)
        last_blank = len(lines) - 1 - lines[::-1].index("")
        body, signatures = lines[:last_blank], lines[last_blank + 1 :]
        hold(signatures)
        own = 0
        for line in signatures:
            hold(line.startswith("— ") and line.count(" ") == 2)
            _, name, encoded = line.split(" ")
            value = from_base64(encoded)
            hold(name and len(value) > 4)
            if (name, value[:4]) == (self.name, self.key_id):
                self.check(value[4:], "".join(each + "\n" for each in body).encode("utf-8"))
                own += 1
        hold(own and len(body) >= 3 and all(body) and body[0] == self.name)
        hold(body[1].isascii() and body[1].isdigit() and str(int(body[1])) == body[1])
        root = from_base64(body[2])
        hold(len(root) == 32)
        return int(body[1]), root


# The tree by its definition


def tree(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else sha(b"")
    left = split(len(leaves))
    return sha(b"\x01" + tree(leaves[:left]) + tree(leaves[left:]))


def split(size: int) -> int:
    left = 1
    while left * 2 < size:
        left *= 2
    return left


def root_by_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The definition of a path, read backwards: its last hash is the other half of the whole tree."""
    hold(0 <= index < size)
    if size == 1:
        hold(not proof)
        return leaf
    hold(proof)
    left = split(size)
    if index < left:
        return sha(b"\x01" + root_by_inclusion(leaf, index, left, proof[:-1]) + proof[-1])
    return sha(b"\x01" + proof[-1] + root_by_inclusion(leaf, index - left, size - left, proof[:-1]))


def roots_by_consistency(
    old: int, new: int, proof: list[bytes], old_root: bytes, *, whole: bool
) -> tuple[bytes, bytes]:
    """The definition of a consistency proof, read backwards: (the old tree's root, the new tree's) within a subtree."""
    hold(0 < old <= new)
    if old == new:
        if whole:
            hold(not proof)
            return old_root, old_root
        hold(len(proof) == 1)
        return proof[0], proof[0]
    hold(proof)
    left = split(new)
    if old <= left:
        before, after = roots_by_consistency(old, left, proof[:-1], old_root, whole=whole)
        return before, sha(b"\x01" + after + proof[-1])
    before, after = roots_by_consistency(old - left, new - left, proof[:-1], old_root, whole=False)
    return sha(b"\x01" + proof[-1] + before), sha(b"\x01" + proof[-1] + after)


def agree(one: tuple[int, bytes], two: tuple[int, bytes], proof: list[bytes]) -> bool:
    (old, old_root), (new, new_root) = sorted([one, two])
    if old == new:
        return old_root == new_root and not proof
    try:
        return roots_by_consistency(old, new, proof, old_root, whole=True) == (old_root, new_root)
    except Refused:
        return False


# Entries

MEMBERS = {"v", "log", "entry", "kind", "time", "clock", "subject", "meta", "links", "commitments"}


def leaf_members(text: str, log: str) -> dict[str, Any] | None:
    try:
        leaf = read_json(text)
    except Refused:
        return None
    if not isinstance(leaf, dict) or set(leaf) != MEMBERS:
        return None
    texts = MEMBERS - {"meta", "links", "commitments"}
    shape = (
        all(isinstance(leaf[name], str) for name in texts)
        and isinstance(leaf["meta"], dict)
        and isinstance(leaf["links"], list)
        and all(isinstance(each, str) for each in leaf["links"])
        and isinstance(leaf["commitments"], dict)
        and all(is_hash(each) for each in leaf["commitments"].values())
    )
    return leaf if shape and leaf["v"] == "madoguchi-entry-v1" and leaf["log"] == log else None


def is_committed(path: str, given: Any, committed: Any) -> bool:
    if not isinstance(given, dict) or set(given) != {"salt", "value"}:
        return False
    salt, value = given["salt"], given["value"]
    if not isinstance(salt, str) or not isinstance(value, str) or set(salt) - set("0123456789abcdef"):
        return False
    if len(salt) < 32 or len(salt) % 2:
        return False
    salt_bytes, path_bytes = bytes.fromhex(salt), path.encode("utf-8")
    message = b"audit-field-v1" + len(path_bytes).to_bytes(4, "big") + path_bytes
    message += len(salt_bytes).to_bytes(4, "big") + salt_bytes + value.encode("utf-8")
    return sha(message).hex() == committed


def erasure_of(leaf: dict[str, Any]) -> dict[str, Any] | None:
    """The meta of an erasure of the right shape."""
    meta = leaf["meta"]
    if leaf["kind"] != "erasure" or not {"basis", "rule", "targets"} <= set(meta):
        return None
    rule, targets, pruned = meta["rule"], meta["targets"], meta.get("pruned", [])
    if meta["basis"] == "expiry":
        ruled = isinstance(rule, dict) and all(isinstance(rule.get(name), str) for name in ("name", "version"))
    else:
        ruled = meta["basis"] in ("suspension", "unlawful") and rule is None
    listed = isinstance(targets, list) and all(
        isinstance(each, dict)
        and isinstance(each.get("entry"), str)
        and isinstance(each.get("paths"), list)
        and all(isinstance(path, str) for path in each["paths"])
        for each in targets
    )
    cut = isinstance(pruned, list) and all(
        isinstance(each, dict)
        and is_count(each.get("index"))
        and isinstance(each.get("entry"), str)
        and is_hash(each.get("leaf"))
        for each in pruned
    )
    return meta if ruled and listed and cut else None


class Checked:
    """What was found: whether all is well, and how many texts have which verdict."""

    def __init__(self) -> None:
        self.bad: list[str] = []
        self.fields: Counter[str] = Counter()
        self.leaves: Counter[str] = Counter()
        self.size = 0

    @property
    def well(self) -> bool:
        return not self.bad


def explains(erasures: list[tuple[int, dict[str, Any]]], index: int, entry: str, path: str) -> str:
    for at, meta in sorted(erasures, key=lambda each: each[0]):
        named = any(each["entry"] == entry and path in each["paths"] for each in meta["targets"])
        if at > index and named:
            return "expired" if meta["basis"] == "expiry" else "erased"
    return "missing"


def explains_leaf(erasures: list[tuple[int, dict[str, Any]]], index: int, leaf: str) -> tuple[str, str | None]:
    for at, meta in sorted(erasures, key=lambda each: each[0]):
        for each in meta.get("pruned", []):
            if at > index and (each["index"], each["leaf"]) == (index, leaf):
                return ("expired" if meta["basis"] == "expiry" else "erased"), each["entry"]
    return "missing", None


def judge(found: Checked, index: int, item: dict[str, Any], leaf: dict[str, Any] | None,
          erasures: list[tuple[int, dict[str, Any]]], *, closed: bool) -> None:  # fmt: skip
    """The verdict on every text of one entry."""
    fields = item.get("fields", {})
    hold(isinstance(fields, dict) and not (closed and fields))
    if leaf is None:
        return
    for path in set(leaf["commitments"]) | set(fields):
        if closed:
            verdict = "withheld"
        elif path in fields:
            verdict = "present" if is_committed(path, fields[path], leaf["commitments"].get(path)) else "altered"
        else:
            verdict = explains(erasures, index, leaf["entry"], path)
        found.fields[verdict] += 1
        if verdict in ("missing", "altered"):
            found.bad.append(f"{verdict} {index} {path}")


def check(data: bytes, key: str | None = None, notes: tuple[str, ...] = (), receipts: tuple[Any, ...] = ()) -> Checked:
    """A bundle or an export."""
    found = Checked()
    try:
        text = data.decode("utf-8")
        try:
            whole = read_json(text)
        except Refused:
            whole = None
        if isinstance(whole, dict) and whole.get("format") == "madoguchi-bundle-v1":
            bundle(found, whole, key, notes, receipts)
        else:
            hold(text.endswith("\n"))
            export(found, [read_json(line) for line in text[:-1].split("\n")], key, notes, receipts)
    except (Refused, UnicodeError, KeyError, TypeError, AttributeError, ValueError) as problem:
        found.bad.append(f"refused {type(problem).__name__}")
    return found


def signer_of(first: Any, key: str | None, members: set[str], optional: set[str]) -> tuple[Signer, bool]:
    hold(isinstance(first, dict) and members <= set(first) <= members | optional)
    hold(first["contents"] in ("opened", "closed") and (key is None or first["key"] == key))
    signer = Signer(first["key"])
    hold(signer.name == first["log"])
    return signer, first["contents"] == "closed"


def entry_leaf(item: Any) -> tuple[bytes, str | None]:
    hold(isinstance(item, dict) and set(item) - {"fields"} in ({"index", "leaf"}, {"index", "leaf_hash"}))
    hold(is_count(item["index"]))
    if "leaf" in item:
        hold(isinstance(item["leaf"], str))
        return sha(b"\x00" + item["leaf"].encode("utf-8")), item["leaf"]
    hold(is_hash(item["leaf_hash"]) and not item.get("fields"))
    return bytes.fromhex(item["leaf_hash"]), None


def bundle(found: Checked, first: dict[str, Any], key: str | None, notes: Any, receipts: Any) -> None:
    members = {"format", "log", "key", "contents", "entry", "checkpoint", "inclusion", "consistency", "erasures"}
    signer, closed = signer_of(first, key, members, {"receipt"})
    head = signer.head(first["checkpoint"])
    found.size = head[0]

    def proven(item: Any, proof: Any) -> tuple[bytes, str | None]:
        leaf, text = entry_leaf(item)
        hold(isinstance(proof, list))
        hold(root_by_inclusion(leaf, item["index"], head[0], [from_base64(each) for each in proof]) == head[1])
        return leaf, text

    heads = [head]
    hold(isinstance(first["consistency"], list) and isinstance(first["erasures"], list))
    for each in first["consistency"]:
        hold(isinstance(each, dict) and set(each) == {"checkpoint", "proof"} and isinstance(each["proof"], list))
        other = signer.head(each["checkpoint"])
        if agree(head, other, [from_base64(one) for one in each["proof"]]):
            heads.append(other)
        else:
            found.bad.append("consistency")
    leaf, text = proven(first["entry"], first["inclusion"])
    erasures = []
    for each in first["erasures"]:
        hold(isinstance(each, dict) and set(each) == {"index", "leaf", "inclusion"})
        _, told = proven({"index": each["index"], "leaf": each["leaf"]}, each["inclusion"])
        erasing = leaf_members(told or "", signer.name)
        hold(erasing is not None)
        meta = erasure_of(erasing)
        if meta is not None:
            erasures.append((each["index"], meta))
    index = first["entry"]["index"]
    inside = None if text is None else leaf_members(text, signer.name)
    if text is None:
        verdict, _ = explains_leaf(erasures, index, leaf.hex())
        found.leaves[verdict] += 1
        if verdict == "missing":
            found.bad.append(f"missing {index}")
    elif inside is None:
        found.bad.append(f"leaf {index}")
    own = erasure_of(inside) if inside else None
    judge(found, index, first["entry"], inside, [*erasures, *([(index, own)] if own else [])], closed=closed)
    promises = [promise(signer, each) for each in receipts]
    kept = [signer.head(note) for note in [*notes, *(each["checkpoint"] for each in promises if "checkpoint" in each)]]
    if "receipt" in first:
        promises.append(promise(signer, first["receipt"]))
        hold("checkpoint" not in promises[-1] or signer.head(promises[-1]["checkpoint"]) in heads)
    found.bad += ["outside" for each in kept if each not in heads]
    for each in promises:
        if each["leaf"] != leaf.hex() or (inside is not None and each["entry"] != inside["entry"]):
            found.bad.append("promise")


def export(found: Checked, lines: list[Any], key: str | None, notes: Any, receipts: Any) -> None:
    first, *rest = lines
    signer, closed = signer_of(first, key, {"format", "log", "key", "contents", "size", "checkpoint"}, set())
    hold(first["format"] == "madoguchi-export-v1" and is_count(first["size"]))
    promises = [promise(signer, each) for each in receipts]
    kept = [signer.head(note) for note in [*notes, *(each["checkpoint"] for each in promises if "checkpoint" in each)]]
    hashes: list[bytes] = []
    items: list[dict[str, Any]] = []
    insides: list[dict[str, Any] | None] = []
    for line in rest:
        hold(isinstance(line, dict))
        if set(line) == {"checkpoint"}:
            hold(signer.head(line["checkpoint"]) == (len(hashes), tree(hashes)))
            continue
        leaf, text = entry_leaf(line)
        hold(line["index"] == len(hashes))
        hashes.append(leaf)
        items.append(line)
        insides.append(None if text is None else leaf_members(text, signer.name))
        if text is not None and insides[-1] is None:
            found.bad.append(f"leaf {line['index']}")
    found.size = len(hashes)
    hold(rest and set(rest[-1]) == {"checkpoint"} and first["size"] == len(hashes))
    hold(signer.head(first["checkpoint"]) == (len(hashes), tree(hashes)))
    judge_all(found, items, insides, closed=closed)
    for size, root in kept:
        if size > len(hashes) or tree(hashes[:size]) != root:
            found.bad.append("outside")
    times = [inside["time"] for inside in insides if inside]
    for each in promises:
        if bytes.fromhex(each["leaf"]) not in hashes:
            late = moment(each["time"]) + dt.timedelta(seconds=each["longest_delay_seconds"])
            found.bad.append("promise" if times and moment(max(times)) > late else "early")


def judge_all(found: Checked, items: list[Any], insides: list[dict[str, Any] | None], *, closed: bool) -> None:
    """The verdicts of a whole log, and how its entries name each other."""
    erasures = [(at, meta) for at, each in enumerate(insides) if each and (meta := erasure_of(each)) is not None]
    where: dict[str, int] = {}
    for index, (item, inside) in enumerate(zip(items, insides, strict=True)):
        identity = inside["entry"] if inside else None
        if "leaf_hash" in item:
            verdict, identity = explains_leaf(erasures, index, item["leaf_hash"])
            found.leaves[verdict] += 1
            if verdict == "missing":
                found.bad.append(f"missing {index}")
        judge(found, index, item, inside, erasures, closed=closed)
        if identity is not None and where.setdefault(identity, index) != index:
            found.bad.append(f"twice {index}")
    for index, inside in enumerate(insides):
        for target in inside["links"] if inside else []:
            if where.get(target, index) >= index:
                found.bad.append(f"link {index}")


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def promise(signer: Signer, receipt: Any) -> dict[str, Any]:
    hold(isinstance(receipt, dict))
    if "promise" in receipt:
        hold(set(receipt) == {"promise", "signature"} and isinstance(receipt["promise"], str))
        text = receipt["promise"]
    else:
        kept = {name: value for name, value in receipt.items() if name != "signature" and value is not None}
        kept["time"] = (
            moment(kept["time"]).astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        )
        text = json.dumps(dict(sorted(kept.items())), ensure_ascii=False, separators=(",", ":"))
    signer.check(from_base64(receipt["signature"]), text.encode("utf-8"))
    found = read_json(text)
    hold(isinstance(found, dict) and {"code", "log", "entry", "leaf", "time", "longest_delay_seconds"} <= set(found))
    hold(found["log"] == signer.name and is_hash(found["leaf"]) and is_count(found["longest_delay_seconds"]))
    return found

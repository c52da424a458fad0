"""The tree, its proofs, tiles and checkpoints against published vectors, and against the definitions themselves."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import BadNote, Checkpoint, Verifier, is_key_name, opened, signed, text_of, verifier_of
from audit.leaves import leaf_hash
from audit.merkle import EMPTY, consistency, extends, includes, inclusion, node_hash, root_of, subtree, tree_root
from audit.tiles import WIDTH, Tile, TileNodes, TreeDamaged, grown, path_of, split, tile_named, tiles_of

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"
needs_vectors = pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not beside this checkout")
LEAVES = [leaf_hash(bytes([number])) for number in range(131)]


def in_memory(leaves: list[bytes]) -> TileNodes:
    tiles = grown(0, leaves, lambda level, number: b"")
    return TileNodes(lambda level, number: tiles.get((level, number), b""))


NODES = in_memory(LEAVES)


def defined(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(defined(leaves[:half]), defined(leaves[half:]))


ROOTS = [defined(LEAVES[:size]) for size in range(131)]


def lines(name: str) -> Iterator[dict]:
    return (json.loads(line) for line in (VECTORS / name).read_text("utf-8").splitlines())


def bytes_of(texts: list[str] | None) -> list[bytes]:
    return [base64.b64decode(each) for each in texts or []]


@needs_vectors
def test_published_inclusion_proofs() -> None:
    cases = list(lines("inclusion.jsonl"))
    for case in cases:
        leaf, root = bytes_of([case["leafHash"], case["root"]])
        held = includes(leaf, case["leafIdx"], case["treeSize"], bytes_of(case["proof"]), root)
        assert held is not case["wantErr"], case["name"]
    assert len(cases) == 98


@needs_vectors
def test_published_consistency_proofs() -> None:
    cases = list(lines("consistency.jsonl"))
    for case in cases:
        old, new = bytes_of([case["root1"], case["root2"]])
        held = extends(case["size1"], old, case["size2"], new, bytes_of(case["proof"]))
        assert held is not case["wantErr"], case["name"]
    assert len(cases) == 98


@needs_vectors
def test_published_reference_tree() -> None:
    reference = json.loads((VECTORS / "rfc6962-reference.json").read_text("utf-8"))
    leaves = [leaf_hash(bytes.fromhex(each)) for each in reference["leaf_inputs_hex"]]
    nodes = in_memory(leaves)
    for level, row in enumerate(reference["node_hashes_hex_by_level"]):
        assert [nodes(level, at).hex() for at in range(len(row))] == row
    assert [tree_root(size, nodes).hex() for size in range(9)] == reference["root_hashes_hex_by_size"]
    made = {
        "empty": lambda case: EMPTY,
        "leaf": lambda case: leaf_hash(
            bytes.fromhex(case["in_hex"]) if "in_hex" in case else case["in_ascii"].encode()
        ),
        "node": lambda case: node_hash(case["left_ascii"].encode(), case["right_ascii"].encode()),
    }
    for case in reference["hasher"]:
        assert made[case["op"]](case).hex() == case["out"]


def subtrees(most: int) -> Iterator[tuple[int, int]]:
    for end in range(most + 1):
        for begin in range(end + 1):
            if begin in (0, end) or begin % (1 << (end - begin - 1).bit_length()) == 0:
                yield begin, end


def shifted(begin: int) -> TileNodes:
    return in_memory(LEAVES[begin:])


def subtree_consistency(begin: int, end: int, size: int, first: int = 0, *, whole: bool = True) -> list[bytes]:
    """How a subtree is shown to be in a tree; for subtrees from 0 on it is ``consistency``."""
    if begin == end:
        return []
    if (begin, end) == (first, size):
        return [] if whole else [subtree(begin, end, NODES)]
    middle = first + (1 << (size - first - 1).bit_length() - 1)
    if end <= middle:
        return [*subtree_consistency(begin, end, middle, first, whole=whole), subtree(middle, size, NODES)]
    left = subtree(first, middle, NODES)
    if begin >= middle:
        return [*subtree_consistency(begin, end, size, middle, whole=whole), left]
    return [*subtree_consistency(middle, end, size, middle, whole=False), left]


@needs_vectors
def test_published_digests_over_all_subtrees_up_to_130() -> None:
    rolling = json.loads((VECTORS / "rfc6962-reference.json").read_text("utf-8"))["rolling"]
    hashes, inclusions, consistencies = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    for begin, end in subtrees(130):
        hashes.update(f"[{begin}, {end}) {subtree(begin, end, NODES).hex()}\n".encode())
        nodes = shifted(begin)
        for index in range(begin, end):
            proof = inclusion(index - begin, end - begin, nodes)
            told = " ".join([f"{index} [{begin}, {end})", *(each.hex() for each in proof)])
            inclusions.update(f"{told}\n".encode())
    for size in range(131):
        for begin, end in subtrees(size):
            proof = subtree_consistency(begin, end, size)
            if begin == 0 < end:
                assert proof == consistency(end, size, NODES)
            told = " ".join([f"[{begin}, {end}) {size}", *(each.hex() for each in proof)])
            consistencies.update(f"{told}\n".encode())
    assert hashes.hexdigest() == rolling["subtree_hash"]
    assert inclusions.hexdigest() == rolling["subtree_inclusion"]
    assert consistencies.hexdigest() == rolling["subtree_consistency"]


def test_every_proof_up_to_130_holds_and_no_other() -> None:
    for size in range(1, 131):
        assert tree_root(size, NODES) == root_of(LEAVES[:size]) == ROOTS[size]
        for at in range(size):
            proof = inclusion(at, size, NODES)
            assert includes(LEAVES[at], at, size, proof, ROOTS[size])
            assert not includes(LEAVES[at + 1], at, size, proof, ROOTS[size])
            assert not includes(LEAVES[at], at + 1, size, proof, ROOTS[size])
            assert not includes(LEAVES[at], at, size, [*proof, EMPTY], ROOTS[size])
            assert size == 1 or not includes(LEAVES[at], at, size, proof[:-1], ROOTS[size])
            proof = consistency(at + 1, size, NODES)
            assert extends(at + 1, ROOTS[at + 1], size, ROOTS[size], proof)
            assert not extends(at + 1, ROOTS[at], size, ROOTS[size], proof)
            assert not extends(at + 1, ROOTS[at + 1], size, ROOTS[size - 1], proof)
            assert not extends(at + 1, ROOTS[at + 1], size, ROOTS[size], [*proof, EMPTY])
            assert at + 1 == size or not extends(at + 1, ROOTS[at + 1], size, ROOTS[size], proof[:-1])


sizes = st.integers(0, 130)


@given(sizes, sizes, st.data())
def test_a_changed_proof_is_refused(one: int, other: int, data: st.DataObject) -> None:
    old, new = sorted((one, other))
    if old == 0:
        assert not extends(old, ROOTS[old], new, ROOTS[new], []) or new == 0
        return
    proof = consistency(old, new, NODES)
    assert extends(old, ROOTS[old], new, ROOTS[new], proof)
    assert old == new or not extends(new, ROOTS[old], old, ROOTS[new], proof)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        bit = data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(proof[at]) ^ (1 << bit)).to_bytes(32)
        assert not extends(old, ROOTS[old], new, ROOTS[new], [*proof[:at], flipped, *proof[at + 1 :]])


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_what_is_not_in_a_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion(index, size, NODES)


@pytest.mark.parametrize(("old", "new"), [(0, 4), (5, 4), (-1, 2)])
def test_a_tree_that_did_not_grow_has_no_proof(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="grown"):
        consistency(old, new, NODES)


# Tiles


@given(st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_tiles_are_the_same_however_the_tree_grew(steps: list[int]) -> None:
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(sum(steps))]
    tiles: dict[tuple[int, int], bytes] = {}
    size = 0
    for step in steps:
        tiles.update(grown(size, leaves[size : size + step], lambda level, number: tiles[level, number]))
        size += step
    assert tiles == grown(0, leaves, lambda level, number: b"")
    assert {(each.level, each.number): each.width * 32 for each in tiles_of(size)} == {
        place: len(hashes) for place, hashes in tiles.items()
    }
    assert tree_root(size, TileNodes(lambda level, number: tiles[level, number])) == root_of(leaves)


def test_a_third_level_of_tiles() -> None:
    size = WIDTH * WIDTH + 3
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(size)]
    tiles = grown(0, leaves, lambda level, number: b"")
    assert [len(split(tiles[place])) for place in ((2, 0), (1, 0), (0, 256))] == [1, 256, 3]
    nodes = TileNodes(lambda level, number: tiles.get((level, number), b""))
    root = root_of(leaves)
    for index in (0, 255, 256, 65535, 65536, size - 1):
        assert includes(leaves[index], index, size, inclusion(index, size, nodes), root)
    assert extends(WIDTH, root_of(leaves[:WIDTH]), size, root, consistency(WIDTH, size, nodes))


def test_a_missing_or_shortened_tile_is_noticed() -> None:
    tiles = {**grown(0, LEAVES, lambda level, number: b"")}
    for broken in (b"", tiles[0, 0][:-32], tiles[0, 0][:-1]):
        with pytest.raises(TreeDamaged):
            grown(131, LEAVES[:1], lambda level, number, broken=broken: broken)
        with pytest.raises(TreeDamaged):
            tree_root(131, TileNodes(lambda level, number, broken=broken: broken))


@given(st.integers(0, 63), st.integers(0, 10**13), st.integers(1, 256))
def test_paths_are_read_as_they_are_written(level: int, number: int, width: int) -> None:
    tile = Tile(level, number, width)
    assert tile_named(path_of(tile)) == tile


def test_paths_as_published() -> None:
    assert path_of(Tile(0, 1234067)) == "0/x001/x234/067"
    assert path_of(Tile(1, 0, 5)) == "1/000.p/5"


@pytest.mark.parametrize(
    "path",
    ["", "0", "0/", "0/1", "0/0001", "64/000", "-1/000", "00/000", "0/000.p/0", "0/000.p/256", "0/000.p/05", "0/000.p/",
     "0/x000/001", "0/x001", "0/001/002", "entries/000", "0/000/", "0/０００", "0/000\n"],
)  # fmt: skip
def test_other_paths_name_no_tile(path: str) -> None:
    assert tile_named(path) is None


# Checkpoints

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WHO = Verifier("example.org/madoguchi/public", KEY.public_key().public_bytes_raw())
HEAD = Checkpoint(WHO.name, 130, ROOTS[130])


@needs_vectors
def test_the_published_signed_note() -> None:
    published = json.loads((VECTORS / "c2sp-signed-note.json").read_text("utf-8"))
    verifier = verifier_of(published["vkey"])
    assert verifier.text == published["vkey"]
    assert text_of(published["note"], verifier) == "This is an example message.\n"
    for at in range(len(published["note"])):
        broken = published["note"][:at] + chr(ord(published["note"][at]) ^ 1) + published["note"][at + 1 :]
        with pytest.raises(BadNote):
            text_of(broken, verifier)


def test_a_checkpoint_by_hand() -> None:
    note = signed(HEAD, KEY)
    text = f"example.org/madoguchi/public\n130\n{base64.b64encode(ROOTS[130]).decode()}\n"
    key_id = hashlib.sha256(b"example.org/madoguchi/public\n\x01" + WHO.public).digest()[:4]
    signature = base64.b64encode(key_id + KEY.sign(text.encode())).decode()
    assert note == f"{text}\n— example.org/madoguchi/public {signature}\n"
    assert opened(note, WHO) == HEAD
    assert verifier_of(WHO.text) == WHO


def test_every_sign_of_a_checkpoint_counts() -> None:
    note = signed(HEAD, KEY)
    for at, sign in enumerate(note):
        for other in {chr(ord(sign) ^ 1), "", sign * 2, "\n"} - {sign}:
            with pytest.raises(BadNote):
                opened(note[:at] + other + note[at + 1 :], WHO)


def test_other_signatures_and_extension_lines_are_passed_over() -> None:
    other = Ed25519PrivateKey.generate()
    witness = Verifier("example.com/witness", other.public_key().public_bytes_raw())
    text = f"{WHO.name}\n7\n{base64.b64encode(ROOTS[7]).decode()}\nan extension\n"
    both = "".join(
        f"— {who.name} {base64.b64encode(who.key_id + key.sign(text.encode())).decode()}\n"
        for who, key in ((witness, other), (WHO, KEY))
    )
    assert opened(f"{text}\n{both}", WHO) == Checkpoint(WHO.name, 7, ROOTS[7])
    with pytest.raises(BadNote, match="not a checkpoint"):
        opened(f"{text}\n{both}", witness)


@pytest.mark.parametrize("size", ["", "-1", "+1", "01", "1 ", "１", "1e3", "9" * 20])
def test_a_size_has_one_way_to_be_written(size: str) -> None:
    text = f"{WHO.name}\n{size}\n{base64.b64encode(ROOTS[7]).decode()}\n"
    signature = base64.b64encode(WHO.key_id + KEY.sign(text.encode())).decode()
    with pytest.raises(BadNote):
        opened(f"{text}\n— {WHO.name} {signature}\n", WHO)


def test_names_that_can_name_no_key() -> None:
    assert [is_key_name(name) for name in ("a", "東京", "", "a b", "a+b", "a\n", "a\u3000b")] == [True, True] + [
        False
    ] * 5
    with pytest.raises(BadNote):
        signed(Checkpoint("a b", 0, EMPTY), KEY)


@pytest.mark.parametrize("text", ["", "a", "a+b", "a+00000000+AAAA", f"x{WHO.text}", WHO.text[:-4], WHO.text + "AAAA"])
def test_other_texts_are_no_verifier_key(text: str) -> None:
    with pytest.raises(BadNote):
        verifier_of(text)

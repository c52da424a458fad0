"""Commitments, leaves, codes, canonical JSON, sealing, the codec: what can be checked without a disk."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import traceback
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from audit import verifier
from audit.canonical import canonical, instant, strict, utf8
from audit.codes import as_receipt_code, fresh_entry_id, fresh_receipt_code
from audit.commitments import commitment
from audit.keys import DeskKeys, create_keys, load_keys
from audit.leaves import Written, leaf_bytes, leaf_hash
from audit.sealing import SealedField, open_field, seal_field
from bot.ports import LogUnavailable
from bot.records import ConversationId, Entry, EntryId
from bot.records_json import reply_from_json, reply_to_json
from tests.audit import independent
from tests.audit.entries import REPLY

SALT = bytes(range(16))
texts = st.text(st.characters(exclude_categories=["Cs"]))

LOOSE = [
    '{"a":1,"a":2}',
    '{"a":NaN}',
    "[Infinity]",
    '"\ud800"',
    '"\\ud800"',
    '{"\\udc00":1}',
    "[" * 100_000,
    "",
    "{} {}",
]


@pytest.mark.parametrize("text", LOOSE, ids=map(str, range(len(LOOSE))))
def test_what_says_no_one_thing_is_refused_by_all_three_readers(text: str) -> None:
    for read, refusal in (
        (strict, ValueError),
        (verifier.parsed, verifier.Bad),
        (independent.read_json, independent.Refused),
    ):
        with pytest.raises(refusal):
            read(text)


def test_a_commitment_by_hand() -> None:
    given_by_hand = b"audit-field-v1" + b"\0\0\0\x08question" + b"\0\0\0\x10" + SALT + "問".encode()
    assert commitment("question", SALT, "問") == hashlib.sha256(given_by_hand).digest()


def test_a_commitment_needs_its_salt() -> None:
    with pytest.raises(ValueError, match="128 bits"):
        commitment("question", SALT[:-1], "x")


@given(st.tuples(texts, texts), st.tuples(texts, texts))
def test_no_two_fields_have_one_commitment(one: tuple[str, str], other: tuple[str, str]) -> None:
    same = commitment(one[0], SALT, one[1]) == commitment(other[0], SALT, other[1])
    assert same == (one == other)


def test_the_exact_bytes_of_a_leaf() -> None:
    entry = Entry(
        "exchange.opened", ConversationId("c"), {"b": 1, "a": [True, None, 0.5, "質\n"]}, {}, (EntryId("E0"),)
    )
    written = Written("example.org/x", EntryId("E1"), datetime(2026, 11, 23, tzinfo=UTC), "system")
    leaf = leaf_bytes(entry, written, {"question": b"\xab" * 32})
    assert leaf.decode() == (
        '{"clock":"system","commitments":{"question":"' + "ab" * 32 + '"},"entry":"E1","kind":"exchange.opened",'
        '"links":["E0"],"log":"example.org/x","meta":{"a":[true,null,0.5,"質\\n"],"b":1},"subject":"c",'
        '"time":"2026-11-23T00:00:00.000000Z","v":"madoguchi-entry-v1"}'
    )
    assert leaf_hash(leaf) == hashlib.sha256(b"\x00" + leaf).digest()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (
            bytes.fromhex("606162636465666768696a6b6c6d6e6f"),
            "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
        ),
    ],
)
def test_leaf_hashes_of_rfc_6962(data: bytes, expected: str) -> None:
    assert leaf_hash(data).hex() == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_canonical_json_reads_back_and_is_stable(value: object) -> None:
    once = canonical(value)  # type: ignore[arg-type]  # hypothesis knows no recursive types
    assert canonical(json.loads(once)) == once


def test_broken_text_is_refused_without_showing_it() -> None:
    text = "".join(["秘", "密", "\ud800"])  # in pieces: a traceback shows the source lines too
    with pytest.raises(ValueError, match="well-formed") as raised:
        utf8(text)
    assert "秘密" not in "".join(traceback.format_exception(raised.value))
    assert raised.value.__context__ is None


def test_times_are_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert instant(datetime(2026, 1, 1, 9, tzinfo=tokyo)) == "2026-01-01T00:00:00.000000Z"
    with pytest.raises(ValueError, match="offset"):
        instant(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_receipt_codes_survive_being_read_aloud() -> None:
    code = fresh_receipt_code()
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    spoken = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert as_receipt_code(spoken) == code
    for wrong in ("", code[:-1], code + "0", code[:-1] + "U", "あ" * 16):
        assert as_receipt_code(wrong) is None


def test_random_names_do_not_repeat() -> None:
    assert len({fresh_receipt_code() for _ in range(2000)} | {fresh_entry_id() for _ in range(2000)}) == 4000


@given(texts, texts)
def test_a_sealed_field_opens_in_its_place_only(path: str, value: str) -> None:
    sealed = seal_field(bytes(32), "E1", path, SALT, value)
    assert open_field(bytes(32), "E1", path, sealed) == (SALT, value)
    for key, entry, place in ((b"\1" * 32, "E1", path), (bytes(32), "E2", path), (bytes(32), "E1", path + "x")):
        with pytest.raises(InvalidTag):
            open_field(key, entry, place, sealed)


def test_every_bit_of_a_sealed_field_counts() -> None:
    sealed = seal_field(bytes(32), "E1", "q", SALT, "値")
    for part in ("wrapped", "sealed"):
        whole = getattr(sealed, part)
        for at in range(len(whole)):
            broken = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            with pytest.raises(InvalidTag):
                open_field(bytes(32), "E1", "q", dataclasses.replace(sealed, **{part: broken}))


def test_nothing_of_a_value_or_its_salt_is_in_the_open() -> None:
    sealed = seal_field(bytes(32), "E1", "q", SALT, "値" * 20)
    assert isinstance(sealed, SealedField)
    assert "値".encode() not in sealed.sealed
    assert SALT not in sealed.sealed + sealed.wrapped


def test_replies_survive_the_record() -> None:
    assert reply_from_json(reply_to_json(REPLY)) == REPLY
    newer = {**json.loads(reply_to_json(REPLY)), "later": 1}
    newer["citations"][0]["later"] = 1
    assert reply_from_json(json.dumps(newer)) == REPLY


@pytest.mark.parametrize("broken", ["", "秘密", "[]", "null", '{"outcome": "秘密"}'])
def test_a_broken_reply_is_not_shown(broken: str) -> None:
    with pytest.raises(ValueError, match="not a recorded reply") as raised:
        reply_from_json(broken)
    assert "秘密" not in "".join(traceback.format_exception(raised.value))


def test_keys_are_private_made_once_and_silent(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys")
    first = load_keys(tmp_path / "keys")
    create_keys(tmp_path / "keys")
    again = load_keys(tmp_path / "keys")
    assert (again.public, again.master) == (first.public, first.master)
    assert repr(first) == "DeskKeys()"
    assert {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "keys").iterdir()} == {
        "signing.pem": 0o600,
        "master.key": 0o600,
    }
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["signing.pem", "master.key"])
def test_a_broken_key_is_said_to_be_broken(tmp_path: Path, name: str) -> None:
    create_keys(tmp_path)
    (tmp_path / name).write_bytes(b"nonsense")
    with pytest.raises(LogUnavailable, match="corrupt"):
        load_keys(tmp_path)


def test_keys_hold_nothing_else() -> None:
    assert [each.name for each in dataclasses.fields(DeskKeys)] == ["signing", "master"]

"""Files from the record: what is in them, that a spreadsheet runs none of it, that what left was recorded."""

from __future__ import annotations

import csv
import io
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from starlette.testclient import TestClient

from audit.reading import Hit, OpenedExchange
from audit.stored import StoredEntry
from audit.verifier import main as verifier
from bot.records import DeskName, EntryId, ExchangeId
from tests.house_kit import BUDGET_ANSWER
from tests.web.audit_room import COMMENT, PUBLIC, SECRET, AuditRoom, audit_room
from tests.web.staffroom import staffroom
from web import exporting
from web.exporting import ERASED, Made, TooLarge, as_csv, as_lines

EXPORTS = f"{PUBLIC}/exports"
WHY = {"purpose": "inspection", "purpose_words": "年次の検査"}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditRoom]:
    made = audit_room(staffroom(tmp_path_factory.mktemp("exports")))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def told(room: AuditRoom) -> Mapping[str, ExchangeId]:
    return room.furnish()


@pytest.fixture(scope="module")
def auditor(room: AuditRoom, told: Mapping[str, ExchangeId]) -> TestClient:
    assert told
    return room.auditor("kansa")


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_table_of_what_the_list_shows(auditor: TestClient, told: Mapping[str, ExchangeId]) -> None:
    came = auditor.post(EXPORTS, data={"do": "records", "form": "csv", "feedback": "useful", **WHY})
    assert came.status_code == 200
    assert came.headers["content-type"] == "text/csv; charset=utf-8"
    assert came.headers["cache-control"] == "no-store"
    assert came.content.startswith(b"\xef\xbb\xbf")
    assert came.content.splitlines(keepends=True)[0].endswith(
        b'"entry","question","reply","citations","staff_reply","correction","comment"\r\n'
    )  # RFC 4180
    assert came.content.endswith(b"\r\n")
    (row,) = rows(came.content)
    assert row["exchange"] == told["budget"]
    assert BUDGET_ANSWER in row["reply"]
    assert row["case_state"] == "open"


def test_a_line_for_each_with_every_entry(auditor: TestClient, told: Mapping[str, ExchangeId]) -> None:
    came = auditor.post(EXPORTS, data={"do": "records", "form": "jsonl", **WHY})
    lines = [json.loads(line) for line in came.text.splitlines()]
    assert [line["exchange"] for line in lines] == [told["budget"], told["secret"], told["gate"]]
    entries = lines[0]["entries"]
    assert {"exchange.opened", "exchange.closed", "feedback", "case.opened"} <= {each["kind"] for each in entries}
    assert all(len(each["leaf_hash"]) == 64 for each in entries)
    assert not [each for each in entries if "number" in each["contents"]]  # it opens the person's own page
    assert "question" in entries[0]["contents"]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_left_is_what_was_recorded(room: AuditRoom, auditor: TestClient, form: str) -> None:
    data = {"do": "records", "form": form, "words": SECRET, "mode": "characters", "outcome": "answered", **WHY}
    for outcome in ("", "answered"):
        came = auditor.post(EXPORTS, data={**data, "outcome": outcome})
        digest = sha256(came.content).hexdigest()
        read, made = room.log()[-2:]
        assert (read.kind, read.meta["what"], read.meta["purpose"]) == ("read", "export", "inspection")
        assert read.contents["words"] == SECRET
        assert read.contents["purpose"] == "年次の検査"
        assert made.kind == "export.made"
        assert made.links == (read.entry,)
        assert made.meta["sha256"] == digest
        assert made.meta["bytes"] == len(came.content)
        assert made.meta["count"] == read.meta["count"]
        assert f"sha256-{digest}.{form}" in came.headers["content-disposition"]
        assert b64decode(came.headers["repr-digest"].removeprefix("sha-256=:").removesuffix(":")).hex() == digest
        assert digest in auditor.get(f"{PUBLIC}/reads").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"form": "csv"}, "見る目的を選んでください"),
        ({"form": "csv", "purpose": "because"}, "見る目的を選んでください"),
        ({"form": "csv", "purpose": "other", "purpose_words": "  "}, "見る目的を選んでください"),
        ({"purpose": "quality"}, "ファイルの形式を選んでください"),
        ({"form": "exe", "purpose": "quality"}, "ファイルの形式を選んでください"),
        ({"form": "csv", "purpose": "quality", "words": "あ" * 501}, "検索のことばが長すぎます"),
    ],
    ids=["no purpose", "unknown purpose", "other without words", "no form", "unknown form", "long words"],
)
def test_without_purpose_or_form_nothing_leaves(
    room: AuditRoom, auditor: TestClient, given: Mapping[str, str], said: str
) -> None:
    before = len(room.log())
    for do in ("records", "log"):
        if do == "log" and "words" in given:
            continue
        form = {"form": "closed"} if do == "log" and given.get("form") == "csv" else {}
        came = auditor.post(EXPORTS, data={"do": do, **given, **form})
        assert came.status_code == 422
        assert said in came.text
        assert "content-disposition" not in came.headers
    assert len(room.log()) == before


def test_the_way_from_a_search_keeps_its_words_in_the_body(auditor: TestClient) -> None:
    page = auditor.post(EXPORTS, data={"do": "offer", "words": SECRET, "mode": "characters", "risk": "low"})
    assert page.status_code == 200
    assert f'<input type="hidden" name="words" value="{SECRET}">' in page.text
    assert f'href="{PUBLIC}?risk=low"' in page.text


def test_more_than_a_file_holds_is_refused(auditor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.auditor_exports.MOST", 2)
    came = auditor.post(EXPORTS, data={"do": "records", "form": "csv", **WHY})
    assert came.status_code == 422
    assert "2件までです" in came.text
    monkeypatch.setattr(exporting.Made.__init__, "__defaults__", (100,))
    came = auditor.post(EXPORTS, data={"do": "records", "form": "csv", "feedback": "useful", **WHY})
    assert came.status_code == 422
    assert "大きすぎます" in came.text


def test_the_whole_log_is_verified_by_the_verifier_alone(
    room: AuditRoom, auditor: TestClient, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    early = auditor.post(EXPORTS, data={"do": "log", "form": "closed", **WHY})
    assert early.status_code == 422
    assert "1分ほど待って" in early.text
    room.sequence()
    for form in ("closed", "opened"):
        came = auditor.post(EXPORTS, data={"do": "log", "form": form, **WHY})
        assert came.status_code == 200
        assert (SECRET in came.text) is (form == "opened")
        read, made = room.log()[-2:]
        assert (read.meta["what"], made.meta["form"]) == ("log", form)
        assert made.meta["sha256"] == sha256(came.content).hexdigest()
        file = tmp_path_factory.mktemp("log") / "log.jsonl"
        file.write_bytes(came.content)
        key = room.small.house.proofs[DeskName.PUBLIC].verifier().text
        assert verifier(["--key", key, str(file)]) == 0, capsys.readouterr()


def exchange(question: str | None, **texts: str | None) -> OpenedExchange:
    """One that was read back; None is erased."""
    hit = Hit(
        ExchangeId("ex_1"), EntryId("e1"), None, datetime(2026, 11, 23, tzinfo=UTC), "answered.documents", "documents",
        "low", "full", "ja", None, "none", None, False, ("phone", "name"), 7, "c",
    )  # fmt: skip
    leaf = {"kind": "exchange.opened", "time": "2026-11-23T00:00:00Z", "meta": {}}
    opened = StoredEntry(EntryId("e1"), b"", "00" * 32, leaf, {"question": question, **texts}, None)
    comment = replace(opened, leaf={**leaf, "kind": "feedback"}, contents={"comment": COMMENT})
    return OpenedExchange(hit, [opened, comment])


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_field_begins_a_formula(begins: str) -> None:
    said = f"{begins}1+1\";cmd|' /C calc'!A0,x\r\ny"
    (row,) = rows(b"".join(as_csv([exchange(said)])))
    assert row["question"] == f"'{said}"
    assert row["comment"] == f"'{COMMENT}"
    assert row["masked"] == "phone name"


def test_what_was_erased_is_told(auditor: TestClient) -> None:
    assert auditor
    (row,) = rows(b"".join(as_csv([exchange(None)])))
    assert row["question"] == ERASED
    (line,) = as_lines([exchange(None, number="1234-5678")])
    assert json.loads(line)["entries"][0]["contents"] == {"question": None}


def test_a_file_has_a_largest_size_and_a_digest() -> None:
    made = Made(largest=10)
    made.write(b"12345")
    made.write(b"67890")
    assert (made.data, made.size, made.sha256) == (b"1234567890", 10, sha256(b"1234567890").digest())
    with pytest.raises(TooLarge):
        made.write(b"1")
    assert made.data == b"1234567890"

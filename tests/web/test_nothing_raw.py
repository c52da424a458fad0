"""After a run of personal data through every door, no byte of it is anywhere: data, lines, answers, process lists."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from bot.records import DeskName
from tests.endurance.kit import SOAK
from tests.house_kit import ROOT, command, command_environment, rows, small_house
from web.app import create_app
from web.cli_support import configure_logging
from web.fitting import web_state

MOST_THERE_BEFORE = 4
LEAST_SIGNS = 6  # shorter ones occur in any megabyte by chance
EXAMPLES = ROOT / "tests" / "bot" / "masking_examples.tsv"
TOLD = ROOT / "tests" / "golden" / "masking_full_tune.jsonl"
ASKS = "令和7年度の都のAI関連予算はいくらですか？"


def sentences() -> Sequence[tuple[str, Sequence[str]]]:
    """What people type, and what of it must be found nowhere."""
    golden = [(row["text"], row["hidden"]) for row in rows(TOLD)]
    lines = (line.partition("\t") for line in EXAMPLES.read_text("utf-8").splitlines() if not line.startswith("#"))
    own = [(text.replace("\\n", "\n"), [secret]) for secret, _, text in lines if secret != "-"]
    told = [(text, [each for each in hidden if len(each) >= LEAST_SIGNS]) for text, hidden in (*golden, *own)]
    return [(text, hidden) for text, hidden in told if hidden]


def spellings(secret: str) -> Iterator[bytes]:
    """A text as files may hold it: three encodings, percent signs, escapes of JSON, base64 at each of its phases."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        yield secret.encode(encoding)
    for safe in ("", "-", "@.-+"):
        yield quote(secret, safe=safe).encode()
    yield json.dumps(secret)[1:-1].encode()
    raw = secret.encode()
    for phase in range(3):
        whole = base64.b64encode(bytes(phase) + raw).rstrip(b"=")
        inner = whole[(0, 2, 3)[phase] : len(whole) - 1]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def found_in(places: Mapping[str, bytes], secrets: Sequence[str]) -> list[tuple[str, str]]:
    """Which secret stands in which place."""
    spelled = {secret: set(spellings(secret)) for secret in secrets}
    return [
        (place, secret)
        for place, held in places.items()
        for secret, ways in spelled.items()
        if any(way in held for way in ways)
    ]


def telling(secrets: Sequence[str], directory: Path) -> Sequence[str]:
    """The secrets that a data directory does not hold before anyone typed them (a test name of a host, a default)."""
    there = {secret for _, secret in found_in(everything_under(directory), secrets)}
    assert len(there) <= MOST_THERE_BEFORE
    return [secret for secret in secrets if secret not in there]


def everything_under(directory: Path) -> Mapping[str, bytes]:
    """Every file with its name and its bytes: pages, journals, caches, whatever is there."""
    files = [file for file in directory.rglob("*") if file.is_file()]
    assert any(file.name == "log.sqlite" for file in files)
    return {file.relative_to(directory).as_posix(): file.name.encode() + file.read_bytes() for file in files}


def test_the_search_finds_what_it_looks_for() -> None:
    secret = "090-1234-5678山田"
    for way in spellings(secret):
        assert found_in({"a": b"\0\1" + way + b"\2"}, [secret]) == [("a", secret)]
    inside = base64.b64encode(b"x" + secret.encode() + b"yz")
    assert found_in({"b": inside}, [secret]) == [("b", secret)]
    assert found_in({"c": b"090-1234-567"}, [secret]) == []


def test_no_byte_of_personal_data_is_left_behind(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert len(sentences()) >= 250
    told = sentences() if SOAK else sentences()[::3]
    secrets: Sequence[str] = sorted({secret for _, hidden in told for secret in hidden})
    configure_logging()
    small = small_house(tmp_path, requests_per_minute=10_000_000)
    secrets = telling(secrets, small.data)
    came_back: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        client = TestClient(create_app(web_state(small.house, pool)), follow_redirects=False)
        for number, (text, _) in enumerate(told):
            came_back += WAYS[number % len(WAYS)](client, text)
            client.cookies.clear()
    opened = list(everything_under(small.data).items())  # while the journals are open
    small.house.close()
    written = capfd.readouterr()
    places = {
        **dict(opened),
        **{f"closed/{name}": held for name, held in everything_under(small.data).items()},
        "stdout": written.out.encode(),
        "stderr": written.err.encode(),
        "answers": "\n".join(came_back).encode(),
    }
    assert found_in(places, secrets) == []


def _through_the_api(client: TestClient, text: str) -> list[str]:
    """A question, a second one in its conversation, and a comment."""
    first = client.post("/api/v1/public/exchanges", json={"question": text})
    told = first.json()
    again = {"question": f"{text} {ASKS}", "conversation": told["conversation"]}
    second = client.post("/api/v1/public/exchanges", json=again)
    comment = {"useful": False, "comment": text, "conversation": told["conversation"]}
    third = client.post(f"/api/v1/public/exchanges/{told['exchange']}/feedback", json=comment)
    assert [each.status_code for each in (first, second, third)] == [200] * 3, (first.text, second.text, third.text)
    return [first.text, second.text, third.text, str(first.headers), str(second.headers)]


def _through_the_page(client: TestClient, text: str) -> list[str]:
    """The form without scripts, the page it leads to, and the fragment that the script asks for."""
    first = client.post("/", data={"question": text})
    shown = client.get("/")
    part = client.post("/", data={"question": text}, headers={"x-madoguchi-part": "1"})
    assert [first.status_code, shown.status_code, part.status_code] == [303, 200, 200]
    return [str(first.headers), shown.text, part.text, str(shown.url)]


def _through_a_case(client: TestClient, text: str) -> list[str]:
    """Handed to people, added to, and looked up."""
    opened = client.post("/api/v1/public/cases", json={"kind": "question", "question": text})
    number = opened.json()["case"]
    added = client.post("/case", data={"do": "add", "number": number, "text": text})
    found = client.post("/api/v1/public/lookup", json={"case": number})
    assert [opened.status_code, added.status_code, found.status_code] == [200, 200, 200]
    return [opened.text, added.text, found.text, str(added.headers)]


WAYS = (_through_the_page, _through_the_api, _through_a_case)


def test_a_batch_in_a_process_of_its_own_leaves_nothing_either(prepared_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(prepared_data, data)
    told = sentences()[:: 6 if SOAK else 12]
    secrets: Sequence[str] = sorted({secret for _, hidden in told for secret in hidden})
    before = everything_under(data)
    given = [
        {"id": n, "desk": name.value, "question": text, "history": [{"role": "user", "content": text}]}
        for n, (text, _) in enumerate(told)
        for name in DeskName
    ]
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in given)
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        child = subprocess.Popen(
            [sys.executable, "-m", "web.cli", "ask", "--batch", "-"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            env=command_environment(data),
        )
        assert child.stdin is not None
        child.stdin.write(lines.encode())
        child.stdin.close()
        listed = _listed(child)
    assert child.returncode == 0, err.read_text("utf-8")[-500:]
    assert len(out.read_text("utf-8").splitlines()) == len(given)
    # A file that is as it was holds nothing that was typed; one that changed may have held a test's name before.
    changed = {name: held for name, held in everything_under(data).items() if held != before.get(name)}
    there = {secret for _, secret in found_in({name: before.get(name, b"") for name in changed}, secrets)}
    assert len(there) <= MOST_THERE_BEFORE
    secrets = [secret for secret in secrets if secret not in there]
    own = {name: held for name, held in changed.items() if not name.startswith("system/vectors")}
    assert {"public/log.sqlite", "staff/log.sqlite"} <= own.keys()
    places = {**own, "stdout": out.read_bytes(), "stderr": err.read_bytes(), "processes": listed}
    assert found_in(places, secrets) == []


def _listed(child: subprocess.Popen[bytes]) -> bytes:
    """What the list of processes shows of a child and its children until it ends."""
    shown = b""
    while child.poll() is None:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                mine = int((process / "stat").read_text().rpartition(")")[2].split()[1]) == child.pid
                if process.name == str(child.pid) or mine:
                    shown += (process / "cmdline").read_bytes()
            except (OSError, IndexError):
                continue  # it ended meanwhile
        time.sleep(0.2)
    assert b"--batch" in shown
    return shown


def test_one_question_can_be_asked_without_an_argument_that_shows_it(prepared_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(prepared_data, data)
    ended = command("ask", "--json", "-", data=data, stdin=f"電話は090-1234-5678です。{ASKS}\n")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["masked"] == ["phone"]
    assert told["outcome"] == "answered"
    assert "090-1234" not in ended.stdout + ended.stderr


def test_no_process_of_the_service_leaves_its_memory_behind() -> None:
    script = (
        "import resource, sys\n"
        "from web import cli\n"
        "sys.argv = ['madoguchi', '--help']\n"
        "try:\n    cli.main()\n"
        "except SystemExit:\n    pass\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.rstrip().endswith("(0, 0)")

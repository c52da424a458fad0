"""No word to any other machine at run time, and no package that is known to be vulnerable.

That every requirement is pinned with hashes is in tests/house.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.endurance.kit import PATIENT, SOAK, report
from tests.house_kit import ROOT, command_environment

pytestmark = PATIENT


def test_the_whole_house_needs_no_other_machine(tmp_path: Path) -> None:
    seen = run_shut_in(tmp_path, "long" if SOAK else "short")
    assert seen == {"outcome": "answered", "attempts": [], "loaded": []}


def test_the_watch_sees_an_attempt(tmp_path: Path) -> None:
    program = """
import contextlib, socket, sys, urllib.request
for work in (
    lambda: socket.create_connection(("192.0.2.1", 80), 1),
    lambda: socket.gethostbyname("a.example"),
    lambda: urllib.request.urlopen("http://b.example"),
    lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("192.0.2.2", 53)),
):
    with contextlib.suppress(OSError):
        work()
listener = socket.create_server(("127.0.0.1", 0))
socket.create_connection(listener.getsockname())
print(len(sys.modules["sitecustomize"].ATTEMPTS))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, env=shut(tmp_path)
    )
    assert ended.stdout.strip() == "4", ended.stderr


def run_shut_in(directory: Path, form: str) -> dict[str, object]:
    """Under the watch, and where the system allows it also in a network of its own that has no other machine."""
    program = [sys.executable, "-m", "tests.endurance.shut_in", str(directory), form]
    alone = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "alone"]
    cut_off = (
        bool(shutil.which("unshare") and shutil.which("ip"))
        and subprocess.run([*alone, "true"], check=False, capture_output=True).returncode == 0
    )
    ended = subprocess.run(
        [*(alone if cut_off else []), *program],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=500, env=shut(directory),
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    report("alone", form=form, network_cut_off_by_the_system=cut_off)
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def shut(directory: Path) -> dict[str, str]:
    """The environment in which every Python process begins by closing the shutters."""
    first = directory / "first"
    first.mkdir(exist_ok=True)
    shutil.copy(ROOT / "tests" / "endurance" / "shutter.py", first / "sitecustomize.py")
    path = os.pathsep.join((str(first), str(ROOT)))
    return command_environment(directory / "data", PYTHONPATH=path)

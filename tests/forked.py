"""Commands in processes of their own, made by forking one that has read the modules already.

Reading the libraries anew takes longer than most commands do. A forked process has an environment, a standard input and
an end of its own, as a started one has; what a start alone can show is tested with started ones, and in the long form
(make soak) all of them are.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
MODULES = (
    "web.cli",
    "web.batch",
    "web.doctor",
    "web.serving",
    "web.evaluation",
    "web.rounds",
    "chromadb",
    "alembic.command",
)
_READY = "ready"


class Forking:
    """The process that forks. For one thread; it ends with this one."""

    def __init__(self) -> None:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=plain,
        )
        atexit.register(self._process.terminate)
        assert self._said() == _READY

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], stdin: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line with these arguments in this environment, to its end."""
        with tempfile.TemporaryDirectory() as place:
            files = {name: str(Path(place) / name) for name in ("in", "out", "err")}
            Path(files["in"]).write_text(stdin or "", encoding="utf-8")
            asked = {"arguments": list(arguments), "environment": dict(environment), "files": files}
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            status = int(self._said())
            out, err = (Path(files[name]).read_text("utf-8") for name in ("out", "err"))
        return subprocess.CompletedProcess(["madoguchi", *arguments], status, out, err)

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@cache
def forking() -> Forking:
    """The one of this test process."""
    return Forking()


def _serve(requests: IO[str], answers: IO[str]) -> None:
    for name in MODULES:
        importlib.import_module(name)
    gc.freeze()  # what all share stays shared
    answers.write(_READY + "\n")
    answers.flush()
    for line in requests:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(asked["arguments"], asked["environment"], asked["files"])
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _become(arguments: Sequence[str], environment: Mapping[str, str], files: Mapping[str, str]) -> None:
    """Be the command; never returns."""
    status = 1
    try:
        for number, (name, flags) in enumerate(
            (("in", os.O_RDONLY), ("out", os.O_WRONLY | os.O_CREAT), ("err", os.O_WRONLY | os.O_CREAT))
        ):
            os.dup2(os.open(files[name], flags, 0o600), number)
        os.environ.clear()
        os.environ.update(environment)
        sys.stdin = os.fdopen(0, encoding="utf-8")
        sys.argv = ["madoguchi", *arguments]
        importlib.import_module("web.cli").main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1 if end.code else 0
    except BaseException:  # noqa: BLE001 - as the interpreter does at the end of a process
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints as it is read is no answer
    _serve(sys.stdin, answers)

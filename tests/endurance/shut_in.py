"""A whole house in a process that may speak to this machine alone: ``python -m tests.endurance.shut_in WHERE FORM``.

Reads documents in (all bundled ones in the long FORM), serves, is asked over loopback, and prints what came back and
every attempt to reach another machine. It is started with ``shutter.py`` in place of Python's ``sitecustomize``, so
that the attempts of every library are seen, also those made while it is imported.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.endurance.kit import mark_prepared
from tests.house_kit import BUDGET_QUESTION, SmallHouse, small_house
from web import serving
from web.assembly import build, prepare
from web.settings import Settings


def main() -> None:
    directory, form = Path(sys.argv[1]), sys.argv[2]
    if form == "long":
        house = build(Settings(data=directory / "data"))
        prepare(house)
    else:
        made: SmallHouse = small_house(directory)
        mark_prepared(made)
        house = made.house
    house.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    os.environ["MADOGUCHI_DATA"] = str(directory / "data")
    threading.Thread(target=serving.run, args=(Settings(port=port),), daemon=True).start()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/public/exchanges",
        json.dumps({"question": BUDGET_QUESTION}).encode(),
        {"content-type": "application/json"},
    )
    answer = asked(request)
    attempts = sys.modules["sitecustomize"].ATTEMPTS
    heavy = sorted({"onnxruntime", "torch", "tensorflow", "posthog"} & sys.modules.keys())
    sys.stdout.write(json.dumps({"outcome": answer["outcome"], "attempts": attempts, "loaded": heavy}) + "\n")
    sys.stdout.flush()
    os._exit(0)  # the server's thread waits for a signal that nobody sends


def asked(request: urllib.request.Request) -> dict[str, object]:
    end = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as came:
                return dict(json.load(came))
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main()

"""A web hook's receiver in its own process that knows keys and misbehaves as it is told:
``python -m tests.bot.notifying.hook_server JSON``.

Options: ``store`` (a file that gets one JSON line for each request worth telling), ``secret`` (base64), ``behaviours``
(one for each request in turn, the last one for all that follow) or ``chances`` (behaviour -> weight, with ``seed``),
``certificate`` and ``key`` for TLS. Prints its port as the first line.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from threading import Lock
from typing import Any

STATUSES = {
    "take": 200,
    "no_content": 204,
    "error": 500,
    "unavailable": 503,
    "busy": 429,
    "unknown": 404,
    "gone": 410,
    "redirect": 302,
    "redirect_kept": 307,
}
TAKES = {"take", "no_content", "close_after", "endless"}


class Receiver(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.options = options
        self.behaviours = behaviours(options)
        self.known: set[str] = set()
        self.lock = Lock()

    def next_behaviour(self) -> str:
        with self.lock:
            return next(self.behaviours)

    def take(self, key: str, told: dict[str, Any]) -> None:
        """Once for each key: what comes again is known and done already."""
        with self.lock:
            again = key in self.known
            self.known.add(key)
            self.note({**told, "what": "again" if again else "taken", "key": key})

    def note(self, told: dict[str, Any]) -> None:
        with open(self.options["store"], "a", encoding="utf-8") as file:  # noqa: PTH123 - appended in one write
            file.write(json.dumps(told) + "\n")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class Request(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.note({"what": "followed", "path": self.path})
        self._answer(200)

    def do_POST(self) -> None:
        if self.path.startswith("/elsewhere"):
            self.do_GET()
            return
        body = self.rfile.read(int(self.headers["content-length"]))
        behaviour = self.server.next_behaviour()
        if behaviour == "close_before":
            self._hang_up()
            return
        if behaviour == "hang":
            self.server.note({"what": "hanging"})
            time.sleep(30)
            return
        if behaviour in TAKES:
            if not self._genuine(body):
                self.server.note({"what": "forged"})
                self._answer(401)
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.server.take(self.headers["webhook-id"], {"headers": headers, "body": body.decode(), "path": self.path})
        self._behave(behaviour)

    def _behave(self, behaviour: str) -> None:
        match behaviour:
            case "close_after":
                self._hang_up()
            case "endless":
                self.send_response(200)
                self.end_headers()
                while True:
                    self.wfile.write(b"x" * 65536)
            case "drip":
                for each in b"HTTP/1.1 200 OK\r\nx-slow: ".ljust(2000, b"y"):
                    self.wfile.write(bytes([each]))
                    self.wfile.flush()
                    time.sleep(0.05)
            case "garbage":
                self.wfile.write(b"\x00\xff what is this\r\n\r\n")
                self._hang_up()
            case _:
                self._answer(STATUSES[behaviour])

    def _genuine(self, body: bytes) -> bool:
        """Standard Webhooks 1.0.0, as a receiver checks it: any of the signatures, and a fresh timestamp."""
        key, moment = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        signed = f"{key}.{moment}.".encode() + body
        expected = base64.b64encode(
            hmac.new(base64.b64decode(self.server.options["secret"]), signed, hashlib.sha256).digest()
        ).decode()
        return f"v1,{expected}" in self.headers["webhook-signature"].split(" ") and moment.isdigit()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status in {302, 307}:
            self.send_header("location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Standard error is the test's."""


def behaviours(options: dict[str, Any]) -> Iterator[str]:
    if "chances" in options:
        chance = random.Random(options["seed"])
        names, weights = list(options["chances"]), list(options["chances"].values())
        return iter(lambda: chance.choices(names, weights)[0], None)
    told = options.get("behaviours", ["take"])
    return chain(told, repeat(told[-1]))


def main(options: dict[str, Any]) -> None:
    server = Receiver(options)
    if "certificate" in options:
        trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trust.load_cert_chain(options["certificate"], options["key"])
        server.socket = trust.wrap_socket(server.socket, server_side=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

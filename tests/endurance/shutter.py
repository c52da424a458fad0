"""Closes all sockets but loopback and Unix ones, and remembers every attempt. Python runs it as ``sitecustomize``."""

from __future__ import annotations

import sys

ATTEMPTS: list[str] = []
_OUTWARD = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}
_HERE = {"127.0.0.1", "::1", "localhost", None, "", b"localhost", b"127.0.0.1"}


def _watch(event: str, given: tuple[object, ...]) -> None:
    if event not in _OUTWARD:
        return
    target = given[1] if event in {"socket.connect", "socket.sendto", "socket.sendmsg"} else given[0]
    host = target[0] if isinstance(target, tuple) else target
    unix = isinstance(target, str | bytes) and event == "socket.connect"
    if not unix and host not in _HERE:
        ATTEMPTS.append(f"{event} {host!r}")
        raise PermissionError("this process may not reach other machines")


sys.addaudithook(_watch)

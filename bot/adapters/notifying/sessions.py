"""SMTP sessions with one time limit over all that is said: the library's own is for each single read."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any, Final

_AGAIN_SECONDS: Final = 0.2  # a connection that is only being made when time is up is cut off soon after


class Limit:
    """How long a session may last. ``over``: its time is up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.over = False
        self._smtp: smtplib.SMTP | None = None

    def governs(self, smtp: smtplib.SMTP) -> None:
        """From now on, cut off this connection when time is up."""
        self._smtp = smtp

    def watch(self, ended: Event) -> None:
        """Wait for the end of the session, and cut it off if that does not come in time."""
        pause = self.seconds
        while not ended.wait(pause):
            self.over, pause = True, _AGAIN_SECONDS
            held = self._smtp.sock if self._smtp else None
            if held is not None:
                with suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)


@contextmanager
def time_limit(seconds: float) -> Iterator[Limit]:
    """A limit for the sessions begun inside. Raises TimeoutError in place of what a session raised because of it."""
    limit, ended = Limit(seconds), Event()
    watcher = Thread(target=limit.watch, args=(ended,), daemon=True, name="mail-limit")
    watcher.start()
    try:
        yield limit
    except (smtplib.SMTPException, OSError) as failure:
        # The library hides a read that took too long behind a lost connection.
        if limit.over or isinstance(failure.__context__, TimeoutError):
            raise TimeoutError from None
        raise
    finally:
        ended.set()
        watcher.join()


class Session(smtplib.SMTP):
    """A session over an open connection, connected when it is made."""

    def __init__(self, limit: Limit, host: str, port: int, domain: str) -> None:
        self._limit = limit
        super().__init__(host, port, domain, limit.seconds)

    def connect(self, *address: Any, **options: Any) -> tuple[int, bytes]:
        self._limit.governs(self)
        return super().connect(*address, **options)


class EncryptedSession(smtplib.SMTP_SSL):
    """A session over a connection that is encrypted from the first byte, connected when it is made."""

    def __init__(self, limit: Limit, host: str, port: int, domain: str, trust: ssl.SSLContext) -> None:
        self._limit = limit
        super().__init__(host, port, domain, timeout=limit.seconds, context=trust)

    def connect(self, *address: Any, **options: Any) -> tuple[int, bytes]:
        self._limit.governs(self)
        return super().connect(*address, **options)

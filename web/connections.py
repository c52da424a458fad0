"""Connections that cost the server nothing: a request must arrive whole in time, and its head must stay small.

The server library closes connections that idle between requests; it waits for ever for the rest of a begun one and
reads a head of any length.
"""

from __future__ import annotations

import asyncio
import resource

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

ARRIVAL_SECONDS = 20.0
"""From the first byte (or from the connection being made) to the last byte of a request."""

HEAD_LIMIT = 64 * 1024
"""Bytes of a request line and headers; what the network delivers in one piece may be somewhat more."""


class BoundedProtocol(HttpToolsProtocol):
    """The library's protocol with the two limits: 408 and 431, then the connection is closed."""

    _deadline: asyncio.TimerHandle | None = None
    _arriving = False  # a request has begun and is not whole
    _head_arriving = False
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the library's own
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_expecting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._head_arriving:
            self._head += len(data)
            if self._head > HEAD_LIMIT:
                self._refuse(431)
                return
        # Blank lines between requests end the library's own wait and begin no request.
        idle = self.cycle is None or self.cycle.response_complete
        if self._deadline is None and (self._arriving or idle):
            self._expect()

    def on_message_begin(self) -> None:
        self._arriving = self._head_arriving = True
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_arriving = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arriving = False
        self._stop_expecting()
        super().on_message_complete()

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(ARRIVAL_SECONDS, self._late)

    def _stop_expecting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self._arriving and (self.cycle is None or not self.cycle.response_started):
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()


def allow_many_connections() -> None:
    """Let this process hold as many connections as the system permits it; the usual soft limit is 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

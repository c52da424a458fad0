"""Notices to web hooks: one signed POST each, by the Standard Webhooks specification 1.0.0.

``webhook-id`` is the notice's key, the same however often it is tried; ``webhook-signature`` holds one signature for
each secret, so that secrets can be changed without a gap. What the other side answers is not read.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ssl
from collections.abc import Sequence
from typing import Final

from httpx2 import AsyncClient, HTTPError, InvalidURL

from bot.adapters.notifying import SECONDS
from bot.ports import Clock, NotDelivered
from bot.records import Notice

_TRY_AGAIN: Final = frozenset({408, 425, 429})


class HookNotifier:
    """Posts a notice and returns when the other side has answered that it has it (2xx)."""

    def __init__(
        self,
        secrets: Sequence[bytes],
        clock: Clock,
        *,
        trust: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._secrets = secrets
        self._clock = clock
        self._trust = trust or ssl.create_default_context()
        self._seconds = seconds

    def deliver(self, notice: Notice) -> None:
        """Raises NotDelivered: unreachable (no connection, or broken off), timeout, refused (not now), rejected (it
        will not take this; another address it points to is not followed).
        """
        try:
            status = asyncio.run(self._status(notice))
        except TimeoutError:
            raise NotDelivered("timeout") from None
        except InvalidURL:
            raise NotDelivered("rejected") from None
        except (HTTPError, OSError):
            raise NotDelivered("unreachable") from None
        if status in _TRY_AGAIN or status >= 500:
            raise NotDelivered("refused")
        if not 200 <= status < 300:
            raise NotDelivered("rejected")

    async def _status(self, notice: Notice) -> int:
        """The status answered. One time limit for all of it: the client's own is for each single read."""
        body = notice.body.encode()
        async with (
            asyncio.timeout(self._seconds),
            # No proxy and no credentials that the environment or a file of the user may name.
            AsyncClient(verify=self._trust, trust_env=False, follow_redirects=False, timeout=None) as client,
            client.stream("POST", notice.to, content=body, headers=self._headers(notice.key, body)) as answer,
        ):
            return answer.status_code

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        moment = str(int(self._clock.now().timestamp()))
        return {
            "content-type": "application/json",
            "user-agent": "Madoguchi",
            "webhook-id": key,
            "webhook-timestamp": moment,
            "webhook-signature": " ".join(signature(secret, key, moment, body) for secret in self._secrets),
        }


def signature(secret: bytes, key: str, moment: str, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 of id, time and body (Standard Webhooks 1.0.0, symmetric signatures)."""
    signed = hmac.digest(secret, b".".join((key.encode(), moment.encode(), body)), hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"

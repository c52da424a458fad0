"""Conversation ids that only this service can make, and the cookie that holds one.

An id stands unsealed in the record and opens a conversation to whoever shows it. So a client never chooses it: what
people write cannot get into it, and nobody can hand another person an id of their own invention.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import Request, Response

from audit.files import create_private_file
from bot.records import ConversationId, DeskName

KEY_BYTES: Final = 32
_FILE: Final = "conversations.key"
_COOKIES: Final = {DeskName.PUBLIC: "madoguchi_conversation", DeskName.STAFF: "madoguchi_staff_conversation"}
_PART_BYTES: Final = 16  # 128 random bits, then 128 bits of the tag: 22 characters each
_PART: Final = 22
_USE: Final = b"madoguchi-conversation-v1:"


def prepare_key(keys: Path) -> None:
    """Make the key (64 hex digits, mode 0600) beside the desk's other keys, where it is not there yet.

    Without the other keys nothing is made: their directory has gone and is to be restored. Raises OSError.
    """
    if keys.is_dir() and not (keys / _FILE).exists():
        create_private_file(keys / _FILE, secrets.token_hex(KEY_BYTES).encode("ascii") + b"\n")


def key_of(keys: Path) -> bytes:
    """The key; where it cannot be read, one for this run alone: conversations then begin anew after the next start."""
    try:
        key = bytes.fromhex((keys / _FILE).read_text("ascii").strip())
    except (OSError, ValueError):
        key = b""
    return key if len(key) == KEY_BYTES else secrets.token_bytes(KEY_BYTES)


class Conversations:
    """Makes ids and knows them again. ``key`` is the desk's own, so no desk takes another one's ids."""

    def __init__(self, desk: DeskName, key: bytes, *, secure: bool) -> None:
        self._key = key
        self._secure = secure
        # The prefix makes browsers take the cookie from this very host over TLS alone: RFC 6265bis, 4.1.3.2.
        self.cookie = f"__Host-{_COOKIES[desk]}" if secure else _COOKIES[desk]

    def begun(self) -> ConversationId:
        """A new id."""
        return self._whole(secrets.token_urlsafe(_PART_BYTES))

    def named(self, name: str | None) -> ConversationId | None:
        """The id that a client sent, if this service made it."""
        if name is None or not name.isascii():
            return None
        made = self._whole(name[:_PART])
        return made if hmac.compare_digest(made, name) else None

    def held(self, request: Request) -> ConversationId | None:
        """The conversation this browser holds, if any."""
        return self.named(request.cookies.get(self.cookie))

    def foreign(self, request: Request) -> bool:
        """Whether the browser shows an id that this service did not make."""
        return bool(request.cookies.get(self.cookie)) and self.held(request) is None

    def keep(self, response: Response, conversation: ConversationId) -> None:
        """Remember the conversation until the browser closes: computers are shared."""
        response.set_cookie(self.cookie, conversation, httponly=True, samesite="lax", secure=self._secure)

    def forget(self, response: Response) -> None:
        """Drop the conversation from the browser; the record stays."""
        response.delete_cookie(self.cookie, httponly=True, samesite="lax", secure=self._secure)

    def _whole(self, random: str) -> ConversationId:
        tag = hmac.digest(self._key, _USE + random.encode("ascii"), sha256)[:_PART_BYTES]
        return ConversationId(random + urlsafe_b64encode(tag).decode("ascii").rstrip("="))


def conversations_of(request: Request) -> Conversations:
    """The conversations of the application that received the request."""
    conversations: Conversations = request.app.state.conversations
    return conversations

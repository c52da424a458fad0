"""A mail server in its own process that misbehaves as it is told: ``python -m tests.bot.notifying.mail_server JSON``.

Options: ``store`` (a file that gets one JSON line for each message taken), ``behaviours`` (one for each connection in
turn, the last one for all that follow) or ``chances`` (behaviour -> weight, with ``seed``), ``security`` (plain, tls,
starttls, without), ``certificate`` and ``key``, ``user`` and ``password``. Prints its port as the first line.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import sys
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from itertools import chain, repeat
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

REFUSALS = {
    "sender_later": "451 try again",
    "sender_never": "553 not from you",
    "to_later": "450 mailbox busy",
    "to_never": "550 no such mailbox",
    "data_later": "451 try again",
    "data_never": "554 rejected",
}


class Handler:
    """Takes messages, or does what the connection's behaviour is."""

    def __init__(self, behaviour: str, options: dict[str, Any]) -> None:
        self.behaviour = behaviour
        self.options = options

    async def handle_MAIL(  # noqa: N802 - the library's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return REFUSALS[self.behaviour] if self.behaviour.startswith("sender_") else "250 OK"

    async def handle_RCPT(  # noqa: N802 - as above
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.behaviour.startswith("to_"):
            return REFUSALS[self.behaviour]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.behaviour.startswith("data_"):
            return REFUSALS[self.behaviour]
        if self.behaviour == "hang":
            await asyncio.sleep(60)
        if self.behaviour != "drop_in_data":
            self._store(server, session, envelope)
        if self.behaviour in {"drop_in_data", "take_and_drop"}:
            server.transport.abort()
        return "250 taken"

    def _store(self, server: SMTP, session: Session, envelope: Envelope) -> None:
        raw = envelope.content
        assert isinstance(raw, bytes)
        message = message_from_bytes(raw, policy=default)
        kept = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "names": [name.lower() for name in message],
            "body": message.get_content(),
            "ascii": raw.isascii(),
            "encrypted": server.transport.get_extra_info("ssl_object") is not None,
            "signed_in": session.authenticated,
        }
        with open(self.options["store"], "a", encoding="utf-8") as file:  # noqa: PTH123 - appended in one write
            file.write(json.dumps(kept) + "\n")


class Rude(asyncio.Protocol):
    """Says something no mail server says, or nothing."""

    def __init__(self, behaviour: str) -> None:
        self.behaviour = behaviour

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        said = {"busy": b"421 too busy\r\n", "never": b"554 go away\r\n", "garbage": b"\x00\xff what\r\n" * 3}
        match self.behaviour:
            case "drop":
                transport.abort()
            case "drip":
                self.task = asyncio.ensure_future(self.drip())
            case "silent":
                pass
            case word:
                transport.write(said[word])
                transport.close()

    async def drip(self) -> None:
        while not self.transport.is_closing():
            self.transport.write(b"220-wait a little\r\n")
            await asyncio.sleep(0.1)


class NoEncryption(SMTP):
    """Offers STARTTLS and then will not."""

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - the library's names
        await self.push("454 TLS not available")


def behaviours(options: dict[str, Any]) -> Iterator[str]:
    if "chances" in options:
        chance = random.Random(options["seed"])
        names, weights = list(options["chances"]), list(options["chances"].values())
        return iter(lambda: chance.choices(names, weights)[0], None)
    told = options.get("behaviours", ["take"])
    return chain(told, repeat(told[-1]))


def protocol(options: dict[str, Any], trust: ssl.SSLContext | None) -> Callable[[], asyncio.Protocol]:
    each = behaviours(options)
    security = options["security"]

    def signed_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        expected = (options["user"].encode(), options["password"].encode())
        known = isinstance(given, LoginPassword) and (given.login, given.password) == expected
        return AuthResult(success=known, handled=known)

    def made() -> asyncio.Protocol:
        behaviour = next(each)
        if behaviour in {"drop", "drip", "busy", "never", "garbage", "silent"}:
            return Rude(behaviour)
        kind = NoEncryption if behaviour == "no_encryption" else SMTP
        settings: dict[str, Any] = {"hostname": "mail.example.jp", "auth_require_tls": security == "starttls"}
        if security == "starttls":
            settings |= {"tls_context": trust, "require_starttls": True}
        if "user" in options:
            settings |= {"authenticator": signed_in, "auth_required": True}
        return kind(Handler(behaviour, options), **settings)

    return made


async def main(options: dict[str, Any]) -> None:
    trust = None
    if options["security"] in {"tls", "starttls"}:
        trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trust.load_cert_chain(options["certificate"], options["key"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        protocol(options, trust), "127.0.0.1", 0, ssl=trust if options["security"] == "tls" else None
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))

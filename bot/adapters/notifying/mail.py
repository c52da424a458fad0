"""Notices by mail: one message over SMTP (RFC 5321), encrypted where the server is not on a trusted path.

Messages say that no person sent them (RFC 3834), and carry the same Message-ID however often they are tried.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Literal

from bot.adapters.notifying import SECONDS
from bot.adapters.notifying.sessions import EncryptedSession, Session, time_limit
from bot.ports import Clock, NotDelivered
from bot.records import Notice

Security = Literal["tls", "starttls", "plain"]

_FOR_GOOD: Final = range(500, 600)  # RFC 5321 section 4.2.1: 5yz refuses for good, 4yz for now


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. ``tls``: encrypted from the first byte; ``starttls``: encrypted before anything is
    said, and nothing is sent to a server that cannot; ``plain``: for a relay on a trusted path, never with a password.

    ``sender`` is the address the messages come from, ``domain`` the site's name in Message-IDs.
    """

    host: str
    port: int
    security: Security
    sender: str
    domain: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class MailNotifier:
    """Hands a notice to the mail server and returns when the server has taken it."""

    def __init__(
        self, server: MailServer, clock: Clock, *, trust: ssl.SSLContext | None = None, seconds: float = SECONDS
    ) -> None:
        self._server = server
        self._clock = clock
        self._trust = trust or ssl.create_default_context()
        self._seconds = seconds

    def deliver(self, notice: Notice) -> None:
        """Raises NotDelivered: unreachable (no connection, or broken off), timeout, refused (not now, not encrypted,
        not signed in), rejected (never this message or recipient).
        """
        try:
            message = self._message(notice)
        except ValueError:  # a line break in an address: nothing may become a header of its own
            raise NotDelivered("rejected") from None
        try:
            with self._session() as smtp:
                smtp.send_message(message, self._server.sender, [notice.to])
                with suppress(smtplib.SMTPException, OSError):  # the message is taken; how we part does not matter
                    smtp.putcmd("quit")
        except (smtplib.SMTPException, OSError) as failure:
            raise NotDelivered(_cause(failure)) from None

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._server.sender
        message["To"] = notice.to
        message["Subject"] = notice.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{notice.key}@{self._server.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(notice.body, cte="base64")
        return message

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A session, encrypted and signed in as configured, cut off when its time is up (then TimeoutError)."""
        server = self._server
        with time_limit(self._seconds) as limit:
            session = (
                EncryptedSession(limit, server.host, server.port, server.domain, self._trust)
                if server.security == "tls"
                else Session(limit, server.host, server.port, server.domain)
            )
            try:
                if server.security == "starttls":
                    session.starttls(context=self._trust)
                if server.user is not None and server.password is not None:
                    session.login(server.user, server.password)
                yield session
            finally:
                session.close()


def _cause(failure: smtplib.SMTPException | OSError) -> str:
    match failure:
        case TimeoutError():
            cause = "timeout"
        case smtplib.SMTPAuthenticationError() | ssl.SSLCertVerificationError():
            cause = "refused"
        case smtplib.SMTPResponseException():
            cause = _weight(failure.smtp_code)
        case smtplib.SMTPRecipientsRefused():
            cause = _weight(*(code for code, _ in failure.recipients.values()))
        case smtplib.SMTPServerDisconnected():
            cause = "unreachable"
        case smtplib.SMTPException():  # it cannot encrypt, or knows no way to sign in
            cause = "refused"
        case _:
            cause = "unreachable"
    return cause


def _weight(*codes: int) -> str:
    return "rejected" if all(code in _FOR_GOOD for code in codes) else "refused"

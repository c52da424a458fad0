"""Mail servers and web hooks' receivers in processes of their own, and what the tests of notices share."""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.ports import NotDelivered, Notifier
from bot.records import Notice
from tests.house_kit import ROOT

T = TypeVar("T")

SECRET = os.urandom(32)


@dataclass(frozen=True)
class Receiving:
    """A receiver at work."""

    port: int
    store: Path

    @property
    def got(self) -> Sequence[dict[str, Any]]:
        if not self.store.exists():
            return []
        return [json.loads(line) for line in self.store.read_text("utf-8").splitlines()]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/cases"


@contextmanager
def mail_server(directory: Path, *behaviours: str, **options: Any) -> Iterator[Receiving]:
    told = {"security": "plain", **({"behaviours": behaviours} if behaviours else {}), **options}
    with _receiving("mail_server", directory, told) as receiving:
        yield receiving


@contextmanager
def hook_server(directory: Path, *behaviours: str, **options: Any) -> Iterator[Receiving]:
    told = {
        "secret": base64.b64encode(SECRET).decode(),
        **({"behaviours": behaviours} if behaviours else {}),
        **options,
    }
    with _receiving("hook_server", directory, told) as receiving:
        yield receiving


@contextmanager
def _receiving(program: str, directory: Path, options: dict[str, Any]) -> Iterator[Receiving]:
    store = directory / f"{program}.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.bot.notifying.{program}", json.dumps({"store": str(store), **options})],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Receiving(int(process.stdout.readline()), store)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@dataclass(frozen=True)
class Certificate:
    """A certificate for this machine that stands for itself."""

    certificate: Path
    key: Path

    @property
    def options(self) -> dict[str, str]:
        return {"certificate": str(self.certificate), "key": str(self.key)}

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


def certificate(directory: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    kept = Certificate(directory / "certificate.pem", directory / "key.pem")
    kept.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kept.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return kept


def aside(work: Callable[[], T]) -> T:
    """What the work gives, done in a thread of its own, as the rounds do it."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def cause(notifier: Notifier, notice: Notice) -> str | None:
    """Why a notice was not delivered; None where it was."""
    try:
        aside(lambda: notifier.deliver(notice))
    except NotDelivered as failure:
        return failure.cause
    return None

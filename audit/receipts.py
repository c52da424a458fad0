"""The receipt a person keeps: the log's signed promise that an entry is in it. Pure but for the random code."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.canonical import canonical, instant
from audit.codes import fresh_receipt_code
from bot.records import EntryId, Receipt

LONGEST_DELAY_SECONDS: Final = 60  # until the entry must be under a published checkpoint


def promise_bytes(
    log: str, entry: EntryId, leaf: str, time: datetime, checkpoint: str | None = None
) -> tuple[str, bytes]:
    """A fresh code and the exact bytes to sign: canonical JSON of every member of the receipt but the signature, and
    without a checkpoint where the log has none yet.
    """
    code = fresh_receipt_code()
    promise = canonical(
        {
            "code": code,
            "log": log,
            "entry": entry,
            "leaf": leaf,
            "time": instant(time),
            "longest_delay_seconds": LONGEST_DELAY_SECONDS,
            **({"checkpoint": checkpoint} if checkpoint is not None else {}),
        }
    )
    return code, promise


def sign(key: Ed25519PrivateKey, promise: bytes) -> bytes:
    return key.sign(promise)


def receipt(promise: bytes, signature: bytes) -> Receipt:
    """The receipt that was stored as these bytes. Raises ValueError or KeyError where they are no promise."""
    value = json.loads(promise)
    return Receipt(
        code=value["code"],
        log=value["log"],
        entry=EntryId(value["entry"]),
        leaf=value["leaf"],
        time=datetime.fromisoformat(value["time"]),
        longest_delay_seconds=value["longest_delay_seconds"],
        signature=base64.b64encode(signature).decode("ascii"),
        checkpoint=value.get("checkpoint"),
    )

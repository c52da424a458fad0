"""The operator's own colours for domains and stages, where a file sets them. The slides' text gives none."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from bot.assessing.values import Domain
from bot.records import Stamp

COLOURS = ("青", "黄", "赤")
_STAGES = range(1, 6)


class BadColours(Exception):
    """The file of colours is not of its shape; the message names the member."""


@dataclass(frozen=True, slots=True)
class Colours:
    """``of`` a domain's stage the colour that ``operator`` decided on ``decided``; stages left out have none."""

    operator: str
    decided: date
    version: str
    of: Mapping[tuple[Domain, int], str]
    stamp: Stamp


def load_colours(path: Path) -> Colours:
    """Read the operator's file: ``version``, ``operator``, ``decided`` and a table per domain, ``1`` to ``5`` = colour.

    Raises BadColours.
    """
    try:
        raw = path.read_bytes()
        data = tomllib.loads(raw.decode("utf-8"))
    except OSError:
        raise BadColours(f"{path.name} cannot be read; check MADOGUCHI_COLOURS") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadColours(f"{path.name} is not TOML; see docs/operations.md") from None
    for name, kind in (("version", str), ("operator", str), ("decided", date)):
        if not isinstance(data.get(name), kind) or not data[name]:
            raise BadColours(f"{path.name}: {name} is missing")
    unknown = data.keys() - {"version", "operator", "decided", *Domain}
    if unknown:
        raise BadColours(f"{path.name}: there is no {min(unknown)}")
    of: dict[tuple[Domain, int], str] = {}
    for domain in Domain:
        for stage, colour in data.get(domain.value, {}).items():
            if stage not in {str(each) for each in _STAGES} or colour not in COLOURS:
                raise BadColours(f'{path.name}: [{domain.value}] takes lines like 1 = "青"; mend "{stage}"')
            of[domain, int(stage)] = colour
    return Colours(
        data["operator"],
        data["decided"],
        data["version"],
        of,
        Stamp("colours", data["version"], sha256(raw).hexdigest()),
    )

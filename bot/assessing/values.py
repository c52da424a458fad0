"""What is read of a plan, as values: domain, user, functions, who decides, what is at stake, what has to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PARTIAL: Final = 4
FULL: Final = 5


class Domain(StrEnum):
    """業務領域: 都民サービス, 都民サービス関連業務, 職員内部業務."""

    CITIZEN = "citizen"
    RELATED = "related"
    INTERNAL = "internal"


class User(StrEnum):
    CITIZEN = "citizen"
    STAFF = "staff"
    UNCLEAR = "unclear"


class Decides(StrEnum):
    """Who decides in the end; NOBODY where AI neither judges nor carries anything out."""

    HUMAN = "human"
    ALONE = "alone"
    UNCLEAR = "unclear"
    NOBODY = "nobody"


class Function(StrEnum):
    """What AI does, in the terms of the slides' stages."""

    JUDGE = "judge"
    EXECUTE = "execute"
    PREDICT = "predict"
    ANALYSE = "analyse"
    CLERICAL = "clerical"
    SEARCH = "search"
    WRITE = "write"
    PROPOSE = "propose"
    EXPERT = "expert"
    INFORM = "inform"
    PROCEDURE = "procedure"
    PERSONAL = "personal"


class Stake(StrEnum):
    LIFE = "life"
    RIGHTS = "rights"


class Ask(StrEnum):
    """What has to be asked back."""

    WHO = "who"
    PURPOSE = "purpose"
    WHAT = "what"
    DECIDES = "decides"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the plan. ``stage`` is None where what AI does fits none; ``function`` is what spoke for it.

    ``near``: no word spoke for it; it is the stage whose description lies nearest to the plan's wording.
    """

    domain: Domain
    stage: int | None
    function: Function | None
    near: bool = False


@dataclass(frozen=True, slots=True)
class Likely:
    """The domain of the nearest plans with its share of their votes, and the nearest stage within each domain.

    ``stages`` never holds the last one: who decides has to be said.
    """

    domain: Domain
    share: float
    stages: Mapping[Domain, int]


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that was read. ``claimed`` are the stages that the text itself names; ``confirms`` whether it wants a yes."""

    user: User
    functions: tuple[Function, ...]
    decides: Decides
    readings: tuple[Reading, ...]
    stakes: tuple[Stake, ...]
    asks: tuple[Ask, ...]
    confirms: bool
    colour_asked: bool
    claimed: tuple[int, ...]

    @property
    def high(self) -> bool:
        """Whether the plan touches life, body, property or rights."""
        return bool(self.stakes)

    @property
    def domains(self) -> tuple[Domain, ...]:
        return tuple(dict.fromkeys(reading.domain for reading in self.readings))

    @property
    def stages(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(reading.stage for reading in self.readings if reading.stage is not None))

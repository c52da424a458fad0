"""The published description of the programming interface, held against the real application by schemathesis."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.records import DeskName
from tests.endurance.kit import PATIENT, Forgetful, amount, report, with_fake_embedder
from tests.endurance.strange import API
from tests.house_kit import SmallHouse, small_house
from web.app import create_app
from web.fitting import web_state, worker_pool

pytestmark = PATIENT
EXAMPLES = amount(30, 3_000)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_what_is_published_holds(tmp_path: Path) -> None:
    """Every operation of the document as it is served, with requests that obey it and requests that do not."""
    small = small_house(tmp_path, requests_per_minute=10_000_000)
    house = with_fake_embedder(small, Forgetful())
    pool = worker_pool(house.settings)
    published = schemathesis.openapi.from_asgi("/openapi.json", create_app(web_state(house, pool)))
    operations = [found.ok() for found in published.get_all_operations()]
    assert {operation.label for operation in operations} >= {f"POST {API}", f"POST {API}/{{exchange_id}}/feedback"}
    statuses: Counter[int] = Counter()
    for operation in operations:
        for mode in GenerationMode:
            held(operation.as_strategy(generation_mode=mode), statuses)
    outage(small, published)
    pool.shutdown()
    small.house.close()
    report("schema", examples=statuses.total(), statuses=dict(sorted(statuses.items())))


def outage(small: SmallHouse, published: schemathesis.schemas.BaseSchema) -> None:
    """The one answer with a documented 5xx status: the log is away."""
    small.house.close()
    (small.data / DeskName.PUBLIC / "log.sqlite").rename(small.data / "aside")
    case = published["/api/v1/public/exchanges"]["POST"].Case(body={"question": "予算は？"})
    response = case.call()
    assert response.status_code == 503
    assert response.json().keys() > {"error", "reply", "receipt"}
    case.validate_response(response, checks=CHECKS[1:])


def held(cases: SearchStrategy[schemathesis.Case], statuses: Counter[int]) -> None:
    @SETTINGS
    @given(cases)
    def each(case: schemathesis.Case) -> None:
        response = case.call()
        statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    each()

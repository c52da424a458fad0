"""Figures for operators, in a registry of their own. Labels come from closed lists; no text, no client, no id."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from web.backlog import Backlog
from web.doors import Answered


class Metrics:
    """What the doors count: exchanges by outcome, seconds per exchange and stage, responses by door and status."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._exchanges = Counter(
            "madoguchi_exchanges", "Finished exchanges", ["desk", "outcome"], registry=self._registry
        )
        self._unrecorded = Counter(
            "madoguchi_unrecorded", "Replies that left without a record", ["desk", "outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "madoguchi_exchange_seconds", "Time of one exchange, waiting included", ["desk"], registry=self._registry
        )
        self._stages = Histogram(
            "madoguchi_stage_seconds", "Time of one stage of an exchange", ["desk", "stage"], registry=self._registry
        )
        self._responses = Counter(
            "madoguchi_responses", "HTTP responses by door", ["door", "method", "status"], registry=self._registry
        )
        self._strays = Counter(
            "madoguchi_strays", "Ids shown that the desk never gave out", ["desk", "what"], registry=self._registry
        )
        self._feedback = Counter("madoguchi_feedback", "Feedback given", ["desk", "useful"], registry=self._registry)
        self._live = Gauge("madoguchi_cases_live", "Cases that wait for people", ["desk"], registry=self._registry)
        self._overdue = Gauge(
            "madoguchi_cases_overdue", "Live cases past their due date", ["desk"], registry=self._registry
        )
        self._notices = Gauge(
            "madoguchi_notices_waiting", "Notices not delivered yet", ["desk", "way"], registry=self._registry
        )

    def exchange(self, desk: str, answered: Answered, seconds: float) -> None:
        """Count one finished exchange."""
        self._exchanges.labels(desk, answered.reply.outcome.value).inc()
        if answered.receipt is None:
            self._unrecorded.labels(desk, answered.reply.outcome.value).inc()
        self._seconds.labels(desk).observe(seconds)
        for stage, milliseconds in answered.stages_ms.items():
            self._stages.labels(desk, stage).observe(milliseconds / 1000)

    def feedback(self, desk: str, *, useful: bool) -> None:
        """Count one accepted feedback."""
        self._feedback.labels(desk, "yes" if useful else "no").inc()

    def stray(self, desk: str, what: str) -> None:
        """Count one id that the desk never gave out."""
        self._strays.labels(desk, what).inc()

    def response(self, door: str, method: str, status: int) -> None:
        """Count one response; ``door`` is the route's template, never the address."""
        self._responses.labels(door, method, str(status)).inc()

    def queues(self, backlogs: Iterable[Backlog]) -> None:
        """Take how much waits now; a desk that is not among them has no figure then."""
        for gauge in (self._live, self._overdue, self._notices):
            gauge.clear()
        for each in backlogs:
            self._live.labels(each.desk).set(each.live)
            self._overdue.labels(each.desk).set(each.overdue)
            for way, count in each.notices.items():
                self._notices.labels(each.desk, way.value).set(count)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

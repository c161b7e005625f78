"""What is counted, in a Prometheus registry that the app injects. Names begin with `mm7_`; times are seconds."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """One for the process. Labels are configured names and closed sets: no number, no id, no peer's text."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=registry)

        def seconds(name: str, text: str, *labels: str) -> Histogram:
            return Histogram(name, text, labels, buckets=SECONDS, registry=registry)

        self.registry = registry
        self.accepted = counter("mm7_accepted", "Messages and reports made durable", "face", "operation")
        self.answered = counter("mm7_answered", "Requests answered, by status code", "face", "operation", "code")
        self.rejected = counter(
            "mm7_rejected", "Requests refused before they were MM7, by HTTP status", "face", "status"
        )
        self.unmatched = counter(
            "mm7_unmatched",
            "Stored with nobody to tell: MOs that no account claims, reports of messages not known yet",
            "carrier",
            "operation",
        )
        self.findings = counter("mm7_findings", "What was read though it is not as it should be", "carrier", "rule")
        self.answer_seconds = seconds("mm7_answer_seconds", "From request to answer", "face", "operation")
        self.attempts = counter("mm7_attempts", "Attempts at work, by how they ended", "kind", "outcome")
        self.attempt_seconds = seconds("mm7_attempt_seconds", "From an attempt's start to its end", "kind")
        self.queue = Gauge("mm7_queue", "Work that is not done", ["kind", "state"], registry=registry)

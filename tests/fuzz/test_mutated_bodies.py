"""Any bytes give a message or a classified error (promise P7), and either can be answered.

`make test` tries 5,000 bodies, `make fuzz` 100,000; MM7_FUZZ says how many, MM7_FUZZ_SEED from which seed of chance.
"""

import json
import os
from random import Random
from typing import cast

import pytest

from gateway.mm7 import LENIENT, Dialect, Envelope, Unreadable, read
from gateway.mm7.answers import accepted, refusal_for, refused
from gateway.mm7.messages import Fault, Request
from gateway.mm7.model import answer_to, operation_of
from gateway.mm7.profiles import profile
from gateway.trace.explain import as_json, as_text, explain
from tests.fuzz.cpu import cpu_limit
from tests.fuzz.mutations import Sample, mutated, seeds

COUNT = int(os.environ.get("MM7_FUZZ", "5000"))
SEED = int(os.environ.get("MM7_FUZZ_SEED", "7"))
BATCHES = 10

DIALECTS = (LENIENT, Dialect(undeclared_prefixes=True), profile("sinch"))


def outcome(sample: Sample, dialect: Dialect) -> str:
    """Reads and answers a body; the name of what it was."""
    problem: Unreadable | None = None
    try:
        envelope, _ = read(sample.body, sample.content_type, dialect)
    except Unreadable as raised:
        problem = raised
    if problem is not None:
        assert 0 <= problem.offset <= len(sample.body)
        answer = refused(refusal_for(problem, dialect), dialect, from_relay=True, problem=problem)
        assert_echoed(answer.body, problem.transaction_id)
        return problem.rule.id
    message = envelope.message
    if not isinstance(message, Fault) and operation_of(message).is_request:
        named = "message_id" if hasattr(answer_to(cast(Request, message)), "message_id") else None
        assert_echoed(accepted(envelope, dialect, message_id=named).body, envelope.transaction_id)
    assert sum(len(leaf.data) for leaf in envelope.leaves) <= len(sample.body)
    return envelope.operation


def assert_echoed(answer: bytes, transaction_id: str | None) -> None:
    envelope, _ = read(answer, "text/xml")
    assert envelope.transaction_key == (transaction_id or "").strip()


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.requirement("M-21")
def test_any_bytes_are_a_message_or_a_classified_error(batch: int) -> None:
    chance = Random(SEED * BATCHES + batch)
    seen: set[str] = set()
    for sample in mutated(chance, seeds(), COUNT // BATCHES):
        dialect = chance.choice(DIALECTS)
        try:
            with cpu_limit():
                seen.add(outcome(sample, dialect))
                explanation = explain("", sample.body, dialect)
                json.dumps(as_json(explanation))
                as_text(explanation)
        except Exception as error:
            error.add_note(f"{sample.source}\nContent-Type: {sample.content_type!r}\n{sample.body[:3000]!r}")
            raise
    assert {"SubmitReq", "xml.malformed", "mime.boundary-nowhere"} <= seen


def test_the_same_seed_gives_the_same_bodies() -> None:
    assert list(mutated(Random(1), seeds(), 50)) == list(mutated(Random(1), seeds(), 50))


def test_what_is_not_broken_is_read() -> None:
    envelopes = [sample for sample in seeds() if sample.source.startswith("SubmitReq-")]
    assert all(isinstance(read(sample.body, sample.content_type)[0], Envelope) for sample in envelopes)

"""Messages from the wild: what each says, checked against a table of facts and against a reader of other code."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.mm7.dialect import LENIENT
from gateway.trace.explain import as_json, as_text, explain
from tests import shared
from tests.wire import corpus
from tests.wire.independent import Reading, reading

pytestmark = pytest.mark.requirement("M-21")

EXPECTED = corpus.expected()
READABLE = [name for name, facts in EXPECTED.items() if "error" not in facts]
REFUSED = [name for name, facts in EXPECTED.items() if "error" in facts]

# Its presence is what it says, so a word in it says nothing more.
PRESENCE = ("ReplyCharging", "Reply-Charging")


def data_of(name: str, base: Path) -> bytes:
    return (base / "corpus" / name).read_bytes()


def said_of(name: str, base: Path) -> dict[str, Any]:
    return as_json(explain(name, data_of(name, base)))


def test_the_table_names_every_file(shared_dir: Path) -> None:
    assert corpus.files(shared_dir) == sorted(EXPECTED)


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.requirement("U-08")
def test_a_well_formed_envelope_is_read_whole(name: str, shared_dir: Path) -> None:
    facts, said = EXPECTED[name], said_of(name, shared_dir)
    assert said["readable"]
    for key in ("operation", "mm7_version", "namespace", "transaction_id"):
        assert said[key] == facts[key], key
    assert [
        [part["content_type"], part["content_id"], part["size"], part["sha256"][:16]] for part in said["parts"]
    ] == facts["parts"]
    assert sorted({finding["rule"] for finding in said["findings"]}) == facts["findings"]


@pytest.mark.parametrize("name", REFUSED)
def test_one_that_is_not_gives_one_error_with_its_place_and_what_could_be_made_out(name: str, shared_dir: Path) -> None:
    facts, said = EXPECTED[name], said_of(name, shared_dir)
    assert not said["readable"]
    assert (said["operation"], said["transaction_id"]) == (facts["operation"], facts["transaction_id"])
    assert {key: said["error"][key] for key in ("rule", "code", "offset")} == facts["error"]
    assert said["error"]["text"]


@pytest.mark.parametrize("name", [name for name in REFUSED if "deliver_0" in name or "deliver_full" in name])
def test_undeclared_prefixes_may_be_accepted_but_mismatched_tags_never(name: str, shared_dir: Path) -> None:
    """The provider's MO samples use a prefix that they don't declare, and end `soap-env::Body` with `soap-env:Body`."""
    # given
    dialect = replace(LENIENT, undeclared_prefixes=True)
    data = data_of(name, shared_dir)
    # when: the tags mismatch
    report = as_json(explain(name, data, dialect))
    # then
    assert not report["readable"]
    assert "mismatch" in report["error"]["text"]
    # when: only the prefix is undeclared
    report = as_json(explain(name, data.replace(b"soap-env::", b"soap-env:"), dialect))
    # then
    assert report["readable"]
    assert (report["operation"], report["transaction_id"]) == ("DeliverReq", "1000001")
    assert "xml.prefix-undeclared" in {finding["rule"] for finding in report["findings"]}


@pytest.mark.parametrize("name", READABLE)
def test_a_second_reader_finds_the_same_and_nothing_more(name: str, shared_dir: Path) -> None:
    """Each text and attribute of the operation is in a field or in the extras; each part is the same bytes."""
    # given
    second = reading(corpus.repaired(name, data_of(name, shared_dir)))
    # when
    said = said_of(name, shared_dir)
    # then
    assert (second.operation, second.transaction_id) == (said["operation"], said["transaction_id"])
    assert [[element, corpus.digest(text)] for element, text in second.texts] == EXPECTED[name]["values"]
    assert [(part["content_type"], part["content_id"], part["size"], part["sha256"]) for part in said["parts"]] == list(
        second.leaves
    )
    assert lost(second, said["message"]) == []


def lost(second: Reading, message: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second reader found and our message does not hold; each value of ours accounts for one of its."""
    values = list(_values(message))
    missing = []
    for name, text in (*second.texts, *second.attributes):
        if name in PRESENCE or _unknown_attribute(name):
            continue
        found = next((value for value in values if _same(text, value)), None)
        if found is not None:
            values.remove(found)
        elif not _in_extras(text, message):
            missing.append((name, text))
    return missing


def _values(value: Any) -> Iterator[Any]:  # noqa: ANN401
    if isinstance(value, dict):
        for inner in value.values():
            yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    elif value is not None:
        yield value


def _same(text: str, value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return text.lower() in (("true", "1") if value else ("false", "0", "0000"))
    return text == (value.strip() if isinstance(value, str) else str(value))


def _unknown_attribute(name: str) -> bool:
    return name == "allowAdaptatiions"


def _in_extras(text: str, message: dict[str, Any]) -> bool:
    return any(text in extra["text"] for extra in message.get("extras", ()))


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("real/")])
def test_it_is_what_the_corpus_says_of_itself(name: str, shared_dir: Path) -> None:
    """The collector's own index, made by other hands with another tool."""
    index = {row["file"]: row for row in json.loads((shared_dir / "corpus/real/index.json").read_text("utf-8"))}
    row = index[name.removeprefix("real/")]
    said = said_of(name, shared_dir)
    operation = row["operation"].removeprefix("Fault(").removesuffix(")")
    assert said["operation"] == operation or operation == "?"
    if said["readable"]:
        assert said["mm7_version"] == row["mm7_version"]
        assert said["transaction_id"] == row["transaction_id"]


@pytest.mark.requirement("U-08")
def test_explain_says_what_is_odd_about_the_published_submit_and_what_is_done_with_it(shared_dir: Path) -> None:
    name = "sinch/sinch2021_submit_04_Submit_full_http_request.txt"
    said = as_text(explain(name, data_of(name, shared_dir)))
    assert "SubmitReq is in no namespace" in said
    assert "read by local names" in said
    assert "does not stand where the schema REL-6-MM7-1-4 has it: read in any order" in said


def test_no_message_changes_how_the_next_one_is_read(shared_dir: Path) -> None:
    """Parsers are kept, so whatever was read before must not matter: forwards and backwards give the same."""
    forwards = {name: said_of(name, shared_dir) for name in EXPECTED}
    backwards = {name: said_of(name, shared_dir) for name in reversed(EXPECTED)}
    assert forwards == backwards


def test_every_finding_of_the_wild_has_a_fixture_of_ours() -> None:
    """What we have seen on the wire can be seen in fixtures/ by those who have no corpus."""
    ours: set[str] = set()
    for path in (shared.ROOT / "fixtures").rglob("*.json"):
        report = json.loads(path.read_text("utf-8"))
        ours |= {finding["rule"] for finding in report["findings"]}
        ours |= {report["error"]["rule"]} if report["error"] else set()
    wild = {rule for facts in EXPECTED.values() for rule in facts.get("findings", [facts.get("error", {}).get("rule")])}
    assert wild - ours == set()

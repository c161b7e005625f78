"""What a captured message says, and what a schema would say of it: the room behind `mm7 explain`.

Pure: bytes of a file in, an explanation out. It reads with the one reader that the gateway itself reads with, so that
what is explained is what would happen.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from gateway.mm7.capture import Capture, read_capture
from gateway.mm7.dialect import LENIENT, Dialect
from gateway.mm7.envelope import Envelope
from gateway.mm7.errors import Unreadable
from gateway.mm7.findings import Finding, Level, printable
from gateway.mm7.jsonable import envelope_as_json
from gateway.mm7.mime import Part
from gateway.mm7.reader import read


@dataclass(frozen=True, slots=True)
class Explanation:
    """One captured message: read, or why it can't be. Offsets count from the start of the file."""

    file: str
    capture: Capture
    dialect: Dialect
    envelope: Envelope | None = None
    findings: tuple[Finding, ...] = ()
    problem: Unreadable | None = None

    @property
    def exit_code(self) -> int:
        """0 clean or only below error level, 1 findings at error level, 2 unreadable."""
        if self.problem is not None:
            return 2
        return 1 if any(self.dialect.level(finding) is Level.ERROR for finding in self.findings) else 0


def explain(file: str, data: bytes, dialect: Dialect = LENIENT) -> Explanation:
    capture = read_capture(data)
    try:
        envelope, findings = read(capture.body, capture.content_type, dialect)
    except Unreadable as problem:
        return Explanation(file, capture, dialect, problem=problem)
    return Explanation(file, capture, dialect, envelope, findings)


def as_json(explanation: Explanation) -> dict[str, Any]:
    """The object that `explain --json` prints, one for each message."""
    problem, envelope = explanation.problem, explanation.envelope
    base = explanation.capture.body_offset
    if envelope is None:
        assert problem is not None, "a message that is not read has a problem"
        code = explanation.dialect.code(problem.rule, problem.rule.id)
        return {
            "file": explanation.file,
            "readable": False,
            "operation": problem.operation,
            "mm7_version": None,
            "namespace": problem.namespace,
            "transaction_id": problem.transaction_id,
            "message": None,
            "parts": [],
            "findings": [],
            "error": {"code": code, "offset": base + problem.offset, "text": problem.text, "rule": problem.rule.id},
        }
    return {
        "file": explanation.file,
        "readable": True,
        **envelope_as_json(envelope),
        "parts": [part_as_json(part) for part in envelope.leaves],
        "findings": [_finding(finding, explanation.dialect, base) for finding in explanation.findings],
        "error": None,
    }


def part_as_json(part: Part) -> dict[str, Any]:
    return {
        "content_type": part.media_type,
        "content_id": part.content_id or None,
        "name": part.name or None,
        "size": len(part.data),
        "sha256": hashlib.sha256(part.data).hexdigest(),
    }


def _finding(finding: Finding, dialect: Dialect, base: int) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "level": dialect.level(finding).word,
        "clause": finding.rule.clause,
        "offset": base + finding.offset,
        "text": f"{finding.text}: {finding.rule.does}",
    }


def as_text(explanation: Explanation) -> str:
    """The same for people."""
    report = as_json(explanation)
    if explanation.envelope is None:
        error = report["error"]
        known = [f"{report['operation']}"] if report["operation"] else []
        known += [f"TransactionID {report['transaction_id']}"] if report["transaction_id"] else []
        lines = [f"{explanation.file}: unreadable" + (f" ({', '.join(known)})" if known else "")]
        lines.append(f"  {error['text']}")
        lines.append(f"  at byte {error['offset']}; it would be refused with {error['code']} (rule {error['rule']})")
        return _lines(lines)
    lines = [
        f"{explanation.file}: {report['operation']}",
        f"  MM7Version     {report['mm7_version'] or '–'}",
        f"  namespace      {report['namespace'] or '–'}",
        f"  TransactionID  {(report['transaction_id'] or '–').strip()}",
    ]
    lines += [f"  {name:<14} {_shown(value)}" for name, value in report["message"].items() if value not in (None, [])]
    for part in report["parts"]:
        name = part["name"] or part["content_id"] or "(no name)"
        lines.append(f"  part           {part['content_type']}, {part['size']} bytes, {name}")
    if not report["findings"]:
        lines.append("  clean")
    for found in report["findings"]:
        lines.append(
            f"  {found['level']:<8} {found['text']} (byte {found['offset']}, {found['clause']}, {found['rule']})"
        )
    return _lines(lines)


def _lines(lines: list[str]) -> str:
    """What a peer wrote begins no line and gives no command of its own."""
    return "\n".join(printable(line) for line in lines)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(inner)}" for key, inner in value.items() if inner not in (None, [], False))
    if isinstance(value, list):
        return "; ".join(_shown(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)

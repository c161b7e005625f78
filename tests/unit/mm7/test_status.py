"""Status: what a code is called and means for a retry, and what a report's word means."""

import pytest

from gateway.mm7.status import (
    GPP,
    SINCH,
    MmStatus,
    Owner,
    ReadStatus,
    Verdict,
    describe,
    judge,
    read_mm_status,
    read_read_status,
)


@pytest.mark.requirement("M-16")
@pytest.mark.parametrize(
    ("code", "text"),
    [
        (1000, "Success"),
        (2571, "No recipient"),
        (2099, "Client error"),
        (3777, "Server Error"),
        (4999, "General service error"),
    ],
)
def test_a_code_has_the_text_of_its_table_or_of_its_class(code: int, text: str) -> None:
    assert describe(code).text == text
    assert describe(code).code == code


def test_a_code_of_no_class_is_described_as_a_server_error() -> None:
    assert describe(200).text == "Server Error"


@pytest.mark.requirement("M-16")
def test_both_tables_are_kept_by_their_codes_and_within_the_classes() -> None:
    for table in (GPP, SINCH):
        assert all(number == code.code and 1000 <= number <= 4999 for number, code in table.items())


@pytest.mark.parametrize(("code", "owner"), [(2000, Owner.THEIRS), (3000, Owner.OURS), (4006, Owner.OURS)])
def test_2xxx_is_the_senders_fault_and_all_else_ours(code: int, owner: Owner) -> None:
    assert describe(code).owner is owner


@pytest.mark.requirement("M-16")
@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (1000, Verdict.ACCEPTED),
        (1100, Verdict.ACCEPTED),
        (1234, Verdict.ACCEPTED),
        (2002, Verdict.PERMANENT),
        (3000, Verdict.RETRYABLE),
        (3999, Verdict.RETRYABLE),
        (4006, Verdict.RETRYABLE),
        (4007, Verdict.PERMANENT),
        (200, Verdict.PERMANENT),
        (5000, Verdict.PERMANENT),
    ],
)
def test_a_peers_code_means_this_for_a_retry(code: int, verdict: Verdict) -> None:
    assert judge(code) is verdict


@pytest.mark.requirement("U-07")
def test_a_profile_knows_better_what_its_carriers_codes_mean() -> None:
    assert judge(2002, retryable=frozenset({2002})) is Verdict.RETRYABLE
    assert judge(4006, permanent=frozenset({4006})) is Verdict.PERMANENT


@pytest.mark.requirement("M-20")
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Retrieved", MmStatus.RETRIEVED),
        (" EXPIRED ", MmStatus.EXPIRED),
        ("Third:User Retrieved", MmStatus.RETRIEVED),
        ("1000", MmStatus.RETRIEVED),
        ("Unrecognized", MmStatus.UNRECOGNISED),
        ("rejected.", MmStatus.REJECTED),
        ("a" * 1_000_000 + "!1", MmStatus.INDETERMINATE),
        ("", MmStatus.INDETERMINATE),
        (None, MmStatus.INDETERMINATE),
    ],
)
def test_a_reports_word_is_understood_or_indeterminate(word: str | None, status: MmStatus) -> None:
    assert read_mm_status(word) is status


@pytest.mark.requirement("M-20")
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("read", ReadStatus.READ),
        ("Deleted without being Deleted", ReadStatus.DELETED),
        ("seen", ReadStatus.INDETERMINATE),
    ],
)
def test_a_read_replys_word_is_understood_or_indeterminate(word: str, status: ReadStatus) -> None:
    assert read_read_status(word) is status

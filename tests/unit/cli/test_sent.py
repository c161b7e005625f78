"""How a submit ended, as a person and a program are told."""

import json

import pytest

from gateway.cli.common import Failed
from gateway.cli.sent import Sent, show
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Outcome, Refused
from gateway.router.submitted import SubmitAnswer

TAKEN = Delivered(SubmitAnswer(status_code=1000, status_text="Success", message_id="m-1"))


def sent(outcome: Outcome, *, stored: bool = True) -> Sent:
    return Sent("track-1", "txn-1", outcome, stored=stored)


def test_what_was_accepted_is_shown_with_its_ids(capsys: pytest.CaptureFixture[str]) -> None:
    assert show(sent(TAKEN), as_json=False) == 0
    out = capsys.readouterr().out
    for word in ("m-1", "1000 Success", "txn-1", "track-1"):
        assert word in out


@pytest.mark.requirement("U-05")
@pytest.mark.parametrize(
    ("outcome", "stored", "line"),
    [
        (Deferred("busy"), True, "not accepted yet: busy (stored as track-1: a running gateway tries it again)"),
        (InDoubt("cut"), True, "in doubt, the carrier may have it: cut (stored as track-1: it is held, and not sent"),
        (Refused("2004 no"), True, "refused: 2004 no (stored as track-1: it is not sent again)"),
        (Delivered(), True, "the carrier answered without a StatusCode (stored as track-1: it is not sent again)"),
        (Deferred("busy"), False, "not accepted yet: busy (nothing is stored)"),
    ],
)
def test_what_was_not_accepted_says_what_becomes_of_it(outcome: Outcome, line: str, *, stored: bool) -> None:
    with pytest.raises(Failed) as caught:
        show(sent(outcome, stored=stored), as_json=False)
    assert str(caught.value).startswith(line)


def test_what_a_carrier_wrote_is_one_line_and_gives_the_terminal_no_commands() -> None:
    with pytest.raises(Failed) as caught:
        show(sent(Refused("2004 \x1b[2J\nmm7: all is well")), as_json=False)
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_program_is_told_whether_it_is_stored(capsys: pytest.CaptureFixture[str]) -> None:
    assert show(sent(Deferred("busy")), as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["accepted"], told["stored"], told["tracking_id"], told["reason"]) == (False, True, "track-1", "busy")

"""What may stand in the options that make up a message."""

from argparse import Namespace

import pytest

from gateway.cli.common import Failed
from gateway.cli.composed import check, check_size
from gateway.mm7.limits import MAX_BODY


def options(sender: str = "28444", to: str = "15555550100", text: str = "Hi", subject: str | None = None) -> Namespace:
    return Namespace(sender=sender, to=[to], text=text, subject=subject)


@pytest.mark.parametrize("sender", ["28444", "+1 (555) 555-0100", "*28444", "shop@mms.example", "SHOP"])
@pytest.mark.parametrize("to", ["15555550100", "+1 555 555 0100", "+15555550100/TYPE=PLMN", "o'neil&co@mms.example"])
def test_whom_a_message_may_be_from_and_to(sender: str, to: str) -> None:
    check(options(sender, to, subject="Grüße"))


@pytest.mark.parametrize("wrong", ["", " ", "x y<z>", "a b@<x>&", "@", "a@", "2\udcff", "2\n8"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(Failed, match="--from"):
        check(options(sender=wrong))
    with pytest.raises(Failed, match="--to"):
        check(options(to=wrong))


def test_a_message_is_as_large_as_one_may_be_at_most() -> None:
    check_size(MAX_BODY)
    with pytest.raises(Failed, match=f"{MAX_BODY + 1} bytes, {MAX_BODY} are the most"):
        check_size(MAX_BODY + 1)

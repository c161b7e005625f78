"""What commands share."""

from pathlib import Path

import pytest

from gateway.cli import commands, wsdl
from gateway.cli.common import Failed, load_config, table


def test_tables_are_as_wide_as_they_have_to_be() -> None:
    assert table(("A", "LONG"), [("xyz", 1)]) == "A    LONG\nxyz  1"


def test_a_configuration_that_can_not_be_read_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failed, match="absent"):
        load_config(tmp_path / "absent.toml")
    monkeypatch.chdir(tmp_path)
    assert load_config(None).carriers == ()
    (tmp_path / "gateway.toml").write_text("nonsense")
    with pytest.raises(Failed, match="is not TOML"):
        load_config(None)


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt(), 130), (Failed("no"), 1), (Failed("no", 2), 2), (BrokenPipeError(), 1)]
)
def test_how_a_command_ends(error: BaseException, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    def fail(_options: object) -> int:
        raise error

    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(wsdl, "run", fail)
    assert commands.main(["wsdl", "--out", "x"]) == status

"""What the settings can ask for and this version has not got."""

import pytest

from gateway.config import refused
from tests.unit.config.making import config


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ('[store]\nurl = "postgresql://user@127.0.0.1/db"', ("sqlite:///PATH",)),
        ('[store]\nmedia = "s3://bucket/media"', ('this version has only "store"',)),
        ('[store]\nurl = "postgresql://127.0.0.1/db"\nmedia = "s3://bucket"', ("sqlite:///PATH", 'only "store"')),
        ("", ()),
    ],
)
def test_each_line_says_what_to_write_instead(text: str, way_out: tuple[str, ...]) -> None:
    problems = refused(config(text))
    assert len(problems) == len(way_out)
    assert all(way in problem for way, problem in zip(way_out, problems, strict=True))

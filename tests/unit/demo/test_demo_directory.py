"""The demo's directory: empty for each, and never somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from newswire.demo.directory import fresh
from newswire.settings import ConfigError


def test_each_demo_finds_it_empty_and_what_it_leaves_stays_until_the_next(tmp_path: Path):
    for _ in range(2):
        with fresh(tmp_path / "a" / "demo") as directory:
            assert [path.name for path in directory.iterdir()] == [".newswire-demo"]
            (directory / "logs").mkdir()
        assert (directory / "logs").is_dir()


def test_what_no_demo_made_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(ConfigError, match="holds something that is no demo's"), fresh(tmp_path):
        pass
    assert (tmp_path / "thesis.txt").exists()


def test_one_demo_at_a_time(tmp_path: Path):
    with (
        fresh(tmp_path / "demo"),
        pytest.raises(ConfigError, match="another demo runs"),
        fresh(tmp_path / "demo"),
    ):
        pass
    with fresh(tmp_path / "demo"):
        pass

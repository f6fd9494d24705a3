"""``newswire connectors``."""

from __future__ import annotations

import json
import sys

import pytest

from newswire.cli import main


@pytest.fixture
def command(monkeypatch, capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["newswire", "connectors", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


def test_connectors_are_listed(command):
    code, output, _ = command("list")
    assert code == 0
    assert "files  Articles in files, directories or standard input." in output.splitlines()
    assert json.loads(command("list", "--json")[1])[0]["name"] == "files"


def test_one_is_described(command):
    _, output, _ = command("describe", "files")
    assert output.startswith("### files\n")
    assert "| `paths` | list of text | required |" in output
    machine = json.loads(command("describe", "files", "--json")[1])
    assert [one["name"] for one in machine["options"]] == ["paths", "format", "source", "lane"]
    assert machine["schema"]["$defs"]["FilesOptions"]["additionalProperties"] is False


def test_a_name_that_is_none_is_mended(command):
    assert command("describe", "flies") == (
        2,
        "",
        "newswire: there is no connector flies; did you mean files?\n",
    )

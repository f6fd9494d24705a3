"""``newswire sources import``: how large a list may be."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from newswire.cli import sources
from newswire.cli.errors import CommandError

LIST = b"<opml><body><outline xmlUrl='https://a.example/f'/><outline xmlUrl='https://b.example/f'/></body></opml>"


@pytest.mark.parametrize("from_stdin", [False, True])
def test_a_list_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, from_stdin: bool
):
    """Cut, it would still be read, by what repairs XML."""
    file = tmp_path / "feeds.opml"
    file.write_bytes(LIST)
    monkeypatch.setattr(sources, "LARGEST_LIST", len(LIST) - 1)
    done = CliRunner().invoke(
        sources.app,
        ["import", "-" if from_stdin else str(file), "--dry-run"],
        input=LIST if from_stdin else None,
    )
    assert isinstance(done.exception, CommandError)
    assert "is larger than" in str(done.exception)

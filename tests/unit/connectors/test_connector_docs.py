from __future__ import annotations

import pytest

from connectors.framework import docs
from connectors.framework.docs import reference, with_reference
from connectors.framework.errors import ConfigError
from connectors.registry import CONNECTORS, connector_named
from schemas.vocabulary import CLOSED_LISTS
from tests.support.hostile import HostileConnector


def test_the_page_is_not_stale(capsys):
    assert docs.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_page_is_found_and_written_anew(tmp_path, monkeypatch, capsys):
    page = tmp_path / "connectors.md"
    page.write_text(f"before\n{docs.BEGIN}\nold\n{docs.END}\nafter\n")
    monkeypatch.setattr(docs, "PAGE", page)
    assert docs.main(["--check"]) == 1
    assert "stale: connectors.md" in capsys.readouterr().err
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "### files" in text
    assert "old" not in text


def test_a_page_without_its_marks_is_refused():
    with pytest.raises(ValueError, match="lacks one of its marks"):
        with_reference("no marks", [])


def test_advanced_options_stand_apart():
    text = reference(HostileConnector.spec)
    plain, advanced = text.split("Advanced:")
    assert "| `steps` | list of text | required |" in plain
    assert "| `open_fails` | whole number | `0` |" in advanced


def test_every_connector_has_a_name_and_a_kind_of_the_contract():
    for name, connector in CONNECTORS.items():
        assert name == connector.spec.name
        assert connector.spec.kind in CLOSED_LISTS["SourceKind"]


def test_a_connector_is_found_by_name_or_its_name_is_mended():
    assert connector_named("files") is CONNECTORS["files"]
    with pytest.raises(ConfigError, match="did you mean files"):
        connector_named("file")
    with pytest.raises(ConfigError, match="there are: files"):
        connector_named("zzz")

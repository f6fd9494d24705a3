"""The page of settings is whole and fresh, and nothing that lists settings shows a secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from newswire.cli.settings import app
from newswire.reference import main, pages, stale
from newswire.settings import ConfigError, Settings, load_settings
from newswire.settings.load import given_settings
from newswire.settings.reference import _SECTIONS, is_secret, page

SECRETS = {"kafka_sasl_password", "kafka_ssl_password"}


def test_no_committed_page_is_stale() -> None:
    assert stale() == []


def test_what_is_stale_is_named_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/settings.md").write_text("old")
    assert main(["--check"], tmp_path) == 1
    told = capsys.readouterr().err
    assert told.splitlines() == [
        f"stale: {name} (run python -m newswire.reference)" for name in sorted(pages())
    ]
    assert (tmp_path / "docs/settings.md").read_text() == "old"
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    assert (tmp_path / "docs/telemetry.md").read_text() == pages()["docs/telemetry.md"]


def test_every_setting_is_there_with_its_variable_type_default_and_meaning() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert len(rows) == len(Settings.model_fields)
    for row, (name, field) in zip(rows, Settings.model_fields.items(), strict=True):
        assert row.startswith(f"| `{name}`<br>`NEWSWIRE_{name.upper()}` | ")
        assert field.description
        assert row.endswith(f" | {field.description} |")
    assert set(_SECTIONS) <= set(Settings.model_fields)


def test_types_and_bounds_are_those_that_are_checked() -> None:
    text = page()
    assert "| number, > 0, ≤ 60 | `1.0` |" in text
    assert "| `live` or `backfill` | `live` |" in text
    assert "| table: text to number | none |" in text
    assert text.count("| secret | none |") == len(SECRETS)
    assert {name for name in Settings.model_fields if is_secret(name)} == SECRETS


def test_where_each_value_is_from(tmp_path: Path) -> None:
    file = tmp_path / "newswire.toml"
    file.write_text("partitions = 2\nenrich_batch = 3\n")
    environ = {"NEWSWIRE_CONFIG": str(file), "NEWSWIRE_PARTITIONS": "4"}
    assert given_settings(environ) == {
        "partitions": ("4", "NEWSWIRE_PARTITIONS"),
        "enrich_batch": (3, str(file)),
    }
    assert load_settings(environ=environ).partitions == 4


def shown(*arguments: str, **environ: str) -> str:
    done = CliRunner().invoke(app, list(arguments), env=environ, catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--changed"]])
def test_secrets_are_stars_and_nothing_else(arguments: list[str]) -> None:
    text = shown(*arguments, NEWSWIRE_KAFKA_SASL_PASSWORD="hunter2", NEWSWIRE_KAFKA_SSL_PASSWORD="hunter3")
    assert "hunter" not in text
    assert "**********" in text


def test_the_command_prints_values_with_their_origins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "newswire.toml").write_text('lane = "backfill"\n[retention_days]\n"news.raw.v1" = 3\n')
    told: dict[str, Any] = json.loads(shown("--json", NEWSWIRE_PARTITIONS="9"))
    assert list(told) == list(Settings.model_fields)
    assert told["partitions"] == {"value": 9, "from": "NEWSWIRE_PARTITIONS"}
    assert told["lane"] == {"value": "backfill", "from": "newswire.toml"}
    assert told["kafka_bootstrap"] == {"value": "127.0.0.1:9092", "from": "default"}
    assert told["kafka_sasl_password"] == {"value": None, "from": "default"}
    assert shown("--changed", NEWSWIRE_PARTITIONS="9").splitlines() == [
        "partitions      9  (NEWSWIRE_PARTITIONS)",
        'retention_days  {"news.raw.v1": 3.0}  (newswire.toml)',
        "lane            backfill  (newswire.toml)",
    ]


def test_what_is_wrong_is_not_printed_as_if_it_held() -> None:
    with pytest.raises(ConfigError, match="setting partitions"):
        CliRunner().invoke(app, [], env={"NEWSWIRE_PARTITIONS": "many"}, catch_exceptions=False)

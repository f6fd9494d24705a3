"""The command itself: quick help, one-line errors, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from kafka.errors import KafkaTimeoutError, TopicAuthorizationFailedError
from typer.testing import CliRunner

from newswire.broker import BrokerError
from newswire.cli import app
from newswire.cli.errors import CommandError, explain
from newswire.cli.kafka import _configured_port
from newswire.cli.lazy import COMMANDS
from newswire.settings import ConfigError, Settings
from tests.support.forks import NEWSWIRE
from tests.support.processes import environment

HEAVY = {"faust", "aiokafka", "kafka", "spacy", "pydantic", "trafilatura", "numpy", "psutil"}


def run(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NEWSWIRE, *arguments],
        cwd=cwd,
        env=environment(PYTHONPATH=str(Path(__file__).parents[3]), **environ),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_help_names_every_command_and_imports_none():
    program = (
        "import sys; from typer.testing import CliRunner; from newswire.cli import app\n"
        "print(CliRunner().invoke(app, ['--help'], env={'COLUMNS': '200'}).output)\n"
        "print('IMPORTED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    shown, _, imported = done.stdout.partition("IMPORTED")
    for name, line in COMMANDS.items():
        assert name in shown
        assert line in shown
    assert not HEAVY & set(imported.split())


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_is_what_the_table_says(name: str):
    done = CliRunner().invoke(app, [name, "--help"], prog_name="newswire")
    assert done.exit_code == 0, done.output
    assert f"newswire {name}" in done.output


def test_an_unknown_command_is_a_usage_error(tmp_path: Path):
    done = run("kafak", cwd=tmp_path)
    assert done.returncode == 2
    assert "No such command 'kafak'" in done.stderr


def test_the_version_is_the_packages(tmp_path: Path):
    from importlib.metadata import version

    assert run("--version", cwd=tmp_path).stdout.strip() == version("newswire")


@pytest.mark.parametrize(
    ("arguments", "environ", "message"),
    [
        (
            ["topics", "list"],
            {"NEWSWIRE_PARTITION": "3"},
            "unknown setting NEWSWIRE_PARTITION; did you mean partitions?",
        ),
        (
            ["topics", "list"],
            {"NEWSWIRE_RETENTION_DAYS": '{"news.rav": 3}'},
            "retention_days names 'news.rav'",
        ),
        (
            ["topics", "check"],
            {"NEWSWIRE_KAFKA_BOOTSTRAP": "127.0.0.1:1", "NEWSWIRE_KAFKA_REQUEST_TIMEOUT_S": "0.5"},
            "no answer from Kafka at 127.0.0.1:1: is it up?",
        ),
        (
            ["kafka", "start"],
            {"NEWSWIRE_KAFKA_BOOTSTRAP": "kafka.example:9092"},
            "kafka_bootstrap is kafka.example, another machine",
        ),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_exit_code_2(
    tmp_path: Path, arguments: list[str], environ: dict[str, str], message: str
):
    done = run(*arguments, cwd=tmp_path, **environ)
    assert done.returncode == 2
    assert done.stderr.startswith(f"newswire: {message}")
    assert done.stderr.count("\n") == 1
    assert not done.stdout


def test_errors_of_ours_are_not_explained_away():
    assert explain(ZeroDivisionError("x")) is None
    for error in (ConfigError("a"), BrokerError("a"), CommandError("a")):
        assert explain(error) == "a"
    assert "no answer from Kafka" in (explain(KafkaTimeoutError("late")) or "")
    assert "refuses" in (explain(TopicAuthorizationFailedError("news.raw.v1")) or "")


def test_the_broker_starts_where_the_settings_look_for_it():
    assert _configured_port(Settings(kafka_bootstrap="localhost:19092")) == 19092
    assert _configured_port(Settings(kafka_bootstrap="127.0.0.1:9092,127.0.0.1:9093")) == 9092


def test_status_of_no_broker_says_so_with_exit_code_1(tmp_path: Path):
    done = run("kafka", "status", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == f"not running; 0 MB in {tmp_path}/.run/kafka\n"
    assert list(tmp_path.iterdir()) == []

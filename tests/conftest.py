"""Fixtures for all tests, and the summary of what could not run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from newswire.broker import DevBroker
from newswire.settings import Settings
from tests.support.brokers import broker_in, empty, settings_for
from tests.support.processes import Workers, workers_in
from tests.support.require import NOT_RUN, require_kafka

TESTS = Path(__file__).resolve().parent
SLOW = ("faults", "hostile")
"""Folders whose tests are all slow: part of ``make check`` alone."""

# Tests say themselves which settings they run under; only where the research data lies is the user's.
for _name in [name for name in os.environ if name.startswith("NEWSWIRE_") and name != "NEWSWIRE_SHARED"]:
    del os.environ[_name]

# How long an example takes is the machine's load, and the first one loads a model: no test is timed.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of the slow folders."""
    for item in items:
        if item.path.relative_to(TESTS).parts[0] in SLOW:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevBroker]:
    """One broker for the session with all topics (3 partitions each); topics hold what tests left there."""
    require_kafka()
    with broker_in(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture
def clean_kafka(kafka: DevBroker) -> DevBroker:
    """The session's broker with empty topics and no groups, in about a second."""
    if not kafka.running:
        kafka.start()
    empty(kafka)
    return kafka


@pytest.fixture
def fresh_kafka(tmp_path: Path) -> Iterator[DevBroker]:
    """A broker of the test's own, to be killed, paused or wiped, with all topics; it takes seconds."""
    require_kafka()
    with broker_in(tmp_path / "kafka") as broker:
        yield broker


@pytest.fixture
def kafka_settings(kafka: DevBroker, tmp_path: Path) -> Settings:
    """Settings for the session's broker, with local state of the test's own."""
    return settings_for(kafka, data_dir=tmp_path / "run")


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """Starts processes of ours; what still runs at the end of the test is killed with its children."""
    with workers_in(tmp_path) as started:
        yield started


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every component for want of which tests did not run."""
    if NOT_RUN:
        terminalreporter.section("not run, for want of a component", sep="=")
        for component, tests in sorted(NOT_RUN.items()):
            terminalreporter.line(f"{component}: {tests} test{'s' if tests > 1 else ''}")

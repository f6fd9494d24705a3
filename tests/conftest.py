"""Fixtures for all tests, and the summary of what could not run."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

import newswire.telemetry.logs  # noqa: F401 - whoever imports it later gets what tests have of it
from newswire.access import hold
from newswire.broker import DevBroker, ports
from newswire.settings import Settings
from newswire.telemetry.health import HEALTH, Health
from tests.support.brokers import broker_in, empty, settings_for
from tests.support.processes import Workers, workers_in
from tests.support.require import NOT_RUN, require_kafka

TESTS = Path(__file__).resolve().parent
SLOW = ("faults", "hostile")
"""Folders whose tests are all slow: part of ``make check`` alone."""
PATIENT = ("contract", "integration")
"""Folders whose tests wait for processes and tell what those did not do: before they are ended themselves."""
PATIENCE_S = 900

# Tests say themselves which settings they run under; only where the research data lies is the user's.
for _name in [name for name in os.environ if name.startswith("NEWSWIRE_") and name != "NEWSWIRE_SHARED"]:
    del os.environ[_name]

# Without bytecode every process that a test starts would compile the project anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A broker that was killed comes back to its port, so test processes that run side by side draw theirs from parts of
# the range that are their own.  One in the place of a process that died has the next number.
_parts = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_part = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _parts
_width = (ports.LAST - ports.FIRST) // _parts
ports.FIRST, ports.LAST = ports.FIRST + _part * _width, ports.FIRST + (_part + 1) * _width - 1

# Nothing that is imported or collected is garbage, and to look for some takes a sixth of the time.
gc.disable()

# How long an example takes is the machine's load, and the first one loads a model: no test is timed.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _logs_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep commands that a test runs in this process from configuring the logs of all tests after it."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("newswire.", "streams.")) and hasattr(module, "configure_logs"):
            monkeypatch.setattr(module, "configure_logs", lambda *_: None)


@pytest.fixture(autouse=True)
def _health_is_each_tests_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what fails or stalls in one test from being told in another, of the same process."""
    for name, value in vars(Health()).items():
        if name != "_now":
            monkeypatch.setattr(HEALTH, name, value)


@pytest.fixture(autouse=True)
def _rights_are_each_tests_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a command that ends from asking what one of another test, in the same process, was held to."""
    monkeypatch.setattr(hold, "_held", [])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of the slow folders, and give those of the patient ones time, fixtures included."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in SLOW:
            item.add_marker(pytest.mark.slow)
        if folder in PATIENT and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(PATIENCE_S))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Look for garbage again, among what tests make."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevBroker]:
    """One broker for the session with all topics (3 partitions each); topics hold what tests left there.

    It rests while unit tests run.
    """
    require_kafka()
    with broker_in(tmp_path_factory.mktemp("kafka")) as broker:
        _brokers.append(broker)
        yield broker


_brokers: list[DevBroker] = []
"""The session's, once a test has wanted it."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Stop the session's broker while unit tests run, in whose midst none needs it: one that has nothing to do takes
    a twentieth of a core all the same.
    """
    for broker in _brokers:
        wanted = "kafka" in getattr(item, "fixturenames", ())
        if wanted and not broker.running:
            broker.start()
        elif not wanted and broker.running and item.path.is_relative_to(TESTS / "unit"):
            broker.stop()


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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what could not run in this process to the one that prints the summary."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["not_run"] = dict(NOT_RUN)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take over from a process that ended what could not run there; one that died has left nothing."""
    NOT_RUN.update(getattr(node, "workeroutput", {}).get("not_run", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every component for want of which tests did not run."""
    if NOT_RUN:
        terminalreporter.section("not run, for want of a component", sep="=")
        for component, tests in sorted(NOT_RUN.items()):
            terminalreporter.line(f"{component}: {tests} test{'s' if tests > 1 else ''}")

"""How a process is held to its rights: what is said, once, and how it ends."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import Mock

import pytest
from kafka.errors import KafkaError, KafkaTimeoutError, TopicAuthorizationFailedError

from newswire import cli
from newswire.access import hold as module
from newswire.access.hold import ASK_TIMES, EXIT_REFUSED, Held, end_at_once, told_why
from newswire.access.rights import Right, process_named, rights_of
from newswire.settings import Settings, load_settings

Answer = Sequence[Right] | KafkaError
ENRICH = process_named("enrich")
FIRST, *OTHERS = rights_of(ENRICH)


class Ended(BaseException):
    """What `os._exit` would have done: no handler of ours may catch it."""


class Cluster:
    """Answers in turn; the last answer stays."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [[]]
        self.asked = 0

    def lacking(self, _wanted: Sequence[Right]) -> list[Right]:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, KafkaError):
            raise answer
        return list(answer)


@pytest.fixture
def cluster(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """A test may name as the parameter what we lack there."""
    found = Cluster()
    found.answers = [getattr(request, "param", [])]

    @contextmanager
    def asking(_settings: Settings) -> Iterator[Cluster]:
        yield found

    monkeypatch.setattr(module, "asking", asking)
    monkeypatch.setattr(module, "CONFIRM_S", 0.0)
    return found


@pytest.fixture
def held(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Held:
    settings = load_settings({"kafka_bootstrap": "kafka:9093", "kafka_sasl_username": "alice"}, environ={})
    one = Held(ENRICH, settings)
    monkeypatch.setattr(module, "_held", [one])
    return one


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        raise Ended

    monkeypatch.setattr(os, "_exit", end)
    return codes


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.splitlines()


def test_a_process_that_failed_is_told_what_it_lacks_in_one_line(held, cluster, capsys):
    cluster.answers = [[FIRST, OTHERS[0]]]
    assert told_why(failed=True)
    (line,) = lines(capsys)
    assert line.startswith(
        f"newswire: Kafka at kafka:9093 does not allow alice {FIRST} (nor 1 more), and newswire worker enrich needs"
    )
    assert "--operation Read --topic news.unique.v1" in line
    assert told_why(failed=True)
    assert lines(capsys) == [], "once"


def test_one_that_lacks_nothing_or_did_not_fail_is_told_nothing(held, cluster, capsys):
    assert not told_why(failed=True)
    cluster.answers, cluster.asked = [[FIRST]], 0
    assert not told_why(failed=False)
    assert (cluster.asked, lines(capsys)) == (0, [])


def test_a_broker_that_does_not_answer_is_asked_again_and_not_for_ever(held, cluster, capsys):
    cluster.answers = [KafkaTimeoutError()]
    assert not told_why(failed=True)
    assert (cluster.asked, lines(capsys)) == (ASK_TIMES, [])
    cluster.answers = [KafkaTimeoutError(), [FIRST]]
    assert told_why(failed=True)
    assert len(lines(capsys)) == 1


def test_what_is_missing_counts_when_it_is_missing_twice(held, cluster):
    cluster.answers = [[], [FIRST], [], KafkaTimeoutError(), [FIRST], [FIRST]]
    held.watch(0.0)
    assert held.lost is not None
    assert str(FIRST) in held.lost
    assert cluster.asked == 6


@pytest.mark.parametrize(
    ("cluster", "codes"),
    [([FIRST], (70, EXIT_REFUSED)), ([], (70, 70)), ([FIRST], (0, 0))],
    indirect=["cluster"],
)
@pytest.mark.usefixtures("cluster", "held")
def test_who_does_not_wait_for_the_end_tells_too(ends, capsys, codes):
    code, ended = codes
    with pytest.raises(Ended):
        end_at_once(code)
    assert ends == [ended]
    assert len(lines(capsys)) == (ended == EXIT_REFUSED)


@pytest.mark.parametrize("error", [TopicAuthorizationFailedError(), SystemExit(1)])
def test_a_process_that_is_interrupted_while_it_asks_why_it_failed_tells_all_the_same(
    held, monkeypatch, capsys, error
):
    def asked_meanwhile() -> None:
        held.lost = "the one that watches was first"
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(held, "missing_now", asked_meanwhile)
    monkeypatch.setattr(cli, "app", Mock(side_effect=error))
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == EXIT_REFUSED
    assert lines(capsys) == [f"newswire: {held.lost}"]


@pytest.mark.usefixtures("held")
def test_an_interrupt_of_the_user_stays_one(monkeypatch, capsys):
    monkeypatch.setattr(cli, "app", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        cli.main()
    assert lines(capsys) == []


def test_what_another_thread_found_meanwhile_is_kept(held, monkeypatch, capsys):
    def found_meanwhile() -> None:
        held.lost = "found meanwhile"

    monkeypatch.setattr(held, "missing_now", found_meanwhile)
    assert told_why(failed=True)
    assert lines(capsys) == ["newswire: found meanwhile"]


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, int]]]:
    """The signals that were sent; what SIGINT does is set back at the end."""
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *what: sent.append(what))
    monkeypatch.setattr(module, "GRACE_S", 0.0)
    before = signal.getsignal(signal.SIGINT)
    yield sent
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("cluster", [[FIRST]], indirect=True)
@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
def test_it_ends_as_a_stop_does_where_it_knows_how(held, ends, kills, capsys, handler):
    signal.signal(signal.SIGINT, handler)
    with pytest.raises(Ended):
        module._end_without(held, 0.0, signal.SIGINT)
    assert kills == [(os.getpid(), signal.SIGINT)] * (handler is signal.default_int_handler)
    assert ends == [EXIT_REFUSED]
    assert len(lines(capsys)) == 1


@pytest.mark.parametrize("failed", [True, False])
@pytest.mark.parametrize("cluster", [[FIRST]], indirect=True)
def test_one_that_is_at_its_end_is_not_interrupted(held, ends, kills, capsys, failed):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert told_why(failed=failed) is failed
    with pytest.raises(Ended):
        module._end_without(held, 0.0, signal.SIGINT)
    assert (kills, ends) == ([], [EXIT_REFUSED])
    assert len(lines(capsys)) == 1


@pytest.mark.parametrize("cluster", [[FIRST]], indirect=True)
def test_one_that_asks_why_it_failed_is_not_interrupted_and_waited_for(held, ends, kills, capsys):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    held.telling.acquire()
    held.lost = "the one that asks has found it"

    def told() -> None:
        held.tell()
        held.telling.release()

    teller = threading.Timer(0.1, told)
    teller.start()
    with pytest.raises(Ended):
        module._end_without(held, 0.0, signal.SIGINT)
    teller.join()
    assert (kills, ends) == ([], [EXIT_REFUSED])
    assert lines(capsys) == [f"newswire: {held.lost}"]

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import stamina
from structlog.testing import capture_logs

from connectors.framework import runner as runner_module
from connectors.framework.checkpoint import MemoryCheckpoints
from connectors.framework.errors import ConfigError, Fatal, Retriable
from connectors.framework.runner import Report, Runner, RunOptions
from connectors.framework.sink import Sink, SinkOptions
from connectors.framework.stop import Stop
from newswire.settings import load_settings
from newswire.telemetry import metrics
from schemas.limits import RAW_RECORD_BYTES
from schemas.outcome import Outcome
from schemas.raw_item import RawItem
from schemas.topics import DEAD_LETTER, OUTCOMES, RAW
from schemas.wire import decode
from tests.support.fake_producer import FakeProducer
from tests.support.hostile import HostileConnector, HostileOptions
from tests.support.waiting import eventually


@pytest.fixture(autouse=True)
def quick_retries():
    with stamina.set_testing(True, attempts=4):
        yield


class Rig:
    """The hostile connector, run over a fake producer."""

    def __init__(self, *steps: str, **options) -> None:
        self.connector = HostileConnector()
        self.options = HostileOptions(steps=list(steps), **options)
        self.producer = FakeProducer()
        self.sink = Sink(SinkOptions(client={}), producer=lambda **_: self.producer)
        self.checkpoints = MemoryCheckpoints()
        self.stop = Stop()
        self.reports: list[Report] = []

    def runner(self, **run_options) -> Runner:
        return Runner(
            self.connector,
            self.options,
            self.sink,
            checkpoints=self.checkpoints,
            stop=self.stop,
            run_options=RunOptions(**{"drain_timeout_s": 0.2} | run_options),
            progress=self.reports.append,
        )

    def run(self, **run_options) -> Report:
        return self.runner(**run_options).run()

    def stop_once(self, seen: Callable[[], object], *then: Callable[[], object]) -> None:
        """Ask for a stop as soon as this is seen, and after these were done."""

        def wait() -> None:
            try:
                eventually(seen, "what the stop waits for", pause_s=0.005)
                for each in then:
                    each()
            finally:
                self.stop.ask()

        threading.Thread(target=wait).start()

    def native_ids(self) -> list[str]:
        return [decode(value, RawItem).native_id for value in self.producer.values(RAW.name)]

    def outcomes(self) -> list[Outcome]:
        return [decode(value, Outcome) for value in self.producer.values(OUTCOMES.name)]

    @property
    def checkpoint(self) -> int | None:
        cursor = self.checkpoints.cursors.get("hostile")
        return None if cursor is None else cursor["step"]


def test_items_are_sent_confirmed_and_the_checkpoint_follows():
    rig = Rig("item", "item", "mark")
    with capture_logs() as logs:
        report = rig.run()
    assert rig.native_ids() == ["item-0", "item-1"]
    assert rig.connector.acked == ["item-0", "item-1"]
    assert (report.read, report.confirmed, report.dead_letters, report.unconfirmed) == (2, 2, 0, 0)
    assert (report.stopped, report.error, report.gone, report.done) == (False, None, None, 2 / 3)
    assert rig.checkpoint == 3
    assert (rig.connector.opened, rig.connector.closed) == (1, 1)
    assert logs == [], "normal operation logs nothing"
    assert rig.reports[-1] is report


def test_a_run_goes_on_from_its_checkpoint():
    rig = Rig("item", "item", "item")
    rig.checkpoints.save({"hostile": {"step": 2}})
    rig.run()
    assert rig.native_ids() == ["item-2"]
    assert rig.checkpoint == 3


def test_a_broken_piece_is_a_dead_letter_with_an_outcome_and_the_rest_goes_on():
    rig = Rig("item", "broken", "item")
    before = metrics.DEAD_LETTERS.labels("connect", "broken")._value.get()
    report = rig.run()
    assert rig.native_ids() == ["item-0", "item-2"]
    assert rig.producer.values(DEAD_LETTER.name) == [b"broken 1"]
    (outcome,) = rig.outcomes()
    assert (outcome.outcome, outcome.reason, outcome.native_id) == ("dead_letter", "broken", "broken-1")
    assert (outcome.hops[0].topic, outcome.hops[0].offset) == (DEAD_LETTER.name, 0)
    assert (report.read, report.confirmed, report.dead_letters) == (3, 2, 1)
    assert report.reasons == {"broken": 1}
    assert rig.checkpoint == 3
    assert metrics.DEAD_LETTERS.labels("connect", "broken")._value.get() == before + 1


def test_the_checkpoint_waits_for_the_outcome_of_what_is_broken():
    rig = Rig("item", "broken", "item")
    rig.producer.answer = lambda sent: None
    original = rig.producer._finish
    rig.producer._finish = lambda sent: None if sent.topic == OUTCOMES.name else original(sent)
    rig.stop_once(lambda: rig.outcomes() and "item-2" in rig.connector.acked)
    report = rig.run()
    assert rig.checkpoint == 1, "the item after the broken one is confirmed, but there is a gap before it"
    assert (report.confirmed, report.dead_letters, report.unconfirmed) == (2, 0, 1)


def test_an_item_over_the_limit_is_cut_flagged_and_counted():
    rig = Rig("item", "huge", "item")
    report = rig.run()
    huge = decode(rig.producer.values(RAW.name)[1], RawItem)
    assert huge.body.truncated
    assert len(huge.body.text) > RAW_RECORD_BYTES // 7
    assert (report.confirmed, report.cut, report.dead_letters) == (3, 1, 0)


@pytest.mark.parametrize(("step", "reason"), [("vast", "too_large"), ("surrogate", "not_encodable")])
def test_an_item_that_cannot_be_sent_is_a_dead_letter(step, reason):
    rig = Rig("item", step, "item")
    report = rig.run()
    assert rig.native_ids() == ["item-0", "item-2"]
    assert report.reasons == {reason: 1}
    assert [outcome.native_id for outcome in rig.outcomes()] == ["item-1"]


def test_an_item_that_the_broker_refuses_is_a_dead_letter():
    from kafka.errors import MessageSizeTooLargeError

    rig = Rig("item", "item", "item")
    rig.producer.answer = lambda sent: (
        MessageSizeTooLargeError() if sent.topic == RAW.name and b"item-1" in sent.value else None
    )
    report = rig.run()
    (letter,) = rig.producer.values(DEAD_LETTER.name)
    assert decode(letter, RawItem).native_id == "item-1"
    assert (report.confirmed, report.reasons) == (2, {"refused": 1})
    assert rig.checkpoint == 3


def test_a_refused_dead_letter_is_fatal():
    from kafka.errors import MessageSizeTooLargeError

    rig = Rig("broken")
    rig.producer.answer = lambda _sent: MessageSizeTooLargeError()
    report = rig.run()
    assert isinstance(report.error, Fatal)
    assert report.error.reason == "dead_letter_refused"
    assert (report.unconfirmed, rig.checkpoint) == (1, None)


def test_a_duplicate_is_sent_as_often_as_it_is_seen_under_one_id():
    rig = Rig("item", "duplicate")
    assert rig.run().confirmed == 2
    first, second = (decode(value, RawItem) for value in rig.producer.values(RAW.name))
    assert first == second


@pytest.mark.parametrize("step", ["retriable", "rate_limited"])
def test_a_passing_failure_goes_on_where_it_stopped(step):
    rig = Rig("item", step, "item", step, "item")
    report = rig.run()
    assert rig.native_ids() == ["item-0", "item-2", "item-4"], "nothing is lost, nothing is read twice"
    assert (report.retries, report.error) == (2, None)
    assert rig.connector.opened == rig.connector.closed == 3


def test_tries_are_counted_anew_after_each_success():
    rig = Rig(*["item", "retriable"] * 8, "item")
    report = rig.run()
    assert (report.confirmed, report.retries, report.error) == (9, 8, None)


def test_opening_is_tried_again_too():
    rig = Rig("item", open_fails=2)
    report = rig.run()
    assert (report.confirmed, report.retries) == (1, 2)
    assert rig.connector.closed == 3, "also after an open that failed"


def test_what_never_comes_back_ends_the_run_and_keeps_what_was_read():
    rig = Rig("item", "item", "always_retriable", "item")
    report = rig.run()
    assert isinstance(report.error, Retriable)
    assert (report.confirmed, report.unconfirmed) == (2, 0)
    assert report.retries == 4
    assert rig.checkpoint == 2


@pytest.mark.parametrize(("step", "kind"), [("fatal", Fatal), ("config", ConfigError)])
def test_an_error_that_ends_the_run_is_reported_once_all_before_it_is_confirmed(step, kind):
    rig = Rig("item", step, "item")
    report = rig.run()
    assert type(report.error) is kind
    assert rig.native_ids() == ["item-0"]
    assert rig.checkpoint == 1
    assert rig.connector.closed == 1


def test_a_source_that_is_gone_ends_the_run_without_an_error():
    rig = Rig("item", "gone", "item")
    report = rig.run()
    assert (report.gone, report.error) == ("it is gone for good", None)
    assert rig.native_ids() == ["item-0"]


def test_a_raised_skippable_is_recorded_and_reading_goes_on():
    rig = Rig("item", "skippable", "item")
    report = rig.run()
    assert rig.native_ids() == ["item-0", "item-2"]
    assert report.reasons == {"raised": 1}


@pytest.mark.parametrize(("step", "kind"), [("defect", ZeroDivisionError), ("nonsense", TypeError)])
def test_a_defect_is_raised_once_all_before_it_is_confirmed(step, kind):
    rig = Rig("item", step, "item")
    with pytest.raises(kind):
        rig.run()
    assert rig.native_ids() == ["item-0"]
    assert rig.connector.acked == ["item-0"]
    assert rig.checkpoint == 1


def test_a_connector_that_cannot_even_close_is_a_defect():
    rig = Rig("item")
    rig.connector.close_raises = True
    with pytest.raises(OSError, match="closing failed"):
        rig.run()
    assert rig.checkpoint == 1


def test_a_stop_while_reading_blocks_closes_the_connector_and_ends(monkeypatch):
    monkeypatch.setattr(runner_module, "CLOSE_AFTER_S", 0.1)
    monkeypatch.setattr(runner_module, "CLOSED_IN_S", 0.1)
    rig = Rig("item", "block")
    rig.stop_once(rig.connector.reading.is_set)
    report = rig.run()
    assert (report.stopped, report.confirmed, report.unconfirmed, report.error) == (True, 1, 0, None)
    assert rig.checkpoint == 1


def test_a_connector_that_does_not_let_go_is_left_behind_and_it_says_so(monkeypatch):
    monkeypatch.setattr(runner_module, "CLOSE_AFTER_S", 0.1)
    monkeypatch.setattr(runner_module, "CLOSED_IN_S", 0.1)
    rig = Rig("item", "deaf")
    rig.stop_once(rig.connector.reading.is_set)
    with capture_logs() as logs:
        report = rig.run()
    assert (report.stopped, report.confirmed) == (True, 1)
    assert [line["event"] for line in logs] == ["reading did not stop and is left behind"]


def test_a_stop_while_it_waits_to_try_again_does_not_wait_for_that():
    rig = Rig("item", "always_retriable")
    with stamina.set_testing(False):
        runner = rig.runner(retry_max_wait_s=600.0)
        runner._reader._wait_for = lambda _error: _ask_and_wait(rig, runner)
        report = runner.run()
    assert (report.stopped, report.error) == (True, None)
    assert runner._reader.is_alive(), "it sleeps, and ends with the process"


def _ask_and_wait(rig: Rig, runner: Runner) -> float:
    runner._reader.waiting = True
    rig.stop.ask()
    return 600.0


def test_a_stop_says_what_is_not_confirmed_and_the_checkpoint_stays_before_it():
    rig = Rig("item", "item", "item", "block")
    rig.producer.holding = True

    rig.stop_once(
        lambda: rig.connector.reading.is_set() and len(rig.producer.held) == 3,
        lambda: rig.producer.release(0),
        lambda: rig.producer.release(1),
    )
    with capture_logs() as logs:
        report = rig.run()
    assert (report.read, report.confirmed, report.unconfirmed) == (3, 2, 1)
    assert rig.checkpoint == 1
    assert logs[0]["unconfirmed"] == 1


def test_a_stop_while_the_broker_is_slow_gives_up_after_the_drain_timeout():
    rig = Rig(*["item"] * 50)
    rig.sink = Sink(SinkOptions(client={}, unacked_bytes=2_000), producer=lambda **_: rig.producer)
    rig.producer.holding = True
    rig.stop_once(lambda: rig.producer.sent)
    report = rig.run()
    assert report.stopped
    assert 0 < len(rig.producer.sent) < 50
    assert report.confirmed == 0
    assert report.unconfirmed == report.read
    assert rig.checkpoint is None


def test_the_checkpoint_is_saved_while_it_runs():
    rig = Rig("item", "item", "block")
    rig.stop_once(lambda: rig.connector.reading.is_set() and rig.checkpoint)
    rig.run(checkpoint_interval_s=0.0)
    assert rig.checkpoint == 2


def test_run_options_come_from_the_settings():
    settings = load_settings({"retry_attempts": 3, "drain_timeout_s": 4.0}, environ={})
    options = RunOptions.of(settings)
    assert (options.retry_attempts, options.drain_timeout_s) == (3, 4.0)

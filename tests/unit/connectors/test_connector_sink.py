from __future__ import annotations

import threading
import time

import pytest
from kafka import errors
from structlog.testing import capture_logs

from connectors.framework import sink as sink_module
from connectors.framework.errors import Fatal
from connectors.framework.sink import Sink, SinkOptions
from newswire.settings import load_settings
from newswire.telemetry import metrics
from schemas.limits import DEAD_LETTER_RECORD_BYTES, MIB
from schemas.wire import WireRecord
from tests.support.fake_producer import FakeProducer
from tests.support.waiting import eventually

RECORD = WireRecord(topic="t", key=b"k", value=b"v" * 900)


class Rig:
    """A sink over a fake producer, with what became of each record."""

    def __init__(self, **options) -> None:
        self.producer = FakeProducer()
        self.delivered: list[int] = []
        self.refused: list[str] = []
        self.sink = Sink(SinkOptions(client={}, **options), producer=self._make)

    def _make(self, **options) -> FakeProducer:
        self.producer.options = options
        return self.producer

    def send(self, record=RECORD, **more) -> bool:
        return self.sink.send(
            record,
            delivered=lambda hop: self.delivered.append(hop.offset),
            refused=lambda why: self.refused.append(str(why)),
            **more,
        )


@pytest.fixture
def rig(monkeypatch) -> Rig:
    monkeypatch.setattr(sink_module, "RESEND_PAUSE_S", (0.0, 0.0))
    return Rig()


def test_the_producer_is_idempotent_and_takes_the_largest_record(rig):
    options = rig.producer.options
    assert (options["enable_idempotence"], options["acks"]) == (True, "all")
    assert options["compression_type"] == "lz4"
    assert options["max_request_size"] > DEAD_LETTER_RECORD_BYTES
    assert options["allow_auto_create_topics"] is False


def test_options_come_from_the_settings():
    settings = load_settings(
        {"kafka_bootstrap": "h:1,i:2", "connect_unacked_mib": 17, "kafka_compression": "none"}, environ={}
    )
    options = SinkOptions.of(settings)
    assert options.client["bootstrap_servers"] == ["h:1", "i:2"]
    assert options.unacked_bytes == 17 * MIB
    assert options.compression is None


def test_a_confirmation_is_told_in_the_thread_that_settles(rig):
    rig.producer.holding = True
    rig.send()
    rig.send()
    other = threading.Thread(target=rig.producer.release)
    other.start()
    other.join()
    assert rig.delivered == []
    rig.sink.settle()
    assert rig.delivered == [0, 1]
    assert (rig.sink.unacked, rig.sink.unacked_bytes) == (0, 0)


def test_bytes_that_are_not_confirmed_are_bounded_and_it_says_so(monkeypatch):
    monkeypatch.setattr(sink_module, "SAY_AFTER_S", 0.0)
    rig = Rig(unacked_bytes=3 * RECORD.size)
    rig.producer.holding = True
    before = metrics.BACKPRESSURE._value.get()
    for _ in range(3):
        assert rig.send()
    assert rig.sink.unacked_bytes == 3 * RECORD.size

    def make_room() -> None:
        try:
            eventually(lambda: logs, "it says that it waits", pause_s=0.005)
        finally:
            rig.producer.release(0)

    with capture_logs() as logs:
        threading.Thread(target=make_room).start()
        assert rig.send()
    assert rig.sink.unacked_bytes == 3 * RECORD.size, "it waited for room, and filled it"
    assert len(rig.producer.sent) == 4
    assert [(line["log_level"], line["limit_bytes"]) for line in logs] == [("warning", 3 * RECORD.size)]
    assert rig.sink.waited_s > 0.0
    assert metrics.BACKPRESSURE._value.get() > before


def test_waiting_for_room_can_be_given_up_and_then_nothing_is_sent():
    rig = Rig(unacked_bytes=RECORD.size)
    rig.producer.holding = True
    rig.send()
    assert not rig.send(give_up=lambda: True)
    assert len(rig.producer.sent) == 1


def test_a_record_larger_than_the_bound_passes_alone():
    rig = Rig(unacked_bytes=10)
    assert rig.send()
    assert rig.send()
    rig.sink.settle()
    assert rig.delivered == [0, 1]


def test_what_follows_from_a_callback_does_not_wait():
    rig = Rig(unacked_bytes=RECORD.size)
    done: list[str] = []

    def follow(_hop) -> None:
        rig.sink.send(RECORD, delivered=lambda _: done.append("second"), refused=done.append, follows=True)

    rig.producer.holding = True
    rig.sink.send(RECORD, delivered=follow, refused=done.append)
    rig.producer.holding = False
    rig.producer.release()
    rig.sink.settle()
    assert done == ["second"]


def test_a_long_chain_of_follow_ups_needs_no_deep_stack(rig):
    left = [5_000]

    def follow(_hop) -> None:
        left[0] -= 1
        if left[0]:
            rig.sink.send(RECORD, delivered=follow, refused=lambda _: None, follows=True)

    follow(None)
    assert rig.sink.drain(30)
    assert left == [0]


@pytest.mark.parametrize("error", [errors.MessageSizeTooLargeError, errors.InvalidRecordError])
@pytest.mark.parametrize("early", [True, False])
def test_a_record_that_the_broker_never_takes_is_refused_and_others_go_on(rig, error, early):
    def answer(sent):
        return error("no") if sent.value == b"bad" else None

    if early:
        rig.producer.raise_on_send = answer
    else:
        rig.producer.answer = answer
    rig.send(WireRecord(topic="t", key=b"k", value=b"bad"))
    rig.send()
    assert rig.sink.drain(10)
    assert len(rig.refused) == len(rig.delivered) == 1


@pytest.mark.parametrize(
    "error",
    [errors.UnknownProducerIdError, errors.OutOfOrderSequenceNumberError, errors.KafkaTimeoutError],
)
def test_what_the_producer_gives_up_is_sent_again_as_it_was(rig, error):
    failures = [error(), error(), error(), None]
    rig.producer.answer = lambda _sent: failures.pop(0)
    rig.send()
    assert rig.sink.drain(10)
    assert rig.delivered == [3]
    assert len({(sent.topic, sent.key, sent.value) for sent in rig.producer.sent}) == 1
    assert (rig.sink.unacked, rig.sink.unacked_bytes) == (0, 0)


@pytest.mark.parametrize(
    "error",
    [errors.TopicAuthorizationFailedError, errors.SaslAuthenticationFailedError, errors.IllegalStateError],
)
def test_an_error_that_ends_everything_is_fatal(rig, error):
    rig.producer.answer = lambda _sent: error()
    rig.send()
    with pytest.raises(Fatal) as raised:
        rig.sink.settle()
    assert raised.value.reason == "not_delivered"
    assert rig.sink.unacked == 1, "it is still not confirmed"


def test_a_failure_after_the_delivery_timeout_is_fatal(rig, monkeypatch):
    rig.producer.holding = True
    rig.send()
    rig.producer.answer = lambda _sent: errors.KafkaTimeoutError()
    later = time.monotonic() + 121
    monkeypatch.setattr(time, "monotonic", lambda: later)
    rig.producer.release()
    with pytest.raises(Fatal, match="cannot be delivered"):
        rig.sink.settle()


def test_silence_beyond_the_timeouts_is_fatal(rig, monkeypatch):
    rig.producer.holding = True
    rig.send()
    rig.sink.settle()
    later = time.monotonic() + 151
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with pytest.raises(Fatal, match="not confirmed what was sent 151 s ago"):
        rig.sink.settle()


def test_a_silent_broker_is_spoken_of_once_and_so_is_its_return(rig, monkeypatch):
    rig.producer.holding = True
    rig.send()
    began = time.monotonic()
    with capture_logs() as logs:
        for after in (5, 11, 12, 20):
            monkeypatch.setattr(time, "monotonic", lambda after=after: began + after)
            rig.sink.settle()
        rig.producer.release()
        monkeypatch.setattr(time, "monotonic", lambda: began + 21)
        rig.sink.settle()
    assert [line["log_level"] for line in logs] == ["warning", "info"]


def test_draining_ends_at_its_deadline(rig):
    rig.producer.holding = True
    rig.send()
    assert not rig.sink.drain(0.05)
    rig.producer.release()
    assert rig.sink.drain(10)


def test_no_broker_is_one_line_that_says_what_to_do():
    def refuse(**_options):
        raise errors.KafkaConnectionError("refused")

    with pytest.raises(Fatal) as raised:
        Sink(SinkOptions(client={"bootstrap_servers": ["127.0.0.1:1"]}), producer=refuse)
    assert raised.value.reason == "no_broker"
    assert "127.0.0.1:1" in raised.value.message
    assert "newswire kafka start" in raised.value.message


def test_a_missing_topic_is_one_line_that_says_what_to_do(rig):
    rig.producer.topics = {"there"}
    rig.sink.require("there")
    with pytest.raises(Fatal, match="newswire topics create"):
        rig.sink.require("there", "missing")


def test_closing_resets_what_is_shown(rig):
    rig.producer.holding = True
    rig.send()
    rig.sink._look(time.monotonic())
    assert metrics.UNACKED_BYTES._value.get() == RECORD.size
    rig.sink.close()
    assert rig.producer.closed
    assert metrics.UNACKED_BYTES._value.get() == 0


def test_a_producer_that_cannot_close_in_time_is_forced_to(rig):
    forced: list[bool] = []

    def close(timeout):
        raise errors.KafkaTimeoutError("flush")

    rig.producer.close = close
    rig.producer._sender = type("Sender", (), {"force_close": lambda _self: forced.append(True)})()
    rig.sink.close()
    assert forced == [True]

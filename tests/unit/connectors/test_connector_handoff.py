from __future__ import annotations

import threading

import pytest

from connectors.framework.connector import Broken, Reading
from connectors.framework.errors import Skippable
from connectors.framework.handoff import READING_BYTES, Handoff, size_of
from connectors.framework.items import body_of, raw_item, text_body


def reading(size: int = 0, name: str = "s") -> Reading:
    broken = Broken(error=Skippable("x"), data=b"x" * size, source_id="s", native_id="n", observed_at="now")
    return Reading(stream=name, broken=broken)


def test_readings_come_out_in_order():
    handoff = Handoff(10_000)
    for name in "abc":
        assert handoff.put(reading(name=name))
    assert [handoff.get(0).stream for _ in range(3)] == ["a", "b", "c"]
    assert handoff.get(0) is None


def test_the_reader_waits_for_room():
    handoff = Handoff(READING_BYTES * 2)
    handoff.put(reading())
    handoff.put(reading())
    passed = threading.Event()
    reader = threading.Thread(target=lambda: (handoff.put(reading()), passed.set()))
    reader.start()
    assert not passed.wait(0.1)
    handoff.get(0)
    assert passed.wait(60)
    reader.join()


def test_a_reading_larger_than_the_limit_passes_alone():
    handoff = Handoff(100)
    assert handoff.put(reading(10_000))
    assert handoff.get(0).broken.data == b"x" * 10_000
    assert handoff.put(reading(10_000))


def test_a_reader_that_waits_is_let_go_when_no_more_is_wanted():
    handoff = Handoff(100)
    handoff.put(reading())
    answers: list[bool] = []
    reader = threading.Thread(target=lambda: answers.append(handoff.put(reading())))
    reader.start()
    handoff.refuse()
    reader.join(60)
    assert answers == [False]
    assert handoff.get(0) is not None, "what was handed over before stays"
    assert not handoff.put(reading())


def test_it_is_exhausted_when_reading_ended_and_all_is_taken():
    handoff = Handoff(10_000)
    handoff.put(reading())
    failure = RuntimeError("why")
    handoff.end(failure)
    assert not handoff.exhausted
    handoff.get(0)
    assert handoff.exhausted
    assert handoff.failure is failure
    assert handoff.get(5) is None, "it does not wait for what cannot come"


@pytest.mark.parametrize(
    ("body", "size"), [(body_of(b"\xff" * 100, "text/plain"), 100), (text_body("x" * 50, "text/plain"), 50)]
)
def test_a_body_counts(body, size):
    item = raw_item(source_id="s", source_kind="files", native_id="n", fetched_at="now", body=body)
    assert size_of(Reading(stream="s", item=item)) == READING_BYTES + size
    assert size_of(Reading(stream="s")) == READING_BYTES

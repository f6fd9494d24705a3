"""What goes wrong with a cluster, done to a real one."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import CommitFailedError, for_code
from kafka.structs import OffsetAndMetadata
from prometheus_client.parser import text_string_to_metric_families

from newswire.broker import DevBroker
from newswire.ledger.groups import Flow
from schemas.raw_item import RawItem
from tests.support.brokers import admin_of
from tests.support.pipeline import Pipeline
from tests.support.processes import Worker
from tests.support.waiting import eventually

__all__ = ["delete_before", "finish_restarting", "metric", "place", "running", "stop_all"]


def place(broker: DevBroker, flow: Flow, offset: Callable[[int, int], int]) -> None:
    """Set what a stage's group has committed: *offset* is given the begin and the end of each partition."""
    consumer = KafkaConsumer(
        bootstrap_servers=broker.bootstrap, group_id=flow.group, enable_auto_commit=False
    )
    try:
        partitions = [TopicPartition(flow.topic, n) for n in consumer.partitions_for_topic(flow.topic)]
        consumer.assign(partitions)
        begins, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        wanted = {each: OffsetAndMetadata(offset(begins[each], ends[each]), "", -1) for each in partitions}

        def done() -> bool:
            try:
                consumer.commit(wanted)
            except CommitFailedError:
                return False
            return True

        eventually(done, f"{flow.group} has no members")
    finally:
        consumer.close()


def delete_before(broker: DevBroker, topic: str, offsets: dict[int, int]) -> None:
    """Delete what partitions hold before these offsets, as retention does."""
    with admin_of(broker) as admin:
        answers = admin.delete_records(
            {TopicPartition(topic, number): offset for number, offset in offsets.items()}
        )
    for each, answer in answers.items():
        assert answer["error_code"] == 0, (each, for_code(answer["error_code"]))


def metric(worker: Worker, name: str, **labels: str) -> float | None:
    """Return a value that a worker serves now, summed over the labels that are not given; null for none."""
    (started,) = worker.events("worker_starts")
    url = f"http://127.0.0.1:{started['metrics_port']}/metrics"
    with urllib.request.urlopen(url, timeout=60) as answer:
        text = answer.read().decode()
    found = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return sum(found) if found else None


def running(pipeline: Pipeline, stage: str) -> list[Worker]:
    """Return the workers of a stage that run."""
    return [worker for worker in pipeline.running[stage] if worker.running]


def finish_restarting(pipeline: Pipeline, some: list[RawItem], *stages: str) -> list[str]:
    """Wait for the items' outcomes and return them; a worker of these stages that ends is started again."""
    wanted = [each.item_id for each in some]

    def all_ended() -> bool:
        for stage in stages:
            if not running(pipeline, stage):
                ended = pipeline.running[stage][-1]
                assert ended.child.returncode > 0, ended.tail()
                pipeline.add(stage)
        return set(wanted) <= set(pipeline.outcomes())

    eventually(all_ended, "every item has an outcome", 240, 0.5)
    outcomes = pipeline.outcomes()
    return [outcomes[each].outcome for each in wanted]


def stop_all(workers: list[Worker]) -> None:
    """Stop workers in order, all at once."""
    for worker in workers:
        worker.child.terminate()
    for worker in workers:
        assert worker.wait(120) == 0, worker.tail()

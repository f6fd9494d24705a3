"""The demo, whole: on a Kafka of its own, with a small input and the fake model."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import psutil
import pytest

from newswire.broker import DevBroker
from tests.support.brokers import environment_for, produce, settings_for
from tests.support.families import command_of, family, no_one_is_left
from tests.support.pipeline import items, raw_record
from tests.support.processes import Workers, environment
from tests.support.require import require_kafka
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

TEXT = (
    "The harbour authority of Port Ellery said on Tuesday that 40 ships were waiting outside the port after "
    "a fire destroyed the northern pier. Mayor Ines Okafor told reporters that nobody had been hurt. The fire "
    "broke out shortly after midnight in a warehouse that stored cotton, and burned for six hours."
)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    lines = [
        {"id": "first", "url": "https://a.example/fire", "title": "Fire shuts port", "text": TEXT},
        {"id": "copy", "url": "https://b.example/fire", "title": "Port on fire", "text": TEXT},
    ]
    (folder / "1.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n{broken\n")
    (folder / "2-empty.txt").write_text("\n")
    return folder


def test_it_runs_from_start_to_end_and_leaves_nothing_running(
    articles: Path, workers: Workers, tmp_path: Path
):
    require_kafka()
    directory = tmp_path / "demo"
    demo = workers.newswire(
        *("demo", "--articles", str(articles), "--directory", str(directory)),
        environ=environment(NEWSWIRE_ENRICH_MODEL="fake"),
        anew=True,
    )
    demo.wait_for("normalize, dedupe and enrich ready", 200)
    everyone = family(demo)
    assert demo.wait(200) == 0, demo.tail()
    no_one_is_left(everyone)
    said = " ".join(demo.said().split())
    for line in (
        "✓ 3 items from",
        "4 of 4 ended",
        "0 violations found by the audit",
        "OUTCOMES 4 items, exactly one outcome each",
        "enriched 1 █",
        "duplicate 1 █",
        "Fire shuts port a.example same Port on fire b.example not enriched: nothing new",
        "rejected: empty",
        "dead_letter: not_json",
        "every item has one outcome, nothing is lost or double",
        "NEXT all is stopped",
    ):
        assert line in said, (line, said)
    assert not DevBroker(directory / "kafka").running
    nothing_runs_in(directory)


def test_with_its_own_articles_it_also_reads_a_feed_that_changes(workers: Workers, tmp_path: Path):
    require_kafka()
    demo = workers.newswire(
        *("demo", "--directory", str(tmp_path / "demo")), environ=environment(NEWSWIRE_ENRICH_MODEL="fake")
    )
    assert demo.wait(400) == 0, demo.tail()
    said = " ".join(demo.said().split())
    for line in (
        "an article appears in the feed: new, enriched",
        "its page is changed in silence: revision 2, numbers 240000, 310000, enriched",
        "another article says the same: duplicate",
        "✓ a feed read while it changed: 3 of 3 ended",
        "0 violations found by the audit",
        "Lighthouse at Carrow Point to be lit again 127.0.0.1 new → revision 2",
        "same Carrow Point light returns",
        "every item has one outcome, nothing is lost or double",
    ):
        assert line in said, (line, said)


def test_ctrl_c_in_the_middle_leaves_nothing_running(articles: Path, workers: Workers, tmp_path: Path):
    require_kafka()
    directory = tmp_path / "demo"
    demo = workers.newswire(
        *("demo", "--articles", str(articles), "--directory", str(directory)),
        environ=environment(NEWSWIRE_ENRICH_MODEL="fake"),
    )
    demo.wait_for("15 topics", 200)
    everyone = family(demo)
    assert any("kafka.Kafka" in command_of(each) for each in everyone)
    demo.child.send_signal(signal.SIGINT)
    assert demo.wait(200) == 130, demo.tail()
    no_one_is_left(everyone)
    nothing_runs_in(directory)
    assert "OUTCOMES" not in demo.said()


def test_ctrl_c_while_kafka_formats_its_data_is_no_failure(articles: Path, workers: Workers, tmp_path: Path):
    require_kafka()
    directory = tmp_path / "demo"
    demo = workers.newswire(
        *("demo", "--articles", str(articles), "--directory", str(directory)),
        environ=environment(NEWSWIRE_ENRICH_MODEL="fake"),
    )

    def formats() -> bool:
        running = psutil.process_iter(["cmdline"])
        return any(_names(each, directory) and "format" in each.info["cmdline"] for each in running)

    eventually(formats, "Kafka formats its data", 60, 0.01)
    everyone = family(demo)
    # As a terminal does it: to every process of the foreground group.
    os.killpg(demo.pid, signal.SIGINT)
    assert demo.wait(200) == 130, demo.tail()
    no_one_is_left(everyone)
    assert "cannot format" not in demo.said()


def test_on_a_given_cluster_it_tells_only_of_its_own_items(
    articles: Path, clean_kafka: DevBroker, workers: Workers, tmp_path: Path
):
    (other,) = items([{"id": "other", "title": "Not the demo's", "text": "It was there before."}])
    produce(clean_kafka, [raw_record(other)])
    settings = settings_for(clean_kafka, data_dir=tmp_path / "run", enrich_model="fake")
    demo = workers.newswire(
        *("demo", "--articles", str(articles / "1.jsonl"), "--json"),
        environ=environment(**environment_for(settings)),
    )
    assert demo.wait(300) == 0, demo.tail()
    found = json.loads(demo.said().splitlines()[-1])
    outcomes = {name: count for name, count, _reasons in found["summary"]["outcomes"]}
    assert outcomes == {"enriched": 1, "duplicate": 1, "dead_letter": 1}
    assert found["audit"]["counts"]["items"] == 3, "the audit is of the whole cluster"
    assert found["audit"]["violations"] == []
    assert clean_kafka.running


def nothing_runs_in(directory: Path) -> None:
    """Wait until no process is left that names the directory, whoever started it: those it had last, too."""
    eventually(
        lambda: not [each for each in psutil.process_iter(["cmdline"]) if _names(each, directory)],
        f"nothing runs in {directory}",
    )


def _names(process: psutil.Process, directory: Path) -> bool:
    return any(str(directory) in argument for argument in process.info["cmdline"] or ())

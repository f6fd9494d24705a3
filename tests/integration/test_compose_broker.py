"""The Kafka of compose.yaml: its environment, read as its image reads it, run for real; and the job of topics on it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from newswire.broker.jars import fetch_jars
from newswire.broker.java import find_java
from newswire.broker.ports import free_port
from newswire.broker.ready import serves
from newswire.settings import load_settings
from newswire.topics import compare_topics
from tests.support.forks import NEWSWIRE
from tests.support.processes import Workers, environment
from tests.support.require import ROOT, require_kafka
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
SERVICES = yaml.safe_load((ROOT / "deploy" / "compose" / "compose.yaml").read_text("utf-8"))["services"]
OF_SCRIPTS = {"KAFKA_HEAP_OPTS"}
"""Variables that Kafka's own scripts read."""


def properties(variables: dict[str, str], instead: dict[str, str]) -> str:
    """Return what the image makes of its environment: ``KAFKA_A_B`` is ``a.b``."""
    named = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in variables.items()
        if name.startswith("KAFKA_") and name not in OF_SCRIPTS
    }
    assert instead.keys() <= named.keys()
    return "".join(f"{name}={value}\n" for name, value in (named | instead).items())


def test_kafka_starts_as_it_is_configured_and_has_every_topic(workers: Workers, tmp_path: Path):
    require_kafka()
    port = free_port()
    controller = free_port(other_than=port)
    variables = SERVICES["kafka"]["environment"]
    file = tmp_path / "server.properties"
    file.write_text(
        properties(
            variables,
            {  # what is a container's own: its name and its disk
                "controller.quorum.voters": f"1@127.0.0.1:{controller}",
                "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
                "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
                "log.dirs": str(tmp_path / "data"),
            },
        )
    )
    java = [str(find_java()), "-Xmx512m", "-cp", f"{fetch_jars()}/*"]
    command = [*java, "kafka.tools.StorageTool", "format", "-t", variables["CLUSTER_ID"], "-c", str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=200)
    kafka = workers.start([*java, "kafka.Kafka", str(file)], environment(), "kafka")

    def ready() -> bool:
        assert kafka.running, kafka.tail()
        # Where it only listens yet, topics have nowhere to be.
        return serves(port, variables["CLUSTER_ID"])

    eventually(ready, "Kafka serves", 200)
    service = SERVICES["topics"]
    environ = service["environment"] | {"NEWSWIRE_KAFKA_BOOTSTRAP": f"127.0.0.1:{port}"}
    done = subprocess.run(
        [*NEWSWIRE, *service["command"]],
        env=environment(**environ),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert compare_topics(load_settings({}, environ=environ)) == []
    assert kafka.terminate(120) == 143

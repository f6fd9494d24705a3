"""compose.yaml: what is in it can be run, holds to its limits, and is found by the Prometheus beside it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from newswire.broker.config import BATCH_BYTES, BATCHES_IN_REQUEST
from newswire.cli import app
from newswire.settings import load_settings
from tests.support.require import ROOT

COMPOSE = ROOT / "deploy" / "compose"
FILE: dict[str, Any] = yaml.safe_load((COMPOSE / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"].startswith("${NEWSWIRE_IMAGE")}
CONTAINERFILE = (ROOT / "deploy" / "container" / "Containerfile").read_text("utf-8")
MEMORY = {"m": 1, "g": 1024}


def environment_of(name: str) -> dict[str, str]:
    """Return what a process of a service has in its environment: the image's and the service's."""
    image = dict(re.findall(r"(NEWSWIRE_\w+)=(\S+)", CONTAINERFILE))
    return image | {key: value for key, value in OURS[name]["environment"].items() if value is not None}


@pytest.mark.parametrize("name", OURS)
def test_every_process_is_a_command_under_settings_that_exist(name: str):
    command = OURS[name]["command"]
    done = CliRunner().invoke(app, [*command, "--help"])
    assert done.exit_code == 0, done.output
    settings = load_settings({}, environ=environment_of(name))
    assert settings.kafka_bootstrap == "kafka:9092"
    assert settings.metrics_port == 9100
    passed_on = [key for key, value in OURS[name]["environment"].items() if value is None]
    assert passed_on == (["NEWSWIRE_CONNECT_CONTACT_URL"] if name == "connect" else [])


def test_the_processes_are_those_that_there_are():
    commands = {tuple(each["command"]) for each in OURS.values()}
    assert commands >= {
        ("topics", "create"),
        ("worker", "normalize"),
        ("worker", "dedupe"),
        ("worker", "enrich"),
        ("worker", "normalize", "--lane", "backfill"),
        ("worker", "dedupe", "--lane", "backfill"),
        ("worker", "enrich", "--lane", "backfill"),
        ("connect",),
        ("audit", "--watch"),
        ("canary",),
    }
    assert isinstance(app, typer.Typer)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_limits_and_its_image_is_pinned(name: str):
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]
    assert limits.keys() == {"cpus", "memory", "pids"}
    tag = re.search(r":-?(?:newswire:)?([\w.-]+)\}?$", service["image"])
    assert tag, service["image"]
    assert re.match(r"v?\d+\.\d+\.\d+", tag[1]), "a version, not a moving tag"
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    if name != "topics":
        assert service["healthcheck"]["test"]


@pytest.mark.parametrize("name", OURS)
def test_our_processes_write_nowhere_but_where_they_may(name: str):
    service = OURS[name]
    assert service["read_only"] is True
    places = [each.partition(":")[0] for each in [*service["tmpfs"], *service.get("volumes", [])]]
    assert {"/tmp", environment_of(name)["NEWSWIRE_DATA_DIR"]} == set(places)


def test_only_connectors_reach_the_web():
    assert FILE["networks"]["inside"] == {"internal": True}
    assert [name for name, each in SERVICES.items() if "web" in each["networks"]] == ["connect"]
    assert {name for name, each in SERVICES.items() if "front" in each["networks"]} == {
        "prometheus",
        "alertmanager",
        "grafana",
    }
    ports = [port for each in SERVICES.values() for port in each.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports), "on this machine alone"


def test_everything_waits_for_the_topics():
    assert SERVICES["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    for name in set(OURS) - {"topics"}:
        assert OURS[name]["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}


def test_kafka_takes_the_largest_records():
    environment = SERVICES["kafka"]["environment"]
    assert int(environment["KAFKA_MESSAGE_MAX_BYTES"]) == BATCH_BYTES
    assert int(environment["KAFKA_REPLICA_FETCH_MAX_BYTES"]) == BATCH_BYTES
    assert int(environment["KAFKA_SOCKET_REQUEST_MAX_BYTES"]) == BATCHES_IN_REQUEST * BATCH_BYTES


def test_no_more_workers_than_partitions_and_two_of_dedupe():
    partitions = int(environment_of("topics")["NEWSWIRE_PARTITIONS"])
    for name in ("normalize", "enrich"):
        assert SERVICES[name]["deploy"]["replicas"] <= partitions
    assert SERVICES["dedupe"]["deploy"]["replicas"] == 2


def test_prometheus_finds_every_process():
    scraped = yaml.safe_load((COMPOSE / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    (ours,) = (each for each in scraped if each["job_name"] == "newswire")
    (names,) = ours["dns_sd_configs"]
    assert names["port"] == 9100
    assert set(OURS) - {"topics"} <= set(names["names"])


def test_what_is_mounted_exists():
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (COMPOSE / source).resolve().exists(), source
            elif not source.startswith("/"):
                assert source in FILE["volumes"]

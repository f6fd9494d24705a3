"""What runs on Kubernetes: as many pods as have work, no right that is not needed, no way where none should be."""

from __future__ import annotations

import re
import subprocess
import sys
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.web import addresses
from newswire.access.rights import process_named
from newswire.cli.acls import user_of
from newswire.settings import Settings, load_settings
from newswire.topics import wanted_topics
from streams.engine.groups import group_of
from tests.support.kustomize import resources
from tests.support.require import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
STAGES = {"normalize": "news.raw.v1", "enrich": "news.unique.v1"}
STAGES_ALL = ("normalize", "dedupe", "enrich")
OF_BACKFILL = tuple(f"{stage}-backfill" for stage in STAGES_ALL)
STOP_S = 15
"""Within this a process ends after SIGTERM, whoever does not answer."""
KNOWN_TO_STRIMZI = {"0.51.0": {"4.1.0", "4.1.1", "4.2.0"}}
"""Versions of Kafka, by the operator's, as its changelog has them: another one it does not start."""
Resource = dict[str, Any]


@pytest.fixture(scope="module")
def example_overlay() -> list[Resource]:
    return resources(KUBERNETES / "overlays" / "example")


@pytest.fixture(scope="module")
def secured_overlay() -> list[Resource]:
    return resources(KUBERNETES / "overlays" / "example-secured")


def of_kind(kind: str, found: list[Resource]) -> dict[str, Resource]:
    return {each["metadata"]["name"]: each for each in found if each["kind"] == kind}


def pod(deployment: Resource) -> Resource:
    spec: Resource = deployment["spec"]["template"]["spec"]
    return spec


def test_the_topics_are_those_of_the_code_and_not_stale(example_overlay: list[Resource]):
    render = KUBERNETES / "render.py"
    subprocess.run([sys.executable, str(render), "--check"], check=True, timeout=200, cwd=ROOT)
    wanted = wanted_topics(load_settings({"replication_factor": 3}, environ={}))
    topics = of_kind("KafkaTopic", example_overlay)
    assert {name: each["spec"]["partitions"] for name, each in topics.items()} == {
        each.name: each.partitions for each in wanted
    }
    for each in wanted:
        config = {name: str(value) for name, value in topics[each.name]["spec"]["config"].items()}
        assert config == each.config


def test_the_operator_knows_the_version_of_kafka():
    pom = (ROOT / "tests" / "support" / "strimzi" / "pom.xml").read_text("utf-8")
    (operator,) = re.findall(r"<artifactId>api</artifactId>\s*<version>(.+)</version>", pom)
    text = (KUBERNETES / "components" / "strimzi-cluster" / "kafka.yaml").read_text("utf-8")
    _, cluster = yaml.safe_load_all(text)
    kafka = cluster["spec"]["kafka"]
    assert kafka["version"] in KNOWN_TO_STRIMZI[operator]
    assert kafka["version"].startswith(f"{kafka['metadataVersion']}.")
    assert f"Strimzi {operator} knows" in text


def test_the_readme_has_every_component_in_its_table():
    text = (ROOT / "deploy" / "README.md").read_text("utf-8")
    table = text.partition("| component | for |\n|---|---|\n")[2].partition("\n\n")[0]
    listed = [row.split("`")[1] for row in table.splitlines()]
    there = {path.name for path in (KUBERNETES / "components").iterdir()} - {"process"}  # of ours alone
    assert sorted(listed) == sorted(there)


def test_a_stale_file_of_topics_is_found(tmp_path):
    stale = tmp_path / "topics.yaml"
    command = [sys.executable, str(KUBERNETES / "render.py"), "--to", str(stale)]
    subprocess.run([*command, "--partitions", "7"], check=True, timeout=200, cwd=ROOT)
    done = subprocess.run(
        [*command, "--check"], capture_output=True, text=True, check=False, timeout=200, cwd=ROOT
    )
    assert done.returncode == 1
    assert "is stale" in done.stderr


def test_scaling_never_goes_above_the_partitions_and_never_touches_dedupe(example_overlay: list[Resource]):
    partitions = {
        name: each["spec"]["partitions"] for name, each in of_kind("KafkaTopic", example_overlay).items()
    }
    scaled = of_kind("ScaledObject", example_overlay)
    assert set(scaled) == set(STAGES), "dedupe and connectors are not scaled"
    deployments = of_kind("Deployment", example_overlay)
    for stage, topic in STAGES.items():
        spec = scaled[stage]["spec"]
        assert spec["scaleTargetRef"] == {"name": stage}
        assert 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] <= partitions[topic]
        (trigger,) = spec["triggers"]
        assert trigger["type"] == "kafka"
        assert trigger["metadata"]["topic"] == topic
        assert trigger["metadata"]["consumerGroup"] == group_of(stage, "live")
        assert trigger["metadata"]["allowIdleConsumers"] == "false"
        assert "replicas" not in deployments[stage]["spec"], "else each apply undoes what KEDA did"
    assert deployments["dedupe"]["spec"]["replicas"] == 2


def test_readiness_is_apart_from_liveness_and_there_is_time_to_stop(example_overlay: list[Resource]):
    drain_s = Settings.model_fields["drain_timeout_s"].default
    assert drain_s < STOP_S
    for name, deployment in of_kind("Deployment", example_overlay).items():
        spec = pod(deployment)
        (container,) = spec["containers"]
        assert container["livenessProbe"]["httpGet"]["path"] == "/livez", name
        assert container["startupProbe"]["httpGet"]["path"] == "/livez"
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert spec["terminationGracePeriodSeconds"] > 2 * STOP_S
        start_s = container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"]
        assert start_s >= 120, "a model is loaded and a broker waited for"
        assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"


def test_pods_have_no_right_that_they_do_not_need(example_overlay: list[Resource]):
    deployments = of_kind("Deployment", example_overlay)
    assert set(deployments) == {*STAGES_ALL, *OF_BACKFILL, "connect", "audit", "canary"}
    jobs = list(yaml.safe_load_all((KUBERNETES / "components/topics-job/topics.yaml").read_text("utf-8")))
    for deployment in [*deployments.values(), *jobs]:
        spec = pod(deployment)
        (container,) = spec["containers"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert not container["image"].endswith(":latest")
        assert ":" in container["image"] or deployment in jobs


def test_the_backfill_lane_has_stages_of_its_own(example_overlay: list[Resource]):
    deployments = of_kind("Deployment", example_overlay)
    for stage, twin in zip(STAGES_ALL, OF_BACKFILL, strict=True):
        live, backfill = pod(deployments[stage])["containers"], pod(deployments[twin])["containers"]
        assert live[0]["args"] == ["worker", stage]
        assert backfill[0]["args"] == ["worker", stage, "--lane", "backfill"]
        assert deployments[twin]["spec"]["replicas"] == 1
        others = ("args",)
        assert {name: value for name, value in backfill[0].items() if name not in others} == {
            name: value for name, value in live[0].items() if name not in others
        }


def test_every_pod_is_selected_and_named_alike(example_overlay: list[Resource]):
    for name, deployment in of_kind("Deployment", example_overlay).items():
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert labels["app.kubernetes.io/component"] == name
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()
    for name, budget in of_kind("PodDisruptionBudget", example_overlay).items():
        labels = of_kind("Deployment", example_overlay)[name]["spec"]["template"]["metadata"]["labels"]
        assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()
        assert budget["spec"]["maxUnavailable"] == 1
    assert set(of_kind("PodDisruptionBudget", example_overlay)) == {
        "normalize",
        "dedupe",
        "enrich",
        "connect",
    }


def test_settings_are_settings(example_overlay: list[Resource]):
    (settings,) = of_kind("ConfigMap", example_overlay).values()
    loaded = load_settings({}, environ=settings["data"])
    assert loaded.metrics_port == 9100
    assert loaded.metrics_host == "0.0.0.0"


def test_a_secured_kafka_is_reached_by_users_of_the_processes_own(secured_overlay: list[Resource]):
    (settings,) = of_kind("ConfigMap", secured_overlay).values()
    for name, deployment in of_kind("Deployment", secured_overlay).items():
        spec = pod(deployment)
        (container,) = spec["containers"]
        given = {each["name"]: each for each in container["env"]}
        secret = given["NEWSWIRE_KAFKA_SASL_PASSWORD"]["valueFrom"]["secretKeyRef"]
        assert secret == {"name": f"newswire-{name}", "key": "password"}, "as Strimzi's operator calls it"
        loaded = load_settings(
            {},
            environ=settings["data"]
            | {
                "NEWSWIRE_KAFKA_SASL_USERNAME": given["NEWSWIRE_KAFKA_SASL_USERNAME"]["value"],
                "NEWSWIRE_KAFKA_SASL_PASSWORD": "of the secret",
            },
        )
        process, _, lane = name.partition("-")
        user = user_of(process_named(process), "backfill" if lane else "live")
        assert loaded.kafka_sasl_username == user, "as newswire topics acls --strimzi calls it"
        assert loaded.kafka_security_protocol == "SASL_SSL"
        (mounted,) = (each for each in container["volumeMounts"] if each["name"] == "kafka-ca")
        assert str(loaded.kafka_ssl_cafile) == f"{mounted['mountPath']}/ca.crt"
        (volume,) = (each for each in spec["volumes"] if each["name"] == "kafka-ca")
        assert volume["secret"]["secretName"] == "newswire-cluster-ca-cert"
        assert {each["name"] for each in spec["volumes"]} == {"tmp", "data", "kafka-ca"}
    kafka = of_kind("Kafka", secured_overlay)["newswire"]["spec"]["kafka"]
    assert [(each["port"], each["tls"]) for each in kafka["listeners"]] == [(9093, True)]
    assert kafka["authorization"] == {"type": "simple"}
    for scaled in of_kind("ScaledObject", secured_overlay).values():
        (trigger,) = scaled["spec"]["triggers"]
        assert trigger["authenticationRef"]["name"] in of_kind("TriggerAuthentication", secured_overlay)
        assert trigger["metadata"]["bootstrapServers"] == settings["data"]["NEWSWIRE_KAFKA_BOOTSTRAP"]


# -- the network -------------------------------------------------------------------------------------------

BLOCKS = [
    peer["ipBlock"]
    for document in yaml.safe_load_all((KUBERNETES / "base" / "network.yaml").read_text("utf-8"))
    for rule in document["spec"]["egress"]
    for peer in rule["to"]
    if "ipBlock" in peer
]
REFUSED = [network for network, _reason in [*addresses._V4, *addresses._V6]]


def lets_out(address: IPv4Address | IPv6Address) -> bool:
    """Return whether the policy of the connectors lets them reach an address."""
    return any(
        address in ip_network(block["cidr"])
        and not any(address in ip_network(without) for without in block["except"])
        for block in BLOCKS
    )


def within(network: IPv4Network | IPv6Network) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    first = int(network.network_address)
    kind = IPv4Address if network.version == 4 else IPv6Address
    return st.integers(first, first + network.num_addresses - 1).map(kind)


@given(st.one_of(map(within, REFUSED)) | st.sampled_from(sorted(addresses._METADATA, key=str)))
@example(ip_address("169.254.169.254"))
@example(ip_address("168.63.129.16"))
@example(ip_address("fd00:ec2::254"))
@example(ip_address("10.0.0.1"))
def test_no_address_that_the_guard_refuses_is_let_out(address: IPv4Address | IPv6Address):
    assert addresses.refusal(address) is not None
    assert not lets_out(address)


@given(st.ip_addresses())
@example(ip_address("93.184.215.14"))
@example(ip_address("2606:2800:21f:cb07:6820:80da:af6b:8b2c"))
def test_what_is_let_out_and_what_the_guard_lets_through_are_one(address: IPv4Address | IPv6Address):
    inner = getattr(address, "ipv4_mapped", None) is not None or address in addresses._NAT64
    isatap = address.version == 6 and (int(address) >> 32) & 0xFFFFFFFF in addresses._ISATAP
    if not (inner or isatap):  # an IPv4 address inside is judged by the guard alone
        assert lets_out(address) == (addresses.refusal(address) is None)


def test_only_connectors_reach_the_web_and_only_by_its_ports(example_overlay: list[Resource]):
    policies = of_kind("NetworkPolicy", example_overlay)
    everybody, web = policies["newswire"]["spec"], policies["connect-web"]["spec"]
    assert everybody["policyTypes"] == ["Ingress", "Egress"]
    assert not any("ipBlock" in peer for rule in everybody["egress"] for peer in rule["to"])
    assert web["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "connect"
    (rule,) = web["egress"]
    assert {each["port"] for each in rule["ports"]} == {80, 443}
    for name, deployment in of_kind("Deployment", example_overlay).items():
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert everybody["podSelector"]["matchLabels"].items() <= labels.items()
        reaches_web = web["podSelector"]["matchLabels"].items() <= labels.items()
        assert reaches_web == (name == "connect")

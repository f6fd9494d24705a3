"""Prometheus' rules and alerts: they are whole, what they name exists, and Prometheus' own tools pass them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
import typer
import yaml

from newswire.cli import app
from newswire.ledger.events import topic_of
from newswire.settings import load_settings
from newswire.supervisor.pipeline import stage_specs
from newswire.telemetry.reference import described
from tests.support.require import ROOT, require

DEPLOY = ROOT / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
STRIMZI = DEPLOY / "kubernetes" / "components" / "strimzi-cluster"
ALERTMANAGER = DEPLOY / "alertmanager" / "alertmanager.yml"
FOREIGN = {
    "up",
    "kafka_topic_partition_under_replicated_partition",
    "kafka_server_replicamanager_underreplicatedpartitions",
    "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
}
"""Metrics that are not in the registry; the page on Prometheus says where each comes from."""
WORDS = {"and", "or", "unless", "by", "on", "offset", "bool", "without", "ignoring", "inf", "nan"}
COMMAND = re.compile(r"^ {4,}\S|`(?:newswire|kafka-[a-z-]+\.sh)[ `]", re.MULTILINE)
"""In a runbook: a line to copy, or a command within the text."""


def rules() -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
            yield from group["rules"]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
RECORDS = {rule["record"] for rule in rules() if "record" in rule}


def names_in(expression: str) -> set[str]:
    """Return the metrics that an expression names: what is left without labels, ranges, functions, words."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", bare)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\boffset\s+\w+", " ", bare)
    found = re.findall(r"(?<![\w.:])[a-zA-Z_:][\w:]*(?!\s*\()\b", bare)
    return {name for name in found if name.lower() not in WORDS}


def run(program: str, *arguments: object) -> str:
    done = subprocess.run(
        [require(program), *map(str, arguments)], capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# -- Prometheus' own tools ---------------------------------------------------------------------------------


def test_promtool_passes_configuration_and_rules() -> None:
    said = run("promtool", "check", "config", PROMETHEUS / "prometheus.yml")
    assert f"{len(RULES)} rule files found" in said
    run("promtool", "check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.slow
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_promtool_passes_the_unit_tests(path: Path) -> None:
    run("promtool", "test", "rules", path)


def test_amtool_passes_the_routes() -> None:
    run("amtool", "check-config", ALERTMANAGER)
    for severity, receiver in (("critical", "page"), ("warning", "ticket")):
        said = run(
            "amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", f"severity={severity}"
        )
        assert said.splitlines()[0] == receiver


# -- what is written -----------------------------------------------------------------------------------------


def test_the_names_in_an_expression_are_found() -> None:
    assert names_in(
        'sum by (a, b) (rate(x_total{c="d"}[5m] offset 1h)) > 2 and on (e) lvl:y:sum or vector(0)'
    ) == {
        "x_total",
        "lvl:y:sum",
    }


def test_every_metric_in_a_rule_exists() -> None:
    ours: set[str] = set()
    for metric in described():
        ours.add(metric.name)
        if metric.type == "histogram":
            ours |= {f"{metric.name}_{end}" for end in ("bucket", "sum", "count")}
    used = set().union(*(names_in(rule["expr"]) for rule in rules()))
    assert used - ours - RECORDS - FOREIGN == set()
    assert FOREIGN - used == set(), "it is in no rule any more"
    page = (PROMETHEUS / "README.md").read_text("utf-8")
    assert {name for name in FOREIGN if f"`{name}`" not in page} == set()


def test_the_bound_of_the_objective_is_a_bound_of_the_histogram() -> None:
    (metric,) = (each for each in described() if each.name == "newswire_seen_to_end_seconds")
    bounds = {float(bound) for rule in rules() for bound in re.findall(r'le="([\d.]+)"', rule["expr"])}
    assert bounds == {300.0}
    assert bounds <= set(metric.buckets)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_it_is_and_where_its_runbook_is(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"critical", "warning"}
    notes = alert["annotations"]
    assert set(notes) == {"summary", "description", "runbook_url"}
    assert len(notes["summary"]) < 90
    assert notes["description"].endswith(".")
    assert re.fullmatch(rf"https://\S+/{name}\.md", notes["runbook_url"])


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_tested_in_both_directions(name: str) -> None:
    expected = [
        bool(check["exp_samples"])
        for path in TESTS
        for test in yaml.safe_load(path.read_text("utf-8"))["tests"]
        for check in test["promql_expr_test"]
        if f'alertname="{name}"' in check["expr"]
    ]
    assert set(expected) == {True, False}


def test_every_alert_has_its_runbook_and_every_runbook_its_alert() -> None:
    pages = {path.stem: path.read_text("utf-8") for path in (DEPLOY / "runbooks").glob("*.md")}
    assert pages.keys() == ALERTS.keys()
    for name, text in pages.items():
        assert text.startswith(f"# {name}\n")
        look, do = re.split(r"^## (?:Look|Do)$", text, flags=re.MULTILINE)[1:]
        assert COMMAND.search(look), f"{name}: nothing to look with"
        assert COMMAND.search(do), f"{name}: nothing to do it with"
        for other in re.findall(r"\]\((\w+)\.md\)", text):
            assert other in pages


def test_commands_in_runbooks_exist() -> None:
    lines = [
        (path.stem, line)
        for path in (DEPLOY / "runbooks").glob("*.md")
        for line in re.findall(
            r"(?:^    |`)(?:NEWSWIRE_\w+=\S+ )*(newswire [^`#|>\n]+)", path.read_text("utf-8"), re.MULTILINE
        )
    ]
    assert len(lines) > 50
    for name, line in lines:
        group: Any = typer.main.get_command(app)
        words = line.split()[1:]
        while hasattr(group, "resolve_command") and words and not words[0].startswith("-"):
            _, group, words = group.resolve_command(click.Context(group), words)
        options = {option for each in group.params for option in each.opts + each.secondary_opts} | {"--help"}
        asked = {word for word in words if re.match("--?[a-z]", word)}
        assert asked <= options, f"{name}: {line}"


def test_paths_in_runbooks_exist() -> None:
    """Whatever jq is to take from a record that ``newswire tail`` prints is there."""
    lines = [
        (path.stem, *found)
        for path in (DEPLOY / "runbooks").glob("*.md")
        for found in re.findall(r"newswire tail (\w+) .*--json.*\bjq (.*)", path.read_text("utf-8"))
    ]
    assert len(lines) == 5
    for name, short, query in lines:
        topic = topic_of(short)
        assert topic is not None
        assert topic.event is not None
        asked = re.search(r"\.(?:headers|value(?:\.(\w+)| \| \{(.+)\}))", query)
        assert asked, f"{name}: {query}"
        fields = {field.encode_name for field in msgspec.structs.fields(topic.event)}
        assert set(re.findall(r"\w+", " ".join(asked.groups("")))) <= fields, f"{name}: {query}"


def test_the_volumes_are_those_of_the_cluster_that_kubernetes_runs() -> None:
    pool, cluster = yaml.safe_load_all((STRIMZI / "kafka.yaml").read_text("utf-8"))
    assert pool["metadata"]["labels"]["strimzi.io/cluster"] == cluster["metadata"]["name"]
    (matcher,) = {
        found for rule in rules() for found in re.findall(r'persistentvolumeclaim=~"([^"]+)"', rule["expr"])
    }
    for volume in pool["spec"]["storage"]["volumes"]:
        claim = f"data-{volume['id']}-{cluster['metadata']['name']}-{pool['metadata']['name']}-0"
        assert re.fullmatch(matcher, claim)


def test_rules_are_what_the_mixin_gives(tmp_path: Path) -> None:
    render = [sys.executable, str(PROMETHEUS / "render.py")]
    subprocess.run([*render, "--check"], check=True, timeout=120)
    other = tmp_path / "mine.toml"
    other.write_text('stalled_s = "7"\n', "utf-8")
    subprocess.run([*render, "--config", other, "--to", tmp_path / "out"], check=True, timeout=120)
    written = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").iterdir()}
    assert written.keys() == {path.name for path in RULES}
    differs = [
        name for name, text in written.items() if text != (PROMETHEUS / "rules" / name).read_text("utf-8")
    ]
    assert differs == ["flow.alerts.yml"]
    assert "age_seconds:max > 7\n" in written["flow.alerts.yml"]
    other.write_text('stalled = "7"\n', "utf-8")
    refused = subprocess.run(
        [*render, "--config", other], capture_output=True, text=True, timeout=120, check=False
    )
    assert refused.returncode != 0
    assert "no such value in config.toml: stalled" in refused.stderr


def test_the_targets_are_where_processes_serve() -> None:
    specs = stage_specs(load_settings({"metrics_port": 9101}, environ={}), connect=True, canary=True)
    ports = {spec.name: f"127.0.0.1:{spec.command[-1]}" for spec in specs} | {"audit": "127.0.0.1:9110"}
    targets = yaml.safe_load((PROMETHEUS / "targets" / "newswire.yml").read_text("utf-8"))
    assert {each["labels"]["process"]: each["targets"][0] for each in targets} == ports


def test_no_warning_hides_what_is_critical() -> None:
    for rule in yaml.safe_load(ALERTMANAGER.read_text("utf-8"))["inhibit_rules"]:
        sources, targets = (
            {name for text in rule[side] for name in re.findall(r"Newswire\w+", text)}
            for side in ("source_matchers", "target_matchers")
        )
        assert sources | targets <= ALERTS.keys()
        severities = {ALERTS[name]["labels"]["severity"] for name in sources}
        hidden = {ALERTS[name]["labels"]["severity"] for name in targets}
        assert severities == {"critical"} or hidden == {"warning"}, (sources, targets)

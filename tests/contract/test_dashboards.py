"""Grafana's dashboards: made from their source, of Grafana's own types, asking only for what there is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard

from newswire.telemetry.reference import described
from tests.contract.test_monitoring import PROMETHEUS, RECORDS, names_in, run
from tests.support.dashboards import FILES, GRAFANA, boards, panels_of, targets

BOARDS = boards()
OF_PROMETHEUS = {"up", "ALERTS"}
"""What Prometheus itself knows."""
OF_EXPORTERS = {"kafka: Partitions short of replicas", "kafka: Disk that is free"}
"""Panels that ask exporters of the brokers, which are not newswire's: all others have data without them."""
COLUMNS = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
EVERY_BOARD = pytest.mark.parametrize("name", BOARDS)


def test_the_files_are_what_the_boards_give() -> None:
    subprocess.run([sys.executable, str(GRAFANA / "render.py"), "--check"], check=True, timeout=200)
    assert [path.stem for path in FILES] == ["kafka", "overview", "quality", "sources", "stages"]


@EVERY_BOARD
def test_a_board_is_of_grafanas_own_types(name: str) -> None:
    """What the types do not know would be lost on the way through them."""
    register_default_plugins()
    board = BOARDS[name]
    again = json.loads(JSONEncoder().encode(Dashboard.from_json(board)))
    assert again == board
    assert board["schemaVersion"] == 41


def test_boards_find_each_other() -> None:
    assert [board["uid"] for board in BOARDS.values()] == [f"newswire-{name}" for name in BOARDS]
    for board in BOARDS.values():
        (link,) = board["links"]
        assert set(link["tags"]) <= set(board["tags"])


def test_panels_ask_for_metrics_that_exist() -> None:
    ours: set[str] = set()
    for metric in described():
        ours.add(metric.name)
        if metric.type == "histogram":
            ours |= {f"{metric.name}_{end}" for end in ("bucket", "sum", "count")}
    for each in targets():
        assert names_in(each.expr) - ours - RECORDS - OF_PROMETHEUS == set(), each.name


def test_panels_that_need_exporters_say_so_in_themselves_and_in_the_readme() -> None:
    described = {
        f"{name}: {panel['title']}"
        for name, board in BOARDS.items()
        for panel in panels_of(board)
        if "nothing without either" in panel["description"]
    }
    assert described == OF_EXPORTERS
    rows = re.findall(r"^\| (.+?) \|", (GRAFANA / "README.md").read_text("utf-8"), re.MULTILINE)
    assert {name.partition(": ")[2] for name in OF_EXPORTERS} <= set(rows)


def test_owners_are_known_by_what_workers_tell() -> None:
    """kafka_exporter tells the lag of partitions that nobody owns, too."""
    (asked,) = [each.expr for each in targets() if each.name == "kafka: Partitions of each group"]
    assert '{job="newswire",consumergroup=~' in asked


def test_what_is_recorded_is_not_asked_for_anew() -> None:
    recorded = {
        re.sub(r"\s", "", rule["expr"])
        for path in sorted((PROMETHEUS / "rules").glob("*.rules.yml"))
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
        for rule in group["rules"]
    }
    for each in targets():
        bare = re.sub(r"\s", "", each.over("5m"))
        assert not [rule for rule in recorded if rule in bare], each.name


@EVERY_BOARD
def test_panels_fill_the_rows_and_none_lies_on_another(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARDS[name]["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    assert {x for x, _ in taken} == set(range(COLUMNS))
    assert len(taken) == COLUMNS * (1 + max(y for _, y in taken)), "there are holes"
    numbers = [panel["id"] for panel in BOARDS[name]["panels"]]
    assert len(set(numbers)) == len(numbers)


# -- the rules of Grafana's dashboard linter, by their names there -----------------------------------------


def test_rules_of_the_linter_are_left_out_by_name_and_with_a_reason() -> None:
    exclusions = yaml.safe_load((GRAFANA / "dashboards" / ".lint").read_text("utf-8"))["exclusions"]
    assert exclusions.keys() == {
        f"{what}-{label}-rule" for what in ("template", "target") for label in ("job", "instance")
    }
    assert all(each["reason"].endswith(".") for each in exclusions.values())


@EVERY_BOARD
def test_template_datasource_rule(name: str) -> None:
    (variable,) = BOARDS[name]["templating"]["list"]
    assert (variable["type"], variable["name"], variable["label"]) == (
        "datasource",
        "datasource",
        "Data source",
    )
    assert variable["query"] == "prometheus"


@EVERY_BOARD
def test_template_label_promql_rule_and_template_on_time_change_reload_rule(name: str) -> None:
    """Both are about variables that are queries."""
    assert not [each for each in BOARDS[name]["templating"]["list"] if each["type"] == "query"]


@EVERY_BOARD
def test_uneditable_dashboard_rule(name: str) -> None:
    assert BOARDS[name]["editable"] is False


@EVERY_BOARD
def test_panel_datasource_rule(name: str) -> None:
    for panel in panels_of(BOARDS[name]):
        assert panel["datasource"] == DATASOURCE
        assert {json.dumps(each["datasource"]) for each in panel["targets"]} == {json.dumps(DATASOURCE)}


@EVERY_BOARD
def test_panel_title_description_rule(name: str) -> None:
    titles = [panel["title"] for panel in panels_of(BOARDS[name])]
    assert all(titles)
    assert len(set(titles)) == len(titles), "they name panels"
    for panel in panels_of(BOARDS[name]):
        assert re.fullmatch(r"[^\n]{20,300}\.", panel["description"]), panel["title"]


@EVERY_BOARD
def test_panel_units_rule(name: str) -> None:
    known = {value for value in vars(units).values() if isinstance(value, str)}
    for panel in panels_of(BOARDS[name]):
        assert panel["fieldConfig"]["defaults"]["unit"] in known, panel["title"]


@EVERY_BOARD
def test_panel_no_targets_rule(name: str) -> None:
    for panel in panels_of(BOARDS[name]):
        assert panel["targets"], panel["title"]
        assert all(each["expr"] for each in panel["targets"])


def test_target_promql_rule(tmp_path: Path) -> None:
    rules: list[dict[str, Any]] = [
        {"record": f"panel:{number}", "expr": each.over("5m")} for number, each in enumerate(targets())
    ]
    path = tmp_path / "panels.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), "utf-8")
    assert f"{len(rules)} rules found" in run("promtool", "check", "rules", "--lint=none", path)


def test_target_rate_interval_rule() -> None:
    for each in targets():
        ranges = re.findall(r"\bi?rate\([^][]*\[([^]]*)\]", each.expr)
        assert set(ranges) <= {"$__rate_interval"}, each.name
        assert len(ranges) == len(re.findall(r"\bi?rate\(", each.expr)), each.name


def test_target_counter_agg_rule() -> None:
    for each in targets():
        for counter in re.finditer(r"[\w:]*_total\b(?:\{[^}]*\})?(\[[^]]*\])?", each.expr):
            before = each.expr[: counter.start()]
            assert counter[1], each.name
            assert re.search(r"\b(i?rate|increase)\($", before), each.name


# -- provisioning --------------------------------------------------------------------------------------------


def test_grafana_is_told_of_the_scrape_interval_and_where_the_boards_are() -> None:
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text("utf-8"))[
        "datasources"
    ]
    scraped = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))["global"]
    assert source["jsonData"]["timeInterval"] == scraped["scrape_interval"]
    assert (source["type"], source["url"], source["isDefault"]) == ("prometheus", "$PROMETHEUS_URL", True)
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/newswire.yml").read_text("utf-8"))[
        "providers"
    ]
    assert (provider["type"], provider["options"]) == ("file", {"path": "$DASHBOARDS_PATH"})
    page = (GRAFANA / "README.md").read_text("utf-8")
    assert "PROMETHEUS_URL=" in page
    assert "DASHBOARDS_PATH=" in page

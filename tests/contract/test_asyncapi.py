"""The AsyncAPI document: whole, fresh, resolvable, and in the eyes of its own tools valid."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from schemas.asyncapi import event_headers_schema
from schemas.generate import ROOT
from schemas.json_schema import STRUCTS
from schemas.topics import TOPICS, all_names, topic_named
from tests.support.contracts import FORMATS, objects, problems
from tests.support.require import missing, require

FILE = ROOT / "schemas" / "asyncapi.yaml"
RECORDS = [
    path
    for path in sorted((Path(__file__).parent / "fixtures" / "v1").glob("*.json"))
    if not path.name.startswith("dead_letter_headers")
]
PARSER = "@asyncapi/parser@3.6.6"
"""What `asyncapi validate` runs; the whole command line is thirty times its size."""
LINT = """
const { Parser, fromFile } = require('@asyncapi/parser');
(async () => {
  const { diagnostics, document } = await fromFile(new Parser(), process.argv[1]).parse();
  const found = diagnostics.map(d => ({ severity: d.severity, code: d.code, message: d.message, path: d.path }));
  const payloads = document ? document.allMessages().all().map(m => [m.name(), m.payload().json()]) : [];
  console.log(JSON.stringify({ found, payloads: Object.fromEntries(payloads) }));
})();
"""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def test_every_topic_of_every_lane_is_a_channel(document: dict[str, Any]) -> None:
    addresses = [channel["address"] for channel in document["channels"].values()]
    assert sorted(addresses) == sorted(all_names())


def test_every_reference_resolves(document: dict[str, Any]) -> None:
    references = [node["$ref"] for _, node in objects(document) if "$ref" in node]
    assert len(references) > 50
    for reference in references:
        if reference.startswith("#/"):
            node: Any = document
            for step in reference.removeprefix("#/").split("/"):
                node = node[step]
        else:
            target = FILE.parent / reference
            assert json.loads(target.read_text(encoding="utf-8"))["$id"].startswith("urn:newswire:schema:v1:")
    written = [node["x-writer-schema"] for _, node in objects(document) if "x-writer-schema" in node]
    assert len(written) == len(TOPICS)
    assert all((FILE.parent / path).exists() for path in written)


def test_messages_are_the_events_of_their_topics(document: dict[str, Any]) -> None:
    for channel in document["channels"].values():
        topic = topic_named(channel["address"])
        (reference,) = (message["$ref"] for message in channel["messages"].values())
        message = document["components"]["messages"][reference.rpartition("/")[2]]
        assert message["bindings"]["kafka"]["key"]["description"] == topic.key
        if topic.event is None:
            assert message["title"] == "DeadLetter"
        else:
            assert message["title"] == topic.event.__name__
            assert message["headers"]["properties"]["ce_type"]["const"] == topic.ce_type


def test_topic_configurations_are_those_of_the_declarations(document: dict[str, Any]) -> None:
    for channel in document["channels"].values():
        topic = topic_named(channel["address"])
        kafka = channel["bindings"]["kafka"]
        config = dict(kafka["topicConfiguration"])
        config["cleanup.policy"] = ",".join(config["cleanup.policy"])
        assert {name: str(value) for name, value in config.items()} == topic.config()
        assert kafka["topic"] == channel["address"]
        assert kafka.get("partitions", 0) == topic.partitions


def test_operations_belong_to_channels_and_every_channel_is_written_and_read(
    document: dict[str, Any],
) -> None:
    seen: dict[str, set[str]] = {}
    for operation in document["operations"].values():
        seen.setdefault(operation["channel"]["$ref"].rpartition("/")[2], set()).add(operation["action"])
    assert set(seen) == set(document["channels"])
    assert all("send" in actions for actions in seen.values())
    readers = {name for name, actions in seen.items() if "receive" in actions}
    assert set(document["channels"]) - readers == {"enriched", "claims", "entities"}, "read by consumers only"


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name)
def test_headers_of_records_are_as_documented(path: Path) -> None:
    name = path.name.partition(".")[0]
    record = json.loads(path.read_text(encoding="utf-8"))
    topic = next(topic for topic in TOPICS if topic.event is STRUCTS[name])
    found = Draft202012Validator(event_headers_schema(topic.ce_type), format_checker=FORMATS)
    headers = dict(record["headers"])
    assert problems(found, headers) == []
    assert problems(found, headers | {"ce_type": "newswire.other.v1"})
    assert problems(found, headers | {"ce_id": "7"})
    assert set(headers) <= set(event_headers_schema(None)["properties"])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_asyncapis_own_parser_and_rules_find_nothing_wrong() -> None:
    npm = require("npm")
    node = require("node")
    folder = ROOT / ".cache" / "asyncapi"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules" / "@asyncapi" / "parser").exists():
        installed = subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), PARSER],
            capture_output=True,
            text=True,
            check=False,
        )
        if installed.returncode:
            missing(PARSER, f"npm install {PARSER}")
    done = subprocess.run(
        [node, "-e", LINT, str(FILE)], cwd=folder, capture_output=True, text=True, check=True, timeout=120
    )
    report = json.loads(done.stdout)
    # Severity 0 is an error and 1 a warning; 2 tells that AsyncAPI has a newer version.
    assert [found for found in report["found"] if found["severity"] < 2] == []
    assert len(report["payloads"]) == len(TOPICS)
    for name, payload in report["payloads"].items():
        if name != "dead_letter":
            assert payload["properties"], name

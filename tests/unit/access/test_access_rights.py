"""The table of rights, and what is printed of it."""

from __future__ import annotations

import argparse
import json
import shlex
from itertools import product

import pytest
import yaml
from typer.testing import CliRunner

from newswire import preflight
from newswire.access.page import page
from newswire.access.rights import PROCESSES, Right, process_named, rights_of
from newswire.cli import app
from newswire.cli.acls import user_of
from newswire.cli.lazy import COMMANDS
from newswire.ledger.audit import AUDITED
from schemas.topics import SIGHTINGS, all_names

WITHOUT_KAFKA = {"pipe", "kafka", "connectors", "settings", "demo"}
"""Commands that speak to no cluster of the user's."""


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["topics", "acls", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def rights_in(commands: str) -> dict[str, set[Right]]:
    """Read commands as ``kafka-acls.sh`` does: every operation on every resource."""
    parser = argparse.ArgumentParser()
    for name in ("bootstrap-server", "command-config", "allow-principal", "resource-pattern-type"):
        parser.add_argument(f"--{name}")
    for name in ("operation", "topic", "group"):
        parser.add_argument(f"--{name}", action="append", default=[])
    parser.add_argument("--add", action="store_true", required=True)
    found: dict[str, set[Right]] = {}
    for line in commands.splitlines():
        if not line or line.startswith("#"):
            continue
        program, *words = shlex.split(line)
        assert program == "kafka-acls.sh"
        given = parser.parse_args(words)
        prefixed = given.resource_pattern_type == "prefixed"
        user = found.setdefault(given.allow_principal.removeprefix("User:"), set())
        for kind in ("topic", "group"):
            for operation, name in product(given.operation, getattr(given, kind)):
                user.add(Right(operation, kind, name, prefixed))
    return found


@pytest.mark.parametrize("lane", ["live", "backfill"])
def test_the_commands_grant_the_table_and_nothing_else(lane):
    found = rights_in(printed("--lane", lane))
    assert found == {user_of(each, lane): set(rights_of(each, lane)) for each in PROCESSES}


def test_one_user_for_some_has_the_rights_of_each():
    found = rights_in(printed("normalize", "canary", "--user", "one"))
    assert found == {"one": {*rights_of(process_named("normalize")), *rights_of(process_named("canary"))}}


def test_as_json_each_right_is_a_line():
    lines = [json.loads(line) for line in printed("canary", "--json").splitlines()]
    assert lines == [
        {"user": "newswire-canary", "operation": operation, "kind": "topic", "name": name, "prefixed": False}
        for operation, name in (("Read", "news.claims.v1"), ("Write", "news.raw.v1"))
    ]


def test_a_process_that_is_none_is_told_with_those_that_are():
    done = CliRunner().invoke(app, ["topics", "acls", "normalise"])
    assert "'normalise' is no process: they are normalize, dedupe" in str(done.exception)


def test_strimzis_users_grant_the_table_and_nothing_else():
    """Fields and values are those of Strimzi's KafkaUser, version v1."""
    users = list(yaml.safe_load_all(printed("--strimzi", "news")))
    found = {}
    for user in users:
        assert (user["apiVersion"], user["kind"]) == ("kafka.strimzi.io/v1", "KafkaUser")
        assert user["metadata"]["labels"] == {"strimzi.io/cluster": "news"}
        assert user["spec"]["authentication"] == {"type": "scram-sha-512"}
        assert user["spec"]["authorization"]["type"] == "simple"
        rules = user["spec"]["authorization"]["acls"]
        assert all(set(rule) == {"resource", "operations"} for rule in rules)
        assert {rule["resource"]["type"] for rule in rules} <= {"topic", "group"}
        assert {rule["resource"]["patternType"] for rule in rules} <= {"literal", "prefix"}
        found[user["metadata"]["name"]] = [
            Right(
                operation,
                rule["resource"]["type"],
                rule["resource"]["name"],
                rule["resource"]["patternType"] == "prefix",
            )
            for rule in rules
            for operation in rule["operations"]
        ]
    assert {name: set(rights) for name, rights in found.items()} == {
        user_of(each, "live"): set(rights_of(each)) for each in PROCESSES
    }
    assert all(len(rights) == len(set(rights)) for rights in found.values())


def test_no_right_is_implied_by_another():
    """Else it would not be the least: taking it away would change nothing."""
    implied_by = {"Describe": {"Read", "Write", "Alter", "Delete"}, "DescribeConfigs": {"AlterConfigs"}}
    for process in PROCESSES:
        rights = rights_of(process)
        assert len(rights) == len(set(rights)), process.name
        for right in rights:
            for other in implied_by.get(right.operation, ()):
                stronger = Right(other, right.kind, right.name, right.prefixed)  # type: ignore[arg-type]
                assert stronger not in rights, (process.name, str(right))


def test_every_command_that_speaks_to_kafka_is_in_the_table():
    known = {process.command.split()[0] for process in PROCESSES}
    assert known | WITHOUT_KAFKA >= set(COMMANDS)
    assert not known & WITHOUT_KAFKA


@pytest.mark.parametrize("lane", ["live", "backfill"])
@pytest.mark.parametrize("stage", sorted(preflight.STAGES))
def test_a_stage_may_use_the_topics_that_it_is_checked_for(stage, lane):
    reads, *writes = (topic.of(lane) for topic in preflight.STAGES[stage])
    rights = rights_of(process_named(stage), lane)
    own = [SIGHTINGS.of(lane)] if stage == "dedupe" else []
    assert [each.name for each in rights if (each.operation, each.kind) == ("Read", "topic")] == [reads, *own]
    assert {each.name for each in rights if each.operation == "Write"} == set(writes)


def test_an_audit_may_read_what_it_reads():
    rights = rights_of(process_named("audit"))
    read = {each.name for each in rights if (each.operation, each.kind) == ("Read", "topic")}
    assert read == {name for topic in AUDITED for name in (topic.name, topic.of("backfill"))}


def test_the_page_names_every_process_and_topic():
    text = page()
    for process in PROCESSES:
        assert f"| `{process.name}` | `newswire {process.command}` |" in text
    for name in all_names():
        assert name.removesuffix(".v1").removesuffix(".backfill") in text

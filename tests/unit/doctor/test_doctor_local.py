"""The doctor's checks of this machine, and what it says without a broker."""

from __future__ import annotations

import json

import pytest
from kafka.errors import TopicAuthorizationFailedError
from structlog.testing import capture_logs
from typer.testing import CliRunner

from connectors.web.agent import warn_without_contact
from newswire.cli.doctor import app
from newswire.doctor import Check, clock, diagnose, run
from newswire.doctor.clock import Skew, check_clock
from newswire.doctor.local import check_contact, check_schemas, check_settings, load_and_read
from newswire.settings import Settings

NOWHERE = {
    "NEWSWIRE_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "NEWSWIRE_KAFKA_REQUEST_TIMEOUT_S": "1",
    "NEWSWIRE_ENRICH_MODEL": "fake",
}


def test_settings_that_hold_are_counted() -> None:
    check, settings = check_settings(NOWHERE)
    assert (check.ok, check.found) == (True, "3 given, the rest are defaults")
    assert settings is not None
    assert settings.enrich_model == "fake"


def test_wrong_settings_say_what_is_wrong_and_nothing_else_is_checked() -> None:
    checks = list(diagnose({"NEWSWIRE_PARTITION": "3"}))
    assert [(each.name, each.ok) for each in checks] == [
        ("settings", False),
        ("schemas", True),
        *((name, None) for name in ("contact", "model", "broker", "topics", "clock", "groups")),
    ]
    assert checks[0].found.startswith("unknown setting NEWSWIRE_PARTITION; did you mean partitions?")
    assert checks[0].advice == "see docs/settings.md"


@pytest.mark.parametrize(
    ("given", "ok"),
    [
        ({}, None),
        ({"connect_contact_url": "https://contact.example/bot"}, True),
        ({"connect_contact_url": "mailto:us@contact.example"}, True),
        ({"connect_user_agent": "Ours/2 (us@contact.example)"}, True),
        ({"connect_user_agent": "Mozilla/5.0"}, None),
    ],
)
def test_sites_can_tell_whom_to_ask(given: dict[str, str], ok: bool | None) -> None:
    settings = Settings(**given)
    check = check_contact(settings)
    assert check.ok is ok
    assert (check.advice is None) is bool(ok)
    with capture_logs() as logs:
        warn_without_contact(settings)
    told = [entry for entry in logs if entry["event"].startswith("sites cannot tell whom to ask")]
    assert bool(told) is (ok is None)


def test_stale_schemas_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_schemas().ok
    monkeypatch.setattr("schemas.generate.stale", lambda: ["schemas/asyncapi.yaml", "docs/contract.md"])
    check = check_schemas()
    assert (check.ok, check.advice) == (False, "python -m schemas.generate")
    assert check.found == "schemas/asyncapi.yaml is stale and 1 more"


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("no_such_model", "enrich_model is no_such_model, and there is no network"),
        ("json:dumps", "json:dumps does not load: TypeError"),
        ("json:nothing", "enrich_model is json:nothing"),
    ],
)
def test_a_model_that_does_not_load(model: str, found: str) -> None:
    check = load_and_read(Settings(enrich_model=model))
    assert check.ok is False
    assert check.found.startswith(found)
    assert check.advice


def test_a_model_that_loads_is_named_with_its_version() -> None:
    check = load_and_read(Settings(enrich_model="fake"))
    assert check.ok
    assert check.found.startswith("fake")


@pytest.mark.parametrize(
    ("skew", "ok"),
    [
        (Skew(0.2, 0.01), True),
        (Skew(-4.9, 0.01), True),
        (Skew(-7.0, 0.01), False),
        (Skew(7.0, 3.0), True),
        (Skew(9.0, 3.0), False),
    ],
)
def test_clocks_agree_to_some_seconds(skew: Skew, ok: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "measure", lambda _settings: skew)
    check = check_clock(Settings())
    assert check.ok is ok
    assert ("ahead" if skew.seconds > 0 else "behind") in check.found
    assert bool(check.advice) is not ok


def test_a_cluster_that_lets_us_make_no_topic_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_settings: Settings) -> Skew:
        raise TopicAuthorizationFailedError("newswire.clock")

    monkeypatch.setattr(clock, "measure", refused)
    check = check_clock(Settings())
    assert (check.ok, check.advice) == (None, None)
    assert "TopicAuthorizationFailedError" in check.found


def test_what_the_cluster_forbids_is_a_finding_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_settings: Settings) -> Check:
        raise TopicAuthorizationFailedError("news.raw.v1")

    monkeypatch.setattr(run, "check_broker", lambda _settings: Check("broker", ok=True, found="answers"))
    monkeypatch.setattr(run, "check_topics", refused)
    monkeypatch.setattr(run, "check_clock", lambda _settings: Check("clock", ok=True, found="right"))
    monkeypatch.setattr(
        run, "check_groups", lambda _settings: [Check("newswire-enrich", ok=None, found="none")]
    )
    checks = {each.name: each for each in diagnose(NOWHERE)}
    assert checks["topics"].ok is False
    assert "TopicAuthorizationFailedError" in checks["topics"].found
    assert checks["newswire-enrich"].ok is None


def test_without_a_broker_each_check_is_a_line_and_the_exit_code_is_1() -> None:
    done = CliRunner().invoke(app, [], env=NOWHERE)
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert [line[:2] for line in lines] == ["✓ ", "✓ ", "– ", "✓ ", "✗ ", "– ", "– ", "– "]
    assert lines[2].startswith("– contact            sites see newswire/")
    assert "nobody to ask → before you poll them, set NEWSWIRE_CONNECT_CONTACT_URL" in lines[2]
    assert "no answer from Kafka at 127.0.0.1:1" in lines[4]
    assert "→ newswire kafka start, or set NEWSWIRE_KAFKA_BOOTSTRAP" in lines[4]
    told = [json.loads(line) for line in CliRunner().invoke(app, ["--json"], env=NOWHERE).stdout.splitlines()]
    assert [each["ok"] for each in told] == [True, True, None, True, False, None, None, None]

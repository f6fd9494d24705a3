from __future__ import annotations

from pathlib import Path

import pytest

from newswire.settings import ConfigError, Settings, load_settings
from newswire.settings.clients import aiokafka_options, faust_options, kafka_python_options


def test_overrides_win_over_the_environment_and_that_over_the_file(tmp_path: Path):
    file = tmp_path / "newswire.toml"
    file.write_text('partitions = 2\nlane = "backfill"\nenrich_batch = 3\n')
    environ = {"NEWSWIRE_CONFIG": str(file), "NEWSWIRE_PARTITIONS": "4", "NEWSWIRE_LANE": "live", "HOME": "/"}
    settings = load_settings({"partitions": 5}, environ=environ)
    assert (settings.partitions, settings.lane, settings.enrich_batch) == (5, "live", 3)


def test_the_real_environment_is_not_read_where_another_is_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NEWSWIRE_PARTITIONS", "9")
    assert load_settings(environ={}).partitions == Settings().partitions
    assert load_settings().partitions == 9


def test_a_mapping_is_given_as_json():
    environ = {
        "NEWSWIRE_RETENTION_DAYS": '{"news.raw.v1": 3}',
        "NEWSWIRE_TOPIC_PARTITIONS": '{"news.raw.v1": 12}',
    }
    assert load_settings(environ=environ).retention_days == {"news.raw.v1": 3}
    assert load_settings(environ=environ).topic_partitions == {"news.raw.v1": 12}
    with pytest.raises(ConfigError, match="retention_days: not JSON"):
        load_settings(environ={"NEWSWIRE_RETENTION_DAYS": "3"} | {"NEWSWIRE_RETENTION_DAYS": "{"})


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"NEWSWIRE_PARTITION": "3"}, "unknown setting NEWSWIRE_PARTITION; did you mean partitions"),
        ({"NEWSWIRE_PARTITIONS": "many"}, "setting partitions: "),
        ({"NEWSWIRE_KAFKA_BOOTSTRAP": "nowhere"}, "'nowhere' is not host:port"),
        ({"NEWSWIRE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "SASL needs kafka_sasl_username"),
        ({"NEWSWIRE_DEDUPE_NEAR_DAYS": "40"}, "dedupe_near_days (40) is more than dedupe_identity_days (30)"),
        ({"NEWSWIRE_CONFIG": "/nowhere.toml"}, "is no file"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(environ: dict[str, str], message: str):
    with pytest.raises(ConfigError) as error:
        load_settings(environ=environ)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_unknown_names_in_the_file_are_refused(tmp_path: Path):
    file = tmp_path / "newswire.toml"
    file.write_text("partitons = 2\n")
    with pytest.raises(ConfigError, match="did you mean partitions"):
        load_settings(environ={"NEWSWIRE_CONFIG": str(file)})


def test_one_object_configures_every_client_alike():
    settings = load_settings(
        {
            "kafka_bootstrap": "a:1,b:2",
            "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_username": "user",
            "kafka_sasl_password": "secret",
        },
        environ={},
    )
    python, aio, faust = kafka_python_options(settings), aiokafka_options(settings), faust_options(settings)
    assert python["bootstrap_servers"] == aio["bootstrap_servers"] == ["a:1", "b:2"]
    assert faust["broker"] == ["kafka://a:1", "kafka://b:2"]
    assert python["sasl_plain_password"] == aio["sasl_plain_password"] == "secret"
    assert faust["broker_credentials"].username == "user"
    assert python["ssl_context"].check_hostname


def test_secrets_are_never_shown():
    settings = load_settings({"kafka_sasl_password": "hunter2"}, environ={})
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in settings.model_dump_json()


def test_a_password_among_the_brokers_is_refused_and_not_repeated():
    with pytest.raises(ConfigError, match="kafka_sasl_username") as refused:
        load_settings({"kafka_bootstrap": "user:hunter2@broker.example:9092"}, environ={})
    assert "hunter2" not in str(refused.value)

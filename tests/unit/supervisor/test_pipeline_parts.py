"""What a pipeline would start, and on which Kafka."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from newswire.preflight import check_broker, check_model
from newswire.settings import ConfigError, Settings, load_settings
from newswire.supervisor.kafka import broker_for
from newswire.supervisor.pipeline import stage_specs
from schemas.topics import RAW


def settings(**given: object) -> Settings:
    return load_settings(given, environ={})


def test_a_worker_of_each_stage_in_the_order_of_flow_with_the_settings_of_all(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("KEPT", "yes")
    specs = stage_specs(
        settings(data_dir=tmp_path, lane="backfill", kafka_bootstrap="k:1", log_level="error"),
        enrich_workers=2,
    )
    assert [spec.name for spec in specs] == ["normalize", "dedupe", "enrich-1", "enrich-2"]
    assert [spec.command[-3:] for spec in specs] == [
        (stage, "--metrics-port", "0") for stage in ("normalize", "dedupe", "enrich", "enrich")
    ]
    environ = specs[0].environ
    assert environ["KEPT"] == "yes"
    loaded = load_settings(environ={name: value for name, value in environ.items() if "NEWSWIRE" in name})
    assert (loaded.lane, loaded.kafka_bootstrap, loaded.data_dir) == ("backfill", "k:1", tmp_path)
    assert (loaded.log_level, loaded.log_format) == ("info", "json"), "readiness is read from the log"
    assert specs[3].log == tmp_path / "logs" / "enrich-2.log"


def test_metrics_ports_follow_the_configured_one():
    ports = [spec.command[-1] for spec in stage_specs(settings(metrics_port=9300), enrich_workers=2)]
    assert ports == ["9300", "9301", "9302", "9303"]


def test_who_reads_sources_and_the_canary_come_last_and_have_the_settings_of_all(tmp_path: Path):
    specs = stage_specs(settings(data_dir=tmp_path, metrics_port=9300), connect=True, canary=True)
    assert [spec.name for spec in specs] == ["normalize", "dedupe", "enrich", "connect", "canary"]
    for spec, port in zip(specs[-2:], ("9303", "9304"), strict=True):
        assert spec.command[-4:] == ("newswire", spec.name, "--metrics-port", port)
        assert spec.environ == specs[0].environ
        assert spec.log == tmp_path / "logs" / f"{spec.name}.log"


def test_a_configured_cluster_is_used_and_else_the_directory_s_own_broker(tmp_path: Path, monkeypatch):
    assert broker_for(settings(data_dir=tmp_path, kafka_bootstrap="k:9092")) is None
    monkeypatch.setenv("NEWSWIRE_KAFKA_BOOTSTRAP", "k:9092")
    assert broker_for(load_settings()) is None
    monkeypatch.delenv("NEWSWIRE_KAFKA_BOOTSTRAP")
    broker = broker_for(settings(data_dir=tmp_path), port=0)
    assert broker is not None
    assert (broker.layout.root, broker.port) == (tmp_path / "kafka", None)


def test_the_usual_port_is_taken_where_it_is_free(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("newswire.supervisor.kafka.is_free", lambda port: port == 9092)
    broker = broker_for(settings(data_dir=tmp_path))
    assert broker is not None
    assert broker.port == 9092
    monkeypatch.setattr("newswire.supervisor.kafka.is_free", lambda port: False)
    broker = broker_for(settings(data_dir=tmp_path))
    assert broker is not None
    assert broker.port is None


@pytest.mark.parametrize("model", ["fake", "json:loads", "english"])
def test_models_that_are_there_pass(model: str):
    check_model(model)


def test_the_folder_of_a_model_passes(tmp_path: Path):
    (tmp_path / "tagger.onnx").touch()
    (tmp_path / "tokenizer.json").touch()
    check_model(str(tmp_path))


@pytest.mark.parametrize(
    ("model", "what"),
    [
        ("no_such_model", "there is no network: there are english"),
        ("", "there is no network"),
        ("..", "there is no network"),
        ("no.such.module:factory", "no.such.module cannot be imported: No module named 'no'"),
        ("json:no_such_factory", "json has no no_such_factory"),
        (":", " cannot be imported: Empty module name"),
    ],
)
def test_a_model_that_is_not_there_is_named_with_what_to_do(model: str, what: str):
    with pytest.raises(ConfigError) as failed:
        check_model(model)
    assert str(failed.value).startswith(f"enrich_model is {model}, and {what}")


def test_a_broker_that_accepts_and_never_answers_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(ConfigError, match=f"^no answer from Kafka at {where} .*newswire kafka start"):
            check_broker(settings(kafka_bootstrap=where, kafka_request_timeout_s=1), (RAW,))

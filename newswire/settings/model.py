"""The settings: name, type, default and meaning of each, in one table.

Each can be set in ``newswire.toml`` under its own name, or in the environment as ``NEWSWIRE_`` and its
name in capitals; the environment wins.  Unknown names are refused, secrets are never printed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

__all__ = ["Settings"]

LaneName = Literal["live", "backfill"]
MOST_PARTITIONS = 1000


class Settings(BaseSettings):
    """One object configures Faust, aiokafka and kafka-python alike (see `newswire.settings.clients`)."""

    model_config = SettingsConfigDict(env_prefix="NEWSWIRE_", extra="forbid", frozen=True)

    @classmethod
    def settings_customise_sources(  # noqa: D102 - pydantic's hook
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # File and environment are read by `load_settings`, which refuses unknown names in both.
        return (init_settings,)

    # Kafka
    kafka_bootstrap: str = Field("127.0.0.1:9092", description="brokers, host:port, comma-separated")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how to talk to the brokers"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="with SASL"
    )
    kafka_sasl_username: str | None = Field(None, description="with SASL")
    kafka_sasl_password: SecretStr | None = Field(None, description="with SASL")
    kafka_ssl_cafile: Path | None = Field(None, description="CA certificates, PEM; else the system's")
    kafka_ssl_certfile: Path | None = Field(None, description="client certificate, PEM")
    kafka_ssl_keyfile: Path | None = Field(None, description="its key, PEM")
    kafka_ssl_password: SecretStr | None = Field(None, description="password of the key")
    kafka_compression: Literal["none", "gzip", "lz4"] = Field("lz4", description="of what we produce")
    kafka_session_timeout_s: float = Field(
        10.0, ge=1, le=300, description="a silent group member is dead after this"
    )
    kafka_max_poll_interval_s: float = Field(
        300.0, ge=10, description="a worker whose loop stands still for this leaves its group"
    )
    kafka_commit_interval_s: float = Field(1.0, gt=0, le=60, description="between commits of offsets")
    kafka_request_timeout_s: float = Field(30.0, gt=0, description="for one request to a broker")
    kafka_delivery_timeout_s: float = Field(
        120.0, gt=0, description="a send that is not delivered in this time ends the process"
    )
    kafka_static_membership: bool = Field(
        False, description="restart without a rebalance; costs quick takeover when a worker goes for good"
    )
    kafka_rights_interval_s: float = Field(
        5.0,
        ge=0,
        description="how often a process on a secured cluster asks whether it has its rights; 0 never",
    )

    # Topics
    partitions: int = Field(6, ge=1, le=MOST_PARTITIONS, description="of each topic that is not fixed to one")
    topic_partitions: dict[str, int] = Field(
        default_factory=dict,
        description="by topic name, instead of partitions; newswire topics grow gives more to topics that exist",
    )
    replication_factor: int = Field(1, ge=1, le=9, description="of each topic")
    retention_days: dict[str, float] = Field(
        default_factory=dict,
        description="by topic name, instead of the declared retention; -1 keeps for ever",
    )

    # Process
    lane: LaneName = Field("live", description="which run of the pipeline a worker belongs to")
    data_dir: Path = Field(Path(".run"), description="local state, logs and locks; safe to lose")
    metrics_host: str = Field("127.0.0.1", description="address that serves /metrics, /livez and /readyz")
    metrics_port: int = Field(0, ge=0, le=65535, description="port of /metrics; 0 takes a free one")
    health_stall_s: float = Field(
        60.0, gt=0, description="/livez fails where a loop of the process has not turned for this"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="lowest logged")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto is console on a terminal, JSON lines elsewhere"
    )

    # Engine
    window_events: int = Field(512, ge=1, le=100_000, description="events in flight in one worker")
    window_mib: int = Field(64, ge=16, description="MiB of events in flight in one worker")
    drain_timeout_s: float = Field(
        10.0, gt=0, description="for events in flight to finish when a worker stops or loses a partition"
    )
    retry_attempts: int = Field(
        8,
        ge=1,
        description="tries of what is retriable, the first included, before the process ends: what connectors read; no "
        "stage of ours raises it today",
    )
    retry_max_wait_s: float = Field(30.0, gt=0, description="longest wait between two tries")

    # Stages
    normalize_children: int = Field(1, ge=1, le=256, description="processes that extract text")
    normalize_batch: int = Field(16, ge=1, description="items given to one at a time")
    normalize_timeout_s: float = Field(30.0, gt=0, description="for one item")
    normalize_memory_mib: int = Field(2048, ge=256, description="address space of each")
    enrich_model: str = Field(
        "english",
        description="english, the folder of a trained network, or package.module:factory of another model",
    )
    enrich_children: int = Field(1, ge=1, le=256, description="processes that run the model")
    enrich_batch: int = Field(16, ge=1, description="articles given to one at a time")
    enrich_timeout_s: float = Field(120.0, gt=0, description="for one article")
    enrich_memory_mib: int = Field(4096, ge=512, description="address space of each")
    child_max_tasks: int = Field(5000, ge=0, description="a child is replaced after this many; 0 never")
    dedupe_identity_days: float = Field(30.0, gt=0, description="how long an article is remembered")
    dedupe_near_days: float = Field(
        7.0, gt=0, description="how long near-duplicates are found; at most dedupe_identity_days"
    )
    dedupe_max_identities: int = Field(8_000_000, ge=1000, description="articles remembered at most")
    dedupe_max_near: int = Field(3_500_000, ge=1000, description="contents in the near index at most")
    dedupe_files_mib: int = Field(
        128, ge=4, description="MiB of memory for dedupe's local files: half for what is not written out yet"
    )
    dedupe_jaccard: float = Field(0.7, ge=0.5, le=1.0, description="Jaccard from which texts are copies")

    # Connectors
    connect_unacked_mib: int = Field(64, ge=16, description="MiB sent and not yet acknowledged")
    connect_contact_url: str | None = Field(
        None, pattern=r"^(https?://|mailto:)[!-~]{1,500}$", description="whom a site may ask about our visits"
    )
    connect_user_agent: str | None = Field(
        None,
        pattern=r"^[ -~]{1,500}$",
        description="sent instead of newswire/version (+contact); robots.txt is read for its first word",
    )
    connect_fetches: int = Field(256, ge=1, le=10_000, description="requests to the web at once")
    connect_feed_children: int = Field(1, ge=1, le=64, description="processes that parse feeds")

    # Audit
    audit_interval_s: float = Field(
        600.0, gt=0, description="newswire audit --watch: from the begin of one audit to that of the next"
    )
    audit_window_hours: float = Field(24.0, gt=0, description="how far back it looks")
    audit_max_items: int = Field(
        2_000_000, ge=1000, description="with more of them it looks less far back, so that memory is bounded"
    )
    audit_grace_s: float = Field(
        900.0, ge=0, description="an item that came longer ago and has no outcome is late"
    )

    # Canary
    canary_interval_s: float = Field(
        60.0, ge=0, le=240, description="between two canaries; 0: newswire up runs none"
    )

    @field_validator("kafka_bootstrap")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        for server in value.split(","):
            if "@" in server:
                raise ValueError("a broker is host:port; its user is kafka_sasl_username")
            host, _, port = server.strip().rpartition(":")
            if not host or not port.isdigit():
                raise ValueError(f"{server.strip()!r} is not host:port")
        return value

    @field_validator("topic_partitions")
    @classmethod
    def _some_partitions(cls, value: dict[str, int]) -> dict[str, int]:
        for name, number in value.items():
            if not 1 <= number <= MOST_PARTITIONS:
                raise ValueError(f"{name} can have 1 to {MOST_PARTITIONS}, not {number}")
        return value

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> Settings:
        if self.kafka_security_protocol.startswith("SASL") and not (
            self.kafka_sasl_username and self.kafka_sasl_password
        ):
            raise ValueError("SASL needs kafka_sasl_username and kafka_sasl_password")
        return self

    @model_validator(mode="after")
    def _what_is_near_is_remembered(self) -> Settings:
        if self.dedupe_near_days > self.dedupe_identity_days:
            raise ValueError(
                f"dedupe_near_days ({self.dedupe_near_days:g}) is more than dedupe_identity_days "
                f"({self.dedupe_identity_days:g}): near-duplicates are found among articles that are remembered"
            )
        return self

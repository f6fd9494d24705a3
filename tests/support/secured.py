"""A broker that lets in whom it knows, over TLS, and allows each what it was granted and nothing more."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any

import trustme
from cryptography.hazmat.primitives import serialization
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.errors import KafkaError

from newswire.access.check import NAMES, Asker, asking
from newswire.access.rights import Right
from newswire.broker import DevBroker
from newswire.broker.ports import free_port
from newswire.settings import Settings
from tests.support.brokers import admin_of, settings_for
from tests.support.waiting import eventually

HOST = "localhost"
"""For which the certificates are, and not for its address."""
MECHANISM = "SCRAM-SHA-512"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
TRIES, PAUSE_S = 3, 1.0
"""For an answer: a machine that stands still for some seconds lets none come in time."""


class Secured:
    """The broker.  Its plain listener is for the test itself, which may do everything there."""

    def __init__(self, broker: DevBroker, port: int, expired_port: int, authority: Path, admin: Any) -> None:
        self.broker = broker
        self.port = port
        self.expired_port = expired_port
        self.authority = authority
        self._admin: KafkaAdminClient = admin
        self._askers: dict[str, Asker] = {}
        self._open = contextlib.ExitStack()

    def close(self) -> None:
        self._open.close()

    def settings(self, user: str, **more: Any) -> Settings:
        """Return the settings of a user."""
        given = {
            "kafka_bootstrap": f"{HOST}:{self.port}",
            "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_username": user,
            "kafka_sasl_password": password_of(user),
            "kafka_ssl_cafile": str(self.authority),
            **more,
        }
        return settings_for(self.broker, **given)

    def environment(self, user: str, **more: Any) -> dict[str, str]:
        """Return the same for a process."""
        found = self.settings(user, **more).model_dump(mode="json", exclude_defaults=True)
        found["kafka_sasl_password"] = more.get("kafka_sasl_password", password_of(user))
        return {f"NEWSWIRE_{name.upper()}": str(value) for name, value in found.items()}

    def add(self, user: str) -> None:
        """Make a user who may do nothing."""
        wanted = UserScramCredentialUpsertion(
            user, ScramMechanism.SCRAM_SHA_512, password_of(user), iterations=4096
        )
        assert self._admin.alter_user_scram_credentials([wanted]) == {user: None}

    def grant(self, user: str, rights: Iterable[Right]) -> None:
        """Grant rights, and wait until the broker says so."""
        rights = list(rights)
        done = self._admin.create_acls([_rule(user, right) for right in rights])
        assert not done["failed"], done
        eventually(lambda: not self.lacking(user, rights), f"{user} has its rights")

    def take(self, user: str, right: Right) -> None:
        """Take a right away, and wait until the broker says so."""
        ((_, taken, error),) = self._admin.delete_acls([_rule(user, right)])
        assert len(taken) == 1, (right, taken, error)
        eventually(lambda: self.lacking(user, [right]), f"{user} has not {right}")

    def grant_cluster(self, user: str, operation: str) -> None:
        """Grant an operation on the cluster as a whole."""
        assert not self._admin.create_acls([_of_cluster(user, operation)])["failed"]

    def take_cluster(self, user: str, operation: str) -> None:
        """Take it away."""
        ((_, taken, _error),) = self._admin.delete_acls([_of_cluster(user, operation)])
        assert len(taken) == 1

    def lacking(self, user: str, rights: Iterable[Right]) -> list[Right]:
        """Ask as the user which of the rights it has not; after no answer, over a connection anew."""
        wanted = list(rights)
        for _ in range(TRIES - 1):
            try:
                return self._asker(user).lacking(wanted)
            except KafkaError:
                self._askers.pop(user, None)
            sleep(PAUSE_S)
        return self._asker(user).lacking(wanted)

    def _asker(self, user: str) -> Asker:
        if user not in self._askers:
            self._askers[user] = self._open.enter_context(asking(self.settings(user)))
        return self._askers[user]


def password_of(user: str) -> str:
    return f"{user}-opens-sesame"


@contextlib.contextmanager
def secured_broker(directory: Path) -> Iterator[Secured]:
    """Run one until the end of the block, without topics and users."""
    directory.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "authority.pem"))
    begin, end = LONG_AGO
    first = free_port()
    ports = {"secured": first, "expired": free_port(other_than=first)}
    certificates = {
        "secured": authority.issue_cert(HOST),
        "expired": authority.issue_cert(HOST, not_before=begin, not_after=end),
    }
    properties = {
        "listeners": ",".join(f"{name.upper()}://127.0.0.1:{port}" for name, port in ports.items()),
        "advertised.listeners": ",".join(f"{name.upper()}://{HOST}:{port}" for name, port in ports.items()),
        "listener.security.protocol.map": ",".join(f"{name.upper()}:SASL_SSL" for name in ports),
        "inter.broker.listener.name": "PLAINTEXT",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "sasl.enabled.mechanisms": MECHANISM,
    }
    for name, certificate in certificates.items():
        keystore = directory / f"{name}.pem"
        keystore.write_bytes(_keystore(certificate))
        properties |= {
            f"listener.name.{name}.ssl.keystore.type": "PEM",
            f"listener.name.{name}.ssl.keystore.location": str(keystore),
            f"listener.name.{name}.{MECHANISM.lower()}.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
        }
    with (
        DevBroker(directory / "kafka", ephemeral=True, quick=True, properties=properties) as broker,
        admin_of(broker) as admin,
    ):
        secured = Secured(broker, ports["secured"], ports["expired"], directory / "authority.pem", admin)
        try:
            yield secured
        finally:
            secured.close()


def _keystore(certificate: trustme.LeafCert) -> bytes:
    # Kafka reads keys in PKCS #8 alone.
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return encoded + b"".join(each.bytes() for each in certificate.cert_chain_pems)


def _rule(user: str, right: Right) -> ACL:
    pattern = ACLResourcePatternType.PREFIXED if right.prefixed else ACLResourcePatternType.LITERAL
    return ACL(
        f"User:{user}",
        "*",
        ACLOperation[NAMES[right.operation]],
        ACLPermissionType.ALLOW,
        ResourcePattern(ResourceType[right.kind.upper()], right.name, pattern),
    )


def _of_cluster(user: str, operation: str) -> ACL:
    pattern = ResourcePattern(ResourceType.CLUSTER, "kafka-cluster", ACLResourcePatternType.LITERAL)
    return ACL(f"User:{user}", "*", ACLOperation[operation], ACLPermissionType.ALLOW, pattern)

"""Rights as Strimzi's ``KafkaUser``, from which its operator makes the user, the password and the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from newswire.access.rights import Right

__all__ = ["API_VERSION", "kafka_user"]

API_VERSION = "kafka.strimzi.io/v1"


def kafka_user(user: str, rights: Sequence[Right], cluster: str) -> str:
    """Return the resource as YAML; *cluster* is the name of the ``Kafka`` that the user is of."""
    return "\n".join(_lines(user, rights, cluster)) + "\n"


def _lines(user: str, rights: Sequence[Right], cluster: str) -> Iterator[str]:
    yield f"apiVersion: {API_VERSION}"
    yield "kind: KafkaUser"
    yield "metadata:"
    yield f"  name: {user}"
    yield "  labels:"
    yield f"    strimzi.io/cluster: {cluster}"
    yield "spec:"
    yield "  authentication:"
    yield "    type: scram-sha-512"
    yield "  authorization:"
    yield "    type: simple"
    yield "    acls:"
    for (kind, name, prefixed), some in groupby(sorted(rights, key=_resource), key=_resource):
        operations = ", ".join(right.operation for right in some)
        yield "      - resource:"
        yield f"          type: {kind}"
        yield f"          name: {name}"
        yield f"          patternType: {'prefix' if prefixed else 'literal'}"
        yield f"        operations: [{operations}]"


def _resource(right: Right) -> tuple[str, str, bool]:
    return right.kind, right.name, right.prefixed

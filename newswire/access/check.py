"""Ask the cluster which of its rights a process has not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from time import monotonic, sleep
from typing import Any, Final

from kafka import KafkaAdminClient
from kafka.admin._acls import valid_acl_operations
from kafka.errors import (
    GroupAuthorizationFailedError,
    NoError,
    RetriableError,
    TopicAuthorizationFailedError,
    for_code,
)
from kafka.protocol.admin import DescribeGroupsRequest

from newswire.access.rights import Right
from newswire.ledger.connected import connected
from newswire.settings import Settings
from newswire.settings.clients import kafka_python_options

__all__ = ["Asker", "asking"]

ANSWER_S: Final = 8.0
PAUSE_S: Final = 0.25
NAMES: Final = {
    "Read": "READ",
    "Write": "WRITE",
    "Describe": "DESCRIBE",
    "DescribeConfigs": "DESCRIBE_CONFIGS",
    "Create": "CREATE",
    "Alter": "ALTER",
    "AlterConfigs": "ALTER_CONFIGS",
    "Delete": "DELETE",
}
"""Operations as the protocol calls them."""
WITH_DESCRIBE: Final = {"Read", "Write", "Describe", "Alter", "Delete"}
"""Who has one of these may describe the topic, so who may not describe it has none of these."""


class Asker:
    """Asks over one connection."""

    def __init__(self, admin: Any) -> None:
        self._admin = admin

    def lacking(self, wanted: Sequence[Right]) -> list[Right]:
        """Return which of the rights we have not, in their order.

        What cannot be told is not among them: of brokers before 2.3, which do not say; and that a topic which
        may not be described may not be created, or its configuration described, either.

        Raises:
            KafkaError: no answer.
        """
        topics = self._topics({_asked(right) for right in wanted if right.kind == "topic"})
        groups = {right.name: self._group(right.name) for right in wanted if right.kind == "group"}
        lacking = [
            right
            for right in wanted
            if _lacks(right, (topics if right.kind == "topic" else groups)[_asked(right)])
        ]
        creates = [_asked(right) for right in lacking if right.operation == "Create"]
        refused = self._not_created(creates) if creates else set()
        return [right for right in lacking if right.operation != "Create" or _asked(right) in refused]

    def _not_created(self, names: list[str]) -> set[str]:
        """Return which of the topics we may not create, without creating any.

        Who may create any topic of the cluster may create these, and that is not told of with a topic.
        """
        wanted = {name: {"num_partitions": 1, "replication_factor": 1} for name in names}
        answers = self._admin.create_topics(wanted, validate_only=True, raise_errors=False)["topics"]
        return {
            each["name"] for each in answers if for_code(each["error_code"]) is TopicAuthorizationFailedError
        }

    def _topics(self, names: Iterable[str]) -> dict[str, frozenset[str] | None]:
        found: dict[str, frozenset[str] | None] = {}
        for each in self._admin.describe_topics(sorted(names)):
            if for_code(each["error_code"]) is TopicAuthorizationFailedError:
                found[each["name"]] = frozenset()
            else:
                found[each["name"]] = _operations(each)
        return found

    def _group(self, name: str) -> frozenset[str] | None:
        deadline = monotonic() + ANSWER_S
        while True:
            try:
                return self._described(name)
            except GroupAuthorizationFailedError:
                return frozenset()
            except RetriableError:  # a broker has no groups until the first comes
                if monotonic() >= deadline:
                    raise
                sleep(PAUSE_S)

    def _described(self, group: str) -> frozenset[str] | None:
        # Not by `describe_groups`: it warns of each group whose members are Faust's, and the newer version of the
        # request that it sends tells nothing of a group that is not there yet.
        admin = self._admin
        manager = admin._manager  # noqa: SLF001
        coordinator = manager.run(admin._find_coordinator_id, group)  # noqa: SLF001
        request = DescribeGroupsRequest(groups=[group], include_authorized_operations=True, max_version=5)
        (found,) = manager.run(manager.send, request, coordinator).groups
        error = for_code(found.error_code)
        if error is not NoError:
            raise error(group)
        numbers = found.authorized_operations
        return None if numbers is None else frozenset(each.name for each in valid_acl_operations(numbers))


@contextlib.contextmanager
def asking(settings: Settings) -> Iterator[Asker]:
    """Connect.

    Raises:
        KafkaError: no broker answers, or it does not let us in.
    """
    timeout_ms = int(min(ANSWER_S, settings.kafka_request_timeout_s) * 1000)
    admin = connected(
        KafkaAdminClient,
        **kafka_python_options(settings),
        client_id="newswire-rights",
        request_timeout_ms=timeout_ms,
        bootstrap_timeout_ms=timeout_ms,
    )
    try:
        yield Asker(admin)
    finally:
        admin.close()


def _asked(right: Right) -> str:
    # Of names that begin so, one stands for all; it need not be there.
    return f"{right.name}any" if right.prefixed else right.name


def _operations(described: dict[str, Any]) -> frozenset[str] | None:
    operations = described.get("authorized_operations")
    return None if operations is None else frozenset(operations)


def _lacks(right: Right, allowed: frozenset[str] | None) -> bool:
    if allowed is None:
        return False
    if not allowed and right.kind == "topic":
        return right.operation in WITH_DESCRIBE
    return NAMES[right.operation] not in allowed

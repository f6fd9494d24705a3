"""Rights as commands of Kafka's own ``kafka-acls.sh``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from newswire.access.rights import Right
from newswire.settings import Settings

__all__ = ["commands_for", "grant"]


def commands_for(user: str, rights: Sequence[Right], bootstrap: str, config: str) -> Iterator[str]:
    """Yield the commands, each on one line, that grant the rights; *config* is the file with an
    administrator's credentials.
    """
    names: dict[tuple[str, bool, str], list[str]] = {}
    for right in rights:
        names.setdefault((right.kind, right.prefixed, right.operation), []).append(right.name)
    # One command grants each of its operations on each of its resources.
    operations: dict[tuple[str, bool, tuple[str, ...]], list[str]] = {}
    for (kind, prefixed, operation), some in names.items():
        operations.setdefault((kind, prefixed, tuple(some)), []).append(operation)
    for (kind, prefixed, resources), allowed in operations.items():
        words = ["kafka-acls.sh", "--bootstrap-server", bootstrap, "--command-config", config]
        words += ["--add", "--allow-principal", f"User:{user}"]
        words += [word for each in allowed for word in ("--operation", each)]
        words += ["--resource-pattern-type", "prefixed"] if prefixed else []
        words += [word for each in resources for word in (f"--{kind}", each)]
        yield shlex.join(words)


def grant(right: Right, settings: Settings) -> str:
    """Return the command that grants one right to the user of the settings."""
    user = settings.kafka_sasl_username or "CN=…"
    (command,) = commands_for(user, [right], settings.kafka_bootstrap, "admin.properties")
    return command

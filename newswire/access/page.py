"""The page on secured clusters, with the table of rights as it is in the code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from newswire.access.rights import PROCESSES, Process, Right, rights_of
from schemas.topics import all_names

__all__ = ["page"]

_PAGE: Final = """\
# Secured Kafka

<!-- Made by `python -m newswire.reference`; do not edit. -->

Every process speaks TLS and SASL, by the same settings, and needs few rights. The tests run the whole pipeline on a
Kafka with SCRAM over TLS and access control, each process as a user who has exactly the rights below, and take each
right away: before a process starts, and while it runs (`tests/integration/test_secured_*.py`).

## Settings

```console
$ export NEWSWIRE_KAFKA_BOOTSTRAP=kafka-1.example:9093,kafka-2.example:9093
$ export NEWSWIRE_KAFKA_SECURITY_PROTOCOL=SASL_SSL
$ export NEWSWIRE_KAFKA_SASL_USERNAME=newswire-normalize
$ export NEWSWIRE_KAFKA_SASL_PASSWORD=…
$ export NEWSWIRE_KAFKA_SSL_CAFILE=/etc/newswire/ca.pem   # where the system does not know the authority
$ newswire doctor
```

The mechanism is SCRAM-SHA-512 unless `kafka_sasl_mechanism` says otherwise. With `SSL` and `kafka_ssl_certfile`
a process is who its certificate says; the rights are then of `User:CN=…`, as the broker maps it. Certificates and
host names are always checked, and no setting turns that off: brokers must be named as their certificates name
them, in `kafka_bootstrap` and in `advertised.listeners`.

## Users and rights

A user for each process, so that one that is taken over can do what that process does and nothing else:

```console
$ kafka-configs.sh --bootstrap-server kafka-1.example:9093 --command-config admin.properties --alter \\
    --entity-type users --entity-name newswire-normalize --add-config 'SCRAM-SHA-512=[password=…]'
$ newswire topics acls normalize                      # prints the commands that grant its rights
$ newswire topics acls | sh                           # of all processes, where kafka-acls.sh is in the path
$ newswire topics acls --strimzi my-cluster | kubectl apply -f -   # users, passwords and rights by Strimzi
$ newswire topics acls dedupe --lane backfill         # normalize, dedupe and enrich belong to one lane
$ newswire topics acls normalize dedupe enrich connect canary topics-create up --user newswire   # one for all
```

What is granted by prefix or wildcard counts, too, and for creating topics so does Create on the cluster. No
process uses transactions, and none needs a right to the cluster: idempotent producers do with Write from Kafka
3.0 on. `newswire up` starts the others under its own user, which needs the rights of all of them.

TABLE

`*` stands for both lanes' topics or groups, where there are two. Write on `news.raw` decides who may bring items
in; [SECURITY.md](../SECURITY.md) says why that should be connectors alone. `news.sources` and `news.source-state`
hold the addresses that feeds are had by, with the secrets in them.

## What is said where something is missing

A process asks the cluster at its start, and ends with one line and exit code 2 where it lacks a right:

```
newswire: Kafka at kafka-1.example:9093 does not allow newswire-normalize Write on topic news.outcomes.v1, and newswire worker normalize needs it; grant it: kafka-acls.sh … --add --allow-principal User:newswire-normalize --operation Write --topic news.outcomes.v1 (all it needs: newswire topics acls normalize)
```

One that runs until it is stopped asks again every `kafka_rights_interval_s` seconds. Where a right was taken away
it says the same line and ends, with exit code 2, within some ten seconds: left to themselves, clients of Kafka try
for ever or stand still. Nothing is lost, since what was not acknowledged comes again. Who starts it again
(`newswire up`, which repeats the line, systemd, Kubernetes) finds it ending with that line until the right is
there. `newswire doctor` tells the same of itself.

| what is wrong | what is said, after less than 15 seconds |
|---|---|
| user or password | `Kafka at HOST:PORT does not let user NAME in: kafka_sasl_username or kafka_sasl_password is wrong` |
| the authority of the certificate | `the certificate of Kafka at HOST:PORT is of an authority we do not know (…): set kafka_ssl_cafile` |
| the broker's name | `the certificate of Kafka at HOST:PORT is for another host (…): name the broker as its certificate does` |
| an old certificate | `the certificate of Kafka at HOST:PORT has expired: have it renewed` |
| the mechanism | `Kafka at HOST:PORT takes no PLAIN: set kafka_sasl_mechanism or kafka_security_protocol` |
| the protocol | `Kafka at HOST:PORT closes the connection: does it speak SSL? Set kafka_security_protocol` |

These are told at the start. A process that runs when a password is changed or a certificate expires keeps its
connections, and tries to have new ones as when a broker is away: it goes on when that is mended, and the alerts
on standing still tell of it until then.

## What was not tried

Strimzi's operator is not run here; its users are made from the same table, and compared with the fields that its
reference gives. Kerberos and OAuth are not supported. With `PLAINTEXT` nothing is asked for, whatever rules the
cluster may have for those it does not know.
"""


def page() -> str:
    """Return the page."""
    return _PAGE.replace("TABLE", "\n".join(_table()))


def _table() -> Iterator[str]:
    yield "| process | command | reads | writes | groups | other |"
    yield "|---|---|---|---|---|---|"
    for process in PROCESSES:
        yield f"| {' | '.join(_cells(process))} |"


def _cells(process: Process) -> Iterator[str]:
    rights = rights_of(process)
    yield f"`{process.name}`"
    yield f"`newswire {process.command}`"
    for operation in ("Read", "Write"):
        of_topics = [right for right in rights if (right.operation, right.kind) == (operation, "topic")]
        yield _named([right for right in of_topics if not right.prefixed])
    groups = [right for right in rights if right.kind == "group"]
    yield "<br>".join(
        f"{each}: {_named([r for r in groups if r.operation == each])}" for each in _operations(groups)
    )
    others = [right for right in rights if right.kind == "topic" and _is_other(right)]
    lines = [
        f"{each}: {_named([right for right in others if right.operation == each])}"
        for each in _operations(others)
    ]
    yield "<br>".join(lines)


def _is_other(right: Right) -> bool:
    return right.prefixed or right.operation not in {"Read", "Write"}


def _operations(rights: Iterable[Right]) -> list[str]:
    return list(dict.fromkeys(right.operation for right in rights))


def _named(rights: list[Right]) -> str:
    """Name topics or groups in short: those of both lanes by one name."""
    found = {right.name: right for right in rights}
    names = []
    for name, right in found.items():
        live = name.replace(".backfill.", ".").removesuffix("-backfill")
        if live != name and live in found:
            continue
        both = name.removesuffix(".v1") + ".backfill.v1" in found or f"{name}-backfill" in found
        short = name.removesuffix(".v1") if right.kind == "topic" else name
        names.append(f"{short}{'…' if right.prefixed else ''}{'*' if both else ''}")
    return "all topics" if found.keys() >= set(all_names()) else ", ".join(names)

"""Checks of the cluster: does it answer, are the topics as declared, does somebody do the work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from connectors.sharing.places import GROUP
from newswire.access.check import asking
from newswire.access.commands import grant
from newswire.access.rights import process_named, rights_of
from newswire.doctor.check import Check, good, unknown, wrong
from newswire.ledger.groups import Flow, Groups, flows, opened
from newswire.ledger.reader import ANSWER_S, MissingTopic, TopicReader
from newswire.settings import Settings
from newswire.settings.clients import kafka_python_options
from newswire.sources.catalogue import is_empty
from newswire.topics import compare_topics, wanted_topics

__all__ = ["check_broker", "check_groups", "check_rights", "check_topics"]


def check_broker(settings: Settings) -> Check:
    """Check that a broker answers, and lets us in."""
    if settings.kafka_security_protocol != "PLAINTEXT":
        from newswire.access.reach import why_refused

        refused = why_refused(settings)
        if refused:
            return wrong("broker", refused, "docs/security-kafka.md")
    timeout_ms = int(min(ANSWER_S, settings.kafka_request_timeout_s) * 1000)
    begun = time.perf_counter()
    try:
        admin: Any = KafkaAdminClient(
            **kafka_python_options(settings), request_timeout_ms=timeout_ms, bootstrap_timeout_ms=timeout_ms
        )
        try:
            brokers = admin.describe_cluster()["brokers"]
        finally:
            admin.close()
    except KafkaError as error:
        first = str(error).partition("\n")[0][:200]
        return wrong(
            "broker",
            f"no answer from Kafka at {settings.kafka_bootstrap}: {first}",
            "newswire kafka start, or set NEWSWIRE_KAFKA_BOOTSTRAP",
        )
    took_ms = (time.perf_counter() - begun) * 1000
    some = f"{len(brokers)} broker{'s' if len(brokers) != 1 else ''}"
    return good("broker", f"{settings.kafka_bootstrap} answers in {took_ms:.0f} ms: {some}")


def check_rights(settings: Settings) -> Check:
    """Check that we have the rights for what is checked next."""
    process = process_named("doctor")
    rights = rights_of(process)
    with asking(settings) as asker:
        lacking = asker.lacking(rights)
    if not lacking:
        return good(
            "rights", f"{settings.kafka_sasl_username or 'our certificate'} has all {len(rights)} of doctor's"
        )
    more = f" (nor {len(lacking) - 1} more)" if len(lacking) > 1 else ""
    return wrong("rights", f"no {lacking[0]}{more}", grant(lacking[0], settings))


def check_topics(settings: Settings) -> Check:
    """Check that the topics are there and as declared."""
    differences = compare_topics(settings)
    if not differences:
        return good("topics", f"{len(wanted_topics(settings))} are as declared")
    missing = [each for each in differences if each.what == "topic"]
    first = (missing or differences)[0]
    more = f" and {len(differences) - 1} more differences" if len(differences) > 1 else ""
    advice = "newswire topics create" if missing else "newswire topics check, newswire topics create --alter"
    return wrong("topics", f"{first}{more}", advice)


def check_groups(settings: Settings) -> Iterator[Check]:
    """Check that each stage with something to do has a worker.  A lane that nothing is in says nothing."""
    with opened(settings) as (reader, groups):
        every = flows()
        members = groups.members(flow.group for flow in every)
        for flow in every:
            try:
                yield from _check_flow(flow, groups, members[flow.group])
            except MissingTopic as error:
                yield unknown(flow.group, f"not checked: {error}")
        yield _check_sources(reader, groups)


def _check_sources(reader: TopicReader, groups: Groups) -> Check:
    """Check that somebody reads the sources, where there are any."""
    try:
        nothing = is_empty(reader)
    except MissingTopic as error:
        return unknown(GROUP, f"not checked: {error}")
    members = groups.members([GROUP])[GROUP]
    if members:
        return good(GROUP, f"{members} worker{'s' if members != 1 else ''}")
    if nothing:
        return unknown(GROUP, "no worker, and no source was ever defined")
    return wrong(GROUP, "sources are defined, and no worker reads them", "newswire connect")


def _check_flow(flow: Flow, groups: Groups, members: int) -> Iterator[Check]:
    lag = groups.lag(flow)
    if flow.lane == "backfill" and not members and not lag:
        return
    if not members:
        if lag:
            lane = "" if flow.lane == "live" else f" --lane {flow.lane}"
            yield wrong(
                flow.group, f"no worker, and {lag:,} records before it", f"newswire worker {flow.stage}{lane}"
            )
        else:
            yield unknown(flow.group, "no worker, and nothing to do")
        return
    yield good(flow.group, f"{members} worker{'s' if members != 1 else ''}, {lag:,} records before it")

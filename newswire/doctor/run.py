"""All checks in their order; what rests on something that does not hold is not checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from kafka.errors import KafkaError

from newswire.doctor.check import Check, unknown, wrong
from newswire.doctor.clock import check_clock
from newswire.doctor.cluster import check_broker, check_groups, check_rights, check_topics
from newswire.doctor.local import check_contact, check_schemas, check_settings, load_and_read
from newswire.settings import ConfigError

__all__ = ["diagnose"]

_NEED_A_BROKER = ("topics", "clock", "groups")


def diagnose(environ: Mapping[str, str] | None = None) -> Iterator[Check]:
    """Yield the result of each check as soon as it is there.  *environ* stands in for the environment."""
    settings_check, settings = check_settings(environ)
    yield settings_check
    yield check_schemas()
    if settings is None:
        for name in ("contact", "model", "broker", *_NEED_A_BROKER):
            yield unknown(name, "not checked: the settings are wrong")
        return
    yield check_contact(settings)
    yield load_and_read(settings)
    broker = check_broker(settings)
    yield broker
    if not broker.ok:
        for name in _NEED_A_BROKER:
            yield unknown(name, "not checked: no broker answers")
        return
    if settings.kafka_security_protocol != "PLAINTEXT":
        yield from _told("rights", lambda: [check_rights(settings)])
    yield from _told("topics", lambda: [check_topics(settings)])
    yield check_clock(settings)
    yield from _told("groups", lambda: check_groups(settings))


def _told(name: str, checks: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """Yield the results of checks; what the cluster or a setting forbids them is a result, too."""
    try:
        yield from checks()
    except (KafkaError, ConfigError) as error:
        first = str(error).partition("\n")[0][:200]
        yield wrong(
            name, f"{type(error).__name__}: {first}", "see the settings, and what the cluster allows us"
        )

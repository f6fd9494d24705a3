"""What a pipeline's workers have done, added up from their metrics."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from newswire.supervisor.child import Child

__all__ = ["Figures", "Reader"]

OUTCOMES: Final = "newswire_outcomes_total"
IN_FLIGHT: Final = "newswire_in_flight_events"
LAG: Final = "kafka_consumergroup_lag"


class Figures(msgspec.Struct):
    """Since the pipeline was started."""

    outcomes: Counter[str] = msgspec.field(default_factory=Counter)
    """Items that ended in a stage, by how."""
    in_flight: int = 0
    lag: int = 0
    """Records that wait in the stages' input topics."""


class Reader:
    """Reads the figures of children, whose counters begin anew with each start."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], Counter[str]] = {}

    def read(self, children: list[Child]) -> Figures:
        """Return the sum over all; of a child that does not answer, what it said last counts."""
        figures = Figures()
        for child in children:
            text = child.metrics()
            if text is not None:
                self._seen[child.name, child.starts] = _take(text, figures)
        for outcomes in self._seen.values():
            figures.outcomes.update(outcomes)
        return figures


def _take(text: str, figures: Figures) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            value = _whole(sample.value)
            if sample.name == OUTCOMES:
                outcomes[sample.labels["outcome"]] += value
            elif sample.name == IN_FLIGHT:
                figures.in_flight += value
            elif sample.name == LAG:
                figures.lag += value
    return outcomes


def _whole(value: Any) -> int:
    return int(value)

"""One pipeline for the tests of a file: starting workers takes longer than most of what they are sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newswire.broker import DevBroker
from tests.support.brokers import empty, settings_for
from tests.support.pipeline import Pipeline
from tests.support.processes import workers_in


@pytest.fixture(scope="module")
def shared_pipeline(kafka: DevBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """Workers of all stages with the fake model over empty topics, for all tests of the file in turn."""
    if not kafka.running:
        kafka.start()
    empty(kafka)
    directory = tmp_path_factory.mktemp("pipeline")
    # How long a page may take is shown elsewhere, in CPU time; here a busy machine must not decide an outcome, nor
    # whose a partition is.
    settings = settings_for(
        kafka,
        data_dir=directory / "run",
        enrich_model="fake",
        normalize_timeout_s=120,
        kafka_session_timeout_s=30,
    )
    with workers_in(directory) as workers:
        pipeline = Pipeline(kafka, workers, settings)
        pipeline.start()
        yield pipeline

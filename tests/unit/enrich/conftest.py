from __future__ import annotations

import pytest

from streams.enrich.english import EnglishModel
from streams.enrich.enricher import Enricher


@pytest.fixture(scope="session")
def model() -> EnglishModel:
    return EnglishModel.load()


@pytest.fixture(scope="session")
def enricher(model: EnglishModel) -> Enricher:
    return Enricher(model)

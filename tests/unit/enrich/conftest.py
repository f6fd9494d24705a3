from __future__ import annotations

import pytest

from streams.enrich.enricher import Enricher
from streams.enrich.spacy_model import SpacyModel


@pytest.fixture(scope="session")
def model() -> SpacyModel:
    return SpacyModel.load("en_core_web_sm")


@pytest.fixture(scope="session")
def enricher(model: SpacyModel) -> Enricher:
    return Enricher(model)

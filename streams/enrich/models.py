"""Models by name: "english", "fake", a folder of weights, or ``package.module:factory``."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

from streams.enrich.drafts import Model
from streams.tagger.files import holds_network

__all__ = ["ENGLISH", "FAKE", "KNOWN", "ModelMissingError", "load_model"]

ENGLISH: Final = "english"
"""The model with the trained network."""
FAKE: Final = "fake"
"""One without, for tests of what is around it."""
KNOWN: Final = (
    f"there are {ENGLISH}, {FAKE}, folders with a trained network, and functions that make a model "
    "(package.module:factory)"
)


class ModelMissingError(RuntimeError):
    """A model cannot be had under the name it was asked for; the message says what to do."""


def load_model(name: str) -> Model:
    """Load the model called *name*: ``english``, ``fake``, the folder of a trained network, or a function that makes
    a model (``package.module:factory``).

    Raises:
        ModelMissingError: there is none under that name, or what is there is no model.

    """
    if name == FAKE:
        from streams.enrich.fake import FakeModel

        return FakeModel()
    if name == ENGLISH:
        from streams.enrich.english import EnglishModel

        return EnglishModel.load()
    if ":" in name:
        return _made_by(name)
    if holds_network(Path(name)):
        from streams.enrich.english import EnglishModel

        return EnglishModel.load(Path(name))
    raise ModelMissingError(f"enrich_model is {name!r}, which is no model: {KNOWN}")


def _made_by(name: str) -> Model:
    module, _, factory = name.partition(":")
    try:
        make = getattr(importlib.import_module(module), factory)
    except (ImportError, AttributeError, ValueError) as error:
        raise ModelMissingError(f"enrich_model {name!r}: {error}") from error
    model = make()
    if not isinstance(model, Model):
        raise ModelMissingError(f"enrich_model {name!r} makes no model but {type(model).__name__}")
    return model

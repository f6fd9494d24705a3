from __future__ import annotations

from typing import Annotated, Literal

import pytest

from connectors.framework.errors import ConfigError
from connectors.framework.spec import Options, Spec, option


class ProbeOptions(Options, kw_only=True, frozen=True):
    """Options of a made-up connector."""

    address: Annotated[str, option("where it is", "https://example.org/")]
    pause_s: Annotated[float, option("seconds between two looks", ge=0, le=60)] = 5.0
    mode: Annotated[Literal["quick", "thorough"], option("how it looks", advanced=True)] = "quick"
    tags: Annotated[list[str], option("labels")] = []
    limit: Annotated[int | None, option("how many at most")] = None


SPEC = Spec(name="probe", kind="other", summary="Looks.", description="Looks.", options=ProbeOptions)


def test_defaults_are_filled_in():
    assert SPEC.validate({"address": "a"}) == ProbeOptions(address="a", pause_s=5.0, mode="quick")


def test_what_an_option_is_comes_from_its_declaration():
    address, pause, mode, tags, limit = SPEC.fields()
    assert (address.name, address.type, address.required) == ("address", "text", True)
    assert address.examples == ["https://example.org/"]
    assert (pause.type, pause.default, pause.advanced) == ("number", 5.0, False)
    assert (mode.type, mode.default, mode.advanced) == ("quick or thorough", "quick", True)
    assert (tags.type, tags.default, tags.required) == ("list of text", [], False)
    assert (limit.type, limit.default) == ("whole number", None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ["probe needs the option address", "where it is"]),
        ({"address": "a", "adress": "b"}, ["no option adress", "did you mean address?"]),
        ({"address": "a", "zzz": 1}, ["no option zzz", "address, pause_s, mode, tags, limit"]),
        ({"address": 5}, ["option address must be text", "expected `str`, got `int`"]),
        ({"address": "a", "pause_s": 61}, ["option pause_s must be number", "<= 60"]),
        ({"address": "a", "mode": "slow"}, ["option mode must be quick or thorough", "'slow'"]),
        ({"address": "a", "tags": [1]}, ["option tags must be list of text"]),
    ],
)
def test_wrong_options_are_named(given, words):
    with pytest.raises(ConfigError) as raised:
        SPEC.validate(given)
    for word in words:
        assert word in raised.value.message
    assert "\n" not in raised.value.message


def test_the_json_schema_closes_the_options():
    schema = SPEC.json_schema()
    definition = schema["$defs"]["ProbeOptions"]
    assert definition["additionalProperties"] is False
    assert definition["required"] == ["address"]
    assert definition["properties"]["mode"]["enum"] == ["quick", "thorough"]

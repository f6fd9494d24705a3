"""The words that attribute, by class, and what each class commits its speaker to.

The classes and their values are those of the contract; the verbs are the commonest of English news.
"""

from __future__ import annotations

from typing import Final

import msgspec

from schemas.vocabulary import Certainty, CueClass, Force, Polarity, Stance

__all__ = ["CLASSES", "CUES", "ClassValues", "Cue"]

_VERBS: Final[dict[CueClass, str]] = {
    "state": "say tell state add explain reply respond answer comment remark mention continue conclude recall "
    "stress emphasise emphasize argue write tweet post quip joke recount testify agree",
    "announce": "announce declare rule proclaim",
    "report": "report show find",
    "assert": "claim insist maintain contend assert",
    "allege": "allege accuse",
    "confirm": "confirm",
    "disclose": "reveal note disclose observe",
    "admit": "admit acknowledge concede confess",
    "deny": "deny reject dispute",
    "believe": "believe think suspect hope fear feel",
    "estimate": "estimate",
    "predict": "predict expect forecast anticipate",
    "suggest": "suggest hint imply indicate",
    "warn": "warn caution",
    "promise": "promise vow threaten pledge",
    "demand": "demand urge order",
    "ask": "ask wonder",
    "judge": "call criticise criticize describe dub condemn praise",
}

_IRREGULAR: Final[dict[str, str]] = {
    "say": "says said saying",
    "tell": "tells told telling",
    "write": "writes wrote written writing",
    "show": "shows showed shown showing",
    "find": "finds found finding",
    "think": "thinks thought thinking",
    "feel": "feels felt feeling",
    "forecast": "forecasts forecast forecasted forecasting",
    "admit": "admits admitted admitting",
    "quip": "quips quipped quipping",
    "dub": "dubs dubbed dubbing",
}
_VOWELS: Final = "aeiou"


class Cue(msgspec.Struct, frozen=True):
    """A verb that attributes."""

    lemma: str
    cue_class: CueClass


class ClassValues(msgspec.Struct, frozen=True):
    """What a cue class says of the claims under it; unmarked is a plain statement."""

    certainty: Certainty = "certain"
    polarity: Polarity = "affirmed"
    stance: Stance = "neutral"
    force: Force = "assertion"


CLASSES: Final[dict[CueClass, ClassValues]] = {
    "assert": ClassValues(stance="distancing"),
    "allege": ClassValues(stance="distancing"),
    "hearsay": ClassValues(stance="distancing"),
    "confirm": ClassValues(stance="endorsing"),
    "disclose": ClassValues(stance="endorsing"),
    "admit": ClassValues(stance="endorsing"),
    "deny": ClassValues(polarity="denied"),
    "believe": ClassValues(certainty="probable"),
    "estimate": ClassValues(certainty="probable"),
    "predict": ClassValues(certainty="probable"),
    "suggest": ClassValues(certainty="possible"),
    "warn": ClassValues(certainty="possible"),
    "promise": ClassValues(certainty="n/a", force="commissive"),
    "demand": ClassValues(certainty="n/a", force="directive"),
    "ask": ClassValues(certainty="uncommitted", force="question"),
    "judge": ClassValues(force="evaluation"),
}
"""The classes that are marked; all others have the defaults of `ClassValues`."""


def _forms(verb: str) -> list[str]:
    if verb in _IRREGULAR:
        return [verb, *_IRREGULAR[verb].split()]
    if verb.endswith("e"):
        return [verb, verb + "s", verb + "d", verb[:-1] + "ing"]
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return [verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"]
    third = verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z")) else "s")
    return [verb, third, verb + "ed", verb + "ing"]


CUES: Final[dict[str, Cue]] = {
    form: Cue(verb, name) for name, verbs in _VERBS.items() for verb in verbs.split() for form in _forms(verb)
}
"""Every inflected form, in lower case."""

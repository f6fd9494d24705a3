"""Fit what confidence weighs to texts that were kept apart for it, and write ``streams/enrich/tables/confidence.tsv``.

    python -m bench.calibration

Confidence is the probability that a claim's content is right, times the one that its originator then is: each a
logistic regression with a table of its own.  They are fitted to the texts of ``seeds/standoff/calibration.jsonl``,
which were drawn at random, and those of ``calibration-dense.jsonl``, drawn for what is nested in them; nothing is
trained on either.  Who is meant is told by rules, so the originator is fitted to the training texts, too, where wrong
names are seen more often.  All but the random texts have a constant of their own: how often claims are right is that
of ordinary news.

Printed, beside the table, is what holds for texts that it was not fitted to: each tenth of the random ones judged by
a table fitted to all others.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.evaluation.claim_tables import Scored
from bench.evaluation.extraction import extract, judged
from bench.evaluation.found import found_in
from bench.evaluation.samples import ROOT, Sample, shared_data
from bench.evaluation.standoff_samples import CALIBRATION, DENSE_CALIBRATION, STANDOFF, standoff_samples
from bench.scoring.figures import calibration_error, calibration_noise
from newswire.settings import Settings
from streams.enrich.confidence import PARTS, Features, features_of, probability_of
from streams.enrich.dateline import without_dateline
from streams.enrich.drafts import ClaimDraft, Model
from streams.enrich.enricher import Enricher
from streams.enrich.layout import model_text
from streams.enrich.models import load_model
from streams.enrich.sources import ResolvedSource, Resolver

__all__ = ["Judged", "fitted", "main"]

TABLE: Final = ROOT / "streams" / "enrich" / "tables" / "confidence.tsv"
RIDGE: Final = 2.0
"""Penalty on the square of each weight but the constants."""
STEPS: Final = 50
FOLDS: Final = 10
SEED: Final = 20261203
THRESHOLDS: Final = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)

TRAINING_WEIGHT: Final = 0.5
"""Of a claim that the network has learnt from: it is surer of it than of others."""

Group = Literal["random", "dense", "training"]
GROUPS: Final[tuple[Group, ...]] = ("random", "dense", "training")
APART: Final = GROUPS[1:]
"""Those that have a constant of their own."""
Weights = dict[str, dict[str, float]]
"""By part and feature."""


class Judged(NamedTuple):
    """A claim that was extracted from a labelled text."""

    text: str
    """The text's name."""
    group: Group
    """How the text was drawn."""
    features: Features
    content: bool
    """Its content is right."""
    right: bool
    """Its originator is, too."""
    wrong_person: bool | None
    """It names a person who is not the originator; null where it names none."""


def main() -> int:
    """Fit and write the table; print what it holds."""
    model = load_model(Settings.model_fields["enrich_model"].default)
    data = shared_data()
    claims = [*_judged(model, standoff_samples(data, CALIBRATION), "random")]
    others = [
        *_judged(model, standoff_samples(data, DENSE_CALIBRATION), "dense"),
        *_judged(model, standoff_samples(data, STANDOFF / "training.jsonl"), "training"),
    ]
    weights = fitted([*claims, *others])
    rows = [f"{part}\t{name}\t{weight:.3f}" for part in PARTS for name, weight in weights[part].items()]
    TABLE.write_text("\n".join(["part\tfeature\tweight", *rows]) + "\n", "utf-8")
    print(TABLE.read_text("utf-8"))
    for group in GROUPS:
        right = [claim.right for claim in (*claims, *others) if claim.group == group]
        print(f"{len(right)} claims of {group} texts, {sum(right)} right")
    _print_held_out(claims, others)
    return 0


def fitted(claims: Sequence[Judged]) -> Weights:
    """Fit both parts, the originator on the claims whose content is right."""
    unseen = [claim for claim in claims if claim.group != "training"]
    found = [claim for claim in claims if claim.content]
    return {
        "content": _regression(
            [claim.features["content"] for claim in unseen],
            [claim.content for claim in unseen],
            [claim.group for claim in unseen],
        ),
        "originator": _regression(
            [claim.features["originator"] for claim in found],
            [claim.right for claim in found],
            [claim.group for claim in found],
        ),
    }


def _regression(
    features: Sequence[Mapping[str, float]], held: Sequence[bool], groups: Sequence[Group]
) -> dict[str, float]:
    """Fit a logistic regression by Newton's method, with one more constant for each group but the random texts."""
    names = list(features[0])
    given = np.array(
        [
            [one[name] for name in names] + [float(group == other) for other in APART]
            for one, group in zip(features, groups, strict=True)
        ]
    )
    right = np.array(held, float)
    share = np.array([TRAINING_WEIGHT if group == "training" else 1.0 for group in groups])
    penalty = np.diag([0.0 if name == "always" else RIDGE for name in names] + [0.0] * len(APART))
    found: NDArray[np.float64] = np.zeros(given.shape[1])
    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-given @ found))
        slope = given.T @ (share * (right - expected)) - penalty @ found
        curve = (given * (share * expected * (1 - expected))[:, None]).T @ given + penalty
        found = found + np.linalg.solve(curve + 1e-6 * np.eye(len(found)), slope)
    return dict(zip(names, found.tolist(), strict=False))


def _print_held_out(claims: Sequence[Judged], others: Sequence[Judged]) -> None:
    texts = sorted({claim.text for claim in claims})
    random.Random(SEED).shuffle(texts)
    sure: list[tuple[float, Judged]] = []
    for fold in range(FOLDS):
        out = set(texts[fold::FOLDS])
        weights = fitted([*(claim for claim in claims if claim.text not in out), *others])
        sure += [(probability_of(claim.features, weights), claim) for claim in claims if claim.text in out]
    pairs = [(confidence, claim.right) for confidence, claim in sure]
    error = calibration_error(pairs)
    noise = calibration_noise([confidence for confidence, _ in pairs])
    print(f"\nTexts that the table was not fitted to: expected calibration error {error:.3f}, of which")
    print(f"{noise:.3f} is what so few claims would have if confidence were perfect.")
    print("\nconfidence from\tclaims left\tright\twrong persons of persons named")
    for level in THRESHOLDS:
        left = [claim for confidence, claim in sure if confidence >= level]
        persons = [claim.wrong_person for claim in left if claim.wrong_person is not None]
        share = sum(claim.right for claim in left) / max(1, len(left))
        print(f"{level}\t{len(left) / len(sure):.2f}\t{share:.2f}\t{sum(persons)} of {len(persons)}")


def _judged(model: Model, samples: Sequence[Sample], group: Group) -> Iterator[Judged]:
    """Judge what is extracted as the evaluation does."""
    enricher = Enricher(model)
    for sample, extracted in zip(samples, extract(enricher, samples), strict=True):
        drafts = _drafts(model, sample)
        scored = Scored(sample.text, sample.claims or [], extracted.claims)
        found = {id(one.guess): one for one in found_in(scored)}
        for guess in scored.guess:
            draft, sources = drafts[_place(guess.content, guess.cue, guess.source)]
            known = guess.values["cue_class"] != "other"
            features = features_of(draft, sources, nested=guess.nested, known_cue=known)
            if features is None:
                continue
            one = found.get(id(guess))
            right = one is not None and one.originator_right
            wrong = not one.right if one is not None and one.names_person else None
            yield Judged(sample.name, group, features, one is not None, right, wrong)


def _drafts(model: Model, sample: Sample) -> dict[object, tuple[ClaimDraft, list[ResolvedSource]]]:
    """Return what is drafted in a text and who it is attributed to, by where it stands."""
    text = model_text(sample.text)
    (reading,) = model.read([without_dateline(text, judged(sample).article.dateline)])
    resolved = Resolver(text, reading.entities, reading.claims).resolve_all()
    return {
        _place(draft.content, draft.link.cues, sorted(at for source in sources for at in source.spans)): (
            draft,
            sources,
        )
        for draft, sources in zip(reading.claims, resolved, strict=True)
    }


def _place(*parts: Iterable[tuple[int, int]]) -> object:
    return tuple(tuple(tuple(at) for at in part) for part in parts)


if __name__ == "__main__":
    sys.exit(main())

"""What a claim commits its source to: the row of its cue in the table, and what the sentence makes of it.

Works on the text and offsets, without tags or a parse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, cast

import msgspec

from schemas.vocabulary import Certainty, CueClass, Force, Polarity, Stance
from streams.enrich.cue_use import CueUse, cue_use
from streams.enrich.cues import CLASSES, ClassValues
from streams.enrich.drafts import Range
from streams.enrich.hedging import SENTENCE_ENDS, find_hedges
from streams.enrich.markers import Marker, find_markers
from streams.enrich.tense import tense_of

__all__ = ["Attributes", "attributes_of"]

MAX_ADVERB: Final = 60
"""Code points behind a cue in which "without evidence" is still the cue's."""
_RANK: Final[dict[str, int]] = {"certain": 0, "probable": 1, "possible": 2, "uncommitted": 3}
_CLAIMED: Final = re.compile(
    r"\b(?:claims?|allegations?|accusations?|charges?|suggestions?|reports?|rumou?rs?|notions?|ideas?"
    r"|assertions?|speculation|theory|theories)\b",
    re.IGNORECASE,
)
"""What is said to be true, so that who rejects it denies it: "rejected claims that …"."""
_ACT: Final[frozenset[CueClass]] = frozenset(("state", "announce", "report", "none", "other"))
"""Classes under which an infinitive is something to be done: "decided to go"."""
MAX_CLAIMED: Final = 80
"""Code points from a cue in which "claims" may say what is rejected."""
_NOT_HEDGED: Final[frozenset[CueClass]] = frozenset(("deny", "decline", "ask"))


class Attributes(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a claim beside its spans; the values are the contract's."""

    cue_lemma: str | None
    cue_class: CueClass
    in_table: bool
    """The table has a row for the cue; without a cue true, there is nothing to look up."""
    certainty: Certainty
    polarity: Polarity
    stance: Stance
    force: Force
    hedges: list[Range]
    """The words that lower certainty, in text order."""
    tense: str | None
    """past, present or future of the content."""
    conditional: bool
    """The content holds only under a condition that it states."""


def attributes_of(
    text: str,
    content: Sequence[Range],
    cues: Sequence[Range] = (),
    sources: Sequence[Range] = (),
    *,
    quoted: bool = False,
    negated: bool = False,
) -> Attributes:
    """Tell what a claim commits its source to.

    *quoted* says that all of the content stands in quotation marks; *negated* that whoever found the claim saw the
    cue denied, beside what the words around it show.  Ranges are code points of *text*; *content* may be empty
    ("declined to comment").
    """
    use = cue_use(text, content, cues, sources, quoted=quoted, negated=negated)
    values = _values(text, content, use, quoted=quoted)
    open_to_hedges = (
        values.certainty in _RANK and values.force == "assertion" and use.cue_class not in _NOT_HEDGED
    )
    hedges = find_hedges(text, content) if open_to_hedges else []
    certainty = values.certainty
    for hedge in hedges:
        certainty = max(certainty, cast("Certainty", hedge.value), key=_RANK.__getitem__)
    lowering = [hedge.at for hedge in hedges]
    if _RANK.get(values.certainty, 0) > 0:
        lowering += cues
    return Attributes(
        cue_lemma=use.lemma,
        cue_class=use.cue_class,
        in_table=use.row is not None or not use.words,
        certainty=certainty,
        polarity=values.polarity,
        stance=_stance(text, content, cues, use) or values.stance,
        force=values.force,
        hedges=sorted(lowering),
        tense=_tense(text, content),
        conditional=any(find_markers(text, part, "condition") for part in content),
    )


def _values(text: str, content: Sequence[Range], use: CueUse, *, quoted: bool) -> ClassValues:
    values = use.row.values if use.row else CLASSES[use.cue_class]
    words = text[content[0].start : content[-1].end].strip("\"'“”‘’ \n") if content else ""
    utterance = quoted and words[:1].isupper()
    if use.cue_class == "deny" and values.force == "evaluation":
        around = text[use.at.start : content[0].end][:MAX_CLAIMED] if content else ""
        if utterance or _CLAIMED.search(around):
            values = msgspec.structs.replace(values, certainty="certain", force="assertion")
    if use.negated:
        values = msgspec.structs.replace(
            values,
            certainty=values.negated_certainty,
            polarity=values.negated_polarity,
            stance="neutral",
        )
    elif utterance and values.polarity == "denied":
        values = msgspec.structs.replace(values, polarity="affirmed")
    return _by_form(text, content, use, values, words, quoted=quoted)


def _by_form(
    text: str, content: Sequence[Range], use: CueUse, values: ClassValues, words: str, *, quoted: bool
) -> ClassValues:
    """Change what the content's own form changes: a question, an order, something to be done."""
    if values.force != "assertion" or use.cue_class == "decline":
        return msgspec.structs.replace(values, certainty="n/a") if not content else values
    if not content:
        return values
    if use.question == "whether" or (use.question == "how" and use.unsaid):
        return msgspec.structs.replace(values, certainty="uncommitted")
    if (
        use.infinitive
        and use.cue_class in _ACT
        and not use.passive
        and (use.row is None or use.row.when != "to")
    ):
        return msgspec.structs.replace(values, certainty="n/a", force="commissive")
    if quoted and words.endswith("?"):
        return msgspec.structs.replace(values, certainty="uncommitted", force="question")
    if quoted and any(order.at.start <= content[0].start + 1 for order in _orders(text, content[0])):
        return msgspec.structs.replace(values, certainty="n/a", force="directive")
    return values


def _orders(text: str, part: Range) -> list[Marker]:
    return [
        order
        for order in find_markers(text, part, "imperative")
        if text[order.at.start].isupper() and text[order.at.end : order.at.end + 1] != ","
    ]


def _stance(text: str, content: Sequence[Range], cues: Sequence[Range], use: CueUse) -> Stance | None:
    """Return what an adverb of the attribution says of the publication: "falsely claimed"."""
    if not cues:
        return None
    behind = min([cues[-1].end + MAX_ADVERB, *(part.start for part in content if part.start >= cues[-1].end)])
    stop = SENTENCE_ENDS.search(text, cues[-1].end, behind)
    within = Range(use.at.start, stop.start() if stop else min(behind, len(text)))
    found = find_markers(text, within, "stance")
    return cast("Stance", found[0].value) if found else None


def _tense(text: str, content: Sequence[Range]) -> str | None:
    return next((tense for part in content if (tense := tense_of(text, part))), None)

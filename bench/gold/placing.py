"""From exact pieces of text to offsets: each piece is placed without doubt, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise, product
from typing import Final, NamedTuple

import msgspec

from bench.gold.labels import ClaimLabel, EntityLabel, Labels, Problem

__all__ = ["Placed", "PlacedClaim", "PlacedEntity", "Span", "occurrences", "place"]

_QUOTES: Final = str.maketrans("“”„«»‘’", '"""""\'\'')
_MOST_WAYS: Final = 10_000


class Span(NamedTuple):
    """A piece of the article: code points from the file's first, end exclusive."""

    start: int
    end: int


class PlacedClaim(msgspec.Struct, frozen=True):
    """A claim with its parts as offsets; the words of the label stay beside them."""

    label: ClaimLabel
    content: tuple[Span, ...]
    cue: tuple[Span, ...]
    source: tuple[Span, ...]


class PlacedEntity(msgspec.Struct, frozen=True):
    """An entity with every place that names it, in text order."""

    label: EntityLabel
    mentions: tuple[Span, ...]


class Placed(msgspec.Struct, frozen=True):
    """One reader's labels of one article, placed in its text."""

    article: str
    text: str
    claims: tuple[PlacedClaim, ...]
    entities: tuple[PlacedEntity, ...]


class RefusedError(ValueError):
    """A piece has no place, or more than one."""


def place(labels: Labels, text: str, file: str) -> tuple[Placed, list[Problem]]:
    """Place all pieces of *labels* in *text*; what has no certain place is left out and told."""
    problems: list[Problem] = []
    claims: list[PlacedClaim] = []
    for claim in labels.claims:
        try:
            claims.append(_claim(claim, text))
        except RefusedError as error:
            problems.append(Problem(file, claim.id, str(error)))
    entities, wrong = _entities(labels.entities, text, file)
    return Placed(labels.article, text, tuple(claims), entities), problems + wrong


def occurrences(text: str, piece: str) -> list[Span]:
    """Find a piece as whole words; any run of white space stands for any other (a wrapped line, a fold)."""
    body = r"\s+".join(re.escape(word) for word in piece.split())
    before = r"(?<!\w)" if re.match(r"\w", piece) else ""
    after = r"(?!\w)" if re.search(r"\w$", piece) else ""
    return [Span(*match.span()) for match in re.finditer(f"{before}{body}{after}", text)]


def _claim(claim: ClaimLabel, text: str) -> PlacedClaim:
    nears = [claim.near] if isinstance(claim.near, str) else claim.near or []
    regions = [_only(text, near, "near") for near in nears]
    content = _part(text, "content", claim.content or (), regions, ())
    # Neither cue nor source is part of the content: where they occur in it is no place for them.
    cue = _part(text, "cue", claim.cue or (), regions, content)
    source = _part(text, "source", claim.source or (), regions, content)
    if not content and not cue:
        raise RefusedError("neither content nor cue")
    return PlacedClaim(claim, content, cue, source)


def _only(text: str, piece: str, part: str) -> Span:
    found = occurrences(text, piece)
    if len(found) != 1:
        raise RefusedError(f"{part} {_shown(piece)} {_times(text, piece, found)}")
    return found[0]


def _part(
    text: str, part: str, pieces: Sequence[str], regions: Sequence[Span], taken: Sequence[Span]
) -> tuple[Span, ...]:
    """Place one part's pieces, in order and apart from each other and from what is *taken*."""
    choices: list[list[Span]] = []
    for piece in pieces:
        if piece != piece.strip():
            raise RefusedError(f"{part} {_shown(piece)} begins or ends with a space")
        everywhere = occurrences(text, piece)
        free = [span for span in everywhere if not _overlaps(span, taken)]
        near = [span for span in free if any(r.start <= span.start and span.end <= r.end for r in regions)]
        if not free:
            inside = ", only inside the content" if everywhere else ""
            raise RefusedError(f"{part} {_shown(piece)} {_times(text, piece, everywhere)}{inside}")
        choices.append(free if len(free) == 1 else near or free)
    ways = 1
    for choice in choices:
        ways *= len(choice)
    if ways > _MOST_WAYS:
        raise RefusedError(f"{part} could be placed in {ways} ways: say near what")
    fitting = [way for way in product(*choices) if all(a.end <= b.start for a, b in pairwise(way))]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise RefusedError(f"{part}: its pieces do not follow each other in the text")
    doubtful = [
        piece for piece, spans in zip(pieces, zip(*fitting, strict=True), strict=True) if len(set(spans)) > 1
    ]
    where = "near does not tell which" if regions else "say near what"
    raise RefusedError(f"{part} {_shown(doubtful[0])} could stand in {len(fitting)} places: {where}")


def _entities(
    labels: Iterable[EntityLabel], text: str, file: str
) -> tuple[tuple[PlacedEntity, ...], list[Problem]]:
    """Place surface forms wherever they stand as whole words, longest first, none inside another."""
    labels = list(labels)
    problems: list[Problem] = []
    owners: dict[str, int] = {}
    for number, entity in enumerate(labels):
        for form in dict.fromkeys(" ".join(form.split()) for form in entity.mentions):
            if owners.setdefault(form, number) != number:
                other = labels[owners[form]].name
                problems.append(Problem(file, entity.name, f"mention {_shown(form)} is also one of {other}"))
    places: list[list[Span]] = [[] for _ in labels]
    taken: list[Span] = []
    for form in sorted(owners, key=len, reverse=True):
        name, everywhere = labels[owners[form]].name, occurrences(text, form)
        free = [span for span in everywhere if not _overlaps(span, taken)]
        if not everywhere:
            problems.append(Problem(file, name, f"mention {_shown(form)} {_times(text, form, everywhere)}"))
        elif not free:
            reason = f"mention {_shown(form)} occurs only inside longer mentions"
            problems.append(Problem(file, name, reason, warning=True))
        taken += free
        places[owners[form]] += free
    placed = [PlacedEntity(e, tuple(sorted(p))) for e, p in zip(labels, places, strict=True) if p]
    return tuple(placed), problems


def _overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def _shown(piece: str) -> str:
    one_line = " ".join(piece.split())
    return f"«{one_line}»" if len(one_line) <= 60 else f"«{one_line[:57]}…»"


def _times(text: str, piece: str, found: Sequence[Span]) -> str:
    if found:
        return f"occurs {len(found)} times" if len(found) > 1 else "occurs once"
    plain = occurrences(text.translate(_QUOTES).casefold(), piece.translate(_QUOTES).casefold())
    if len(plain) == 1 and len(text.casefold()) == len(text):
        return f"occurs nowhere; the text has «{' '.join(text[slice(*plain[0])].split())}»"
    return "occurs nowhere"

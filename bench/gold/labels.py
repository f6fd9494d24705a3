"""What a reader wrote about one article, read strictly: section 7 of the guideline as types."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec
import yaml

from schemas.vocabulary import CLOSED_LISTS

__all__ = ["ATTRIBUTES", "CitedLabel", "ClaimLabel", "EntityLabel", "Labels", "Problem", "read_labels"]

ATTRIBUTES: Final = {
    "kind": "ClaimKind",
    "source_type": "SourceType",
    "cue_class": "CueClass",
    "certainty": "Certainty",
    "polarity": "Polarity",
    "stance": "Stance",
    "force": "Force",
}
"""A claim's attributes and the closed lists that their values are from."""

_Piece = Annotated[str, msgspec.Meta(min_length=1)]
_S = TypeVar("_S", bound=msgspec.Struct)


class Problem(msgspec.Struct, frozen=True):
    """Something that a reader should look at: an error unless it is a *warning*."""

    file: str
    at: str
    """The claim's id or the entity's name; empty where it is the file as a whole."""
    reason: str
    warning: bool = False

    def __str__(self) -> str:
        where = f" {self.at}" if self.at else ""
        return f"{self.file}{where}: {'warning: ' if self.warning else ''}{self.reason}"


class CitedLabel(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A further link of the chain: whom the source cites."""

    relation: str
    source: _Piece | list[_Piece]


class ClaimLabel(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One claim: its parts as exact pieces of the text, and its attributes."""

    id: Annotated[str, msgspec.Meta(min_length=1)]
    content: list[_Piece] | None
    cue: list[_Piece] | None = None
    source: list[_Piece] | None = None
    near: _Piece | list[_Piece] | None = None
    parent: str | None = None
    chain: list[CitedLabel] = []
    channel: _Piece | list[_Piece] | None = None
    kind: str
    source_type: str
    originator: str | None = None
    cue_class: str
    certainty: str
    polarity: str
    stance: str
    force: str
    note: str | None = None


class EntityLabel(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One referent and the surface forms that name it."""

    name: _Piece
    type: str
    mentions: Annotated[list[_Piece], msgspec.Meta(min_length=1)]
    note: str | None = None


class Labels(msgspec.Struct, kw_only=True, frozen=True):
    """All that one reader says of one article."""

    article: str
    claims: list[ClaimLabel]
    entities: list[EntityLabel]


def _repeated(node: Any) -> str | None:
    """Return the place of a key that a mapping has twice, of which PyYAML silently keeps the last."""
    if isinstance(node, yaml.SequenceNode):
        return next((found for item in node.value if (found := _repeated(item))), None)
    if not isinstance(node, yaml.MappingNode):
        return None
    seen: set[str] = set()
    for key, value in node.value:
        if key.value in seen:
            return f"line {key.start_mark.line + 1}: the key {key.value!r} stands twice"
        seen.add(key.value)
        if found := _repeated(value):
            return found
    return None


def read_labels(path: Path, file: str) -> tuple[Labels, list[Problem]]:
    """Read one file of labels; *file* is what problems call it.

    What cannot be read is left out of the labels and stands among the problems, with the claim or entity
    that it is in.
    """
    nothing = Labels(article=path.stem, claims=[], entities=[])
    try:
        loader = yaml.SafeLoader(path.read_text("utf-8"))
        node = loader.get_single_node()
        raw = loader.construct_document(node) if node is not None else None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return nothing, [Problem(file, "", " ".join(f"not YAML: {error}".split()))]
    if not isinstance(raw, dict):
        return nothing, [Problem(file, "", "not a mapping of article, claims and entities")]
    problems = [Problem(file, "", repeated)] if (repeated := _repeated(node)) else []
    problems += [
        Problem(file, "", f"unknown field {key!r}")
        for key in raw
        if key not in {"article", "claims", "entities"}
    ]
    if raw.get("article") != path.stem:
        problems.append(Problem(file, "", f"article is {raw.get('article')!r}, the file is {path.stem!r}"))
    claims, wrong_claims = _items(raw, "claims", ClaimLabel, file)
    entities, wrong_entities = _items(raw, "entities", EntityLabel, file)
    problems += wrong_claims + wrong_entities
    ids = [claim.id for claim in claims]
    problems += [Problem(file, i, "two claims have this id") for i in dict.fromkeys(ids) if ids.count(i) > 1]
    return Labels(article=path.stem, claims=claims, entities=entities), problems


def _items(raw: dict[Any, Any], field: str, kind: type[_S], file: str) -> tuple[list[_S], list[Problem]]:
    """Convert the items of a list, each apart, so that one's mistake hides no other's."""
    items = raw.get(field)
    if not isinstance(items, list):
        return [], [Problem(file, "", f"{field} is missing or no list (write [] where there is none)")]
    read: list[_S] = []
    problems: list[Problem] = []
    for number, item in enumerate(items, 1):
        called = (item.get("id") or item.get("name")) if isinstance(item, dict) else None
        at = str(called or f"{field}[{number}]")
        try:
            label = msgspec.convert(item, kind)
        except msgspec.ValidationError as error:
            problems.append(Problem(file, at, str(error)))
            continue
        wrong = [Problem(file, at, reason) for reason in _off_the_lists(label)]
        problems += wrong
        if not wrong:
            read.append(label)
    return read, problems


def _off_the_lists(label: msgspec.Struct) -> list[str]:
    """Say which values are on no closed list of the contract: at run time those decode as any string."""
    if isinstance(label, EntityLabel):
        values = [("type", label.type, "EntityType")]
    elif isinstance(label, ClaimLabel):
        values = [(name, getattr(label, name), listed) for name, listed in ATTRIBUTES.items()]
        values += [("chain relation", cited.relation, "ChainRelation") for cited in label.chain]
    else:
        values = []
    return [
        f"{name} {value!r} is none of {', '.join(CLOSED_LISTS[listed])}"
        for name, value, listed in values
        if value not in CLOSED_LISTS[listed]
    ]

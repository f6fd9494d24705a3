"""Names in GUM's CoNLL-U news: of its mentions, those headed by a proper noun, cut to the proper nouns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from streams.enrich.drafts import Range
from streams.tagger.labels import EntityType
from streams.tagger.training.documents import Document, Named

__all__ = ["read_gum", "read_gum_file"]

_TYPES: Final[dict[str, EntityType]] = {
    "person": "person",
    "organization": "organisation",
    "place": "place",
}
_PROPER: Final = frozenset(("NNP", "NNPS"))
_JOINS: Final = frozenset(("of", "for", "and", "the", "&", "-", "de", "al", "'s", "’s", "."))
"""What may stand between the proper nouns of one organisation's name."""


class _Token(NamedTuple):
    at: Range
    form: str
    tag: str
    head: int
    relation: str
    entity: str


def read_gum(folder: Path) -> list[Document]:
    """Read every ``*.conllu`` of *folder* as one text: sentences parted by a blank, paragraphs by a newline."""
    return [read_gum_file(path) for path in sorted(folder.glob("*.conllu"))]


def read_gum_file(path: Path) -> Document:
    """Read one text; see `read_gum`."""
    parts: list[str] = []
    names: list[Named] = []
    length = 0
    for block in path.read_text("utf-8").strip().split("\n\n"):
        lines = block.split("\n")
        if parts:
            parts.append("\n" if any(line.startswith("# newpar") for line in lines) else " ")
            length += 1
        text, tokens = _sentence(lines)
        for mention, kind in _mentions(tokens):
            if (type_ := _TYPES.get(kind)) and (at := _name(tokens, mention, type_)):
                names.append(Named(at.moved(length), type_))
        parts.append(text)
        length += len(text)
    return Document(name=path.stem, text="".join(parts), names=_outermost(names))


def _sentence(lines: list[str]) -> tuple[str, list[_Token]]:
    """Build the text of a sentence from its tokens, and the tokens with offsets in it."""
    text = ""
    tokens: list[_Token] = []
    joined_until = 0
    for line in lines:
        if line.startswith("#"):
            continue
        number, form, _, _, tag, _, head, relation, _, misc = line.split("\t")
        if "." in number:
            continue
        features = dict(f.split("=", 1) for f in misc.split("|") if "=" in f)
        space = "" if features.get("SpaceAfter") == "No" else " "
        if "-" in number:
            joined_until = int(number.split("-")[1])
            joined, joined_at = form + space, len(text)
            text += joined
            continue
        if int(number) <= joined_until:
            # Parts of a contracted word: each takes its letters from where the last one ended.
            start = max(joined_at, tokens[-1].at.end if tokens else 0)
            at = Range(start, min(start + len(form), joined_at + len(joined.rstrip())))
        else:
            at = Range(len(text), len(text) + len(form))
            text += form + space
        tokens.append(_Token(at, form, tag, int(head) - 1, relation, features.get("Entity", "")))
    return text.rstrip(), tokens


def _mentions(tokens: list[_Token]) -> Iterator[tuple[Range, str]]:
    """Give every mention within the sentence as a range of tokens, with its kind."""
    opened: list[tuple[str, str, int]] = []
    for i, token in enumerate(tokens):
        for mark in re.finditer(r"\((\d+)-([a-z]+)-?|(\d+)\)|\)", token.entity):
            if mark[1]:
                opened.append((mark[1], mark[2], i))
            elif opened:
                # A number closes the mention of that number; a bare bracket that opened last.
                at = next((k for k in range(len(opened) - 1, -1, -1) if opened[k][0] == mark[3]), -1)
                _, kind, first = opened.pop(at)
                yield Range(first, i + 1), kind


def _name(tokens: list[_Token], mention: Range, type_: EntityType) -> Range | None:
    """Return the name in a mention as code points of the sentence, null where it is a description."""
    within = range(mention.start, mention.end)
    head = next((i for i in within if not mention.start <= tokens[i].head < mention.end), None)
    if head is None or tokens[head].tag not in _PROPER:
        return None
    if type_ == "person" and tokens[head].tag == "NNPS":  # Afghans: a people, and no name of a person.
        return None
    proper = [i for i in within if tokens[i].tag in _PROPER]
    first = last = head
    joins = _JOINS if type_ == "organisation" else frozenset(("-", "."))
    for i in proper:
        if i > last and all(tokens[k].form.lower() in joins for k in range(last + 1, i)):
            last = i
    for i in reversed(proper):
        between = all(tokens[k].form.lower() in joins for k in range(i + 1, first))
        if i < first and between and tokens[i].relation != "nmod:desc":
            first = i
    return Range(tokens[first].at.start, tokens[last].at.end)


def _outermost(names: list[Named]) -> tuple[Named, ...]:
    kept: list[Named] = []
    for name in sorted(set(names), key=lambda n: (n.at.start, -n.at.end)):
        if not kept or name.at.start >= kept[-1].at.end:
            kept.append(name)
    return tuple(kept)

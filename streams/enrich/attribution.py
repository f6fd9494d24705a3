"""Attributions in a parsed text: a verb that attributes, who it attributes to, and the clause it governs.

Labels are ClearNLP's, which spaCy's English models have (nsubj, ccomp, relcl …), tags Penn Treebank's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
from spacy.attrs import LOWER
from spacy.strings import get_string_id

from streams.enrich.cues import CUES, Cue
from streams.enrich.drafts import Range
from streams.enrich.quotes import Quote

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

__all__ = ["Attribution", "find_attributions"]

_BY_ID: Final[dict[int, str]] = {get_string_id(form): form for form in (*CUES, "according")}
_CUE_IDS: Final = np.array(sorted(_BY_ID), dtype=np.uint64)
_ACCORDING: Final = Cue("according to", "state")
_INFINITIVE: Final = frozenset(("promise", "demand", "deny", "admit"))
"""Classes whose content may be an infinitive or a gerund: "vowed to fight", "denied stealing it"."""
_LOOSE: Final = frozenset(("relcl", "acl", "advcl", "ccomp", "parataxis", "conj", "cc"))
"""What hangs on a noun without being part of how the source is named."""
_JOINT_DEPTH: Final = 4


class Attribution(msgspec.Struct, kw_only=True, frozen=True):
    """One cue with its sources."""

    cue: Cue
    cue_at: Range
    sources: list[Range]
    at: Range
    """From the first to the last of cue and sources, where they stand together; else the cue alone."""
    negated: bool = False
    passive: bool = False
    clause: list[Range] = []
    """What the parse puts under the cue; empty where it sees nothing."""


def find_attributions(doc: Doc, text: str, quotes: Sequence[Quote]) -> list[Attribution]:
    """Find the attributions outside quotation marks, in text order.  *text* is ``doc.text``, which a document
    puts together anew each time it is asked.
    """
    lower = doc.to_array([LOWER])
    found: list[Attribution] = []
    for i in np.flatnonzero(np.isin(lower, _CUE_IDS)):
        token = doc[int(i)]
        if any(q.outer.start <= token.idx < q.outer.end for q in quotes):
            continue
        form = _BY_ID[int(lower[i])]
        one = _according(token, text) if form == "according" else _verb(token, CUES[form], text)
        if one is not None:
            found.append(one)
    return found


def _according(token: Token, text: str) -> Attribution | None:
    doc = token.doc
    if token.i + 1 >= len(doc) or doc[token.i + 1].lower_ != "to":
        return None
    to = doc[token.i + 1]
    noun = next(
        (c for t in (to, token) for c in t.children if c.dep_ in {"pobj", "pcomp"} and c.i > to.i), None
    )
    if noun is None:
        return None
    source = _noun_phrase(noun, text, stop=None)
    # "According to estimates in December": when is the attribution's, whatever it hangs on.
    behind = [c for c in token.children if c.dep_ == "prep" and 0 <= c.left_edge.idx - source.end <= 1]
    at = Range(token.idx, max([source.end, *(_end(c.right_edge) for c in behind)]))
    head = token.head
    while head.dep_ in {"prep", "pobj"} and head.head.i != head.i:
        head = head.head
    whole = _subtree(head) if head.tag_.startswith(("VB", "MD")) else _sentence(token)
    return Attribution(
        cue=_ACCORDING,
        cue_at=Range(token.idx, _end(to)),
        sources=[source],
        at=at,
        clause=_without(whole, at),
    )


def _verb(token: Token, cue: Cue, text: str) -> Attribution | None:
    if not token.tag_.startswith("VB") or token.dep_ in {"amod", "aux", "compound"}:
        return None
    deps = {child.dep_ for child in token.children}
    passive = "nsubjpass" in deps or "auxpass" in deps
    nouns = _agents(token) if passive else _speakers(token, depth=0)
    sources = [_noun_phrase(noun, text, stop=token) for noun in nouns]
    cue_at = Range(token.idx, _end(token))
    at = _together(text, cue_at, sources)
    return Attribution(
        cue=cue,
        cue_at=cue_at,
        sources=sources,
        at=at,
        negated="neg" in deps,
        passive=passive,
        clause=_clause(token, cue, at),
    )


def _speakers(token: Token, depth: int) -> list[Token]:
    """Return the nouns that are the subject of *token*, its own or the one it shares."""
    subject = next((c for c in token.children if c.dep_ == "nsubj"), None)
    if subject is not None and subject.tag_ in {"WP", "WDT"}:
        subject = token.head if token.dep_ == "relcl" else None
        return [] if subject is None else [subject]
    if subject is not None:
        joint = [c for c in subject.conjuncts if c.tag_.startswith("NNP")]
        return [subject, *joint] if subject.tag_.startswith("NNP") else [subject]
    if token.dep_ in {"acl", "relcl"}:
        return [token.head] if token.tag_ == "VBG" else []
    if depth < _JOINT_DEPTH and token.head.i != token.i:
        shares = token.dep_ == "conj" or (token.dep_ in {"advcl", "xcomp"} and token.tag_ == "VBG")
        if shares and token.head.tag_.startswith("VB"):
            return _speakers(token.head, depth + 1)
    # "said Ada Quill": behind its verb the parser may take a subject for an object.
    inverted = next(
        (c for c in token.children if c.dep_ in {"dobj", "attr", "oprd"} and c.i == _next(token)), None
    )
    return [inverted] if inverted is not None and inverted.tag_.startswith("NNP") else []


def _next(token: Token) -> int:
    # The head of a name stands behind its first names.
    i = token.i + 1
    while i + 1 < len(token.doc) and token.doc[i].dep_ == "compound":
        i += 1
    return i


def _agents(token: Token) -> list[Token]:
    return [c for by in token.children if by.dep_ == "agent" for c in by.children if c.dep_ == "pobj"]


def _noun_phrase(noun: Token, text: str, *, stop: Token | None) -> Range:
    """Return how a noun is named in full: with what describes it, without clauses, up to *stop*."""
    first, last = noun.left_edge.i, noun.right_edge.i
    if stop is not None:
        first, last = (first, min(last, stop.i - 1)) if noun.i < stop.i else (max(first, stop.i + 1), last)
    for child in noun.children:
        if child.dep_ in _LOOSE:
            if child.i < noun.i:
                first = max(first, child.right_edge.i + 1)
            elif child.i > noun.i:
                last = min(last, child.left_edge.i - 1)
    doc = noun.doc
    while first < noun.i and (doc[first].is_punct or doc[first].is_space):
        first += 1
    while last > noun.i and (doc[last].is_punct or doc[last].is_space or doc[last].tag_ == "WDT"):
        if doc[last].text == ")" and any(t.text == "(" for t in doc[first:last]):
            break
        last -= 1
    start, end = doc[first].idx, _end(doc[last])
    line_end = text.find("\n", noun.idx, end)
    return Range(max(start, text.rfind("\n", start, noun.idx) + 1), end if line_end < 0 else line_end)


def _together(text: str, cue: Range, sources: Sequence[Range]) -> Range:
    """Join cue and sources to one piece where nothing but a few words parts them."""
    at = cue
    for source in sources:
        gap = at.start - source.end if source.end <= at.start else source.start - at.end
        if gap <= 60:
            at = Range(min(at.start, source.start), max(at.end, source.end))
    return cue if "\n" in text[at.start : at.end] else at


def _clause(token: Token, cue: Cue, at: Range) -> list[Range]:
    wanted = {"ccomp", "xcomp"} if cue.cue_class in _INFINITIVE else {"ccomp"}
    clauses = [child for child in token.children if child.dep_ in wanted]
    if clauses:
        best = max(clauses, key=lambda c: c.right_edge.i - c.left_edge.i)
        whole = _subtree(best)
        if whole.start < at.start < whole.end and best.i < token.i:
            return _without(whole, at)
        if best.i < token.i:
            return [Range(whole.start, min(whole.end, at.start))]
        return [Range(_content_start(best, at), whole.end)]
    if token.dep_ == "parataxis" or (token.dep_ == "ccomp" and token.head.i > token.i):
        # "China, he said, is ready": the attribution hangs on its own content.
        return _without(_subtree(token.head), at)
    return []


def _content_start(clause: Token, at: Range) -> int:
    first = clause.left_edge
    if first.lower_ == "that" and first.dep_ == "mark" and first.i < clause.i:
        first = first.doc[first.i + 1]
    return max(first.idx, at.end)


def _subtree(token: Token) -> Range:
    return Range(token.left_edge.idx, _end(token.right_edge))


def _sentence(token: Token) -> Range:
    sentence: Any = token.sent
    return Range(sentence.start_char, sentence.end_char)


def _without(whole: Range, part: Range) -> list[Range]:
    pieces = (Range(whole.start, min(whole.end, part.start)), Range(max(whole.start, part.end), whole.end))
    return [piece for piece in pieces if piece.start < piece.end]


def _end(token: Token) -> int:
    return int(token.idx + len(token))

"""Attributed statements by rule: quotations with their speakers, "X said that …", "according to X".

Quotations are found by their marks, attributions in the dependency parse, and the two are joined by where
they stand.  Honest about what it does not see: an attribution without clear content makes no claim.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from schemas.claim import ModelVersion
from streams.enrich.attribution import Attribution, find_attributions
from streams.enrich.drafts import ClaimDraft, LinkDraft, Range
from streams.enrich.quotes import Quote, find_quotes
from streams.enrich.sentences import Sentence, stripped, to_sentences

if TYPE_CHECKING:
    from spacy.tokens import Doc

__all__ = ["RuleClaims"]

_WORD: Final = re.compile(r"\w")
_BETWEEN: Final = re.compile(r"[\s,;—–-]*")
"""All that may stand between a quotation and the attribution behind it."""
_INTRODUCES: Final = re.compile(r"(?:.*[,:—–]|(?:.*\s)?that)?\s*", re.DOTALL)
"""What stands between a cue and the quotation that is all of its content."""
_ENDS: Final = re.compile(r"[.;?!]")
MAX_GAP: Final = 120
"""Code points between a cue and a quotation behind it."""


class RuleClaims:
    """Finds claims by rule.  Has no weights and no state."""

    @property
    def version(self) -> ModelVersion:
        """Name and version; there are no weights."""
        return ModelVersion(name="rules", version="1")

    def extract(self, doc: Doc) -> list[ClaimDraft]:
        """Find the claims of one parsed document, in text order."""
        text = doc.text
        quotes = find_quotes(text)
        sentences = to_sentences(text, [s.start_char for s in doc.sents], quotes)
        begins = [sentence.at.start for sentence in sentences]
        grouped: list[list[Attribution]] = [[] for _ in sentences]
        for attribution in find_attributions(doc, text, quotes):
            place = bisect_right(begins, attribution.cue_at.start) - 1
            if place >= 0:
                grouped[place].append(attribution)
        return _Reader(text).read(sentences, grouped)


class _Reader:
    """Goes through one text's sentences, remembering what the next one may continue."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(
        self, sentences: Sequence[Sentence], grouped: Sequence[Sequence[Attribution]]
    ) -> list[ClaimDraft]:
        claims: list[ClaimDraft] = []
        continues = False
        announced: tuple[Sentence, Attribution] | None = None
        for sentence, attributions in zip(sentences, grouped, strict=True):
            drafts = self._attributed(sentence, attributions)
            if not drafts and self._is_quotation(sentence):
                content = [quote.inner for quote in sentence.quotes]
                if announced is not None:
                    drafts = [self._draft(announced[1], content, [announced[0], sentence])]
                elif continues:
                    drafts = [self._floating(content, sentence)]
            continues = bool(drafts) and any(draft.verbatim for draft in drafts)
            announced = None
            if not drafts and attributions and self._text[sentence.at.end : sentence.at.end + 1] == ":":
                announced = (sentence, attributions[-1])
            claims.extend(drafts)
        return sorted(claims, key=lambda c: (c.content[0], c.link.cues))

    def _attributed(self, sentence: Sentence, attributions: Sequence[Attribution]) -> list[ClaimDraft]:
        drafts: list[ClaimDraft] = []
        taken: set[Quote] = set()
        seen: set[tuple[Range, ...]] = set()
        for attribution in attributions:
            others = [a for a in attributions if a is not attribution]
            content = (
                self._quotation_before(sentence, attribution, taken)
                or self._clause(sentence, attribution)
                or self._quotation_behind(sentence, attribution, others, taken)
            )
            if content is None or tuple(content) in seen:
                continue
            if not attribution.sources and not attribution.passive:
                continue
            seen.add(tuple(content))
            taken.update(q for q in sentence.quotes if any(c.overlaps(q.inner) for c in content))
            drafts.append(self._draft(attribution, content, [sentence]))
        return drafts

    def _quotation_before(
        self, sentence: Sentence, attribution: Attribution, taken: set[Quote]
    ) -> list[Range] | None:
        """``“We won,” she said, “at last.”``: all before the attribution is quoted."""
        quote = sentence.quote_before(attribution.at.start)
        if quote is None or quote in taken:
            return None
        if not _BETWEEN.fullmatch(self._text, quote.outer.end, attribution.at.start):
            return None
        first = sentence.quotes[0]
        before = [q for q in sentence.quotes if q.outer.end <= quote.outer.end]
        if first.outer.start > sentence.at.start or self._words_between(before):
            return None
        content = [q.inner for q in before if q not in taken]
        behind = sentence.quote_after(attribution.at.end)
        if behind is not None:
            gap = self._text[attribution.at.end : behind.outer.start]
            if len(gap) <= MAX_GAP and gap.rstrip()[-1:] in {",", ":", "—", "–"} and not _ENDS.search(gap):
                content.append(behind.inner)
        return content

    def _clause(self, sentence: Sentence, attribution: Attribution) -> list[Range] | None:
        """``She said that they had won``, ``They won, she said``: the clause under the cue, widened to
        whole quotations.
        """
        content: list[Range] = []
        for part in attribution.clause:
            within = Range(max(part.start, sentence.at.start), min(part.end, sentence.at.end))
            if within.start >= within.end:
                continue
            touched = [q for q in sentence.quotes if q.outer.overlaps(within)]
            if touched:
                within = Range(
                    min(within.start, touched[0].outer.start), max(within.end, touched[-1].outer.end)
                )
            content.extend(self._tidied(within, touched))
        return content or None

    def _quotation_behind(
        self,
        sentence: Sentence,
        attribution: Attribution,
        others: Iterable[Attribution],
        taken: set[Quote],
    ) -> list[Range] | None:
        """``She said: “We won.”``, ``he called it “a win”``: what stands behind the cue, up to the mark."""
        quote = sentence.quote_after(attribution.at.end)
        if quote is None or quote in taken:
            return None
        gap = Range(attribution.at.end, quote.outer.start)
        between = self._text[gap.start : gap.end]
        if len(between) > MAX_GAP or _ENDS.search(between):
            return None
        if any(gap.start <= other.cue_at.start < gap.end for other in others):
            return None
        if _INTRODUCES.fullmatch(between) or self._text[quote.inner.start].isupper():
            return [quote.inner]
        return self._tidied(Range(gap.start, quote.outer.end), [quote])

    def _tidied(self, within: Range, quotes: Sequence[Quote]) -> list[Range]:
        """Strip *within*; what is nothing but one quotation is what stands inside its marks."""
        tidy = stripped(self._text, within)
        while tidy.end > tidy.start and self._text[tidy.end - 1] == ".":
            tidy = stripped(self._text, Range(tidy.start, tidy.end - 1))
        for quote in quotes:
            if quote.outer.contains(tidy) or tidy == quote.outer:
                return [quote.inner]
        return [tidy] if _WORD.search(self._text, tidy.start, tidy.end) else []

    def _words_between(self, quotes: Sequence[Quote]) -> bool:
        return any(
            _WORD.search(self._text, one.outer.end, other.outer.start) for one, other in pairwise(quotes)
        )

    def _is_quotation(self, sentence: Sentence) -> bool:
        """Tell whether nothing of the sentence stands outside quotation marks."""
        at = sentence.at.start
        for quote in sentence.quotes:
            if _WORD.search(self._text, at, quote.outer.start):
                return False
            at = quote.outer.end
        return bool(sentence.quotes) and not _WORD.search(self._text, at, max(at, sentence.at.end))

    def _floating(self, content: list[Range], sentence: Sentence) -> ClaimDraft:
        return self._finished(content, [sentence], LinkDraft(continues=True))

    def _draft(
        self, attribution: Attribution, content: list[Range], sentences: Sequence[Sentence]
    ) -> ClaimDraft:
        link = LinkDraft(
            cues=[attribution.cue_at],
            cue_lemma=attribution.cue.lemma,
            cue_class=attribution.cue.cue_class,
            negated=attribution.negated,
            sources=attribution.sources,
        )
        return self._finished(content, sentences, link)

    def _finished(self, content: list[Range], sentences: Sequence[Sentence], link: LinkDraft) -> ClaimDraft:
        quotes = [q for s in sentences for q in s.quotes]
        verbatim = [
            Range(max(part.start, q.inner.start), min(part.end, q.inner.end))
            for part in content
            for q in quotes
            if part.overlaps(q.inner)
        ]
        unbalanced = any(
            not q.closed and not q.resumed and part.overlaps(q.inner) for part in content for q in quotes
        )
        return ClaimDraft(
            content=content,
            verbatim=verbatim,
            context=[s.at for s in sentences],
            link=link,
            flags=["unbalanced_quotes"] if unbalanced else [],
        )

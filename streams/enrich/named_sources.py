"""Sources that are named: a person with a title, an organisation, several who speak jointly."""

from __future__ import annotations

import re
from typing import Final

from schemas.vocabulary import SourceType
from streams.enrich.drafts import Range
from streams.enrich.genders import gender_of
from streams.enrich.named_text import NamedText
from streams.enrich.names import TITLE_NOUNS, one_line
from streams.enrich.resolved import ResolvedSource
from streams.enrich.source_kinds import is_individual, kind_of, type_of

__all__ = ["by_form", "named", "speakers", "without_article"]

_ROLE_NOUNS: Final = TITLE_NOUNS - {"mr", "mrs", "ms", "miss"}
_SPEAKERS: Final = (_ROLE_NOUNS | {"wife", "husband", "son", "daughter", "friend", "aide"}) - {
    "lord",
    "king",
    "queen",
}
_ROLE_NOUNS_OF: Final = (_ROLE_NOUNS - {"spokesman", "spokeswoman", "spokesperson"}) | {"undersecretary"}
_ARTICLE: Final = re.compile(r"^(?:the|a|an|one|his|her|their|its|our)\s+", re.IGNORECASE)
_SOME: Final = re.compile(r"(?:some|several|many|most|few|a few|other|senior|leading|rival)\s", re.IGNORECASE)
"""Opens what is said of some of a party or people, not of all of it: "some senior Tories"."""
_AND: Final = re.compile(r",?\s+(?:and|&)\s+")
_COMMA: Final = re.compile(r",\s+(?=[^\W\d_a-z])")
_BEHIND_NAME: Final = re.compile(
    r"(?:['’]s?|[\"”>])?(?:,?\s(?:MPs?|MEP|MSP|[KQ]C|Jr\.?|Sr\.?|newspaper|magazine|news agency|website|programme)|(?:\s[a-z-]+){0,2}\s(?:agency|institute|union))?(?:\s?[(<][^)>]*[)>]?)?$"
)
"""May stand behind a name and leave it the head: "Ada Quill MP", "the Evening Post newspaper", "Quill's"."""
_SO_CALLED: Final = re.compile(
    r"\s(?:party|(?:(?:TV|television|radio|cable)\s)?(?:network|channel|station))$"
)
"""Behind an organisation's name leaves it the head: "the Norland party", not "the British network"."""
_BRACKET: Final = re.compile(r"\s[(<]")
"""Behind a person's name leaves it the head even if words follow: "Ada Quill (D-Ohio) chairwoman of the fund"."""
_TICKER: Final = re.compile(r"\s<[A-Z.]+>(?=$|,|\sthe\b)")
_PREPOSITION: Final = re.compile(r"\b(?:of|for)\b(?:\s+the\b)?\s*")
_COMMA_BEFORE: Final = re.compile(rf",\s(?:(?i:{'|'.join(sorted(TITLE_NOUNS))})\.?\s)?$")
"""Parts a name from what is said of who bears it: "a scientist, Professor Ada Quill"."""
_ASIDE: Final = re.compile(r",\s+[^A-Z]")
"""Parts a title from what is said of another: "the head of the fund, like Ada Quill"."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_IN_BRACKETS: Final = re.compile(r"(?:he|she|it|they)\s+\(", re.IGNORECASE)
"""Opens "He (Quill)", as an editor puts it in."""
_HONORIFIC: Final = re.compile(r"(?:Mr|Mrs|Ms|Miss|Dr|Sir|Sen|Rep)\.?\s")
_BODY_NOUNS: Final = frozenset(("other", "organisation"))
_CAPITALS: Final = re.compile(r"[A-Z](?:[A-Z&.]{1,5}|-[A-Z][a-z]+)")
"""A name of one word that nothing else looks like: "SEC", "T-Mobile"."""
_NAME: Final = re.compile(
    r"[A-Z][\w.&'’-]*(?:\s[A-Z0-9][\w.&'’-]*)*(?:\s(?:of|for|and|the|de|&)(?:\sthe)?)?(?:\s[A-Z0-9][\w.&'’-]*)+"
)


def without_article(words: str) -> str:
    """Return words without the article or possessive that they begin with."""
    return _ARTICLE.sub("", words, count=1)


_BESIDE: Final = re.compile(r",\s[^,]*\s(?:of|for|at|in|to|with)\s[^,]*$")
"""What somebody is, told beside the name and not yet at its end."""


def speakers(doc: NamedText, at: Range) -> list[Range]:
    """Part those who speak jointly ("Ada Quill and Bo Reed"): each must be somebody by name, and behind a mere
    comma of the same kind ("Ada Quill, Roads Agency" is one).  What "Ada Quill, head of roads in Norland and Southport" is
    head of are no speakers.
    """
    for joint in (_AND, _COMMA):
        for match in joint.finditer(doc.text, at.start, at.end):
            before, behind = Range(at.start, match.start()), Range(match.end(), at.end)
            parted = "," in match[0]
            if joint is _AND and not parted and _BESIDE.search(doc.text[before.start : before.end]):
                continue
            kinds = [_kind_by_name(doc, before), _kind_by_name(doc, behind)]
            if None not in kinds and (joint is _AND or kinds[0] == kinds[1]):
                return [*speakers(doc, before), *speakers(doc, behind)]
    return [at]


def _kind_by_name(doc: NamedText, at: Range) -> SourceType | None:
    """Return the kind of who is named as the head of a part, null where nobody is or the name goes on."""
    found = named(doc, at)
    return None if found is None or doc.in_name(at.end) else found.type


def named(doc: NamedText, at: Range) -> ResolvedSource | None:
    """Resolve a source that is itself a name, with what stands beside it ("the minister, Ada Quill")."""
    head = doc.head(at)
    of_some = _SOME.match(doc.text, *at) is not None
    for mention, entity in doc.within(at):
        type_ = doc.entities[entity].type
        is_head = _heads(doc, at, head, mention, entity) and not (of_some and type_ != "person")
        beside = _COMMA_BEFORE.search(doc.text, at.start, mention.start) is not None and (
            type_ == "person" or (type_ == "organisation" and not is_individual(doc.noun(at)))
        )
        if is_head or beside:
            return _resolved(doc, at, head if is_head else at, mention, entity)
    return None


def _heads(doc: NamedText, at: Range, head: Range, mention: Range, entity: int) -> bool:
    is_person, is_body = (doc.entities[entity].type == kind for kind in ("person", "organisation"))
    if head.start <= mention.start < head.end and (
        _BEHIND_NAME.match(doc.text, mention.end, head.end)
        or (is_person and _BRACKET.match(doc.text, mention.end, head.end))
        or (is_body and _SO_CALLED.fullmatch(doc.text, mention.end, head.end))
        or _TICKER.match(doc.text, mention.end, head.end)
    ):
        return True
    if _IN_BRACKETS.match(doc.text, at.start, mention.start):
        return mention.end == at.end - 1
    before = doc.words(Range(at.start, mention.start))
    ends = mention.end == at.end or doc.text.startswith(",", mention.end)
    return is_person and ends and not _ASIDE.search(before) and _is_title(before)


def _is_title(words: str) -> bool:
    """Tell whether what stands before a person is a title with "of" or "for" in it: in "minister for roads Ada Quill"
    she is the minister, in "a spokesman for minister Ada Quill" or "the wife of Ada Quill" somebody else.
    """
    first, *others = _PREPOSITION.split(words)
    last = _WORD.findall(words.lower())[-1:]
    if (
        others
        and first[:1].isupper()
        and first == without_article(first)
        and set(last) & _ROLE_NOUNS
        and not _words(first) & _SPEAKERS
    ):
        # "Bank of Norland governor Ada Quill".
        return True
    if not others or first.lower().startswith(("a ", "an ")) or not others[-1] or last == ["and"]:
        return False
    said = [_words(part) for part in (first, others[-1])]
    return bool(said[0] & _ROLE_NOUNS_OF) and not said[1] & _ROLE_NOUNS


def _words(words: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(words)}


def by_form(doc: NamedText, at: Range) -> ResolvedSource | None:
    """Take for a name what has the form of one though it is no entity: more than one word, each with a capital, or
    the first words of an organisation's name.
    """
    bare = without_article(doc.words(doc.head(at)))
    if (entity := doc.shortened(bare)) is not None:
        return _resolved(doc, at, at, at, entity)
    if (
        not (_NAME.fullmatch(bare) or _CAPITALS.fullmatch(bare))
        or kind_of(bare.split()[-1].lower(), bare) not in _BODY_NOUNS
    ):
        return None
    name = _HONORIFIC.sub("", bare)
    person = name != bare or gender_of(bare, ()) is not None
    type_: SourceType = "named_person" if person else "named_organisation"
    return ResolvedSource(spans=[at], type=type_, name=name, how="formed")


def _resolved(doc: NamedText, at: Range, head: Range, mention: Range, entity: int) -> ResolvedSource:
    draft = doc.entities[entity]
    in_full = doc.in_full(entity)
    return ResolvedSource(
        spans=[at],
        type=type_of(draft),
        name=draft.name,
        antecedent=[in_full] if in_full is not None and doc.words(mention) != draft.name else [],
        entity=entity,
        role=_role(doc, at, head, mention) if draft.type == "person" else None,
    )


def _role(doc: NamedText, at: Range, head: Range, mention: Range) -> str | None:
    before = doc.text[head.start : mention.start]
    after = doc.text[mention.end : at.end]
    parted = _COMMA_BEFORE.search(before)
    aside = [before[: parted.start()], before[parted.start() :]] if parted else [before]
    for words in (*aside, after if after.startswith(",") else ""):
        role = without_article(one_line(words.strip(" ,\n")))
        if _ROLE_NOUNS & {word.lower().strip(".,") for word in re.split(r"[\s-]", role)}:
            return role
    return None

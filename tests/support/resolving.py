"""Small texts with their people, and who is meant by a source in them."""

from __future__ import annotations

from streams.enrich.drafts import ClaimDraft, EntityDraft, LinkDraft, Range
from streams.enrich.sources import ResolvedSource, Resolver

__all__ = ["PEOPLE", "all_names", "claim", "draft", "entities", "floating", "in_turn", "resolve"]

PEOPLE = {
    "Ada Quill": "person",
    "Bo Reed": "person",
    "Roads Agency": "organisation",
    "Beijing": "place",
    "Evening Post": "organisation",
}


def entities(text: str) -> list[EntityDraft]:
    found: list[EntityDraft] = []
    for name, type_ in PEOPLE.items():
        at = [Range(i, i + len(name)) for i in range(len(text)) if text.startswith(name, i)]
        surname = name.split()[-1]
        at += [
            Range(i, i + len(surname))
            for i in range(len(text))
            if text.startswith(surname, i) and not any(a.start <= i < a.end for a in at)
        ]
        if at:
            mentions = [(a, "name") for a in sorted(at)]
            found.append(EntityDraft(name=name, name_key=name, type=type_, mentions=mentions))  # type: ignore[arg-type]
    return found


def claim(text: str, source: str | None, after: int = 0) -> ClaimDraft:
    if source is None:
        return ClaimDraft(content=[Range(0, 1)], link=LinkDraft(continues=True))
    start = text.index(source, after)
    return ClaimDraft(content=[Range(0, 1)], link=LinkDraft(sources=[Range(start, start + len(source))]))


def resolve(text: str, source: str) -> ResolvedSource:
    (found,) = Resolver(text, entities(text)).resolve(claim(text, source))
    return found


def in_turn(text: str, *sources: str) -> ResolvedSource:
    resolver = Resolver(text, entities(text))
    after = 0
    for source in sources:
        one = claim(text, source, after)
        after = one.link.sources[0].end
        (found,) = resolver.resolve(one)
    return found


def draft(text: str, content: str, cue: str, source: str) -> ClaimDraft:
    """Make a claim of the first places of its parts; what is quoted of it stands between straight marks."""
    start = text.index(content)
    said = Range(start, start + len(content))
    at, by = text.index(cue), text.index(source)
    quoted = text[:start].count('"') % 2 == 1
    link = LinkDraft(cues=[Range(at, at + len(cue))], sources=[Range(by, by + len(source))])
    return ClaimDraft(content=[said], verbatim=[said] if quoted else [], link=link)


def all_names(text: str, *claims: ClaimDraft) -> list[str | None]:
    resolver = Resolver(text, entities(text), claims)
    return [source.name for one in claims for source in resolver.resolve(one)]


def floating(text: str, content: str) -> ClaimDraft:
    """Make a claim of a quotation to which nobody is attributed."""
    start = text.index(content)
    said = Range(start, start + len(content))
    return ClaimDraft(content=[said], verbatim=[said], link=LinkDraft())

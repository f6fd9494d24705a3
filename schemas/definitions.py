"""What the words of the contract mean: the terms, and each value of each closed list.

They are data so that the reference page is made from them and a test can see that no value lacks one.
"""

from __future__ import annotations

from typing import Final

__all__ = ["MEANINGS", "TERMS"]

TERMS: Final[dict[str, str]] = {
    "item": "What a source showed once, at one time. Shown again later it is another item.",
    "article": "A canonical URL; without one, a source and its native id.",
    "revision": "One content of an article: title, description and text as stored. Numbered from 1; an older "
    "one that comes late gets the next number, is flagged, and never becomes current.",
    "sighting": "One item judged: its verdict, and what it was compared with.",
    "copy": "A text of 30 words or more with the casefolded words of another, all of them (exact) or with a "
    "Jaccard similarity of word 3-shingles of at least 0.7 (near); titles do not count.",
    "owner": "The content that went to enrichment first; copies are compared with owners only. It is the "
    'first seen here, never "the original".',
    "excerpt": "A text of which at least 0.8 stands in another, where the shorter has less than 0.7 of the "
    "longer's length.",
    "correction": "An explicit notice in the text. A substantive change without one is a silent edit.",
    "syndication": "The same text at another publisher family, evidenced by credit, dateline, byline, a "
    "canonical link to another domain or RSS <source>.",
    "live blog": "A page that grows by entries; each entry is an article of its own, part_of the page.",
    "translation": "Only what says so itself: hreflang, a translator's byline, translationOfWork.",
    "story": "A cluster of articles on one event.",
    "origin": "Who wrote or supplied a text first, so that forty outlets can be one origin.",
    "claim": "One attributed statement in one revision: source, cue and content, each with offsets that "
    "reproduce the stored text exactly.",
    "originator": "The last link of a claim's chain: who said it, whoever passed it on.",
    "lane": "A run of the pipeline of its own: history must neither delay nor re-alert what is live.",
}

MEANINGS: Final[dict[str, dict[str, str]]] = {
    "Lane": {
        "live": "news as it comes; who alerts reads this",
        "backfill": "archives and history",
    },
    "OutcomeName": {
        "enriched": "went through all stages",
        "unchanged": "a content of its article that was known",
        "revision": "a new content of its article, not worth enriching",
        "reextracted": "the same raw body, read by another extractor version",
        "duplicate": "exactly a copy of another article",
        "near_duplicate": "nearly a copy of another article, with nothing of its own",
        "withdrawn": "its page is gone, after repeated 404 or 410",
        "rejected": "nothing to read in it; reason says why",
        "dead_letter": "could not be handled; reason says why, news.dead-letter has it",
    },
    "Verdict": {
        "new": "a new article that is no copy",
        "unchanged": "a content of its article that was known",
        "revision": "a new content of a known article",
        "reextracted": "the same raw body, read by another extractor version",
        "duplicate": "a new article that is exactly a copy",
        "near_duplicate": "a new article that is nearly a copy",
        "withdrawn": "a known article whose page is gone",
    },
    "RelationKind": {
        "identical": "the same words",
        "near_copy": "nearly the same words",
        "excerpt_of": "this is part of the other",
        "contains": "the other is part of this",
    },
    "RevisionKind": {
        "first": "the first content known of its article",
        "minor": "changed in form: Jaccard of at least 0.95 and the same numbers, names and negations",
        "substantive": "changed in what it says",
        "correction": "changed, with an explicit notice",
        "completed": "a teaser before, the whole text now",
        "reextracted": "not changed: read by another extractor version",
        "withdrawn": "taken away by its publisher",
    },
    "StageName": {
        "connect": "the connector",
        "normalize": "stage 1",
        "dedupe": "stage 2",
        "enrich": "stage 3",
    },
    "PubStatus": {
        "usable": "may be published",
        "withheld": "not to be published until further notice",
        "canceled": "withdrawn: to be taken down",
    },
    "TextBasis": {
        "page": "the article's page",
        "feed_full": "the feed, which carries the whole text",
        "feed_summary": "the feed's summary",
        "push": "pushed to us",
        "archive": "an archive or a file",
    },
    "Form": {
        "article": "a report",
        "live_blog": "a page that grows by entries",
        "live_entry": "one entry of a live blog",
        "opinion": "comment, column, editorial, letter",
        "listing": "a page of links",
        "press_release": "written by whom it is about",
        "other": "anything else",
    },
    "FieldName": {
        "title": "the headline",
        "description": "the standfirst or summary",
        "text": "the body",
    },
    "AnalysisState": {
        "done": "looked at in full",
        "unsupported_language": "not looked at: no model for the language",
        "partial": "looked at in part; reason says why",
        "failed": "not looked at; reason says why",
    },
    "Precision": {
        "second": "known to the second",
        "minute": "known to the minute",
        "day": "known to the day",
        "month": "known to the month",
        "year": "known to the year",
        "unknown": "not known",
    },
    "CorrectionKind": {
        "correction": "something was wrong",
        "clarification": "something was unclear",
        "update": "something was added",
        "retraction": "something is taken back",
        "other": "anything else",
    },
    "ClaimKind": {
        "direct": "all of the content is quoted",
        "mixed": "some of the content is quoted",
        "indirect": "none of the content is quoted",
    },
    "ChainRelation": {
        "says": "states it",
        "reports": "passes on what another states",
        "cites": "refers to another for it",
    },
    "CueClass": {
        "state": 'say, tell, "according to"',
        "announce": "declare, rule",
        "report": "write, show, find",
        "assert": "claim, insist (the publication keeps its distance)",
        "allege": "accuse (the publication keeps its distance)",
        "hearsay": '"reportedly", without a source (the publication keeps its distance)',
        "confirm": "confirm (the publication endorses it)",
        "disclose": "reveal, note (the publication endorses it)",
        "admit": "admit (the publication endorses it)",
        "deny": "reject, dispute (the content is denied)",
        "believe": "suspect (probable)",
        "estimate": "estimate (probable)",
        "predict": "expect (probable)",
        "suggest": "hint (possible)",
        "warn": "warn (possible)",
        "promise": "vow, threaten (a commitment)",
        "demand": "urge, order (a directive)",
        "ask": "ask (a question, uncommitted)",
        "judge": "criticise, call (an evaluation)",
        "decline": '"declined to comment" (may lack content)',
        "none": "no word of attribution: floating, dash, colon",
        "other": "anything else",
    },
    "SourceType": {
        "named_person": "a person by name",
        "named_organisation": "an organisation by name",
        "place_as_institution": 'a place that stands for its institutions: "Beijing"',
        "document": "a report, court paper, letter, statement",
        "media": "another publication",
        "role": 'unnamed, with a role: "the minister"',
        "anonymous": 'identity withheld: "a person familiar with the matter"',
        "collective": '"experts", "residents"',
        "self": "the publication itself",
        "none": "nobody is named",
        "unresolved": "a pronoun or name that could not be resolved",
        "other": "anything else",
    },
    "Certainty": {
        "certain": "no hedge",
        "probable": "likely, expects, believes, estimates",
        "possible": "may, suggests, cannot rule out",
        "uncommitted": 'whether, if, "neither confirmed nor denied", "did not deny"',
        "n/a": "not an assertion",
    },
    "Polarity": {
        "affirmed": "the content holds as quoted; also of \"denied it: 'I never…'\"",
        "denied": 'the content is denied: "denied that X" is X, denied',
        "unknown": "cannot be told",
    },
    "Stance": {
        "neutral": "the publication passes it on",
        "distancing": 'it keeps its distance: "reportedly", "claims"',
        "endorsing": 'it takes it as true: "revealed", "admitted"',
    },
    "Force": {
        "assertion": "says that something is so",
        "directive": "wants somebody to do something",
        "commissive": "commits the speaker",
        "question": "asks",
        "evaluation": "judges",
    },
    "EntityType": {
        "person": "a human being",
        "organisation": "a body of people under one name",
        "place": "somewhere, also a country",
        "event": "something that happens under a name",
        "other": "anything else under a name",
    },
    "MentionForm": {
        "name": "a name",
        "acronym": "initials of a name",
        "demonym": '"Ukrainian"',
        "nominal": '"the minister"',
        "pronoun": '"she"',
    },
    "SourceKind": {
        "feed": "RSS, Atom or JSON Feed",
        "sitemap": "news sitemap",
        "page": "a page of links",
        "warc": "web archive",
        "api": "a publisher's or aggregator's interface",
        "files": "files or standard input",
        "push": "sent to us",
        "other": "anything else",
    },
    "Follow": {
        "always": "the page behind every entry is fetched",
        "teaser": "it is fetched where the entry is only a teaser",
        "never": "the entry is all there is",
    },
    "Health": {
        "unknown": "not tried yet",
        "ok": "answers and publishes",
        "stale": "answers, but publishes nothing new any more",
        "failing": "does not answer as it should",
        "blocked": "refuses us",
        "gone": "says that it will not come back",
        "dimmed": "failed for long; tried seldom, not forgotten",
    },
}

"""What a claim commits its source to, by pairs of sentences that differ in little.

Content stands in [brackets], the cue in {braces}, the source in <angles>.
"""

from __future__ import annotations

import re

import pytest

from streams.enrich.attributes import Attributes, attributes_of
from streams.enrich.drafts import Range

_MARK = re.compile(r"[\[\]{}<>]")
_PAIRS = {"[": "]", "{": "}", "<": ">"}


def marked(sentence: str) -> tuple[str, dict[str, list[Range]]]:
    ranges: dict[str, list[Range]] = {"[": [], "{": [], "<": []}
    text = ""
    opened: list[tuple[str, int]] = []
    at = 0
    for found in _MARK.finditer(sentence):
        text += sentence[at : found.start()]
        at = found.end()
        if found.group() in _PAIRS:
            opened.append((found.group(), len(text)))
        else:
            mark, start = opened.pop()
            assert _PAIRS[mark] == found.group()
            ranges[mark].append(Range(start, len(text)))
    return text + sentence[at:], ranges


def read(sentence: str) -> tuple[str, Attributes]:
    text, ranges = marked(sentence)
    content = ranges["["]
    quoted = bool(content) and all(text[part.start] in "“‘" for part in content)
    return text, attributes_of(text, content, ranges["{"], ranges["<"], quoted=quoted)


def brief(found: Attributes) -> str:
    return f"{found.cue_class} {found.certainty} {found.polarity} {found.stance} {found.force}"


PAIRS = [
    # The cue denied, or not.
    ("<She> {denied} [that it leaked].", "deny certain denied neutral assertion"),
    ("<She> did not {deny} [that it leaked].", "deny uncommitted unknown neutral assertion"),
    ("<She> {never denied} [that it leaked].", "deny uncommitted unknown neutral assertion"),
    ("<She> {didn’t deny} [that it leaked].", "deny uncommitted unknown neutral assertion"),
    ("<She> {refused to deny} [that it leaked].", "deny uncommitted unknown neutral assertion"),
    ("<She> {said} [it leaked].", "state certain affirmed neutral assertion"),
    ("<She> {did not say} [it leaked].", "state uncommitted unknown neutral assertion"),
    ("<She> has never {said} [it leaked].", "state uncommitted unknown neutral assertion"),
    ("<Nobody> {said} [it leaked].", "state uncommitted unknown neutral assertion"),
    ("<No minister> {said} [it leaked].", "state uncommitted unknown neutral assertion"),
    ("<A minister> {said} [it leaked].", "state certain affirmed neutral assertion"),
    ("<She> {neither confirmed nor denied} [the leak].", "deny uncommitted unknown neutral assertion"),
    ("<She> {confirmed} [the leak].", "confirm certain affirmed endorsing assertion"),
    ("<She> {would not confirm} [the leak].", "confirm uncommitted unknown neutral assertion"),
    ("<She> {refused to confirm} [the leak].", "decline uncommitted unknown neutral assertion"),
    ("<She> {ruled out} [a strike].", "deny certain denied neutral assertion"),
    ("<She> {ruled} out [a strike].", "deny certain denied neutral assertion"),
    ("<She> {did not rule out} [a strike].", "suggest possible affirmed neutral assertion"),
    ("<She> {refused to rule out} [a strike].", "suggest possible affirmed neutral assertion"),
    ("<She> {could not rule out} [a strike].", "suggest possible affirmed neutral assertion"),
    ("<She> {ruled} [that the strike was legal].", "announce certain affirmed neutral assertion"),
    ("<She> {believes} [it leaks].", "believe probable affirmed neutral assertion"),
    ("<She> {does not believe} [it leaks].", "believe probable denied neutral assertion"),
    ("<She> {doubts} [that it leaks].", "believe probable denied neutral assertion"),
    ("<She> {does not doubt} [that it leaks].", "believe certain affirmed neutral assertion"),
    ("<She> {knows} [that it leaks].", "believe certain affirmed neutral assertion"),
    ("<She> {does not know} whether [it leaks].", "believe uncommitted unknown neutral assertion"),
    ("<She> {expects} [a strike].", "predict probable affirmed neutral assertion"),
    ("<She> {does not expect} [a strike].", "predict probable denied neutral assertion"),
    ("<She> {admitted} [the leak].", "admit certain affirmed endorsing assertion"),
    ("<She> {has not admitted} [the leak].", "admit uncommitted unknown neutral assertion"),
    ("<She> {plans} [to sell it].", "promise n/a affirmed neutral commissive"),
    ("<She> {does not plan} [to sell it].", "promise n/a denied neutral commissive"),
    ("Did <Quill> {deny} [the leak]?", "deny certain denied neutral assertion"),
    ("Why didn’t <Quill> {deny} [the leak]?", "deny uncommitted unknown neutral assertion"),
    ("<She> {is sure} [that it leaks].", "believe certain affirmed neutral assertion"),
    ("<She> {is not sure} [that it leaks].", "believe uncommitted unknown neutral assertion"),
    # Whose words they are: the publication's distance.
    ("<She> {claimed} [it leaked].", "assert certain affirmed distancing assertion"),
    ("<She> reportedly {said} [it leaked].", "state certain affirmed distancing assertion"),
    ("<She> {reportedly said} [it leaked].", "state certain affirmed distancing assertion"),
    ("{Reportedly}, [it leaked].", "hearsay certain affirmed distancing assertion"),
    ("<She> falsely {said} [it leaked].", "state certain affirmed distancing assertion"),
    ("<She> {said} without evidence [that it leaked].", "state certain affirmed distancing assertion"),
    ("<She> {said} without delay [that it leaked].", "state certain affirmed neutral assertion"),
    ("<She> correctly {said} [it leaked].", "state certain affirmed endorsing assertion"),
    ("<She> {pointed out} [that it leaked].", "disclose certain affirmed endorsing assertion"),
    ("<She> {pointed out} wrongly [that it leaked].", "disclose certain affirmed distancing assertion"),
    ("<She> {alleged} [that it leaked].", "allege certain affirmed distancing assertion"),
    ("<She> {accused} him of [lying].", "allege certain affirmed distancing assertion"),
    ("<Her> {claim} [that it leaked] failed.", "assert certain affirmed distancing assertion"),
    ("<Her> {statement} [that it leaked] failed.", "state certain affirmed neutral assertion"),
    # Nobody says it.
    ("[It] {is said} [to leak].", "hearsay certain affirmed distancing assertion"),
    ("<She> {said} of it [that it leaks].", "state certain affirmed neutral assertion"),
    ("[It] {is believed} [to leak].", "believe probable affirmed neutral assertion"),
    ("[It] {is expected} [to leak].", "predict probable affirmed neutral assertion"),
    ("[It] {is reported} [to leak].", "hearsay certain affirmed distancing assertion"),
    ("<The Echo> {reported} [that it leaks].", "report certain affirmed neutral assertion"),
    ("[It] {is understood} [to leak].", "hearsay certain affirmed distancing assertion"),
    ("<She> {understands} [that it leaks].", "believe certain affirmed neutral assertion"),
    ("[It] {was found} [to leak].", "report certain affirmed neutral assertion"),
    ("[It] {is estimated} [to leak].", "estimate probable affirmed neutral assertion"),
    ("[It leaks], {according to} <Quill>.", "state certain affirmed neutral assertion"),
    ("<She> was {quoted as saying} [it leaked].", "state certain affirmed neutral assertion"),
    # Hedges of the source's own.
    ("<She> {said} [it will rain].", "state certain affirmed neutral assertion"),
    ("<She> {said} [it may rain].", "state possible affirmed neutral assertion"),
    ("<She> {said} [it might rain].", "state possible affirmed neutral assertion"),
    ("<She> {said} [it could rain].", "state possible affirmed neutral assertion"),
    ("<She> {said} [it could not rain].", "state certain affirmed neutral assertion"),
    ("<She> {said} [it would rain].", "state certain affirmed neutral assertion"),
    ("<She> {said} [it was likely to rain].", "state probable affirmed neutral assertion"),
    ("<She> {said} [it would probably rain].", "state probable affirmed neutral assertion"),
    ("<She> {said} [perhaps it would rain].", "state possible affirmed neutral assertion"),
    ("[“I think it rained,”] <she> {said}.", "state probable affirmed neutral assertion"),
    ("[“It rained,”] <she> {said}.", "state certain affirmed neutral assertion"),
    ("<She> {said} [it would rain in May].", "state certain affirmed neutral assertion"),
    ("<She> {said} [the men who may leave are few].", "state certain affirmed neutral assertion"),
    ("<She> {said} [it beat the expected loss].", "state certain affirmed neutral assertion"),
    ("<She> {said} [a loss was expected].", "state probable affirmed neutral assertion"),
    ("<She> {thinks} [it may rain].", "believe possible affirmed neutral assertion"),
    ("<She> {warned} [that it would rain].", "warn possible affirmed neutral assertion"),
    ("<She> {suggested} [it would rain].", "suggest possible affirmed neutral assertion"),
    ("<She> {showed} [it would rain].", "report certain affirmed neutral assertion"),
    ("<She> {hopes} [that it rains].", "believe possible affirmed neutral assertion"),
    # Questions.
    ("<She> {asked} whether [it rained].", "ask uncommitted affirmed neutral question"),
    ("<She> {said} that [it rained].", "state certain affirmed neutral assertion"),
    ("<She> {asked} him [to go].", "demand n/a affirmed neutral directive"),
    ("<She> {wondered} if [it rained].", "ask uncommitted affirmed neutral question"),
    ("[“Did it rain?”] <she> {said}.", "state uncommitted affirmed neutral question"),
    ("[“It did rain!”] <she> {said}.", "state certain affirmed neutral assertion"),
    ("<She> will {say} whether [it rained].", "state uncommitted affirmed neutral assertion"),
    ("<She> must {explain} how [it will be paid].", "state uncommitted affirmed neutral assertion"),
    ("<She> {explained} how [it will be paid].", "state certain affirmed neutral assertion"),
    # Orders, promises, judgements.
    ("<She> {urged} him [to go].", "demand n/a affirmed neutral directive"),
    ("<She> {promised} [to go].", "promise n/a affirmed neutral commissive"),
    ("<She> {told} him [to go].", "demand n/a affirmed neutral directive"),
    ("<She> {told} him [it rained].", "state certain affirmed neutral assertion"),
    ("<She> {agreed} [to go].", "promise n/a affirmed neutral commissive"),
    ("<She> {agreed} [that it rained].", "state certain affirmed neutral assertion"),
    ("<She> {wants} [to go].", "other n/a affirmed neutral commissive"),
    ("<She> {wants} [him to go].", "demand n/a affirmed neutral directive"),
    ("<She> {decided} [to go].", "announce n/a affirmed neutral commissive"),
    ("<She> {decided} [that it rained].", "announce certain affirmed neutral assertion"),
    ("<She> {hopes} [to go].", "other n/a affirmed neutral commissive"),
    ("<She> {warned} him [to go].", "warn n/a affirmed neutral directive"),
    ("[“Don’t go,”] <she> {said}.", "state n/a affirmed neutral directive"),
    ("[“They don’t go,”] <she> {said}.", "state certain affirmed neutral assertion"),
    ("<She> {called} it [a disgrace].", "judge n/a affirmed neutral evaluation"),
    ("<She> {called for} [a recount].", "demand n/a affirmed neutral directive"),
    ("<She> {called} for [a recount].", "demand n/a affirmed neutral directive"),
    ("<Her> {call} [for a recount] failed.", "demand n/a affirmed neutral directive"),
    ("<She> {praised} [the plan].", "judge n/a affirmed neutral evaluation"),
    ("<She> {rejected} [the plan].", "deny n/a denied neutral evaluation"),
    ("<She> {rejected} claims [that it leaked].", "deny certain denied neutral assertion"),
    ("[“It never leaked,”] <she> {denied}.", "deny certain affirmed neutral assertion"),
    ("<She> {denied} [“any wrongdoing”].", "deny certain denied neutral assertion"),
    ("<She> {issued a denial} [that it leaked].", "deny certain denied neutral assertion"),
    ("<She> {issued a statement} [that it leaked].", "state certain affirmed neutral assertion"),
    ("<She> {made it clear} [that it leaked].", "state certain affirmed neutral assertion"),
    # No answer.
    ("<She> {declined to comment}.", "decline n/a unknown neutral assertion"),
    ("<She> {declined to say} whether [it leaked].", "decline uncommitted unknown neutral assertion"),
    ("<She> {refused} [to show it].", "decline n/a denied neutral commissive"),
    ("<She> {failed to say} whether [it leaked].", "state uncommitted unknown neutral assertion"),
    # Without words of attribution.
    ("<Quill>{:} [it leaked].", "none certain affirmed neutral assertion"),
    ("<Quill>{:} [it may leak].", "none possible affirmed neutral assertion"),
    ("[“It leaked.”]", "none certain affirmed neutral assertion"),
    ("<Greens> [‘to cut tax’]", "none n/a affirmed neutral commissive"),
    # A cue that no table has.
    ("<She> {frobbed} [that it leaked].", "other certain affirmed neutral assertion"),
    ("<She> {frobbed} [that it may leak].", "other possible affirmed neutral assertion"),
    ("<She> {did not frob} [that it leaked].", "other uncommitted unknown neutral assertion"),
    ("<She> {frobbed} [to stop the leak].", "other n/a affirmed neutral commissive"),
    ("<She> falsely {frobbed} [that it leaked].", "other certain affirmed distancing assertion"),
]


@pytest.mark.parametrize(("sentence", "expected"), PAIRS, ids=[sentence for sentence, _ in PAIRS])
def test_what_a_claim_commits_to(sentence: str, expected: str) -> None:
    assert brief(read(sentence)[1]) == expected


def test_the_pairs_are_many_and_apart() -> None:
    assert len({sentence for sentence, _ in PAIRS}) == len(PAIRS) >= 80


@pytest.mark.parametrize(
    ("sentence", "hedges"),
    [
        ("<She> {said} [it rained].", []),
        ("<She> {said} [it may possibly rain].", ["may", "possibly"]),
        ("<She> {believes} [it will rain].", ["believes"]),
        ("<She> {believes} [it might rain].", ["believes", "might"]),
        ("[“I think it may rain,”] <she> {said}.", ["I think", "may"]),
        ("<She> {denied} [that it may rain].", []),
        ("<She> {vowed} [to do what may help].", []),
        ("<She> {said} [it rained.  It may rain again].", []),
        ("[“It rained,”] <she> {said}. [“It may rain.”]", []),
        ("<She> {said} [it is İ and may rain].", ["may"]),
    ],
)
def test_the_words_that_lower_certainty_are_told(sentence: str, hedges: list[str]) -> None:
    text, found = read(sentence)
    assert [text[at.start : at.end] for at in found.hedges] == hedges


@pytest.mark.parametrize(
    ("content", "tense", "conditional"),
    [
        ("it rained", "past", False),
        ("it was raining", "past", False),
        ("it has rained", "past", False),
        ("it has an engine", "present", False),
        ("it rains now and is cold", "present", False),
        ("it will rain", "future", False),
        ("it would rain", "future", False),
        ("it is going to rain", "future", False),
        ("to go", "future", False),
        ("the closure of two plants", None, False),
        ("it will rain if the wind turns", "future", True),
        ("unless the wind turns, it will rain", "future", True),
        ("they have not agreed", "past", False),
    ],
)
def test_tense_and_condition(content: str, tense: str | None, conditional: bool) -> None:
    found = read(f"<She> {{said}} [{content}].")[1]
    assert (found.tense, found.conditional) == (tense, conditional)


@pytest.mark.parametrize(
    ("sentence", "lemma", "in_table"),
    [
        ("<She> {pointed out} [it].", "point out", True),
        ("<She> {was quoted as saying} [it].", "say", True),
        ("<She> {has since made quite clear} [it].", "make clear", True),
        ("<She> {declined to say} [it].", "decline", True),
        ("<She> {frobbed} [it].", None, False),
        ("<She>{:} [it].", None, True),
    ],
)
def test_the_lemma_of_a_cue(sentence: str, lemma: str | None, in_table: bool) -> None:
    found = read(sentence)[1]
    assert (found.cue_lemma, found.in_table) == (lemma, in_table)


def test_what_is_said_elsewhere_changes_nothing() -> None:
    alone = read("<She> {said} [it rained].")[1]
    beside = read("He did not go. “No!” Not so: <she> {said} [it rained]. It may, reportedly, rain again.")[1]
    assert brief(alone) == brief(beside)

"""What is remembered, for how long, and who owns a content."""

from __future__ import annotations

import msgspec

from streams.dedupe.dedupe import Dedupe, DedupeLimits
from tests.unit.dedupe.dedupe_parts import DAY, START, article, prose, time_of

TEXT = prose(120)
MINOR = TEXT.replace(TEXT.split()[50], "mended")
NUMBERED = TEXT.replace(TEXT.split()[50], "57")


def show(dedupe: Dedupe, text: str, day: float = 0, url: str = "https://example.org/a", **fields):
    at = START + int(day * DAY)
    return dedupe.judge(article(text, url=url, at=at, **fields), at)


def elsewhere(dedupe: Dedupe, text: str, day: float = 0, number: int = 0, **fields):
    return show(dedupe, text, day, f"https://copy.example/{number}", domain="copy.example", **fields)


def test_an_article_is_known_for_thirty_days_after_it_was_last_shown(dedupe: Dedupe) -> None:
    assert show(dedupe, TEXT).verdict == "new"
    assert show(dedupe, TEXT, 30).verdict == "unchanged"
    assert show(dedupe, TEXT, 60).verdict == "unchanged"
    assert show(dedupe, TEXT, 90.01).verdict == "new"


def test_near_copies_are_found_for_seven_days_exact_ones_for_thirty(dedupe: Dedupe) -> None:
    show(dedupe, TEXT)
    assert elsewhere(dedupe, NUMBERED, 7, 1).verdict == "near_duplicate"
    assert elsewhere(dedupe, NUMBERED + " 58", 7.01, 2).verdict == "new"
    assert elsewhere(dedupe, TEXT, 30, 3).verdict == "duplicate"
    assert elsewhere(dedupe, TEXT, 60.01, 4).verdict == "new"


def test_an_exact_copy_shows_its_owner(dedupe: Dedupe) -> None:
    show(dedupe, TEXT)
    elsewhere(dedupe, TEXT, 6, 1)
    assert elsewhere(dedupe, NUMBERED, 12, 2).verdict == "near_duplicate"
    assert elsewhere(dedupe, NUMBERED + " 58", 13.01, 3).verdict == "new"


def test_copies_that_go_on_for_ever_carry_the_sketch_again_when_the_first_has_gone(dedupe: Dedupe) -> None:
    carried = []
    for day in range(0, 80, 5):
        sighting = elsewhere(dedupe, TEXT, day, day)
        assert sighting.verdict == ("new" if day == 0 else "duplicate")
        carried.append(sighting.fingerprints.sketch is not None)
        near = elsewhere(dedupe, f"{NUMBERED} {day + 60}", day + 0.1, 1000 + day)
        assert near.relations[0].article_id == article(url="https://copy.example/0").article_id
    assert [day for day, has in zip(range(0, 80, 5), carried, strict=True) if has] == [0, 25, 50, 75]


def test_bounds() -> None:
    state = Dedupe(DedupeLimits(max_identities=10, max_near=3), None)
    texts = [prose(60, seed=i) for i in range(20)]
    for i, text in enumerate(texts):
        assert elsewhere(state, text, i / 1000, i).verdict == "new"
    assert state.owners == 3
    assert elsewhere(state, texts[18] + " 5", 1, 101).verdict == "near_duplicate"
    assert elsewhere(state, texts[16] + " 5", 1, 102).verdict == "new"
    # The last ten sightings: of the articles those from the 13th on, then the two just shown, then this.
    known = elsewhere(state, texts[13], 2, 13)
    assert known.verdict == "unchanged"
    assert known.window_start == time_of(START + 12 * DAY // 1000)
    assert elsewhere(state, texts[13 - 1], 3, 12).verdict == "new"
    state.close()


def test_window_start_is_that_of_the_window(dedupe: Dedupe) -> None:
    assert show(dedupe, TEXT).window_start == time_of(START - 30 * DAY)


def test_what_is_shown_again_from_before_the_window_says_so(dedupe: Dedupe) -> None:
    """Its words are still known, since a copy was shown: so it is known to return."""
    show(dedupe, TEXT)
    elsewhere(dedupe, TEXT, 20)
    back = show(dedupe, TEXT, 40)
    assert (back.verdict, back.flags) == ("duplicate", ["history_unknown"])
    assert back.relations[0].article_id == back.article_id


def test_what_goes_to_enrich_owns_its_content(dedupe: Dedupe) -> None:
    show(dedupe, TEXT)
    near = elsewhere(dedupe, NUMBERED, 0, 1)
    assert (near.verdict, near.enrich) == ("near_duplicate", True)
    copy = elsewhere(dedupe, NUMBERED, 0, 2)
    assert (copy.verdict, copy.relations[0].article_id) == ("duplicate", near.article_id)
    minor = show(dedupe, MINOR, 0.1)
    assert (minor.flags, minor.enrich) == (["minor"], True)
    copy = elsewhere(dedupe, MINOR, 0.2, 3)
    assert (copy.verdict, copy.relations[0].revision_id) == ("duplicate", minor.revision_id)


def test_what_does_not_owns_nothing(dedupe: Dedupe) -> None:
    show(dedupe, TEXT)
    cut = " ".join(TEXT.split()[:-10])
    first = elsewhere(dedupe, cut, 0, 1)
    assert (first.verdict, first.enrich) == ("near_duplicate", False)
    second = elsewhere(dedupe, cut, 0, 2)
    assert (second.verdict, second.relations[0].revision_id) == (
        "near_duplicate",
        show(dedupe, TEXT).revision_id,
    )


def test_chains_do_not_drift(dedupe: Dedupe) -> None:
    """A near-copy is compared with owners in the near index only, where near-copies never come."""
    words = TEXT.split()
    first = show(dedupe, TEXT)
    halfway = " ".join([*words[:100], *prose(20, seed="other").split()])
    further = " ".join([*words[:80], *prose(40, seed="other").split()])
    assert elsewhere(dedupe, halfway, 0, 1).verdict == "near_duplicate"
    found = elsewhere(dedupe, further, 0, 2)
    assert found.verdict == "new"
    assert not any(relation.article_id == first.article_id for relation in found.relations)


def test_a_minor_revision_is_not_in_the_near_index_a_substantive_one_is(dedupe: Dedupe) -> None:
    show(dedupe, TEXT)
    show(dedupe, MINOR, 0.1)
    assert dedupe.owners == 1
    show(dedupe, prose(120, seed="rewritten"), 0.2)
    assert dedupe.owners == 2


def test_the_most_similar_owner_is_named(dedupe: Dedupe) -> None:
    words = TEXT.split()
    show(dedupe, TEXT)
    other = " ".join([*words[:90], *prose(30, seed="other").split()])
    assert show(dedupe, other, 0, "https://example.org/b").verdict == "new"
    copy = elsewhere(dedupe, other.replace(words[3], "mended"))
    assert copy.relations[0].article_id == article(url="https://example.org/b").article_id


def test_relations_say_who_and_when(dedupe: Dedupe) -> None:
    first = show(dedupe, TEXT)
    copy = elsewhere(dedupe, TEXT, 0.5).relations[0]
    assert (copy.item_id, copy.revision_id) == (first.item_id, first.revision_id)
    assert (copy.jaccard, copy.same_publisher, copy.lag_s) == (1.0, False, 43_200.0)
    assert (copy.publisher, copy.first_seen_at) == ("example.org", time_of(START))
    again = show(dedupe, NUMBERED, 0.5, "https://example.org/b").relations[0]
    assert (again.same_publisher, again.numbers_changed) == (True, ["57"])
    assert (
        dedupe.judge(article(TEXT, url="https://x.org/", domain=None), START).relations[0].same_publisher
        is False
    )


def test_sketches_travel_but_where_the_content_is_an_owners(dedupe: Dedupe) -> None:
    assert show(dedupe, TEXT).fingerprints.sketch is not None
    for sighting in (show(dedupe, TEXT, 1), elsewhere(dedupe, TEXT, 1), show(dedupe, TEXT, 2, title="Other")):
        assert sighting.fingerprints.sketch is None
        assert sighting.fingerprints.exact is not None
        assert sighting.fingerprints.minhash is not None
    assert elsewhere(dedupe, MINOR, 2, 7).fingerprints.sketch is not None


def test_a_canonical_url_is_a_link_as_well(dedupe: Dedupe) -> None:
    teaser = show(dedupe, prose(20), 0, "https://example.org/link", basis="feed_summary")
    page = show(dedupe, TEXT, 0.1, "https://example.org/page", link="https://example.org/link")
    assert page.article_id == teaser.article_id
    again = show(dedupe, TEXT, 0.2, "https://example.org/page", link="https://example.org/another")
    assert (again.article_id, again.verdict, again.flags) == (teaser.article_id, "unchanged", ["alias"])
    plain = show(dedupe, TEXT, 0.3, "https://example.org/page")
    assert (plain.article_id, plain.verdict) == (teaser.article_id, "unchanged")


def test_a_link_that_leads_elsewhere_takes_nothing_with_it(dedupe: Dedupe) -> None:
    latest = "https://example.org/latest"
    first = show(dedupe, TEXT, 0, "https://example.org/1", link=latest)
    other = prose(120, seed="other")
    second = show(dedupe, other, 1, "https://example.org/2", link=latest, title="Another")
    assert (second.article_id, second.flags) == (first.article_id, ["identity_conflict", "alias"])
    proper = show(dedupe, other, 2, "https://example.org/2", title="Another")
    assert proper.article_id == article(url="https://example.org/2").article_id


def test_a_link_stays_with_the_article_it_is_known_under(dedupe: Dedupe) -> None:
    one = show(dedupe, TEXT, 0, "https://example.org/1")
    two = show(dedupe, prose(120, seed="two"), 0, "https://example.org/2")
    both = show(dedupe, MINOR, 1, "https://example.org/2", link="https://example.org/1")
    assert both.article_id == one.article_id
    assert both.standing is not None
    assert both.standing.url_is_link is False
    assert show(dedupe, TEXT, 2, "https://example.org/2").article_id == two.article_id


def test_late_never_becomes_current(dedupe: Dedupe) -> None:
    show(dedupe, TEXT, 2)
    late = dedupe.judge(article(NUMBERED, at=START + DAY), START + 3 * DAY)
    assert (late.flags, late.revision_number) == (["late"], 2)
    assert late.standing is not None
    assert (late.standing.current_number, late.standing.highest_number) == (1, 2)
    after = show(dedupe, TEXT, 4)
    assert (after.verdict, after.revision_number) == ("unchanged", 1)
    newest = show(dedupe, MINOR, 5)
    assert (newest.revision_number, newest.previous_revision_id) == (3, after.revision_id)
    assert newest.standing is not None
    assert newest.standing.current_number == 3


def test_reverts_name_the_number_a_content_first_had(dedupe: Dedupe) -> None:
    other = prose(120, seed="other")
    found = [show(dedupe, text, day) for day, text in enumerate([TEXT, other, TEXT, other, TEXT])]
    assert [s.revision_number for s in found] == [1, 2, 3, 4, 5]
    assert [s.reverts_to for s in found] == [None, None, 1, 2, 1]
    again = show(dedupe, TEXT, 6)
    assert (again.verdict, again.revision_number, again.reverts_to) == ("unchanged", 5, None)


def test_of_an_article_with_many_contents_the_last_shown_are_known() -> None:
    state = Dedupe(DedupeLimits(), None)
    for i in range(70):
        show(state, prose(20, seed=i), i / 100)
    assert show(state, prose(20, seed=10), 1).reverts_to == 11
    assert show(state, prose(20, seed=1), 1.1).reverts_to is None
    state.close()


def test_an_item_read_by_another_extractor_is_judged_by_the_table(dedupe: Dedupe) -> None:
    one = article(TEXT)
    first = dedupe.judge(one, START)
    other = msgspec.structs.replace(one, extractor=msgspec.structs.replace(one.extractor, version="2"))
    assert dedupe.judge(other, START + 1).verdict == "unchanged"
    assert dedupe.judge(one, START + 2) == first

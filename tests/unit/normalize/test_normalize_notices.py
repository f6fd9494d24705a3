import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.normalize.notices import corrections_of, credits_of, dateline_of
from tests.unit.normalize.normalize_parts import TEXT


@pytest.mark.parametrize(
    ("text", "dateline"),
    [
        ("EASTMOUTH, March 3 (Reuters) - The harbour", "EASTMOUTH, March 3 (Reuters)"),
        ("EASTMOUTH — The harbour", "EASTMOUTH"),
        ("EASTMOUTH, Norland (AP) — The harbour", "EASTMOUTH, Norland (AP)"),
        (
            "PORT LOUIS/ST. JOHN'S, Nov. 24, 2026 (Xinhua) -- The",
            "PORT LOUIS/ST. JOHN'S, Nov. 24, 2026 (Xinhua)",
        ),
        ("  SÃO TOMÉ – O porto", "SÃO TOMÉ"),
        ("Eastmouth (dpa) - Der Hafen", "Eastmouth (dpa)"),
        ("Eastmouth, 24 November – The harbour", "Eastmouth, 24 November"),
        ("【11月24日 AFP】港は", "【11月24日 AFP】"),
        ("Ships wait outside\n\nEASTMOUTH - The harbour", "EASTMOUTH"),
        ("Ships wait outside. They are 40.\n\nEASTMOUTH - The harbour", None),
        ("Ships wait outside\nEASTMOUTH - The harbour", None),
        ("PRESS RELEASE - FOR IMMEDIATE RELEASE\n\nThe harbour", None),
        ("UPDATE 1 - Harbour closed", None),
        ("WATCH — Ships wait", None),
        ("The harbour – which is closed", None),
        ("Eastmouth - the harbour", None),
        ("Obi (left) – she won", None),
        ("EASTMOUTH The harbour", None),
        ("", None),
        (TEXT, None),
    ],
)
def test_datelines(text, dateline):
    span = dateline_of(text)
    assert (span.exact if span else None) == dateline
    if span is not None:
        assert text[span.start : span.end] == span.exact


@pytest.mark.parametrize(
    ("text", "notices"),
    [
        (f"{TEXT}\nReuters contributed to this report.", ["Reuters contributed to this report."]),
        (
            "It was late. Associated Press writer Jo Berg in Eastmouth contributed to this story. It ended.",
            ["Associated Press writer Jo Berg in Eastmouth contributed to this story."],
        ),
        (
            "It ended. (Reporting by Ada Obi; Editing by Kim Li)",
            ["(Reporting by Ada Obi; Editing by Kim Li)"],
        ),
        ("It ended.\nReporting by Ada Obi and Kim Li\n", ["Reporting by Ada Obi and Kim Li"]),
        ("It ended.\nWith files from The Canadian Press", ["With files from The Canadian Press"]),
        ("It ended.\n— AFP", ["— AFP"]),
        ("It ended.\n(AP/Reuters)\n", ["(AP/Reuters)"]),
        ("© 2026 Eastmouth Echo. All rights reserved.", ["© 2026 Eastmouth Echo."]),
        (
            "This article was originally published by the Eastmouth Echo. Read on.",
            ["This article was originally published by the Eastmouth Echo."],
        ),
        ("Fog contributed to the delay. The AP asked. Reporting by the press was slow.", []),
        ("AFP\n" + "word " * 200, []),
        ("", []),
    ],
)
def test_credits(text, notices):
    assert [span.exact for span in credits_of(text)] == notices


@pytest.mark.parametrize(
    ("text", "notices"),
    [
        ("Correction: The ship left on Tuesday.\nMore.", [("correction", "Correction: The ship left on Tuesday.")]),
        ("CLARIFICATION — The quay is new.", [("clarification", "CLARIFICATION — The quay is new.")]),
        ("Text.\nUPDATE: The quay is open.", [("update", "UPDATE: The quay is open.")]),
        ("Retraction: We withdraw this.", [("retraction", "Retraction: We withdraw this.")]),
        (
            "Editor’s note: This story has been corrected to say that two quays moved.",
            [("correction", "Editor’s note: This story has been corrected to say that two quays moved.")],
        ),
        ("Editor's note: Ada Obi lives in Eastmouth.", []),
        (
            "It ended. An earlier version of this article misstated the day. Sorry.",
            [("correction", "An earlier version of this article misstated the day.")],
        ),
        (
            "(This 2 March story has been corrected to show that the ship is new)",
            [("correction", "(This 2 March story has been corrected to show that the ship is new)")],
        ),
        ("This story has been updated with a statement.", [("update", "This story has been updated with a statement.")]),
        ("This article was amended on 3 March.", [("correction", "This article was amended on 3 March.")]),
        ("Corrects spelling of the mayor’s name in paragraph 3.", [("correction", "Corrects spelling of the mayor’s name in paragraph 3.")]),
        ("The market saw a correction: prices fell. The update came late, an earlier version of the law said.", []),
        ("Updated at 9:30", []),
        ("", []),
    ],
)  # fmt: skip
def test_corrections(text, notices):
    assert [(c.kind, c.span.exact) for c in corrections_of(text)] == notices


words = st.sampled_from(
    [*TEXT.split()[:20], "Correction:", "contributed to this report", "\n", "(Reporting by", ")", "(AP) -", "EASTMOUTH",
     "An earlier version of this story", "has been corrected to", "AFP", ".", "…”", "© 2026 ", " "]
)  # fmt: skip


@given(st.lists(words | st.text(max_size=4), max_size=30).map(" ".join))
def test_spans_reproduce_the_text_and_do_not_overlap(text):
    dateline = dateline_of(text)
    groups = [[dateline] if dateline else [], credits_of(text), [c.span for c in corrections_of(text)]]
    for spans in groups:
        end = 0
        for span in spans:
            assert text[span.start : span.end] == span.exact
            assert span.exact.strip()
            assert span.start >= end
            end = span.end


@pytest.mark.parametrize(
    "hostile",
    [
        "A" + "-" * 200_000,
        "\n" * 200_000 + "reporting by",
        "( " * 100_000 + "reporting by",
        "contributed to this report " * 10_000,
        "Correction: " * 20_000,
        "this a a a a " * 20_000 + "updated",
        " " * 200_000 + "AFP",
    ],
    ids=["dashes", "lines", "brackets", "credits", "corrections", "this", "spaces"],
)
def test_hostile_text_takes_linear_time(hostile):
    # The suite's timeout is the assertion: backtracking would take minutes here.
    dateline_of(hostile)
    assert len(credits_of(hostile)) <= 50
    assert len(corrections_of(hostile)) <= 50

"""A missing component skips by name, fails where all are required, and data never fails."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.support import require as module
from tests.support.require import missing, require, require_shared
from tests.support.waiting import eventually


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    counter: Counter[str] = Counter()
    monkeypatch.setattr(module, "NOT_RUN", counter)
    monkeypatch.delenv("REQUIRE_ALL", raising=False)
    return counter


def test_a_program_that_is_there_is_found():
    assert Path(require("sh")).name == "sh"


def test_a_missing_program_skips_and_is_counted(counted: Counter[str]):
    with pytest.raises(pytest.skip.Exception, match="no-such-program is missing: apt-get install"):
        require("no-such-program")
    assert counted == {"no-such-program": 1}


def test_with_all_required_a_missing_program_fails(monkeypatch: pytest.MonkeyPatch, counted: Counter[str]):
    monkeypatch.setenv("REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="kcat is missing: apt-get install kcat"):
        missing("kcat", "apt-get install kcat")
    assert not counted


def test_absent_research_data_skips_even_with_all_required(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, counted: Counter[str]
):
    monkeypatch.setenv("REQUIRE_ALL", "1")
    monkeypatch.setenv("NEWSWIRE_SHARED", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="shared data bbc-news is absent"):
        require_shared("bbc-news")
    assert counted == {"shared data bbc-news": 1}
    (tmp_path / "data" / "bbc-news").mkdir(parents=True)
    assert require_shared("bbc-news") == tmp_path / "data" / "bbc-news"


def test_waiting_returns_what_it_saw_and_tells_what_it_did_not():
    seen = iter([0, 0, 7])
    assert eventually(lambda: next(seen), "seven", pause_s=0) == 7
    with pytest.raises(AssertionError, match=r"still not: the end \(last seen: \[\]\)"):
        eventually(list, "the end", timeout_s=0)

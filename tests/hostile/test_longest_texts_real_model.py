"""The longest texts with the real model, in children with the memory that they have by default, and in less CPU
time than they have time.
"""

from __future__ import annotations

import json
import os
import resource

import msgspec
import pytest

from newswire.settings import Settings
from schemas.enriched import EnrichedArticle
from schemas.limits import RECORD_BYTES, TEXT_CHARS
from tests.support.processes import run_newswire_bytes
from tests.support.sizes import statements

pytestmark = pytest.mark.timeout(1800)


def cpu_s() -> float:
    """Seconds of CPU of all processes that have ended under this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_longest_texts_are_read_within_the_limits_of_a_child():
    texts = {
        # As much to find as there can be, and one code point too long.
        "statements": statements(TEXT_CHARS + 1, seed=5),
        # More tokens than writing has, in more sentences.
        "lines": "a\n" * (TEXT_CHARS // 2),
        "after": statements(3_000, seed=6),
    }
    lines = [json.dumps({"id": name, "text": text, "language": "en"}) for name, text in texts.items()]
    before = cpu_s()
    done = run_newswire_bytes(
        *("pipe", "normalize", "enrich"),
        # How long it takes beside others' work is not the texts' doing.
        environ=os.environ | {"NEWSWIRE_ENRICH_TIMEOUT_S": "1500"},
        stdin="\n".join(lines).encode(),
        timeout_s=1700,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert cpu_s() - before < len(texts) * Settings.model_fields["enrich_timeout_s"].default
    written = done.stdout.splitlines()
    assert [json.loads(line)["event"] for line in written] == ["enriched_article"] * 3
    found = {each.native_id: each for each in (msgspec.json.decode(w, type=EnrichedArticle) for w in written)}
    assert found["statements"].truncated
    for name, text in texts.items():
        article = found[name]
        assert article.text == text[:TEXT_CHARS]
        spans = [span for claim in article.claims for span in claim.content]
        spans += [mention for entity in article.entities for mention in entity.mentions]
        assert all(article.text[span.start : span.end] == span.exact for span in spans)
    # What is found takes more than a record holds: it is kept as far as it fits, and the article says so.
    full, lines_, after = (found[name] for name in texts)
    assert (full.analysis.claims, full.analysis.entities) == ("partial", "done")
    assert full.analysis.reason == "record_limit"
    assert len(full.claims) > 500
    assert {"Ada Quill", "Maren Oldcastle"} <= {entity.name for entity in full.entities}
    assert max(mention.end for entity in full.entities for mention in entity.mentions) > TEXT_CHARS - 1_000
    assert len(written[0]) < RECORD_BYTES
    assert (lines_.analysis.claims, lines_.analysis.reason) == ("partial", "token_limit")
    assert (after.analysis.claims, after.analysis.entities) == ("done", "done")
    assert len(after.claims) >= 10

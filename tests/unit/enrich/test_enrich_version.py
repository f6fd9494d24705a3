"""What is said of claims and entities changes with the version that every event names, and never without."""

from __future__ import annotations

import hashlib
from pathlib import Path

from streams.enrich import tables
from streams.enrich.english import VERSION

TABLES = {"5": "049414568f1fa7e4"}
"""The digest of all tables by the version of the English model that they came with."""


def test_tables_change_with_the_version() -> None:
    digest = hashlib.sha256()
    for path in sorted(Path(tables.__file__).parent.glob("*.tsv")):
        digest.update(path.read_bytes())
    assert TABLES[VERSION] == digest.hexdigest()[:16], (
        "raise VERSION in streams/enrich/english.py, and say it here"
    )

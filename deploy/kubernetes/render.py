"""Write the topics for Strimzi's operator, ``components/strimzi/topics.yaml``, from those declared in code.

The result is committed.  ``--partitions``, ``--replicas`` and ``--to`` make a file of your own; ``--check`` fails
where the file is stale.
"""

# ruff: noqa: INP001, T201 - a script beside what it writes, in no package

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from newswire.settings import load_settings
from newswire.topics import wanted_topics

HERE: Final = Path(__file__).resolve().parent
TOPICS: Final = HERE / "components" / "strimzi" / "topics.yaml"
CLUSTER: Final = "newswire"
HEAD: Final = "# Made by deploy/kubernetes/render.py from schemas/topics.py; do not edit.\n"


def rendered(partitions: int, replicas: int) -> str:
    """Return all topics, as YAML documents."""
    settings = load_settings({"partitions": partitions, "replication_factor": replicas}, environ={})
    documents: list[dict[str, Any]] = [
        {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaTopic",
            "metadata": {"name": topic.name, "labels": {"strimzi.io/cluster": CLUSTER}},
            "spec": {
                "partitions": topic.partitions,
                "replicas": topic.replication_factor,
                "config": {name: _typed(value) for name, value in topic.config.items()},
            },
        }
        for topic in wanted_topics(settings)
    ]
    return HEAD + yaml.safe_dump_all(documents, sort_keys=False)


def _typed(value: str) -> int | str:
    return int(value) if value.lstrip("-").isdigit() else value


def main() -> int:
    """Write, or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--partitions", type=int, default=6)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--to", type=Path, default=TOPICS)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    text = rendered(given.partitions, given.replicas)
    if given.check:
        if given.to.read_text("utf-8") == text:
            return 0
        print(f"{given.to} is stale: python deploy/kubernetes/render.py", file=sys.stderr)
        return 1
    given.to.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

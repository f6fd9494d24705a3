"""Start the JVM: format a data directory, run Kafka, say why it did not start."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psutil

from newswire.broker.config import Layout
from newswire.broker.errors import BrokerError
from newswire.broker.state import BrokerState

__all__ = [
    "HEAP",
    "PORT_TAKEN",
    "archive_of",
    "cluster_id_of",
    "format_data",
    "new_cluster_id",
    "run_kafka",
    "why_not",
]

HEAP: Final = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError")
QUICK: Final = "-XX:TieredStopAtLevel=1"
"""Compile once and lightly: a third less time to start, less speed later."""
FORMAT_TIMEOUT_S: Final = 120
PORT_TAKEN: Final = "its port is taken"


def new_cluster_id() -> str:
    """Make a cluster id as Kafka writes one: 16 random bytes in URL-safe base64, no dash in front."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
        if not text.startswith("-"):
            return text


def cluster_id_of(layout: Layout) -> str:
    """Read the cluster id of a formatted data directory.

    Raises:
        BrokerError: it has none.
    """
    meta = (layout.data / "meta.properties").read_text("ascii")
    found = re.search(r"^cluster\.id=(\S+)$", meta, re.MULTILINE)
    if found is None:
        raise BrokerError(f"{layout.data} is broken (no cluster.id in meta.properties): start with --wipe")
    return found[1]


def archive_of(java: Path, jars: Path) -> Path:
    """Say where the archive of these jars' classes for this Java is, or would be; see `newswire.broker.archive`.

    Java itself refuses one that another Java has made, and starts without.
    """
    real = java.resolve()
    of = hashlib.sha256(f"{real} {real.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    return jars.with_name(f"{jars.name}-{of}.jsa")


def format_data(java: Path, jars: Path, layout: Layout, cluster_id: str) -> None:
    """Make the data directory that of a new cluster whose only voter is this node.

    Raises:
        BrokerError: Kafka's tool refuses.
    """
    command = [str(java), QUICK, *_java_options(java, jars, layout), "kafka.tools.StorageTool", "format"]
    command += ["--standalone", "-t", cluster_id, "-c", str(layout.server)]
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=FORMAT_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BrokerError(f"Kafka did not format {layout.data} in {FORMAT_TIMEOUT_S} s") from error
    if done.returncode:
        said = (done.stderr + done.stdout).strip().splitlines()
        raise BrokerError(f"Kafka cannot format {layout.data}: {said[-1] if said else done.returncode}")


def run_kafka(
    java: Path,
    jars: Path,
    layout: Layout,
    *,
    ports: tuple[int, int],
    cluster_id: str,
    quick: bool,
    more: Sequence[str] = (),
) -> tuple[subprocess.Popen[bytes], BrokerState]:
    """Start Kafka in a session of its own, so that it outlives its parent and hears no Ctrl-C.

    *more* are options of Java's.
    """
    command = [str(java), *((QUICK,) if quick else ()), *HEAP, *more, *_java_options(java, jars, layout)]
    command += ["kafka.Kafka", str(layout.server)]
    with layout.output.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=layout.root,
            start_new_session=True,
        )
    port, controller_port = ports
    return child, BrokerState(
        pid=child.pid,
        started_at=psutil.Process(child.pid).create_time(),
        configuration=str(layout.server),
        port=port,
        controller_port=controller_port,
        cluster_id=cluster_id,
    )


def why_not(layout: Layout, log_offset: int) -> str:
    """Say in one line why Kafka ended, from what it logged after *log_offset* bytes, and printed."""
    text = _tail(layout.log, log_offset) + _tail(layout.output, 0)
    if "Address already in use" in text:
        return PORT_TAKEN
    errors = [line for line in text.splitlines() if re.search(r"ERROR|FATAL|Error|Exception", line)]
    return f"{errors[0].strip()[:300] if errors else 'it ended'} (more in {layout.log})"


def _java_options(java: Path, jars: Path, layout: Layout) -> list[str]:
    archive = archive_of(java, jars)
    return [
        *([f"-XX:SharedArchiveFile={archive}"] if archive.is_file() else []),
        f"-Dlog4j2.configurationFile={layout.log4j.as_uri()}",
        "-Djava.awt.headless=true",
        "-cp",
        f"{jars}/*",
    ]


def _tail(path: Path, offset: int) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return ""
    return raw[offset if offset <= len(raw) else 0 :].decode("utf-8", "replace")

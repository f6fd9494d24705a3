"""Java and Maven: found, fetched once, checked, and missed with one line that says what to do."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from newswire.broker import BrokerError, fetch_jars
from newswire.broker.config import Layout
from newswire.broker.jars import DEFINITION, cache_directory, digests
from newswire.broker.java import find_java, java_major
from newswire.broker.launch import PORT_TAKEN, archive_of, cluster_id_of, format_data, new_cluster_id, why_not


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the whole search path (but for what /bin/sh itself needs)."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


@pytest.mark.parametrize(
    ("said", "major"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "25" 2025-09-16', 25),
        ('java version "1.8.0_202"', 8),
        ('openjdk version "26-ea" 2026-03-17', 26),
        ('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "21.0.1" 2023-10-17', 21),
        ("command not found", None),
    ],
)
def test_javas_version_is_read_in_every_form(said: str, major: int | None):
    assert java_major(said) == major


def test_java_of_java_home_goes_first(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program(path, "java", "echo 'openjdk version \"11.0.1\"' >&2")
    mine = program(tmp_path / "jdk" / "bin", "java", "echo 'openjdk version \"21.0.1\"' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert find_java() == mine


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (None, "Java 17 or newer is needed and there is none: install it"),
        ("echo 'openjdk version \"11.0.1\"' >&2", "is Java 11, and 17 or newer is needed: install it"),
        ("echo nothing", "does not tell its version"),
    ],
)
def test_a_missing_or_old_java_is_told(path: Path, script: str | None, message: str):
    if script:
        program(path, "java", script)
    with pytest.raises(BrokerError, match=message) as error:
        find_java()
    assert "\n" not in str(error.value)
    assert "NEWSWIRE_KAFKA_BOOTSTRAP" in str(error.value)


@pytest.fixture
def definition(tmp_path: Path) -> Path:
    """A definition of one jar, whose content is ``jar``."""
    folder = tmp_path / "definition"
    folder.mkdir()
    (folder / "pom.xml").write_text("<project/>")
    (folder / "jars.sha256").write_text(f"{hashlib.sha256(b'jar').hexdigest()}  kafka.jar\n")
    return folder


def maven(path: Path, content: str = "jar") -> None:
    """A Maven that writes one jar where it is told to, and counts its calls."""
    program(
        path,
        "mvn",
        f'for a in "$@"; do case $a in -DoutputDirectory=*) out=${{a#*=}};; esac; done\n'
        f"echo call >> {path}/calls\n/bin/mkdir -p $out\nprintf {content} > $out/kafka.jar",
    )


def test_jars_are_fetched_once_and_kept_for_every_checkout(path: Path, definition: Path):
    maven(path)
    jars = fetch_jars(definition)
    assert jars.parent == cache_directory()
    assert (jars / "kafka.jar").read_bytes() == b"jar"
    assert fetch_jars(definition) == jars
    assert (path / "calls").read_text() == "call\n"
    (definition / "pom.xml").write_text("<project><!-- another version --></project>")
    assert fetch_jars(definition) != jars


def test_jars_that_are_not_the_recorded_ones_are_refused_and_not_kept(path: Path, definition: Path):
    maven(path, content="other")
    for _ in range(2):
        with pytest.raises(BrokerError, match=r"not those of jars\.sha256: kafka\.jar"):
            fetch_jars(definition)
    assert not list(cache_directory().glob("kafka-*/"))
    assert not list(cache_directory().glob("fetch-*"))


def test_a_missing_or_failing_maven_is_told(path: Path, definition: Path, tmp_path: Path):
    with pytest.raises(BrokerError, match=r"Maven is needed .*apt-get install maven"):
        fetch_jars(definition)
    program(path, "mvn", "echo '[ERROR] no such artifact'; echo '[ERROR] more'; exit 1")
    with pytest.raises(BrokerError, match=r"Maven cannot fetch Kafka: \[ERROR\] no such artifact$"):
        fetch_jars(definition)
    with pytest.raises(BrokerError, match="needs a checkout"):
        fetch_jars(tmp_path / "nowhere")


def test_the_recorded_digests_are_those_of_kafka():
    recorded = digests((DEFINITION / "jars.sha256").read_text("ascii"))
    assert "kafka_2.13-4.3.1.jar" in recorded
    assert len(recorded) > 40
    assert all(len(digest) == 64 for digest in recorded.values())


def test_cluster_ids_are_made_and_read_as_kafka_writes_them(tmp_path: Path):
    made = new_cluster_id()
    assert len(made) == 22
    assert made != new_cluster_id()
    layout = Layout(tmp_path)
    layout.data.mkdir()
    (layout.data / "meta.properties").write_text(f"#\n#date\nnode.id=1\ncluster.id={made}\nversion=1\n")
    assert cluster_id_of(layout) == made
    (layout.data / "meta.properties").write_text("version=1\n")
    with pytest.raises(BrokerError, match="--wipe"):
        cluster_id_of(layout)


def test_the_reason_is_taken_from_what_was_logged_since_the_start(tmp_path: Path):
    layout = Layout(tmp_path)
    assert "it ended" in why_not(layout, 0)
    layout.log.write_text("2026 ERROR Socket server failed: Address already in use\n")
    assert why_not(layout, 0) == PORT_TAKEN
    offset = layout.log.stat().st_size
    assert "it ended" in why_not(layout, offset)
    layout.output.write_text("info\nException in thread main: out of file handles\nmore\n")
    assert why_not(layout, offset).startswith("Exception in thread main: out of file handles")


def test_a_start_uses_the_archive_of_its_own_java_where_there_is_one(path: Path, tmp_path: Path):
    java = program(path, "java", f'echo "$@" >> {tmp_path}/said')
    jars, layout = tmp_path / "kafka-1", Layout(tmp_path / "broker")
    format_data(java, jars, layout, "id")
    archive = archive_of(java, jars)
    archive.write_bytes(b"")
    format_data(java, jars, layout, "id")
    without, with_it = (tmp_path / "said").read_text().splitlines()
    assert with_it.replace(f"-XX:SharedArchiveFile={archive} ", "") == without
    assert with_it != without
    other = program(tmp_path / "other", "java", "")
    assert archive_of(other, jars) != archive

"""Names found by Stanford CoreNLP, to learn from: fetched through Maven, run as a program of its own.

CoreNLP is under the GPL.  Nothing of it is kept or linked, and nothing that runs in production needs it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from streams.enrich.drafts import Range
from streams.tagger.labels import EntityType
from streams.tagger.training.documents import Document, Named

__all__ = ["BETWEEN", "TeacherError", "aligned", "dealt", "taught"]

VERSION: Final = "4.5.10"
_PLUGIN: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
_MODEL: Final = "edu/stanford/nlp/models/ner/english.all.3class.distsim.crf.ser.gz"
_TAG: Final = re.compile(r"</?(PERSON|ORGANIZATION|LOCATION)>")
_TYPES: Final[dict[str, EntityType]] = {
    "PERSON": "person",
    "ORGANIZATION": "organisation",
    "LOCATION": "place",
}
BETWEEN: Final = "\n\n. 0123456789 .\n\n"
"""Parts one document from the next in what the teacher reads."""


class TeacherError(RuntimeError):
    """CoreNLP cannot be had or does not do as expected; the message says what to do."""


def taught(documents: Sequence[Document], folder: Path) -> list[Document]:
    """Return the documents with the names that CoreNLP's three-class model finds in them.

    What it said is kept in *folder*, where its jars are put, too, and not asked again for the same texts.

    Raises:
        TeacherError: Maven or Java is missing or fails, or the answer does not fit the texts.

    """
    folder.mkdir(parents=True, exist_ok=True)
    whole = BETWEEN.join(document.text for document in documents)
    kept = folder / f"names-{hashlib.sha256(whole.encode()).hexdigest()[:16]}.json"
    if kept.is_file():
        names = msgspec.json.decode(kept.read_bytes(), type=list[tuple[int, int, EntityType]])
    else:
        names = aligned(whole, _ask(whole, _jars(folder / "jars")))
        kept.write_bytes(msgspec.json.encode(names))
    return dealt(documents, names)


def _jars(into: Path) -> str:
    """Return the class path of CoreNLP and its models, fetched unless they are there."""
    names = (f"stanford-corenlp-{VERSION}.jar", f"stanford-corenlp-{VERSION}-models.jar")
    if not all((into / name).is_file() for name in names):
        maven = shutil.which("mvn")
        if maven is None:
            raise TeacherError("Maven is needed to fetch CoreNLP: apt-get install maven")
        for classifier in ("", ":jar:models"):
            artifact = f"edu.stanford.nlp:stanford-corenlp:{VERSION}{classifier}"
            for goal in (
                ("get", f"-Dartifact={artifact}", "-Dtransitive=false"),
                ("copy", f"-Dartifact={artifact}", f"-DoutputDirectory={into}"),
            ):
                _run([maven, "-q", "-B", f"{_PLUGIN}:{goal[0]}", *goal[1:]])
    return ":".join(str(into / name) for name in names)


def _ask(text: str, class_path: str) -> str:
    """Let the classifier mark the names of one long text."""
    java = shutil.which("java")
    if java is None:
        raise TeacherError("Java is needed to run CoreNLP: apt-get install openjdk-17-jre-headless")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        command = [java, "-Xmx4g", "-cp", class_path, "edu.stanford.nlp.ie.crf.CRFClassifier"]
        command += ["-loadClassifier", _MODEL, "-textFile", file.name, "-outputFormat", "inlineXML"]
        command += ["-inputEncoding", "utf-8", "-outputEncoding", "utf-8"]
        return _run(command)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines()
        raise TeacherError(f"{Path(command[0]).name} failed: {said[-1] if said else done.returncode}")
    return done.stdout.decode("utf-8")


def aligned(text: str, marked: str) -> list[tuple[int, int, EntityType]]:
    """Find the marked names in the text, going through both at once and passing over blanks.

    Raises:
        TeacherError: what is marked is another text.

    """
    names: list[tuple[int, int, EntityType]] = []
    start = at = i = 0
    while i < len(marked):
        if tag := _TAG.match(marked, i):
            if tag[0].startswith("</"):
                names.append((start, at, _TYPES[tag[1]]))
            else:
                while at < len(text) and text[at].isspace():
                    at += 1
                start = at
            i = tag.end()
            continue
        if not marked[i].isspace():
            while at < len(text) and text[at].isspace():
                at += 1
            if at >= len(text) or text[at] != marked[i]:
                raise TeacherError(f"CoreNLP's answer leaves the text at code point {at}")
            at += 1
        i += 1
    return names


def dealt(documents: Sequence[Document], names: list[tuple[int, int, EntityType]]) -> list[Document]:
    """Give each document its own names, with offsets of its own."""
    dealt: list[Document] = []
    base = following = 0
    for document in documents:
        end = base + len(document.text)
        mine: list[Named] = []
        while following < len(names) and names[following][0] < end:
            start, stop, type_ = names[following]
            if start >= base and stop <= end:
                mine.append(Named(Range(start - base, stop - base), type_))
            following += 1
        dealt.append(msgspec.structs.replace(document, names=tuple(mine)))
        base = end + len(BETWEEN)
    return dealt

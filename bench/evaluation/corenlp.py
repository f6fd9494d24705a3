"""A peer for entities: Stanford CoreNLP's three-class model, run as a program of its own.

CoreNLP is under the GPL: a peer here and a teacher in training, no part of what runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.evaluation.entity_tables import Mentions
from bench.evaluation.samples import AbsentError, Sample
from streams.tagger.training.documents import Document
from streams.tagger.training.teacher import TeacherError, taught

__all__ = ["corenlp_mentions"]


def corenlp_mentions(samples: Sequence[Sample], *, demonyms: str | None, folder: Path) -> list[Mentions]:
    """Return the persons, organisations and places that CoreNLP names; it has no *demonyms*.  Its jars are
    looked for in *folder*, fetched through Maven where they are not, and its answers kept there.

    Raises:
        AbsentError: it cannot be run here.

    """
    del demonyms
    try:
        answers = taught([Document(name=s.name, text=s.text) for s in samples], folder)
    except TeacherError as error:
        raise AbsentError(str(error)) from error
    return [{(n.at.start, n.at.end): n.type for n in answer.names or ()} for answer in answers]

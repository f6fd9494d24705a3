"""Texts that labels kept as offsets are of, told by file, record and digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from streams.tagger.training.gum import read_gum_file

__all__ = ["labelled_text"]


def labelled_text(data: Path, file: str, record: int | None, sha256: str) -> str:
    """Return the text of *file* below *data*: of a file of many JSON records the body of one, of CoNLL-U the text
    that its tokens make, else all of it.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: it is another text than the one that was labelled.
    """
    path = data / file
    if path.suffix == ".conllu":
        text = read_gum_file(path).text
    else:
        text = path.read_bytes().decode("utf-8", "replace")
        if record is not None:
            text = json.loads(text)[record]["body"]
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        raise ValueError(
            f"{file if record is None else f'{file}#{record}'} is another text than the one that was labelled"
        )
    return text

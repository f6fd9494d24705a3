"""Where a trained network is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["NETWORK_FILE", "TOKENIZER_FILE", "WEIGHTS", "holds_network"]

WEIGHTS: Final = Path(__file__).resolve().parent / "weights"
"""The folder of the shipped one."""
NETWORK_FILE: Final = "tagger.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"


def holds_network(folder: Path) -> bool:
    """Tell whether all files of a network are in a folder."""
    return all((folder / name).is_file() for name in (NETWORK_FILE, TOKENIZER_FILE))

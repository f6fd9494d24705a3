"""``python -m streams.tagger.training``: read, train, export, score."""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import torch

from streams.tagger.files import NETWORK_FILE, TOKENIZER_FILE, WEIGHTS
from streams.tagger.pieces import PieceReader
from streams.tagger.tagger import Tagger
from streams.tagger.training.corpora import Corpora
from streams.tagger.training.encoder import encoder_files
from streams.tagger.training.export import export
from streams.tagger.training.loop import Progress, Recipe, train
from streams.tagger.training.network import Network
from streams.tagger.training.scoring import scoreboard

FIRST: Final = Recipe(epochs=3, ends_after=1.5)
"""Attributions as PolNeAR has them, and names."""
SECOND: Final = Recipe(epochs=1.5, encoder_rate=1e-4, heads_rate=7e-4)
"""The same with nested attributions as the first phase's network finds them."""
THIRD: Final = Recipe(epochs=1, encoder_rate=6e-5, heads_rate=4e-4)
"""Once more, from a third of the rates."""
OTHER_SEED: Final = 1_000
"""Added to the seed for each further phase, so that its epochs are others."""


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m streams.tagger.training", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("NEWSWIRE_SHARED", "../shared")))
    parser.add_argument("--seeds", type=Path, default=Path("seeds"), help="the project's own labels")
    parser.add_argument("--work", type=Path, default=Path(".train"), help="checkpoint, teacher, outputs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--version", help="what the network calls itself: as the shipped one unless told")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--precision",
        choices=("auto", "single", "half"),
        default="auto",
        help="half (bfloat16) is half the time on processors that have it, which auto looks for",
    )
    options = parser.parse_args(arguments)
    options.version = options.version or Tagger.load(WEIGHTS).version
    return options


def main() -> None:
    """Train the tagger as its command line says."""
    options = parsed()
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    weights, tokenizer = encoder_files()
    reader = PieceReader.load(tokenizer)
    corpora = Corpora.read(options.shared, options.seeds, options.work)
    torch.manual_seed(options.seed)  # the heads begin at random
    network = Network()
    network.encoder.load_pretrained(weights)
    half = options.precision == "half" or (options.precision == "auto" and _has_bfloat16())
    first = FIRST._replace(seed=options.seed, half_precision=half)
    further = [
        recipe._replace(seed=options.seed + number * OTHER_SEED, half_precision=half)
        for number, recipe in enumerate((SECOND, THIRD), 1)
    ]
    out = options.work / f"seed{options.seed}"
    began = time.monotonic()
    train(network, first, partial(corpora.epoch, reader=reader), Path(f"{out}-first.pt"), _report)
    teacher = _exported(network, f"{options.version}-first", Path(f"{out}-first"), tokenizer)
    corpora = corpora.nested_by(teacher)
    for recipe, name in zip(further, ("second", "third"), strict=True):
        train(network, recipe, partial(corpora.epoch, reader=reader), Path(f"{out}-{name}.pt"), _report)
    print(f"trained in {(time.monotonic() - began) / 60:.0f} min", flush=True)
    tagger = _exported(network, options.version, out, tokenizer)
    table = scoreboard(tagger, options.shared, options.work)
    (out / "scores.md").write_text(table + "\n", "utf-8")
    print(table)


def _exported(network: Network, version: str, into: Path, tokenizer: Path) -> Tagger:
    export(network, version, into / NETWORK_FILE)
    shutil.copy(tokenizer, into / TOKENIZER_FILE)
    return Tagger.load(into)


def _report(progress: Progress) -> None:
    losses = " ".join(f"{loss:.4f}" for loss in progress.losses)
    at = f"{time.strftime('%H:%M:%S')} {progress.step}/{progress.steps}"
    print(f"{at} {losses} {progress.pieces_per_second:.0f} pieces/s", flush=True)


def _has_bfloat16() -> bool:
    """Tell whether the processor multiplies bfloat16 by itself; where that cannot be told, it does not."""
    facts = Path("/proc/cpuinfo")
    flags = facts.read_text("utf-8").split() if facts.is_file() else []
    return "avx512_bf16" in flags or "amx_bf16" in flags


if __name__ == "__main__":
    main()

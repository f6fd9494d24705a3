from __future__ import annotations

import random
from itertools import pairwise, product

import numpy as np
import pytest

from tests.support.require import NOT_RUN

try:
    import torch
except ModuleNotFoundError:
    NOT_RUN["torch"] += 1
    pytest.skip("torch is absent: only training needs it (make train)", allow_module_level=True)

from streams.enrich.drafts import Range
from streams.tagger.files import WEIGHTS
from streams.tagger.labels import POINTERS, width
from streams.tagger.network import NetworkError, OnnxNetwork
from streams.tagger.pieces import PieceReader
from streams.tagger.scores import score
from streams.tagger.tagger import Tagger
from streams.tagger.training.__main__ import parsed
from streams.tagger.training.batches import collate, make_batches
from streams.tagger.training.crf import negative_log_likelihood
from streams.tagger.training.documents import Attributed, Document
from streams.tagger.training.examples import UNKNOWN, make_example
from streams.tagger.training.export import export, facts_of
from streams.tagger.training.loop import Progress, Recipe, train
from streams.tagger.training.losses import losses_of
from streams.tagger.training.network import Network

TEXT = "Ada Quill said they won. She is glad.\nBo Reed said the bridge is open."
SAID = Attributed(content=(Range(15, 23),), source=(Range(0, 9),), cue=(Range(10, 14),))
DOCUMENT = Document(name="one", text=TEXT, attributions=(SAID,), names=())


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(1)
    return Network().eval()


def test_a_chains_likelihood_is_that_of_all_its_paths() -> None:
    generator = torch.Generator().manual_seed(1)
    scores, moves, start = (torch.randn(*s, generator=generator) for s in ((2, 3, 4), (4, 4), (4,)))
    tags = torch.tensor([[1, 2, 0], [3, 1, 0]])
    present = torch.tensor([[True, True, True], [True, True, False]])

    def worth(row: int, path: tuple[int, ...]) -> float:
        steps = sum(moves[a, b] for a, b in pairwise(path))
        return float(start[path[0]] + sum(scores[row, i, tag] for i, tag in enumerate(path)) + steps)

    found = negative_log_likelihood(scores, tags, present, moves, start)
    for row, length in ((0, 3), (1, 2)):
        worths = [worth(row, path) for path in product(range(4), repeat=length)]
        gold = worth(row, tuple(tags[row, :length].tolist()))
        assert float(found[row]) == pytest.approx(np.logaddexp.reduce(worths) - gold, abs=1e-4)


def test_batches_hold_every_word_once_with_its_labels(reader: PieceReader) -> None:
    example = make_example(DOCUMENT, reader)
    other = make_example(Document(name="two", text=TEXT, names=()), reader)
    batches = make_batches([example, other], 60, random.Random(1))
    words = sum(int(collate(batch).is_word.sum()) for batch in batches)
    assert words == 2 * len(example.pieces.words())
    whole = collate([(example, Range(0, len(example.pieces))), (other, Range(0, len(other.pieces)))])
    assert whole.labels["content"][0, :5].tolist() == [0, 0, 0, 1, 2]
    assert (whole.labels["content"][1] == UNKNOWN).all()
    assert (whole.labels["entity"] == 0).all()
    ((row, origin, cue, source, *nested),) = whole.pointers.tolist()
    assert nested == [UNKNOWN, UNKNOWN]
    places = whole.words[0].tolist()
    assert (row, origin, cue, source) == (0, places[3], places[2], places[0])


def test_a_pointer_out_of_the_window_points_nowhere(reader: PieceReader) -> None:
    example = make_example(DOCUMENT, reader)
    start = example.pieces.words()[3]
    batch = collate([(example, Range(start, len(example.pieces)))])
    assert batch.pointers.tolist() == [[0, 1, 0, 0, UNKNOWN, UNKNOWN]]


def test_a_few_steps_bring_the_network_nearer(reader: PieceReader, tmp_path) -> None:
    torch.manual_seed(1)
    network = Network()
    example = make_example(DOCUMENT, reader)
    said: list[Progress] = []
    recipe = Recipe(epochs=6, pieces_per_batch=200)
    batch = collate([(example, Range(0, len(example.pieces)))])

    def loss() -> float:
        network.eval()
        with torch.no_grad():
            outputs = network.scored(batch.ids, batch.marks, batch.mask)
            return float(losses_of(network, outputs, batch).total())

    before = loss()
    train(network, recipe, lambda number, rng: [example], tmp_path / "one.pt", said.append)
    after = loss()
    assert after < before / 2
    assert said[-1].step == said[-1].steps
    # Taken up again where it ended, there is nothing left to do.
    again = Network()
    train(again, recipe, lambda number, rng: [example], tmp_path / "one.pt", said.append)
    network = again
    assert loss() == pytest.approx(after, abs=1e-5)


def test_what_is_exported_scores_as_what_was_trained(reader: PieceReader, network: Network, tmp_path) -> None:
    path = tmp_path / "tagger.onnx"
    export(network, "7", path)
    exported = OnnxNetwork.load(path)
    assert exported.facts == facts_of(network, "7")
    assert path.stat().st_size < 30e6

    class Trained:
        facts = exported.facts

        def scores(self, *given):
            with torch.no_grad():
                x = network.encoder(*(torch.from_numpy(g) for g in given))
                tags, *points = (part.numpy() for part in network.parts(x))
            return (tags, *(each.reshape(*each.shape[:2], len(POINTERS), -1) for each in points))

    pieces = reader.read(TEXT)
    ours, theirs = score(Trained(), pieces), score(exported, pieces)
    assert ours.tags.shape == (len(pieces), width())
    error = np.abs(ours.tags - theirs.tags).mean() / ours.tags.std()
    # Eight bits, of a network that has learnt nothing: its scores are near one another.
    assert error < 0.2
    assert np.abs(ours.origins - theirs.origins).mean() < 0.1 * ours.origins.std()
    assert np.abs(ours.targets[0] - theirs.targets[0]).mean() < 0.1 * ours.targets[0].std()
    assert network(*(torch.ones(1, 4, dtype=kind) for kind in (torch.long, torch.long, torch.float)))[
        1
    ].shape == (1, 4, 4)


def test_a_network_of_other_heads_is_refused(network: Network, tmp_path, monkeypatch) -> None:
    path = tmp_path / "tagger.onnx"
    export(network, "7", path)
    monkeypatch.setattr("streams.tagger.network.HEADS", ())
    with pytest.raises(NetworkError, match="other heads"):
        OnnxNetwork.load(path)


def test_a_network_calls_itself_as_the_shipped_one_unless_told() -> None:
    assert parsed([]).version == Tagger.load(WEIGHTS).version
    assert parsed(["--version", "9"]).version == "9"

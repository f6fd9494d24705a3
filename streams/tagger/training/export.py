"""The trained network as an ONNX file with weights of eight bits."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import msgspec
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from streams.tagger.labels import HEADS, POINTERS
from streams.tagger.network import METADATA, NetworkFacts
from streams.tagger.training.network import Network

__all__ = ["export", "facts_of"]

OPSET: Final = 17
_QUANTISED: Final = ["MatMul", "Gemm", "Gather"]


def export(network: Network, version: str, into: Path) -> None:
    """Write *network* to the file *into*: weights as int8 for each output channel, activations scaled at run
    time, what decoding needs as metadata.

    Weights keep to seven of the eight bits: processors without VNNI add products of two pairs in sixteen bits,
    which eight bits of each can overflow, and the same text would be read in another way there.
    """
    network.eval()
    inputs = {
        "ids": torch.ones(2, 16, dtype=torch.long),
        "marks": torch.zeros(2, 16, dtype=torch.long),
        "mask": torch.ones(2, 16),
    }
    outputs = ("tags", "points_from", "points_at")
    axes = {name: {0: "windows", 1: "pieces"} for name in (*inputs, *outputs)}
    with tempfile.TemporaryDirectory() as scratch:
        whole, small = Path(scratch) / "whole.onnx", Path(scratch) / "small.onnx"
        torch.onnx.export(
            _Parts(network),
            tuple(inputs.values()),
            str(whole),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
        quantize_dynamic(
            whole,
            small,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=_QUANTISED,
            per_channel=True,
            reduce_range=True,
        )
        model = onnx.load(small)
    onnx.helper.set_model_props(model, {METADATA: msgspec.json.encode(facts_of(network, version)).decode()})
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_bytes(model.SerializeToString())


class _Parts(nn.Module):
    """The network without the products of its pointers: few of their pieces are asked where they point."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, marks: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.network.parts(self.network.encoder(ids, marks, mask))


def facts_of(network: Network, version: str) -> NetworkFacts:
    """Return what decoding needs of *network* beside its scores."""
    return NetworkFacts(
        version=version,
        heads={head.name: list(head.tags) for head in HEADS},
        pointers=[head.name for head in POINTERS],
        transitions={name: moves.detach().tolist() for name, moves in network.transitions.items()},
        start={name: scores.detach().tolist() for name, scores in network.start.items()},
    )

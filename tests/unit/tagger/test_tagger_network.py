from __future__ import annotations

import pytest

from streams.tagger.network import NetworkError, OnnxNetwork


def test_a_file_that_is_no_network() -> None:
    with pytest.raises(NetworkError, match="no ONNX model"):
        OnnxNetwork(b"not a model")


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        OnnxNetwork.load(tmp_path / "tagger.onnx")

"""Tagger: one small network that finds who said what, and names, in English news.

Here is what runs: labels, word pieces, windows, the network through onnxruntime, and decoding.  What
makes the network is in `streams.tagger.training`, which alone needs torch.
"""

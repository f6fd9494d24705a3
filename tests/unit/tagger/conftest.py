from __future__ import annotations

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from streams.tagger.pieces import PieceReader

WORDS = """
a ada again and at bo bridge council glad harbour he in is it last mayor may norland of on open ##ed ##s quill
reed said she that the they town ##town we will won would . , : " “ ” ' ’ ` - — ( ) 1 2
""".split()


@pytest.fixture(scope="session")
def reader() -> PieceReader:
    """A word-piece tokenizer like BERT's, with a few words and every letter."""
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    # As in BERT, the first numbers are none of words: 101 and 102 open a window and part paragraphs.
    entries = ["[PAD]", "[UNK]", *(f"[unused{i}]" for i in range(200)), *WORDS]
    entries += [letter for letter in letters if letter not in WORDS] + [f"##{letter}" for letter in letters]
    vocabulary = {entry: number for number, entry in enumerate(dict.fromkeys(entries))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return PieceReader(tokenizer)

"""Hypothesis strategies that make any event a struct can hold, from the struct itself."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect as look

__all__ = ["TEXT", "events"]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""Text as JSON can carry it: astral characters and controls, no lone surrogates."""
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)


@cache
def events(struct: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Return a strategy of instances of *struct*, with every field filled by its type."""
    kind = look.type_info(struct)
    assert isinstance(kind, look.StructType)
    return st.builds(struct, **{field.name: _of(field.type) for field in kind.fields})


def _of(kind: look.Type) -> st.SearchStrategy[Any]:
    match kind:
        case look.Metadata():
            return _of(kind.type)
        case look.StructType():
            return events(kind.cls)
        case look.UnionType():
            return st.one_of([_of(choice) for choice in kind.types])
        case look.ListType():
            return st.lists(_of(kind.item_type), max_size=1)
        case look.VarTupleType():
            return st.lists(_of(kind.item_type), max_size=3).map(tuple)
        case look.DictType():
            return st.dictionaries(_of(kind.key_type), _of(kind.value_type), max_size=2)
        case look.StrType():
            return TEXT
        case look.IntType():
            return st.integers(-(2**53), 2**53)
        case look.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case look.BoolType():
            return st.booleans()
        case look.BytesType():
            return st.binary(max_size=12)
        case look.NoneType():
            return st.none()
        case look.AnyType():
            return _ANY
    raise TypeError(f"no strategy for {kind}")

"""A connector's reference, made of its spec: for ``docs/connectors.md`` and ``newswire connectors describe``.

``python -m connectors.framework.docs`` writes the part of that page that is made from the specs; with
``--check`` it writes nothing and exits 1 when the page is stale.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from connectors.framework.spec import Option, Spec

__all__ = ["PAGE", "main", "reference", "with_reference"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "connectors.md"
BEGIN: Final = "<!-- begin: made from the specs by python -m connectors.framework.docs -->"
END: Final = "<!-- end: made from the specs -->"


def reference(spec: Spec[Any]) -> str:
    """Describe a connector in Markdown."""
    fields = spec.fields()
    plain = [one for one in fields if not one.advanced]
    advanced = [one for one in fields if one.advanced]
    parts = [f"### {spec.name}", spec.summary, spec.description, _table(plain)]
    if advanced:
        parts += ["Advanced:", _table(advanced)]
    return "\n\n".join(parts) + "\n"


def _table(options: Iterable[Option]) -> str:
    rows = ["| option | type | default | what it does |", "|---|---|---|---|"]
    for one in options:
        cells = (f"`{one.name}`", one.type, _default(one), one.description)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _default(one: Option) -> str:
    if one.required:
        return "required"
    return "" if one.default is None else f"`{msgspec.json.encode(one.default).decode()}`"


def with_reference(page: str, specs: Iterable[Spec[Any]]) -> str:
    """Return *page* with the part between the two marks made anew.

    Raises:
        ValueError: the page lacks a mark.
    """
    head, begin, rest = page.partition(BEGIN)
    _old, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} lacks one of its marks")
    made = "\n".join(reference(spec) for spec in specs)
    return f"{head}{BEGIN}\n\n{made}\n{END}{tail}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it."""
    from connectors.registry import CONNECTORS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when it is stale")
    check = parser.parse_args(arguments).check
    page = PAGE.read_text("utf-8")
    wanted = with_reference(page, (connector.spec for connector in CONNECTORS.values()))
    if wanted == page:
        return 0
    if check:
        sys.stderr.write(f"stale: {PAGE.name} (run python -m connectors.framework.docs)\n")
        return 1
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

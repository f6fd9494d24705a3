"""``python -m newswire`` is the command ``newswire``."""

from __future__ import annotations

from newswire.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()

"""The gold set: labels read and checked, readers compared, the frozen half held.

    python -m bench.gold check [--reader a] [a01 a02 ...]
    python -m bench.gold agree
    python -m bench.gold differences
    python -m bench.gold freeze
    python -m bench.gold check-frozen

``seeds/gold/GUIDELINE.md`` says what a label is.
"""

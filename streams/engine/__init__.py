"""The engine under every stage: nothing is acknowledged before what it led to has been delivered.

    record ─▶ window ─▶ process (in children or in place) ─▶ send, in order ─▶ delivered ─▶ committable
                             └─ cannot be handled ─▶ dead letter and outcome, delivered like the rest

The core (`records`, `engine`, `endings`, `children`, `outputs`) does not import Faust; `faust_app` and
`consumer` join the two.
"""

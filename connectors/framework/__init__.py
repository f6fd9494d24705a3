"""What every connector stands on: spec, errors, items, checkpoints, the runner and its sink.

A connector needs `connector`, `spec`, `errors` and `items`; `docs/connectors.md` says how to write one.
"""

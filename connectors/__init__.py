"""Sources: each connector fetches, identifies and checkpoints, and hands items to ``news.raw``."""

"""newswire: the command, its settings and telemetry, topic administration and the development broker."""

__version__ = "0.1.0"

"""The pipeline: an engine that loses nothing and the three stages that run on it."""

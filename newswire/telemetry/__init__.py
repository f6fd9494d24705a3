"""Metrics, their server and logs."""

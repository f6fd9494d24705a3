"""What an installation needs, checked one by one: each check is one line that says what to do."""

from newswire.doctor.check import Check
from newswire.doctor.run import diagnose

__all__ = ["Check", "diagnose"]

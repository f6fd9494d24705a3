"""Feeds read continuously: parsing, polling, the pages behind entries and their revisits."""

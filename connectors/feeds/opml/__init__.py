"""OPML in and out (opml.org, 2.0): folders become tags, and what nobody knows of them and of sources is kept."""

from connectors.feeds.opml.model import OpmlError, OpmlFile, OpmlSource
from connectors.feeds.opml.read import read_opml
from connectors.feeds.opml.write import write_opml

__all__ = ["OpmlError", "OpmlFile", "OpmlSource", "read_opml", "write_opml"]

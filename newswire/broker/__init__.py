"""The development broker: one node of Apache Kafka, for a laptop and for tests.

`DevBroker` starts, stops and watches a Kafka of its own directory and touches no other.  Its jars come
through Maven (``deploy/kafka/pom.xml``) and are checked against recorded digests.
"""

from newswire.broker.archive import make_archive
from newswire.broker.errors import BrokerError
from newswire.broker.jars import fetch_jars
from newswire.broker.process import DevBroker
from newswire.broker.state import BrokerStatus

__all__ = ["BrokerError", "BrokerStatus", "DevBroker", "fetch_jars", "make_archive"]

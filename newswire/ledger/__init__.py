"""Reading the topics: the audit of what came in against what became of it, the way of one item, dead letters.

What is folded here is pure: records in, findings out.  `newswire.ledger.reader` alone speaks to Kafka.
"""

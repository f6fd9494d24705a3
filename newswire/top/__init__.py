"""What ``newswire top`` shows: the pipeline at a glance, read from Kafka and from nothing else."""

"""Which Kafka a pipeline on this machine uses."""

from __future__ import annotations

from newswire.broker import DevBroker
from newswire.broker.ports import is_free
from newswire.settings import Settings

__all__ = ["broker_for"]


def broker_for(settings: Settings, port: int | None = None, *, quick: bool = False) -> DevBroker | None:
    """Return the development broker of ``data_dir``; null where the settings name a cluster.

    Where it does not run yet it will take *port* (0: that of its last start, or a free one); with null the
    one at which every command looks for it unless told otherwise, if that is free.  It ends with this
    process.  *quick* is the broker's own.
    """
    if "kafka_bootstrap" in settings.model_fields_set:
        return None
    broker = DevBroker(settings.data_dir / "kafka", ephemeral=True, quick=quick)
    if not broker.running:
        usual = int(settings.kafka_bootstrap.rpartition(":")[2])
        broker.port = (usual if is_free(usual) else None) if port is None else port or None
    return broker

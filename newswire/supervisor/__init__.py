"""Run the pipeline on one machine: its stages as supervised processes, and Kafka where none is given."""

from newswire.supervisor.child import Child, ChildSpec
from newswire.supervisor.errors import ChildFailed, Interrupted, NotReady, SupervisorError
from newswire.supervisor.restarts import RestartPolicy
from newswire.supervisor.supervisor import Supervisor

__all__ = [
    "Child",
    "ChildFailed",
    "ChildSpec",
    "Interrupted",
    "NotReady",
    "RestartPolicy",
    "Supervisor",
    "SupervisorError",
]

"""``newswire kafka``: the development broker."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from newswire.broker import BrokerError, BrokerStatus, DevBroker, fetch_jars, make_archive
from newswire.cli.output import print_json
from newswire.settings import Settings, load_settings

__all__ = ["app"]

LOOPBACK: Final = {"127.0.0.1", "localhost", "[::1]"}
NOT_RUNNING: Final = 1

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run the development broker: one node of Apache Kafka, on loopback.\n\n"
    "It keeps its data between starts, and no command here touches a Kafka that it did not start.",
)

Directory = Annotated[
    Path | None, typer.Option("--directory", "-d", help="Its data and logs.  [default: data_dir/kafka]")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command(epilog="Example: newswire kafka start --port 0")
def start(
    directory: Directory = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="0 takes the last one or a free one.  [default: that of kafka_bootstrap]"
        ),
    ] = None,
    wipe: Annotated[bool, typer.Option("--wipe", help="Delete all its data first.")] = False,
    json: Json = False,
) -> None:
    """Start it, wait until it serves, and leave it running.  It may run already."""
    settings = load_settings()
    broker = DevBroker(_directory(directory, settings))
    if not broker.running:
        broker.port = _configured_port(settings) if port is None else port or None
    elif port:
        broker.port = port
    if wipe:
        broker.wipe()
    broker.start()
    _print(broker.status(), settings, json=json)


@app.command(epilog="Example: newswire kafka stop --wipe")
def stop(
    directory: Directory = None,
    wipe: Annotated[bool, typer.Option("--wipe", help="Delete all its data afterwards.")] = False,
    json: Json = False,
) -> None:
    """Stop it.  Nothing happens when it does not run."""
    settings = load_settings()
    broker = DevBroker(_directory(directory, settings))
    stopped = broker.stop()
    if wipe:
        broker.wipe()
    if json:
        print_json({"stopped": stopped, "wiped": wipe})
    else:
        print(("stopped" if stopped else "it did not run") + (", data deleted" if wipe else ""))


@app.command(epilog="Example: newswire kafka status --json")
def status(directory: Directory = None, json: Json = False) -> None:
    """Tell whether it runs, and where; exit code 1 when it does not."""
    settings = load_settings()
    found = DevBroker(_directory(directory, settings)).status()
    _print(found, settings, json=json)
    if not found.running:
        raise typer.Exit(NOT_RUNNING)


@app.command(epilog="Example: newswire kafka fetch")
def fetch() -> None:
    """Fetch Kafka through Maven, unless it was fetched before, and print where it is.

    Its classes are loaded once and kept as Java has them then, so that every start takes half the time.
    """
    jars = fetch_jars()
    try:
        make_archive()
    except BrokerError as error:
        print(
            f"newswire: no archive of Kafka's classes, without which it starts more slowly: {error}",
            file=sys.stderr,
        )
    print(jars)


def _directory(given: Path | None, settings: Settings) -> Path:
    return given or settings.data_dir / "kafka"


def _configured_port(settings: Settings) -> int:
    """Return the port where everything else will look for a broker."""
    host, _, port = settings.kafka_bootstrap.split(",")[0].strip().rpartition(":")
    if host not in LOOPBACK:
        raise BrokerError(f"kafka_bootstrap is {host}, another machine: name a port with --port")
    return int(port)


def _print(status: BrokerStatus, settings: Settings, *, json: bool) -> None:
    if json:
        print_json(status)
        return
    size = f"{status.data_bytes / 1e6:.0f} MB in {status.directory}"
    if not status.running:
        print(f"not running; {size}")
        return
    print(f"running at {status.bootstrap}, pid {status.pid}, for {status.uptime_s:.0f} s; {size}")
    if status.bootstrap != settings.kafka_bootstrap:
        print(f"other commands find it with NEWSWIRE_KAFKA_BOOTSTRAP={status.bootstrap}", file=sys.stderr)

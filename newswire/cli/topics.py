"""``newswire topics``: what is declared, and what the cluster has."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from newswire.access.hold import hold
from newswire.cli.acls import acls
from newswire.cli.output import print_json, quiet_kafka
from newswire.growth import Growth
from newswire.growth import grow as grow_topics
from newswire.settings import load_settings
from newswire.topics import Difference, compare_topics, ensure_topics, wanted_topics
from schemas.topics import DAY_MS, topic_named

__all__ = ["app"]

DIFFERENT: Final = 1

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Create the topics, and compare them with the cluster.\n\n"
    "They are declared in schemas/topics.py; partitions, replicas and retention are settings.",
)

app.command(
    "acls",
    epilog="Examples: newswire topics acls · newswire topics acls normalize --lane backfill · "
    "newswire topics acls --strimzi my-cluster",
)(acls)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(epilog="Example: newswire topics create")
def create(
    alter: Annotated[
        bool, typer.Option("--alter", help="Also set the configuration of topics that exist as declared.")
    ] = False,
    json: Json = False,
) -> None:
    """Create what is missing, and list what differs; exit code 1 when something still does."""
    settings = load_settings()
    quiet_kafka()
    hold("topics-alter" if alter else "topics-create", settings)
    done = ensure_topics(settings, alter=alter)
    if json:
        print_json(done)
    else:
        print(f"{len(done.created)} created, {len(done.altered)} altered, of {len(wanted_topics(settings))}")
        _print(done.differences)
    if done.differences:
        raise typer.Exit(DIFFERENT)


@app.command(epilog="Example: newswire topics check --json")
def check(json: Json = False) -> None:
    """List every difference between what is declared and the cluster; exit code 1 when there is one."""
    settings = load_settings()
    quiet_kafka()
    hold("topics", settings)
    differences = compare_topics(settings)
    if json:
        print_json(differences)
    else:
        _print(differences)
        print(f"{len(differences)} differences at {settings.kafka_bootstrap}")
    if differences:
        raise typer.Exit(DIFFERENT)


@app.command(epilog="Example: NEWSWIRE_TOPIC_PARTITIONS='{\"news.raw.v1\": 12}' newswire topics grow")
def grow(json: Json = False) -> None:
    """Give news.raw and news.unique the partitions that the settings want, once they are drained.

    Refused, with the reasons and exit code 1, while anything is unread or who reads or writes them runs: an
    article's records from before and after would be read in any order.  docs/disasters.md has the procedure.
    """
    settings = load_settings()
    quiet_kafka()
    hold("topics-grow", settings)
    done = grow_topics(settings)
    if json:
        print_json(done)
    else:
        for each in done:
            print(f"{each.topic}: {_told(each)}")
        if not done:
            print("nothing to grow: news.raw and news.unique have the partitions that are set")
    if any(each.hindered for each in done):
        raise typer.Exit(DIFFERENT)


@app.command("list", epilog="Example: newswire topics list")
def list_(json: Json = False) -> None:
    """Show the topics as they are declared under the present settings."""
    wanted = wanted_topics(load_settings())
    if json:
        print_json(wanted)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for heading in ("topic", "partitions", "kept", "cleanup"):
        table.add_column(heading, no_wrap=True)
    table.add_column("key")
    for topic in wanted:
        table.add_row(
            topic.name,
            str(topic.partitions),
            _days(int(topic.config["retention.ms"])),
            topic.config["cleanup.policy"],
            topic_named(topic.name).key,
        )
    Console().print(table)


def _told(growth: Growth) -> str:
    if not growth.hindered:
        return f"{growth.found} partitions, now {growth.wanted}"
    return f"stays at {growth.found} partitions, {growth.wanted} are set: {'; '.join(growth.hindered)}"


def _days(retention_ms: int) -> str:
    return "for ever" if retention_ms < 0 else f"{retention_ms / DAY_MS:g} days"


def _print(differences: list[Difference]) -> None:
    for each in differences:
        print(each)

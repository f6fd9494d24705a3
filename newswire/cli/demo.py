"""``newswire demo``: sample articles through the whole pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from connectors.framework.stop import stop_on_signals
from newswire.cli.errors import CommandError
from newswire.cli.output import own_name, print_json, quiet_kafka
from newswire.cli.up import INTERRUPTED, show_whereabouts, stay, telling_failures
from newswire.console import console_for, plain_table, relative, section
from newswire.demo.directory import fresh
from newswire.demo.errors import DemoFailed
from newswire.demo.render import render
from newswire.demo.run import DemoResult, run_demo
from newswire.demo.steps import Steps
from newswire.settings import Settings, load_settings
from newswire.supervisor.errors import Interrupted
from newswire.supervisor.kafka import broker_for
from newswire.supervisor.pipeline import Pipeline

__all__ = ["app"]

ARTICLES: Final = Path(__file__).resolve().parents[2] / "seeds" / "articles"
AUDIT_FAILED: Final = 1

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Examples: newswire demo · newswire demo --articles my-articles/ · newswire demo --stay")
def demo(
    articles: Annotated[
        Path | None,
        typer.Option(
            help="File or directory to read, as newswire ingest does.  [default: the sample articles]",
            show_default=False,
        ),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(help="Its data and logs, wiped first.  [default: data_dir/demo]", show_default=False),
    ] = None,
    deadline: Annotated[float, typer.Option(min=1, help="Seconds for all items to end.")] = 120.0,
    stay_up: Annotated[bool, typer.Option("--stay", help="Stay up afterwards, until Ctrl-C.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Run sample articles through all stages, show what came of them, and audit that nothing is lost.

    With its own articles it also reads a small feed on loopback while that changes: an article appears, its
    page is edited, another one says the same.

    It starts Apache Kafka in a directory of its own, unless kafka_bootstrap names a cluster, and stops all
    that it started, also on Ctrl-C.  Exit code: 0 all is well, 1 the audit failed, 2 it could not be done,
    130 interrupted.
    """
    console = console_for(stderr=json)
    quiet_kafka()
    base = load_settings()
    live = articles is None
    articles = articles or ARTICLES
    if not articles.exists():
        raise CommandError(f"there are no articles at {articles}: name some with --articles")
    with stop_on_signals() as stop, fresh(directory or base.data_dir / "demo") as data_dir:
        settings = _settings_for(base, data_dir)
        steps = Steps(console)
        with (
            telling_failures(console),
            Pipeline(settings, broker=broker_for(settings, port=0, quick=True), say=steps.say) as pipeline,
        ):
            try:
                result = run_demo(
                    pipeline,
                    articles,
                    steps=steps,
                    stop=stop,
                    deadline_s=deadline,
                    live=live,
                )
                _show(result, console, steps, json=json)
                if stay_up:
                    show_whereabouts(pipeline, console)
                    stay(pipeline, console, stop.asked)
                    console.print("stopping …", style="dim")
            except Interrupted:
                console.print("stopping …", style="dim")
                raise typer.Exit(INTERRUPTED) from None
            except DemoFailed as error:
                for line in error.lines:
                    console.print(Text(f"  {line}", style="red"))
                raise CommandError(f"{error}; logs are in {data_dir / 'logs'}") from error
    if not json and not stay_up:
        _show_next(console, data_dir)
    if not result.sound:
        raise typer.Exit(AUDIT_FAILED)


def _settings_for(base: Settings, data_dir: Path) -> Settings:
    """Return the demo's settings: its own directory and, unless told otherwise, topics of one partition, so
    that articles are judged in the order of the files and every run shows the same.
    """
    given: dict[str, object] = {"data_dir": data_dir}
    if "partitions" not in base.model_fields_set:
        given["partitions"] = 1
    return base.model_copy(update=given)


def _show(result: DemoResult, console: Console, steps: Steps, *, json: bool) -> None:
    if json:
        print_json(result)
        return
    summary = result.summary
    render(summary, console)
    table = plain_table(0, 1)
    found = result.audit
    for violation in found.violations:
        table.add_row(Text(f"{violation.kind} {violation.count}", "red"), violation.meaning)
        for example in violation.examples[:3]:
            table.add_row("", Text(f"{example.id} {example.detail}", "dim", overflow="ellipsis"))
    if not found.complete:
        table.add_row(Text("incomplete", "red"), "some stage has not committed what it read")
    if result.sound:
        table.add_row(
            Text("✓", "green"),
            "every item has one outcome, nothing is lost or double, every offset reproduces its text",
        )
    section(console, "Audit", "by id, from the topics themselves", table)
    if summary.median_s is not None and summary.slowest_s is not None:
        words = (
            f"half of the items ended within {summary.median_s:.1f} s of lying in news.raw, "
            f"all within {summary.slowest_s:.1f} s; the demo so far took {steps.elapsed_s:.0f} s"
        )
        section(console, "Time", "", Text(words))


def _show_next(console: Console, data_dir: Path) -> None:
    table = plain_table(0, 1)
    for command, use in (
        ("up", "start the pipeline and leave it up"),
        ("ingest FILE-OR-DIRECTORY", "put your own articles in"),
        ("tail claims", "see who says what, as it comes"),
        ("trace URL", "see the way of one article"),
        ("pipe normalize dedupe enrich < items.jsonl", "the same without Kafka"),
    ):
        table.add_row(f"{own_name()} {command}", Text(use, "dim"))
    section(console, "Next", f"all is stopped; logs and data of this run are in {relative(data_dir)}", table)

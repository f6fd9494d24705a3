"""``newswire explain``: an article with what was found in it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from newswire.access.hold import hold
from newswire.cli.errors import CommandError
from newswire.cli.output import quiet_kafka
from newswire.explain.articles import NotExplained, from_file, from_topics, from_web
from newswire.explain.explained import explained
from newswire.ledger.find import NotALink
from newswire.ledger.text import clean
from newswire.settings import Settings, load_settings
from newswire.telemetry.logs import configure_logs
from schemas.enriched import EnrichedArticle
from streams.engine.errors import Fatal

__all__ = ["app"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    epilog="Examples: newswire explain article.txt · newswire explain --html shown.html page.html · "
    "newswire explain https://news.example/a-story --fetch · "
    "newswire explain 5f0c3c0e-6d7b-5b0e-9c57-6f1a2f1f4b21"
)
def explain(
    target: Annotated[
        str,
        typer.Argument(
            help="A file (- is standard input, JSON lines), a link, or an id of an article, item or claim.",
            show_default=False,
        ),
    ],
    *,
    html: Annotated[
        Path | None,
        typer.Option(help="Write one page that needs nothing else to this file; - is standard output."),
    ] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch the link anew, without looking for it in the topics.")
    ] = False,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A host that may have a private address.", show_default=False)
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Articles at most, of a file that holds many.")
    ] = 1,
) -> None:
    """Show an article with its entities and claims marked: who said what, how certain, through whom.

    A file and what is fetched are analysed here and written nowhere; ids, and links without --fetch, are
    looked up in the topics.  Exit code 2 where there is nothing to show.
    """
    settings = load_settings()
    configure_logs("warning", settings.log_format)
    quiet_kafka()
    try:
        articles = _articles(target, settings, fetch=fetch, hosts=tuple(allow_host or ()), limit=limit)
    except (NotExplained, NotALink, Fatal) as error:
        raise CommandError(str(error)) from error
    shown = [explained(article) for article in articles]
    if html is None:
        from newswire.console import console_for
        from newswire.explain.terminal import print_explained

        for article in shown:
            print_explained(console_for(), article)
        return
    from newswire.explain.page import page_of

    page = page_of(shown)
    if str(html) == "-":
        sys.stdout.write(page)
        return
    try:
        html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{html} cannot be written: {error.strerror}") from error
    print(f"{html}: {sum(len(article.claims) for article in shown)} claims", file=sys.stderr)


def _articles(
    target: str, settings: Settings, *, fetch: bool, hosts: tuple[str, ...], limit: int
) -> list[EnrichedArticle]:
    is_link = "://" in target
    if fetch and is_link:
        return from_web(target, settings, allow_hosts=hosts)
    if not is_link and (target == "-" or Path(target).exists()):
        return from_file(target, settings, limit)
    hold("explain", settings)
    known = from_topics(target, settings)
    if known is None:
        hint = "; --fetch gets it from the web" if is_link else " and there is no such file"
        raise NotExplained(f"the topics hold no enriched article of {clean(target)}{hint}")
    return [known]

"""``newswire explain`` of files and of what is no article, and of pages on a real server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from newswire.cli import app
from newswire.cli.errors import CommandError
from tests.support.web import Exchange, serving

SEEDS = Path(__file__).resolve().parents[3] / "seeds" / "articles"


def run(*arguments: str, model: str = "fake"):
    environ = {"COLUMNS": "100", "NEWSWIRE_ENRICH_MODEL": model}
    return CliRunner().invoke(app, ["explain", *arguments], env=environ)


def test_a_file_is_shown_with_its_claims():
    done = run(str(SEEDS / "08-plain-text.txt"), model="english")
    assert done.exit_code == 0, done.output
    assert "CLAIMS" in done.stdout
    assert "ENTITIES" in done.stdout
    assert "[1]" in done.stdout


def test_a_page_of_several_articles_is_written(tmp_path: Path):
    out = tmp_path / "shown.html"
    done = run(str(SEEDS / "05-quotes.jsonl"), "--limit", "2", "--html", str(out))
    assert done.exit_code == 0, done.output
    assert out.read_text(encoding="utf-8").count("<article>") == 2


@pytest.mark.parametrize("name", ["10-empty.txt", "07-consent-wall.html"])
def test_what_is_no_article_says_why(name: str):
    done = run(str(SEEDS / name))
    assert isinstance(done.exception, CommandError)
    assert "is no article that comes through: rejected" in str(done.exception)


def test_a_page_that_cannot_be_written_is_one_line(tmp_path: Path):
    done = run(str(SEEDS / "08-plain-text.txt"), "--html", str(tmp_path / "nowhere" / "shown.html"))
    assert isinstance(done.exception, CommandError)
    assert "cannot be written" in str(done.exception)


@pytest.fixture
def site() -> Iterator[str]:
    """Serve an article at /a, and 404 elsewhere."""
    body = (SEEDS / "06-page-with-boilerplate.html").read_bytes()

    async def answer(exchange: Exchange) -> None:
        if exchange.path == "/a":
            await exchange.answer(body, headers={"Content-Type": "text/html; charset=utf-8"})
        else:
            await exchange.answer(b"", status=404)

    loop, ready, ports = asyncio.new_event_loop(), threading.Event(), []

    async def serve() -> None:
        async with serving(answer) as server:
            ports.append(server.port)
            stop.append(asyncio.Event())
            ready.set()
            await stop[0].wait()

    stop: list[asyncio.Event] = []
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(60)
    yield f"http://127.0.0.1:{ports[0]}"
    loop.call_soon_threadsafe(stop[0].set)
    thread.join()
    loop.close()


def test_a_link_is_fetched_where_its_host_is_allowed(site: str):
    host = site.removeprefix("http://")
    done = run(f"{site}/a", "--fetch", "--allow-host", host)
    assert done.exit_code == 0, done.output
    assert "language" in done.stdout


@pytest.mark.parametrize(("hosts", "path", "why"), [([], "/a", "refused"), (["127.0.0.1"], "/b", "404")])
def test_a_link_that_is_not_had_says_why(site: str, hosts: list[str], path: str, why: str):
    allowed = [part for host in hosts for part in ("--allow-host", f"{host}:{site.rpartition(':')[2]}")]
    done = run(f"{site}{path}", "--fetch", *allowed)
    assert isinstance(done.exception, CommandError)
    assert why in str(done.exception)

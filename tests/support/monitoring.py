"""Prometheus and Alertmanager themselves, with our configuration, and somebody who is told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import yaml

from tests.support.processes import Worker, environment
from tests.support.require import ROOT, missing, require
from tests.support.waiting import eventually

__all__ = ["Notice", "Receiver", "Sample", "alertmanager_in", "ask", "prometheus_in", "query", "values_since"]

DEPLOY = ROOT / "deploy"
DEBIAN_TEMPLATES = Path("/usr/share/prometheus/alertmanager")
"""Without these, Debian's Alertmanager does not start."""
_LISTENS = re.compile(r'msg="Listening on" address=(\S+)')
_NAMING = ("stage", "process", "reason", "lane", "kind")
"""Labels that tell two alerts of one name apart."""


class Sample(msgspec.Struct, frozen=True):
    """One value that Prometheus answers with."""

    labels: dict[str, str]
    value: float


class Notice(msgspec.Struct, frozen=True):
    """One alert in one message of Alertmanager's."""

    alert: str
    """Its name and the labels that tell it apart."""
    firing: bool
    receiver: str


def ask(url: str, body: Any = None) -> Any:
    """Ask for JSON, with some JSON where *body* is given."""
    request = urllib.request.Request(url)
    if body is not None:
        request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


def query(prometheus: str, expression: str) -> list[Sample]:
    """Ask a Prometheus for the value of an expression now.

    Raises:
        urllib.error.HTTPError: it does not understand it.
    """
    given = urllib.parse.urlencode({"query": expression})
    found = ask(f"{prometheus}/api/v1/query?{given}")["data"]
    if found["resultType"] == "scalar":
        return [Sample({}, float(found["result"][1]))]
    return [Sample(each["metric"], float(each["value"][1])) for each in found["result"]]


def values_since(prometheus: str, expression: str, begin: float, step_s: float = 2.0) -> list[float]:
    """Ask a Prometheus for every value of an expression since a time of day, once in *step_s* seconds.

    Raises:
        urllib.error.HTTPError: it does not understand it.
    """
    given = {"query": expression, "start": begin, "end": time.time(), "step": step_s}
    found = ask(f"{prometheus}/api/v1/query_range?{urllib.parse.urlencode(given)}")["data"]["result"]
    return [float(value) for each in found for _, value in each["values"]]


class Receiver:
    """A webhook that keeps every notice it is sent, in order."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        notices = self.notices

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                notices.extend(
                    Notice(_name(alert["labels"]), alert["status"] == "firing", message["receiver"])
                    for alert in message["alerts"]
                )
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="receiver", daemon=True).start()

    def told(self, since: int = 0) -> set[str]:
        """Return what was told to fire in the notices from this number on."""
        return {notice.alert for notice in self.notices[since:] if notice.firing}

    def firing(self) -> set[str]:
        """Return what fires by the last notice of each alert."""
        return {
            alert for alert, firing in {each.alert: each.firing for each in self.notices}.items() if firing
        }

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def _name(labels: Mapping[str, str]) -> str:
    told = dict.fromkeys(labels[label] for label in _NAMING if label in labels)
    return " ".join([labels["alertname"], *told])


def require_alertmanager() -> str:
    """Return the path of Alertmanager, or skip the test."""
    program = require("prometheus-alertmanager")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if "debian" in version and not DEBIAN_TEMPLATES.is_dir():
        missing("prometheus-alertmanager", f"apt-get install it whole: {DEBIAN_TEMPLATES} is not there")
    return program


@contextmanager
def alertmanager_in(directory: Path, receiver: Receiver, **times: str) -> Iterator[str]:
    """Run Alertmanager with our configuration, but its receivers *receiver* and its *times* of all groups;
    yields its address.
    """
    program = require_alertmanager()
    directory.mkdir()
    config = yaml.safe_load((DEPLOY / "alertmanager" / "alertmanager.yml").read_text("utf-8"))
    for each in config["receivers"]:
        for hook in each["webhook_configs"]:
            hook["url"] = f"{receiver.url}/{each['name']}"
    for route in (config["route"], *config["route"]["routes"]):
        route.update(times)
    (directory / "alertmanager.yml").write_text(json.dumps(config), "utf-8")
    with _running(
        [
            program,
            f"--config.file={directory}/alertmanager.yml",
            f"--storage.path={directory}/data",
            "--web.listen-address=127.0.0.1:0",
            "--cluster.listen-address=",
        ],
        directory / "log",
    ) as url:
        yield url


@contextmanager
def prometheus_in(
    directory: Path, targets: Path, alertmanager: str, overlay: Mapping[str, str], **times: str
) -> Iterator[str]:
    """Run Prometheus with our configuration, but *overlay*'s thresholds, the files of *targets* and its own
    *times*; yields its address.

    It does not scrape itself, since its port is known only when it runs.
    """
    directory.mkdir()
    thresholds = directory / "overlay.toml"
    thresholds.write_text(
        "".join(f"{name} = {json.dumps(value)}\n" for name, value in overlay.items()), "utf-8"
    )
    render = str(DEPLOY / "prometheus" / "render.py")
    subprocess.run(
        [sys.executable, render, "--config", str(thresholds), "--to", str(directory / "rules")],
        check=True,
        timeout=180,
    )
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    config["global"] |= times
    config["rule_files"] = [f"{directory}/rules/*.yml"]
    (to,) = config["alerting"]["alertmanagers"]
    to["static_configs"] = [{"targets": [alertmanager.removeprefix("http://")]}]
    config["scrape_configs"] = [job for job in config["scrape_configs"] if "file_sd_configs" in job]
    for job in config["scrape_configs"]:
        for found in job["file_sd_configs"]:
            found["files"] = [str(targets / Path(pattern).name) for pattern in found["files"]]
            found["refresh_interval"] = "1s"
    (directory / "prometheus.yml").write_text(json.dumps(config), "utf-8")
    with _running(
        [
            require("prometheus"),
            f"--config.file={directory}/prometheus.yml",
            f"--storage.tsdb.path={directory}/data",
            "--web.listen-address=127.0.0.1:0",
        ],
        directory / "log",
    ) as url:
        yield url


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[str]:
    """Run a server of Prometheus' family until the end of the block; yields its address once it is ready."""
    started = Worker(command, log, environment())

    def ready() -> str:
        assert started.running, f"it ended:\n{started.tail()}"
        found = _LISTENS.search(started.said())
        url = f"http://{found[1]}" if found else ""
        return url if url and _answers(f"{url}/-/ready") else ""

    try:
        yield eventually(ready, f"{command[0]} is ready", 120)
    finally:
        started.end()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False

"""Bodies that look like paths or addresses, and pages that name some: nothing is opened while they are read.

Python's audit hook sees every file, connection and process that is asked for by way of Python; a canary file
and a canary server see what libraries do by themselves.
"""

from __future__ import annotations

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support.require import ROOT

pytestmark = pytest.mark.timeout(600)

CANARY = "canary-4b9d"
AUDITED = """
import json, sys, sysconfig
from connectors.feeds.blocked import wall_of
from connectors.feeds.discovery import discover_feeds
from connectors.feeds.fingerprint import page_fingerprint
from connectors.framework.items import body_of, raw_item
from connectors.web.message import Response
from connectors.web.robots import read_robots
from streams.normalize.normalize import normalize, warm_up

def read(body, media_type):
    data = body.encode()
    item = raw_item(source_id="s", source_kind="feed", native_id=body[:100], fetched_at="2026-11-24T09:30:00Z",
                    body=body_of(data, media_type), url="https://example.org/a/b-c-d", title=body, description=body)
    found = normalize(item)
    discover_feeds(body, body[:200])
    page_fingerprint(data, media_type)
    read_robots(data, "newswire").verdict(body[:200])
    wall_of(Response(result="403", status=403, requested_url=body[:200], final_url=body[:200], body=data))
    return repr(found)

warm_up()
bodies = json.loads(sys.stdin.read())
KINDS = ("text/html", "text/plain", "application/xml")
for kind in KINDS:  # what is loaded once and late
    read("<html><body><article><p>" + "A word of this and that. " * 40, kind)
events = []
watched = ("open", "os.", "socket.", "subprocess.", "urllib.", "ftplib.", "http.", "shutil.", "glob.")
OWN = sysconfig.get_paths()["purelib"]  # a library that reads its own word lists anew, whatever the page

def hook(event, args):
    if event.startswith(watched) and not str(args[0]).startswith(OWN):
        events.append((event, repr(args)[:200]))

sys.addaudithook(hook)
said = [read(body, kind) for body in bodies for kind in KINDS]
seen = list(events)
open("/dev/null").close()
print(json.dumps({"events": seen, "control": len(events) - len(seen), "said": said}))
"""


class Canary(BaseHTTPRequestHandler):
    reached = 0

    def do_GET(self) -> None:
        type(self).reached += 1
        self.send_error(404)


def test_nothing_is_opened(tmp_path: Path):
    secret = tmp_path / "secret.html"
    secret.write_text(f"<html><body><p>{CANARY} " + "A word of this and that. " * 40)
    with HTTPServer(("127.0.0.1", 0), Canary) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/secret"
        words = "<p>A word of this and that, and of more beside it.</p>" * 20
        bodies = [
            str(secret),
            f"{secret}\n",
            f"file://{secret}",
            f"file:{secret}",
            url,
            f"{url}\n<html></html>",
            f"<html><head><base href='file://{secret.parent}/'><link rel=stylesheet href='{secret.name}'></head>{words}",
            f"<html><frameset><frame src='{url}'></frameset>{words}",
            f"<html><body><iframe src='{url}'></iframe><img src='{url}'><object data='{secret}'></object>{words}",
            f"<html><head><meta http-equiv=refresh content='0;url={url}'><script src='{url}'></script></head>{words}",
            f"<html><head><link rel=canonical href='file://{secret}'><link rel=amphtml href='{url}'></head>{words}",
            f"<?xml version='1.0'?><!DOCTYPE html [<!ENTITY a SYSTEM 'file://{secret}'>]><html><body>&a;{words}",
            f"<!DOCTYPE html PUBLIC '-//x//' '{url}'><html><body>{words}",
            f"<html xmlns:xi='http://www.w3.org/2001/XInclude'><body><xi:include href='file://{secret}' parse='text'/>{words}",
            f"<?xml-stylesheet href='{url}'?><html><body>{words}",
        ]
        done = subprocess.run(
            [sys.executable, "-c", AUDITED],
            input=json.dumps(bodies),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
            timeout=500,
        )
        server.shutdown()
        thread.join()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["events"] == []
    assert found["control"] == 1
    assert len(found["said"]) == 3 * len(bodies)
    assert CANARY not in done.stdout
    assert Canary.reached == 0

"""A child for the supervisor that behaves as a worker does, or misbehaves as it is told.

Run as a script: ``fake_worker.py FOLDER HOW``.  It counts its starts in the folder.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

METRICS = """\
# TYPE newswire_outcomes_total counter
newswire_outcomes_total{stage="dedupe",outcome="duplicate",reason="",lane="live"} %d
# TYPE newswire_in_flight_events gauge
newswire_in_flight_events{stage="dedupe"} 2
# TYPE kafka_consumergroup_lag gauge
kafka_consumergroup_lag{consumergroup="g",topic="t",partition="0"} 5
"""


class _Handler(BaseHTTPRequestHandler):
    starts = 0

    def do_GET(self) -> None:
        body = (METRICS % self.starts).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _log(**event: object) -> None:
    print(json.dumps(event), file=sys.stderr, flush=True)


def main(folder: Path, how: str) -> None:
    count = folder / "starts"
    starts = int(count.read_text()) + 1 if count.exists() else 1
    count.write_text(str(starts))
    if how == "mendable" or (how == "mendable later" and starts == 2):
        print("newswire: the moon is missing: hang it up again", file=sys.stderr)
        print("UserWarning: there appear to be 2 leaked semaphore objects", file=sys.stderr)
        sys.exit(2)
    if how == "crashes":
        _log(event="stage_failed", level="critical", error="ValueError('a bug')")
        sys.exit(70)
    if how == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if how != "never ready":
        _Handler.starts = starts
        server = HTTPServer(("127.0.0.1", 0), _Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _log(event="worker_starts", metrics_port=server.server_port, level="info")
        _log(event="assigned", partitions=[0], level="info")
    while True:
        time.sleep(0.02)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

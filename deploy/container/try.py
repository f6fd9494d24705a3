"""Build the image where no container engine runs, and run what is in it as compose.yaml says, but without Docker.

    sudo apt-get install buildah mmdebstrap
    sudo .venv/bin/python deploy/container/try.py [--base IMAGE] [--no-build]

Without --base (which must be at hand, or in a registry that is) the base is a stand-in: Debian 12 with its own
Python 3.11, made of Debian's packages.  Every process of ours in compose.yaml is then started from the image
with its command and its environment: as user 10001, without a single capability, with a read-only root, in
namespaces of its own for processes, mounts and IPC, on the host's network and on the development broker.
Articles are put in, all must be ready and live and nothing may be lost; then each is asked to stop.
"""

# ruff: noqa: INP001, S603, S607, T201 - a script that runs the programs it is about, and tells what came of it

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
import yaml

from newswire.broker import DevBroker

ROOT: Final = Path(__file__).resolve().parents[2]
STAND_IN: Final = "localhost/newswire-base:stand-in"
IMAGE: Final = "localhost/newswire:try"
PACKAGES: Final = "python3,python3-venv,ca-certificates"
UID: Final = 10001
READY_S: Final = 180.0
STOP_S: Final = 15.0
"""Within this a process ends, whoever does not answer."""
FIRST_PORT: Final = 9101
ENTER: Final = """
set -e
mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"
mount -t proc -o nosuid,nodev,noexec proc "$1/proc"
mount -t tmpfs -o mode=1777,size=256m tmpfs "$1/tmp"
mount -t tmpfs -o uid={uid},gid={uid},size=64m tmpfs "$1/var/lib/newswire"
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
for each in null zero random urandom; do touch "$1/dev/$each"; mount --bind "/dev/$each" "$1/dev/$each"; done
mkdir -m 1777 "$1/dev/shm"
root=$1; shift
exec chroot "$root" setpriv --reuid {uid} --regid {uid} --clear-groups --bounding-set=-all --no-new-privs \\
  --pdeathsig KILL -- "$@"
"""
"""Run in new namespaces: a view of the image in which nothing but what compose.yaml mounts can be written."""


class Image:
    """An image, built and mounted by buildah, without a daemon and without a container runtime."""

    def __init__(self, store: Path) -> None:
        self._buildah = ["buildah", "--root", str(store / "storage"), "--runroot", str(store / "run")]
        self._buildah += ["--storage-driver", "vfs"]
        self._store = store

    def make_base(self) -> str:
        """Make the stand-in for the base image; return its name."""
        if not self._run("images", "--quiet", "--filter", f"reference={STAND_IN}"):
            archive = self._store / "base.tar"
            subprocess.run(
                ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", "bookworm", archive],
                check=True,
            )
            container = self._run("from", "scratch")
            self._run("add", container, str(archive), "/")
            link = "ln -s /usr/bin/python3 /usr/local/bin/python3 && ln -s python3 /usr/local/bin/python"
            self._run("run", "--isolation", "chroot", container, "--", "sh", "-c", link)
            self._run("commit", "--rm", container, STAND_IN)
            archive.unlink()
        return STAND_IN

    def build(self, base: str) -> None:
        """Build the image on a base, with the certificates and pip's configuration of this machine."""
        seen = [Path("/etc/ssl/certs/ca-certificates.crt"), Path("/etc/pip.conf")]
        volumes = [part for path in seen if path.exists() for part in ("-v", f"{path}:{path}:ro")]
        subprocess.run(
            [
                *self._buildah, "bud", "--isolation", "chroot", "--network", "host", "--format", "docker",
                "--build-arg", f"BASE={base}", *volumes, "-f", "deploy/container/Containerfile",
                "-t", IMAGE, ".",
            ],
            check=True,
            cwd=ROOT,
        )  # fmt: skip

    @contextmanager
    def mounted(self) -> Iterator[Path]:
        """Give the root of the image."""
        container = self._run("from", "--pull-never", IMAGE)
        try:
            yield Path(self._run("mount", container))
        finally:
            self._run("rm", container)

    def environment(self) -> dict[str, str]:
        """Return what the image sets."""
        said = json.loads(self._run("inspect", "--type", "image", IMAGE))
        return dict(each.split("=", 1) for each in said["OCIv1"]["config"]["Env"])

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([*self._buildah, *arguments], check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()


class Process:
    """One process of the image."""

    def __init__(self, root: Path, command: list[str], environ: Mapping[str, str], log: Path) -> None:
        self.root, self.environ, self.log = root, environ, log
        with log.open("wb") as file:
            self.child = subprocess.Popen(
                entering(root, ["newswire", *command]), env=dict(environ), stdout=file, stderr=file
            )

    def probe(self, what: str) -> tuple[int, str]:
        """Ask it as the image's own health check does."""
        command = entering(self.root, ["python", "-m", "newswire.probe", what])
        done = subprocess.run(command, env=dict(self.environ), capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.strip()

    def wait_ready(self) -> str:
        """Wait until it is ready; return what it says then."""
        deadline = time.monotonic() + READY_S
        while True:
            code, said = self.probe("readyz")
            if code == 0:
                return said
            if self.child.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"not ready: {said}\n{self.log.read_text('utf-8', 'replace')[-3000:]}")
            time.sleep(0.5)

    def memory_mib(self) -> float:
        """Return what it and its children have in memory, shared pages counted in each."""
        family = psutil.Process(self.child.pid).children(recursive=True)
        return sum(each.memory_info().rss for each in family) / (1 << 20)

    def stop(self) -> float:
        """Ask it to stop; return after how many seconds it has, with code 0."""
        began = time.monotonic()
        # unshare waits for the process it forked and has no handler: the process itself is what is asked.
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text("ascii").split()
        os.kill(int(children[0]), signal.SIGTERM)
        code = self.child.wait(60)
        if code != 0:
            raise SystemExit(f"ended with {code}\n{self.log.read_text('utf-8', 'replace')[-3000:]}")
        return time.monotonic() - began


def entering(root: Path, command: list[str]) -> list[str]:
    """Return what runs a command in the image's root."""
    script = ENTER.format(uid=UID)
    return [
        "unshare",
        "--mount",
        "--pid",
        "--ipc",
        "--fork",
        "--kill-child",
        "sh",
        "-c",
        script,
        "sh",
        str(root),
        *command,
    ]


def services() -> dict[str, dict[str, Any]]:
    """Return the services of compose.yaml that are processes of ours."""
    compose = yaml.safe_load((ROOT / "deploy" / "compose" / "compose.yaml").read_text("utf-8"))
    return {name: each for name, each in compose["services"].items() if "newswire:" in each["image"]}


def main() -> None:
    """Build, run, tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base", help="the base image, instead of the stand-in")
    parser.add_argument("--store", type=Path, default=ROOT / ".cache" / "image", help="where images are kept")
    parser.add_argument("--no-build", action="store_true", help="run what was built before")
    given = parser.parse_args()
    given.store.mkdir(parents=True, exist_ok=True)
    image = Image(given.store)
    if not given.no_build:
        image.build(given.base or image.make_base())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        root = stack.enter_context(image.mounted())
        broker = stack.enter_context(DevBroker(folder / "kafka", ephemeral=True))
        run_all(root, image.environment(), broker.bootstrap, folder, stack)


def run_all(root: Path, base: dict[str, str], bootstrap: str, folder: Path, stack: ExitStack) -> None:
    """Run every service, put articles in, and look at what came of it."""

    def environ_of(service: Mapping[str, Any], port: int) -> dict[str, str]:
        set_ = {name: value for name, value in service["environment"].items() if value is not None}
        return base | set_ | {
            "NEWSWIRE_KAFKA_BOOTSTRAP": bootstrap,
            "NEWSWIRE_METRICS_HOST": "127.0.0.1",
            "NEWSWIRE_METRICS_PORT": str(port),
        }  # fmt: skip

    def once(*command: str, given: bytes = b"") -> str:
        environ = environ_of(ours["topics"], 0)
        done = subprocess.run(
            entering(root, list(command)), env=environ, input=given, stdout=subprocess.PIPE, check=True
        )
        return done.stdout.decode()

    ours = services()
    print("who it is, and what it cannot write:")
    print("  " + once("sh", "-c", "id; touch /x /opt/newswire/x /etc/x 2>&1 || true").replace("\n", "\n  "))
    print("topics:", once("newswire", *ours["topics"]["command"]).strip())
    running: dict[str, Process] = {}
    for name, service in ours.items():
        for number in range(service["deploy"].get("replicas", 1) if name != "topics" else 0):
            label = f"{name}-{number + 1}"
            port = FIRST_PORT + len(running)
            process = Process(root, service["command"], environ_of(service, port), folder / f"{label}.log")
            stack.callback(process.child.kill)
            running[label] = process
    for label, process in running.items():
        print(f"{label:<12} {process.wait_ready()}  {process.probe('livez')[1]}")
    articles = b"".join(path.read_bytes() for path in sorted((ROOT / "seeds" / "articles").glob("*.jsonl")))
    print(once("newswire", "ingest", "-", given=articles).strip() or "ingested")
    print(once("newswire", "audit", "--wait", "120").strip())
    for label, process in running.items():
        memory = process.memory_mib()
        seconds = process.stop()
        print(f"{label:<12} had {memory:.0f} MiB, stopped in {seconds:.1f} s")
        if seconds > STOP_S:
            raise SystemExit(f"more than {STOP_S:g} s")


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit(f"only root may: sudo {shlex.join([sys.executable, *sys.argv])}")
    main()

"""Servers that are measured: started, awaited, ended."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.bench.browser import Browser

ROOT = Path(__file__).parent.parent.parent
STARTED = 90
"""Seconds within which a server must answer."""


@dataclass
class Served:
    """A subject that is served on `port` by the process `pid` and its children; `paths` by the key of the row."""

    name: str
    port: int
    pid: int
    paths: dict[str, str] = field(default_factory=dict)
    browser: Browser | None = None

    @property
    def cookie(self) -> str:
        return self.browser.cookie if self.browser else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(name: str, command: list[str], health: str, **environment: str) -> Iterator[Served]:
    """Run `command` (which finds its port in PORT) until the block ends."""
    port = free_port()
    with subprocess.Popen(
        [part.replace("$PORT", str(port)) for part in command],
        cwd=ROOT,
        env={**os.environ, **environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            _await(process, port, health)
            yield Served(name, port, process.pid)
        finally:
            process.terminate()


def _await(process: subprocess.Popen, port: int, health: str) -> None:
    ends = time.monotonic() + STARTED
    while time.monotonic() < ends and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", health)
            if connection.getresponse().status < 400:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server does not answer: {process.args}")


def panel() -> contextlib.AbstractContextManager[Served]:
    """The panel as `make run` serves it, on the database of the environment."""
    return serving("Yingke", [sys.executable, "app.py"], "/healthz")


# ── What its processes take ───────────────────────────────────────────────────────────────────────────────────────
def family(pid: int) -> list[int]:
    """The process and all that it started, directly or not."""
    pids = [pid]
    for parent in pids:
        for listed in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                pids += [int(child) for child in listed.read_text().split()]
    return pids


def memory(pid: int) -> float | None:
    """The MB that the processes hold in sum; a page that several share counts once (PSS). None where /proc is not."""
    total = 0
    for process in family(pid):
        with contextlib.suppress(OSError):
            total += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.M)[1])
    return total / 1024 if total else None


def processor(pid: int) -> float:
    """The seconds that the processes have computed in sum."""
    ticks = 0
    for process in family(pid):
        with contextlib.suppress(OSError):
            ticks += sum(map(int, Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


class Peak(threading.Thread):
    """The most memory that the processes hold in sum while the block runs."""

    def __init__(self, pid: int, every: float = 0.2):
        super().__init__(daemon=True)
        self._pid, self._every, self._over = pid, every, threading.Event()
        self.most = memory(pid)

    def run(self):
        while not self._over.wait(self._every):
            self.most = max(self.most or 0, memory(self._pid) or 0) or None

    def __enter__(self) -> "Peak":
        self.start()
        return self

    def __exit__(self, *error):
        self._over.set()
        self.join()

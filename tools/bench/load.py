"""The clients: a process of its own that asks a server for one page over kept connections. `python -m tools.bench.load`
reads what to ask for from standard input and writes how long each answer took.

It sends prepared bytes and looks for the end of each answer, so that it takes next to nothing from the server's share
of the processors.
"""

import json
import re
import selectors
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LEAST = 3
"""Answers that are waited for however long each takes."""
WARM = 12
"""Connections that ask twice beforehand: every process of the server has then made what it makes once."""
LIMIT = 60
"""Seconds without any answer after which the server counts as broken."""
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ENDS = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(frozen=True)
class Job:
    """`path` of the server on `port`, asked for by `clients` at once for `seconds`, with the header `cookie`."""

    port: int
    path: str
    cookie: str
    clients: int = 1
    seconds: float = 2.0

    def request(self) -> bytes:
        lines = (
            f"GET {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {self.cookie}",
            "Accept-Encoding: gzip",
        )
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


@dataclass(frozen=True)
class Answered:
    """How many answers, how many a second; how long half of them, and all but one in a hundred, took at most (ms)."""

    count: int
    rate: float
    p50: float
    p99: float


class BadAnswer(Exception):
    """The server answered something else than the page."""


class Client:
    """A connection that asks for the same page again and again; a server may close it after each answer."""

    def __init__(self, port: int, request: bytes):
        self._port, self._request, self._buffer = port, request, bytearray()
        self.socket: socket.socket | None = None
        self.began = 0.0

    def ask(self) -> None:
        self.began = time.perf_counter()
        self._buffer.clear()
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self._port), timeout=LIMIT)
        self.socket.sendall(self._request)

    def read(self) -> bool:
        """Take what has come; whether the answer is whole."""
        assert self.socket is not None
        piece = self.socket.recv(1 << 18)
        self._buffer += piece
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            if not piece:
                raise BadAnswer("The connection was closed without an answer.")
            return False
        start = bytes(self._buffer[: head + 2])
        if not start.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
            raise BadAnswer(start.split(b"\r\n")[0].decode("latin-1"))
        length = LENGTH.search(start)
        if length:
            whole = len(self._buffer) >= head + 4 + int(length[1])
        else:
            whole = not piece or (bool(CHUNKED.search(start)) and self._buffer.endswith(b"\r\n0\r\n\r\n"))
        if whole and (not piece or ENDS.search(start)):
            self.close()
        return whole

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def warm(job: Job) -> None:
    clients = [Client(job.port, job.request()) for _ in range(WARM)]
    for client in clients * 2:
        client.ask()
        while not client.read():
            pass
    for client in clients:
        client.close()


def load(job: Job) -> Answered:
    """Ask until the seconds are over, wait for what is under way, and say how it went."""
    clients, times = [Client(job.port, job.request()) for _ in range(job.clients)], []
    began = time.perf_counter()
    with selectors.DefaultSelector() as waiting:

        def ask(client: Client) -> None:
            client.ask()
            waiting.register(client.socket, selectors.EVENT_READ, client)

        for client in clients:
            ask(client)
        while waiting.get_map():
            ready = waiting.select(LIMIT)
            if not ready:
                raise BadAnswer(f"No answer within {LIMIT} s.")
            for key, _ in ready:
                client = key.data
                if client.read():
                    now = time.perf_counter()
                    times.append(now - client.began)
                    waiting.unregister(key.fileobj)
                    if now - began < job.seconds or len(times) < LEAST:
                        ask(client)
    took = time.perf_counter() - began
    for client in clients:
        client.close()
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return Answered(len(times), len(times) / took, statistics.median(times) * 1000, cuts[98] * 1000)


def run(job: Job) -> Answered:
    """The job in a process of its own; BadAnswer where the server does not give the page."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.load"],
        input=json.dumps(asdict(job)),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BadAnswer(f"{job.path}: {done.stderr.strip().splitlines()[-1]}")
    return Answered(**json.loads(done.stdout))


def main() -> None:
    job = Job(**json.load(sys.stdin))
    try:
        warm(job)
        answered = load(job)
    except (BadAnswer, OSError) as error:
        sys.exit(str(error))
    json.dump(asdict(answered), sys.stdout)


if __name__ == "__main__":
    main()

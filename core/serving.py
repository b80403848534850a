"""Serving with several processes on one port, by granian: who computes when, and how a process ends.

A page is computed by one thread at a time in each process, in the order of arrival: threads that compute beside each
other only wait for the interpreter's lock. All else runs beside it: reading what a client sends, writing what a slow
client takes, streaming a file.
"""

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any, NoReturn

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
"""A WSGI application."""
GRACE = 28
"""Seconds after which a process that was told to stop is ended, whatever it still does."""
IDLE = 10
"""Seconds in which the head of a request must have come; a connection without a request is closed after as many."""
PATIENCE = 0.5
"""Seconds after which a page goes ahead beside the one that keeps it waiting (for a lock of the database, say)."""
SWITCH = 0.0005
"""Seconds after which a computing thread lets another one in: a page beside a stream takes a sixth of what it takes at
Python's own 0.005."""
FLUSHED, SENT = 1.0, 2 * IDLE
"""Seconds after the end of a page, and of a stream, in which the server may still be writing the last of it."""
BODY = 16 * 1024 * 1024
"""Bytes of a request that are read before its page is computed; a longer one is read by the page (and refused)."""
BODIES = 64
"""So many clients a process waits for at once while they send; a further one is to try again."""

MALLOC = {-8: 1, -3: 1 << 20, -1: 1 << 20}
"""What the C library is told about memory (M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD): one heap for all threads,
from which no more than a megabyte that is free is kept. By itself it keeps, for good, some 20 MB a process that a
sign-in takes for a moment."""

STOP = {signal.SIGINT, signal.SIGTERM}

stopping = threading.Event()
"""Set once this process was told to stop: long work beside the requests is to end by itself."""


# ── Turns ────────────────────────────────────────────────────────────────────────────────────────
class Turns:
    """Lets one thread compute at a time, in the order of arrival; nobody waits longer than `patience` seconds."""

    def __init__(self, patience: float = PATIENCE):
        self._patience, self._mutex = patience, threading.Lock()
        self._taken, self._waiting = False, deque[threading.Lock]()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        holds = self._take()
        try:
            yield
        finally:
            if holds:
                self._pass_on()

    def _take(self) -> bool:
        """Wait for the turn; False when patience ended and the caller goes ahead without it."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            ticket = threading.Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        if ticket.acquire(timeout=self._patience):
            return True
        with self._mutex:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                return False
        return True  # It was handed over while patience ended.

    def _pass_on(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


def receive(environ: dict[str, Any], kept: contextlib.ExitStack, places: threading.Semaphore) -> bool:
    """Read whole what the client sends, before the page is computed: a slow one keeps nobody waiting. It is kept until
    `kept` is closed. False where as many as have `places` are being read."""
    length = environ.get("CONTENT_LENGTH") or (str(BODY) if "HTTP_TRANSFER_ENCODING" in environ else "")
    if not length.isdigit() or int(length) > BODY:
        return True
    if not places.acquire(blocking=False):
        return False
    try:
        body = tempfile.SpooledTemporaryFile(1 << 20)  # noqa: SIM115 (it is closed with `kept`, after the answer)
        kept.callback(body.close)
        stream, left = environ["wsgi.input"], int(length)
        while left and (piece := stream.read(min(left, 1 << 16))):
            body.write(piece)
            left -= len(piece)
        body.seek(0)
        environ["wsgi.input"] = body
    finally:
        places.release()
    return True


# ── What is under way ────────────────────────────────────────────────────────────────────────────
class Work:
    """What a process has under way, so that it can end as soon as it may."""

    def __init__(self) -> None:
        self._lock, self._count, self._written = threading.Lock(), 0, 0.0

    def begin(self) -> None:
        with self._lock:
            self._count += 1

    def end(self, writing: float) -> None:
        """`writing`: seconds that the server may still need to write the last of it."""
        with self._lock:
            self._count -= 1
            self._written = max(self._written, time.monotonic() + writing)

    def done(self) -> bool:
        with self._lock:
            return not self._count and time.monotonic() >= self._written


work = Work()


@contextlib.contextmanager
def beside() -> Iterator[None]:
    """Work beside the requests that a stopping process waits for, such as a trial; it must heed `stopping`."""
    work.begin()
    try:
        yield
    finally:
        work.end(0)


_breaking: Connection | None = None
"""Through it the streams of this process tell its `_watch` that one of them broke."""


class Body:
    """The body of an answer; once it has been handed over it says so, and closes what was `kept` for it. It never looks
    whole when it isn't."""

    def __init__(self, body: Iterable[bytes], kept: contextlib.ExitStack):
        self._body, self._next, self._pieces, self._kept = body, iter(body).__next__, 0, kept

    def __iter__(self) -> "Body":
        return self

    def __next__(self) -> bytes:
        try:
            piece = self._next()
        except StopIteration:
            raise
        except Exception:
            self._break_off()
        self._pieces += 1
        return piece

    def _break_off(self) -> NoReturn:
        """Whatever is said to granian here, it ends the answer as if it were whole. Only with its process does a
        connection break: this one finishes what else is under way, and another takes its place."""
        try:
            traceback.print_exc()
            self._end(0)
        finally:
            if _breaking is not None:
                _breaking.send(None)
            while True:
                time.sleep(GRACE)

    def close(self) -> None:
        self._end(SENT if self._pieces > 1 else FLUSHED)

    def _end(self, writing: float) -> None:
        try:
            close = getattr(self._body, "close", None)
            with self._kept:
                if close is not None:
                    close()
        finally:
            work.end(writing)


def in_turn(app: Application, threads: int) -> Application:
    """The WSGI application `app` as one process serves it: pages in turn, streams beside them, `threads` in all."""
    turns, bodies, places = Turns(), threading.Semaphore(BODIES), threading.Semaphore(threads)

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        work.begin()
        kept = contextlib.ExitStack()
        try:
            if not receive(environ, kept, bodies):
                start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", str(IDLE))])
                return Body([b"Too busy. Nothing was saved; try again."], kept)
            places.acquire()
            kept.callback(places.release)
            with turns.turn():
                return Body(app(environ, start_response), kept)
        except BaseException:
            kept.close()
            work.end(0)
            raise

    return serve


# ── A worker ─────────────────────────────────────────────────────────────────────────────────────
_held: Connection | None = None
"""The master's end of the pipe that it closes when the workers are to stop, and that closes when it dies."""


def _worker(load: Callable[[], Application], threads: int, word: Connection, master: int) -> Application:
    """Called in a new worker process: the application it serves. `word`: its end of the master's pipe."""
    global _breaking
    if _held is not None:
        _held.close()  # Inherited by a fork: only the master may hold this end.
    # Only the pipe is heeded: a signal right after a fork is lost, and granian's handler blocks for good when it is
    # called a third time (by Ctrl-C, the master and a service manager, say).
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
    broken, _breaking = multiprocessing.Pipe(duplex=False)
    watched = ([word, broken], master, signal.getsignal(signal.SIGTERM))
    threading.Thread(target=_watch, args=watched, name="watch", daemon=True).start()
    sys.setswitchinterval(SWITCH)
    app = in_turn(load(), threads)
    gc.collect()
    gc.freeze()
    return app


def _itself(app: Application) -> Application:
    return app


def _watch(words: list[Connection], master: int, inherited: Any) -> None:
    """Ends the process with its master, and once it is to stop as soon as nothing is under way; so it is after a
    broken stream.

    Granian, by the handler that replaces the `inherited` one, stops accepting; but it keeps a stopping process for
    connections that only wait for a next request.
    """
    wait(words)
    stopping.set()
    since, asked = time.monotonic(), False
    # At first a request may have been accepted that has not begun yet.
    while os.getppid() == master and time.monotonic() - since < GRACE:
        if work.done() and time.monotonic() - since > 0.3:
            break
        handler = signal.getsignal(signal.SIGTERM)
        if not asked and callable(handler) and handler != inherited:
            handler(signal.SIGTERM, None)
            asked = True
        time.sleep(0.05)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


# ── The master ───────────────────────────────────────────────────────────────────────────────────
class PortTaken(OSError):
    """Somebody else listens where the panel is to be served."""


def claim(host: str, port: int, patience: float = 3) -> socket.socket | None:
    """Take the port, for as long as the socket that is given back is kept; workers can listen on it all the same.

    Raises PortTaken where somebody has it: the workers' own sockets would share it in silence.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    ends = time.monotonic() + patience  # A server killed a moment ago is still going.
    while True:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                break
            except OSError as error:
                if time.monotonic() >= ends:
                    raise PortTaken(error.errno, f"{host}:{port}: {error.strerror}") from None
        time.sleep(0.1)
    if sys.platform != "linux":
        return None  # The master itself listens there.
    held = socket.socket(family)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((host, port))
    return held


def apart(work: Callable[[], Any]) -> Any:
    """What `work` gives, done in a process of its own: the memory that it takes goes with it."""
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    result, answer = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(work, answer), daemon=True)
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        process.start()
        answer.close()
        return result.recv()
    except EOFError:
        sys.exit(1)  # It has said why.
    finally:
        process.kill()
        process.join()
        signal.signal(signal.SIGTERM, before)


def _answer(work: Callable[[], Any], answer: Connection) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    answer.send(work())


def spare_memory() -> None:
    """Keep less free memory than the C library would; where it isn't the one that is known here, nothing is done."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        libc = ctypes.CDLL(None)
        for parameter, value in MALLOC.items():
            libc.mallopt(parameter, value)
        libc.malloc_trim(0)


def cores() -> int:
    """The processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


def _master(held: Connection, **settings: Any) -> Any:
    """Granian's own master, which lets `held` go before it stops the workers."""
    from granian import Granian

    class Master(Granian):  # type: ignore[misc,valid-type]
        def _respawn_workers(self, workers: list[int], *how: Any, **more: Any) -> None:
            super()._respawn_workers(workers, *how, **more)
            for worker in workers:
                self.respawned_wrks[worker] -= 5  # Two ends within 5.5 seconds would end the server: now within 0.5.

        def shutdown(self, exit_code: int = 0) -> None:
            for worker in self.wrks:
                worker.interrupt_by_parent = True
            held.close()
            super().shutdown(exit_code)

    return Master("panel", **settings)


def run(load: Callable[[], Application], host: str, port: int, workers: int, threads: int, grace: int = GRACE) -> None:
    """Serve the WSGI application that `load` makes in `workers` processes, until SIGTERM or SIGINT.

    What is under way is then finished, within `grace` seconds; a process that dies is replaced, and none outlives the
    master. `threads`: how many clients a process may be writing to at once. `claim` the port first.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    global _held

    if sys.platform == "linux":
        multiprocessing.set_start_method("fork", force=True)
        load = partial(_itself, load())  # Made once: its memory is shared.
    word, held = multiprocessing.Pipe(duplex=False)
    _held = held
    server = _master(
        held,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads + BODIES,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE * 1000),
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=grace,
    )
    gc.collect()
    gc.freeze()
    spare_memory()
    server.serve(target_loader=partial(_worker, load, threads, word, os.getpid()), wrap_loader=False)

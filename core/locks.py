"""A lock between all threads and processes of a machine: a file that the system lets one of them hold, and gives back
when its holder dies."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path, waiting: Callable[[], None], pause: float = 0.2) -> Iterator[None]:
    """Hold the lock of the file `path`; until it is free, `waiting` is called every `pause` seconds (and may raise)."""
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waiting()
                time.sleep(pause)
        yield

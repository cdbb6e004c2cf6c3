"""Under a launcher: a watchdog that ends all ranks when a test hangs, and failures told at once.

A test that fails on one rank leaves the others waiting in its next collective for ever. The
watchdog then prints where each rank hangs and aborts; the failure itself was printed before.
"""

import faulthandler
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from parsim.assembly import links
from parsim.comm.world import launcher
from parsim.shard.cable.forest import Forest

LAUNCHER = launcher(os.environ)
LIMIT = float(os.environ.get("PARSIM_TEST_TIMEOUT", "300"))  # seconds that one test may take
STDERR = pytest.StashKey[int]()


@pytest.fixture(autouse=True)
def linked_cells_are_dealt(monkeypatch: pytest.MonkeyPatch) -> None:
    """One rank would hold all linked cells of networks as small as those of tests: nothing would be sent."""
    monkeypatch.setattr(links, "EXCHANGE", 0.0)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cells each forest has that is made."""
    sizes: list[int] = []
    make = Forest.__init__

    def noted(self: Forest, groups: Any) -> None:
        make(self, groups)
        sizes.append(len(self.stems))

    monkeypatch.setattr(Forest, "__init__", noted)
    return sizes


def pytest_configure(config: pytest.Config) -> None:
    # Now, while nothing is captured: later fd 2 is a temporary file that an abort throws away.
    config.stash[STDERR] = os.dup(2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    if LAUNCHER is None:
        return (yield)

    done = threading.Event()
    watchdog = threading.Thread(target=watch, args=(item, done), daemon=True)
    watchdog.start()
    try:
        return (yield)
    finally:
        done.set()
        watchdog.join()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    report = yield
    if LAUNCHER is not None and report.failed:
        tell(item, f"failed in {report.when}\n{report.longreprtext}")
    return report


def watch(item: pytest.Item, done: threading.Event) -> None:
    """Abort all ranks if the test is not done in time."""
    if done.wait(LIMIT):
        return
    tell(item, f"no progress for {LIMIT:g} s; aborting all ranks")
    faulthandler.dump_traceback(file=item.config.stash[STDERR])
    if "mpi4py.MPI" in sys.modules:
        sys.modules["mpi4py.MPI"].COMM_WORLD.Abort(3)
    os._exit(3)


def tell(item: pytest.Item, text: str) -> None:
    """A message on the real stderr, with this rank's number."""
    assert LAUNCHER is not None
    os.write(item.config.stash[STDERR], f"\n[rank {LAUNCHER.rank}] {item.nodeid}: {text}\n".encode())

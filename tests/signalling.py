"""Signals that reach this process at a time of the model."""

import signal

import parsim.engine.running.program
import parsim.engine.simulation


def raise_at(monkeypatch, number: int, when: float, times: int = 1) -> None:
    """This process gets a signal when a run is at `when` ms or later, so many times in a row, and then no more."""

    class Raise:
        """Stands for the line that shows the progress, which is told at every edge."""

        def __init__(self, stop: float) -> None:
            self.left = times

        def update(self, now: float, spikes: int) -> None:
            while now >= when and self.left:
                self.left -= 1
                signal.raise_signal(number)

        def close(self) -> None:
            pass

    monkeypatch.setattr(parsim.engine.simulation, "Progress", Raise)
    monkeypatch.setattr(parsim.engine.running.program, "PATIENCE", 0.0)  # Python looks at every edge

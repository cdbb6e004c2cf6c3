"""What will arrive at a group, and when: a ring of steps that holds one sum for each port and cell.

The ring is a whole number of intervals long and begins at the anchor of the current interval, so
the steps of an interval stand together and its page is a view, not a copy.
"""

import numpy as np

from parsim.arrays import Floats


class Mailbox:
    """Arrivals of `cells` cells at `ports` ports: `ring[step - anchor, port * cells + cell]`."""

    def __init__(self, ports: int, cells: int) -> None:
        self.ports, self.cells = ports, cells
        self.anchor, self.interval = 0, 1
        self.ring: Floats = np.zeros((1, ports * cells))

    def lay_out(self, cells: int, now: int, interval: int, longest: int) -> None:
        """Make room for `cells` cells, intervals of `interval` steps from `now` on, delays up to `longest`.

        What is on its way stays so.
        """
        length = -(-(interval + longest) // interval) * interval
        ring = np.zeros((length, self.ports, cells))
        old = self.ring.reshape(len(self.ring), self.ports, self.cells)
        for step in range(now, now + min(len(old), length)):
            ring[step - now, :, : self.cells] = old[(step - self.anchor) % len(old)]
        self.ring = ring.reshape(length, self.ports * cells)
        self.cells, self.anchor, self.interval = cells, now, interval

    def page(self, origin: int) -> Floats:
        """Arrivals of the interval that begins at `origin`, [step, port * cells + cell], to be read or added to."""
        at = (origin - self.anchor) % len(self.ring)
        return self.ring[at : at + self.interval]

    def clear(self, origin: int) -> None:
        """Forget the interval that is past, so that its steps can be used again."""
        self.page(origin).fill(0.0)

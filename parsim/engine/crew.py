"""`Crew`: the ranks of this process, who do everything together, and with those of other processes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from parsim.clock import Clock
from parsim.comm.base import AbstractComm
from parsim.comm.threads import ThreadTeam
from parsim.engine.agree import agreed, check_alike, is_on_all_ranks
from parsim.engine.coupled.relaxation import Relaxation
from parsim.engine.once import Once
from parsim.engine.rank import Rank
from parsim.engine.rows.row_recorders import add_row_recorders
from parsim.errors import BuildError, SimulationError
from parsim.memory import machine_memory, readable
from parsim.network.network import Network

T = TypeVar("T")


class Crew:
    """`threads` ranks in this process, and as many in every other process of `outer`.

    `failed` says why they cannot go on; it is empty while they can. `epoch` counts how often rows have gone that were
    there before.
    """

    def __init__(
        self, network: Network, clock: Clock, outer: AbstractComm, threads: int, relaxation: Relaxation
    ) -> None:
        self.network, self.failed, self.epoch = network, "", 0
        self._clock, self._relaxation = clock, relaxation
        self._team = ThreadTeam(outer, threads)
        self.form()

    def form(self) -> None:
        """Begin with new ranks, which hold nothing yet."""
        comms = self._team.comms
        once = Once(len(comms))
        self.ranks = [
            Rank(self.network, self._clock, comm, i == 0, once, self._relaxation)
            for i, comm in enumerate(comms)
        ]

    @property
    def threads(self) -> int:
        """How many ranks there are in this process."""
        return self._team.threads

    def each(self, act: Callable[[Rank], T]) -> T:
        """Run something on every rank of this process; what its first rank returns.

        An error that ranks agree on comes before anything is changed; any other leaves them apart.
        """
        try:
            return self._team.run(lambda thread: act(self.ranks[thread]))[0]
        except BaseException as error:
            if not is_on_all_ranks(error):
                self._fail(error)
            raise

    @contextmanager
    def failing_for_good(self) -> Iterator[None]:
        """What fails within it, on all ranks or on one, leaves them where they cannot go on from."""
        try:
            yield
        except BaseException as error:
            self._fail(error)
            raise

    def _fail(self, error: BaseException) -> None:
        self.failed = self.failed or f"{error}" or type(error).__name__
        if not is_on_all_ranks(error) and self._team.outer.size > 1:
            self._team.outer.parted = self.failed

    @property
    def is_alone(self) -> bool:
        """Is there one rank?"""
        return self._team.threads == 1 and self._team.outer.size == 1

    @property
    def sees_all(self) -> bool:
        """Is there one rank, which holds all that was said and can go on?"""
        return self.is_alone and not self.failed and self.ranks[0].holds_all()

    def touch(self) -> None:
        """Arrays may be replaced from now on, which the next run has to see."""
        for rank in self.ranks:
            rank.laid_out.touched = True

    def begin(self, call: Callable[[], str]) -> None:
        """Collective: what every call begins with: nothing has failed, and all ranks make the same one."""
        if self.failed:
            raise SimulationError(
                f"this simulation cannot go on, because it has failed before: {self.failed}"
            )
        if self._team.outer.size > 1:
            check_alike(self._team.outer, self.network, call())

    def build(self, open_file: Callable[[Any, Any], Any]) -> None:
        """Collective: build what is new. A failure is final, for what is held then may be half of what was said."""
        if not self.ranks[0].holds_all():
            self.touch()
            with self.failing_for_good():
                self.each(lambda rank: _build(rank, open_file))


def _build(rank: Rank, open_file: Callable[[Any, Any], Any]) -> None:
    try:
        rank.build(open_file)
        add_row_recorders(rank)
    except MemoryError as error:
        short = BuildError(
            f"memory ran out while the network was built{f' ({error})' if str(error) else ''}; this machine has "
            f"{readable(machine_memory())}. Make fewer connections, or use ranks on more machines."
        )
        raise (agreed(short) if is_on_all_ranks(error) else short) from error

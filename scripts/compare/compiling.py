"""Processor seconds of a first run with an empty cache of kernels, and of the next process: three small networks.

python scripts/compare/compiling.py              of the parsim that Python finds; PYTHONPATH=another/tree for another
"""

import os
import subprocess
import sys
import tempfile
from time import process_time

NETWORKS = {
    "clocked": "iaf_psc_alpha, Poisson, recorders",
    "events": "IntFire1 and NetStim",
    "gap": "hh_psc_alpha_gap, a gap junction",
}


def first_run(network: str) -> float:
    """Processor seconds of building and running for 10 ms."""
    import parsim as ps

    net = ps.Network(seed=5)
    if network == "clocked":
        cells = net.create("iaf_psc_alpha", 10)
        net.connect(cells, cells, ps.FixedIndegree(5), ps.static_synapse(weight=20.0, delay=1.0))
        noise = net.create("poisson_generator", rate=9000.0)
        net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=90.0, delay=1.0))
        net.record(cells, "V_m", interval=1.0)
    elif network == "gap":
        cells = net.create("hh_psc_alpha_gap", 2, I_e=100.0)
        net.couple(cells, cells, ps.AllToAll(allow_autapses=False), weight=0.5)
        net.record(cells, "V_m", interval=0.1)
    else:
        cells = net.create("IntFire1", 10)
        noise = net.create("NetStim", 10)
        net.connect(noise, cells, ps.OneToOne(), ps.static_synapse(weight=0.3, delay=1.0))
    net.record_spikes(cells)
    began = process_time()
    ps.Simulation(net, progress=False).run(10.0)
    return process_time() - began


def main() -> None:
    if len(sys.argv) > 1:
        print(first_run(sys.argv[1]))
        return
    for network, what in NETWORKS.items():
        with tempfile.TemporaryDirectory() as folder:
            environ = os.environ | {"PARSIM_CACHE_DIR": folder}
            command = [sys.executable, __file__, network]
            seconds = [
                float(subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout)
                for _ in range(2)
            ]
        print(f"{what}: {seconds[0]:.2f} s, then {seconds[1]:.3f} s", flush=True)


if __name__ == "__main__":
    main()

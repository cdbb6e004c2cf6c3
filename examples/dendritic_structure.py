"""The size of a dendrite decides how a cell fires: the reduced model of Mainen and Sejnowski, from its own mechanisms.

    python examples/dendritic_structure.py
    python examples/dendritic_structure.py --output patterns.png

An axon and soma of 100 um2 with fast sodium and potassium channels, and a dendrite `rho` times as large, which has
channels of calcium, of potassium that calcium and voltage open slowly, and few of sodium, are joined by `kappa` MOhm.
All cells have the same densities of channels and the same two parts; only the dendrite's size differs. Equations and
values are those of Mainen & Sejnowski, Nature 382:363-366 (1996), and of its model in ModelDB (number 2488); their
mechanisms are written here in NMODL, and may as well be files: `ps.mechanism("na.mod")`.
"""

import argparse
import math

import parsim as ps

options = argparse.ArgumentParser(description="firing patterns of two compartments")
options.add_argument("--output", help="a file for the picture, in place of a window")
options.add_argument("--no-picture", action="store_true", help="only print; needs no matplotlib")
options = options.parse_args()

RATES = """
ASSIGNED { celsius (degC) }
FUNCTION faster() { faster = 2.3^((celsius - 23)/10) }
FUNCTION linoid(x (mV), q (mV)) {
    if (fabs(x/q) < 1e-6) { linoid = q + x/2 } else { linoid = x/(1 - exp(-x/q)) }
}
"""

NA = """
NEURON { SUFFIX na  USEION na READ ena WRITE ina  RANGE gbar }
PARAMETER { gbar = 1000 (pS/um2)  shift = -10 (mV) }
ASSIGNED { v (mV)  ena (mV)  ina (mA/cm2)  minf  hinf  mtau (ms)  htau (ms) }
STATE { m h }
INITIAL { rates(v)  m = minf  h = hinf }
BREAKPOINT { SOLVE states METHOD cnexp  ina = 1e-4*faster()*gbar*m*m*m*h*(v - ena) }
DERIVATIVE states { rates(v)  m' = (minf - m)/mtau  h' = (hinf - h)/htau }
PROCEDURE rates(v (mV)) { LOCAL u, a, b
    u = v + shift
    a = 0.182*linoid(u + 35, 9)
    b = 0.124*linoid(-u - 35, 9)
    minf = a/(a + b)
    mtau = 1/(a + b)/faster()
    a = 0.024*linoid(u + 50, 5)
    b = 0.0091*linoid(-u - 75, 5)
    hinf = 1/(1 + exp((u + 65)/6.2))
    htau = 1/(a + b)/faster()
}
"""

# Potassium that voltage opens: fast (kv) and slowly, without inactivation (km).
POTASSIUM = """
NEURON { SUFFIX %s  USEION k READ ek WRITE ik  RANGE gbar }
PARAMETER { gbar = 10 (pS/um2) }
ASSIGNED { v (mV)  ek (mV)  ik (mA/cm2) }
STATE { n }
INITIAL { n = opening(v)/(opening(v) + closing(v)) }
BREAKPOINT { SOLVE states METHOD cnexp  ik = 1e-4*faster()*gbar*n*(v - ek) }
DERIVATIVE states { n' = faster()*(opening(v) - (opening(v) + closing(v))*n) }
FUNCTION opening(v (mV)) { opening = %g*linoid(v - %g, 9) }
FUNCTION closing(v (mV)) { closing = %g*linoid(%g - v, 9) }
"""
KV = POTASSIUM % ("kv", 0.02, 25.0, 0.002, 25.0)
KM = POTASSIUM % ("km", 0.001, -30.0, 0.001, -30.0)

KCA = """
NEURON { SUFFIX kca  USEION k READ ek WRITE ik  USEION ca READ cai  RANGE gbar }
PARAMETER { gbar = 10 (pS/um2) }
ASSIGNED { v (mV)  ek (mV)  ik (mA/cm2)  cai (mM) }
STATE { n }
INITIAL { n = 0.01*cai/(0.01*cai + 0.02) }
BREAKPOINT { SOLVE states METHOD cnexp  ik = 1e-4*faster()*gbar*n*(v - ek) }
DERIVATIVE states { n' = faster()*(0.01*cai - (0.01*cai + 0.02)*n) }
"""

CA = """
NEURON { SUFFIX ca  USEION ca READ eca WRITE ica  RANGE gbar }
PARAMETER { gbar = 0.1 (pS/um2) }
ASSIGNED { v (mV)  eca (mV)  ica (mA/cm2)  minf  hinf  mtau (ms)  htau (ms) }
STATE { m h }
INITIAL { rates(v)  m = minf  h = hinf }
BREAKPOINT { SOLVE states METHOD cnexp  ica = 1e-4*faster()*gbar*m*m*h*(v - eca) }
DERIVATIVE states { rates(v)  m' = (minf - m)/mtau  h' = (hinf - h)/htau }
PROCEDURE rates(v (mV)) { LOCAL a, b
    a = 0.055*linoid(v + 27, 3.8)
    b = 0.94*exp((-75 - v)/17)
    minf = a/(a + b)
    mtau = 1/(a + b)/faster()
    a = 0.000457*exp((-13 - v)/50)
    b = 0.0065/(exp((-15 - v)/28) + 1)
    hinf = a/(a + b)
    htau = 1/(a + b)/faster()
}
"""

# Calcium in a shell of 0.1 um under the membrane; nothing is pumped in.
CAD = """
NEURON { SUFFIX cad  USEION ca READ ica, cai WRITE cai  RANGE rest }
UNITS { FARADAY = (faraday) (coulomb) }
PARAMETER { depth = 0.1 (um)  tau = 200 (ms)  rest = 1e-4 (mM) }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
INITIAL { cai = rest }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states { LOCAL inward
    inward = -10000*ica/(2*FARADAY*depth)
    if (inward < 0) { inward = 0 }
    cai' = inward + (rest - cai)/tau
}
"""
na, kv, km, kca, ca = (ps.mechanism(text + RATES) for text in (NA, KV, KM, KCA, CA))
cad = ps.mechanism(CAD)


def cell(rho, kappa=10.0, amp=0.1):
    """Two compartments: the dendrite has `rho` times the area of the soma; `kappa` MOhm lie between their middles."""
    diam, length = 10.0 / math.pi, 10.0 * rho
    # The dendrite grows from the middle of the soma, so half of its length lies between: 1e-2 Ra (L / 2) / area MOhm.
    ra = 100.0 * kappa * math.pi * diam**2 / 2.0 / length
    return ps.CableModel(
        "two compartments",
        [
            ps.Section("soma", L=10.0, diam=diam, cm=0.75),
            ps.Section("dend", L=length, diam=diam, cm=0.75, Ra=ra, parent="soma(0.5)"),
        ],
        insert=[
            ps.insert(na, on="soma", gbar=30_000.0),
            ps.insert(na, on="dend", gbar=15.0),
            ps.insert(kv, on="soma", gbar=1_500.0),
            ps.insert("pas", on="dend", g=1 / 30_000, e=-70.0),
            ps.insert(cad, on="dend"),
            ps.insert(ca, on="dend", gbar=0.3),
            ps.insert(km, on="dend", gbar=0.1),
            ps.insert(kca, on="dend", gbar=3.0),
        ],
        place=[ps.place("clamp", "IClamp", at="soma", delay=5.0, dur=900.0, amp=amp)],
        detector=ps.detector("soma", threshold=0.0),
        ions={"ena": 60.0, "ek": -90.0, "eca": ps.held(140.0)},
        celsius=37.0,
        v=-70.0,
    )


def pattern(rho, until=500.0):
    """Spike times and the voltage of the soma."""
    net = ps.Network()
    one = net.create(cell(rho))
    spikes, v = net.record_spikes(one), net.record(one, "soma.v", interval=0.1)
    ps.Simulation(net, dt=0.025, progress=False).run(until)
    return spikes.times, v


PATTERNS = {rho: pattern(rho) for rho in (60.0, 100.0, 140.0, 165.0)}
for rho, (times, _) in PATTERNS.items():
    between = times[1:] - times[:-1]
    apart = f"the first two {between[0]:.1f} ms apart, the last two {between[-1]:.1f} ms"
    print(f"rho = {rho:g}: {times.size} spikes, {apart}")

if not options.no_picture:
    import matplotlib.pyplot as plt

    picture, places = plt.subplots(len(PATTERNS), 1, figsize=(9, 7), sharex=True, layout="constrained")
    for axes, (rho, (_, v)) in zip(places, PATTERNS.items(), strict=True):
        axes.plot(v.times, v.values[:, 0])
        axes.set(title=f"a dendrite of {rho:g} times the area of the soma", ylabel="v (mV)")
    places[-1].set(xlabel="time (ms)")
    if options.output:
        picture.savefig(options.output)
    else:
        plt.show()

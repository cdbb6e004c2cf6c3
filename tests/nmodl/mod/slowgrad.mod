COMMENT
A graded synapse with a state of its own, which a POINTER to a voltage lets begin and drives.
ENDCOMMENT
NEURON {
    POINT_PROCESS SlowGrad
    POINTER vpre
    RANGE gmax, e, half, slope, tau, g, i
    NONSPECIFIC_CURRENT i
}
UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (uS) = (microsiemens)
}
PARAMETER {
    gmax = 0.001 (uS)
    e = -80 (mV)
    half = -45 (mV)
    slope = 4 (mV)
    tau = 3 (ms)
}
ASSIGNED {
    v (mV)
    vpre (mV)
    g (uS)
    i (nA)
}
STATE { s }
INITIAL { s = target(vpre) }
BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gmax * s
    i = g * (v - e)
}
DERIVATIVE states { s' = (target(vpre) - s) / tau }
FUNCTION target(x (mV)) { target = 1 / (1 + exp((half - x) / slope)) }

COMMENT
A voltage clamp by an electrode whose command is a cosine.
ENDCOMMENT
NEURON {
    POINT_PROCESS SineClamp
    RANGE rs, mean, amplitude, period, i
    ELECTRODE_CURRENT i
}
UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    PI = (pi) (1)
}
PARAMETER {
    rs = 0.001 (megohm)
    mean = -50 (mV)
    amplitude = -20 (mV)
    period = 400 (ms)
}
ASSIGNED {
    v (mV)
    i (nA)
}
BREAKPOINT { i = (mean + amplitude * cos(2 * PI * t / period) - v) / rs }

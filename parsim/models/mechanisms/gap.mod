TITLE half of a gap junction: a current from a voltage elsewhere (NEURON Book, Example 10.2)

NEURON {
  POINT_PROCESS Gap
  POINTER vgap
  RANGE r, i
  NONSPECIFIC_CURRENT i
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
}

PARAMETER {
  r = 1e10 (megohm) <1e-9, 1e12>
}

ASSIGNED {
  v (mV)
  vgap (mV)
  i (nA)
}

BREAKPOINT {
  i = (v - vgap)/r
}

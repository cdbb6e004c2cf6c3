TITLE graded transmission: a conductance as the cube of calcium in another cell (NEURON Book, Example 10.1)

NEURON {
  POINT_PROCESS GradSyn
  POINTER capre
  RANGE e, k, g, i
  NONSPECIFIC_CURRENT i
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
  (uS) = (microsiemens)
  (mM) = (milli/liter)
}

PARAMETER {
  e = 0 (mV)
  k = 0.02 (uS/mM3)
}

ASSIGNED {
  v (mV)
  capre (mM)
  g (uS)
  i (nA)
}

BREAKPOINT {
  g = k*capre^3
  i = g*(v - e)
}

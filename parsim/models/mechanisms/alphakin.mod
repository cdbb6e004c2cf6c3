TITLE an alpha function of conductance as a reaction a -> g -> nothing, for any train of events (NEURON Book, Example 10.4)

NEURON {
  POINT_PROCESS AlphaKin
  RANGE tau, e, i, g
  NONSPECIFIC_CURRENT i
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
  (uS) = (microsiemens)
}

PARAMETER {
  tau = 0.1 (ms) <1e-9, 1e9>
  e = 0 (mV)
}

ASSIGNED {
  v (mV)
  i (nA)
}

STATE {
  a (uS)
  g (uS)
}

INITIAL {
  a = 0
  g = 0
}

BREAKPOINT {
  SOLVE scheme METHOD sparse
  i = g*(v - e)
}

KINETIC scheme {
  ~ a <-> g (1/tau, 0)
  ~ g -> (1/tau)
}

NET_RECEIVE(weight (uS)) {  : the peak of g
  a = a + weight*exp(1)
}

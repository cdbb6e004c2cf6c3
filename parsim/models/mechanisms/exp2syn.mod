TITLE a synapse whose conductance rises and decays, with the weight as its peak

NEURON {
  POINT_PROCESS Exp2Syn
  RANGE tau1, tau2, e, i, g
  NONSPECIFIC_CURRENT i
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
  (uS) = (microsiemens)
}

PARAMETER {
  tau1 = 0.1 (ms) <1e-9, 1e9>
  tau2 = 10 (ms) <1e-9, 1e9>
  e = 0 (mV)
}

ASSIGNED {
  v (mV)
  i (nA)
  g (uS)
  factor
}

STATE {
  A (uS)
  B (uS)
}

INITIAL {
  LOCAL tp
  if (tau1/tau2 > 0.9999) {
    tau1 = 0.9999*tau2
  }
  if (tau1/tau2 < 1e-9) {
    tau1 = tau2*1e-9
  }
  A = 0
  B = 0
  tp = (tau1*tau2)/(tau2 - tau1)*log(tau2/tau1)
  factor = 1/(exp(-tp/tau2) - exp(-tp/tau1))
}

BREAKPOINT {
  SOLVE decay METHOD cnexp
  g = B - A
  i = g*(v - e)
}

DERIVATIVE decay {
  A' = -A/tau1
  B' = -B/tau2
}

NET_RECEIVE(weight (uS)) {
  A = A + weight*factor
  B = B + weight*factor
}

TITLE a synapse with use-dependent enhancement, each connection for itself (NEURON Book, Example 10.5)

NEURON {
  POINT_PROCESS GSyn
  RANGE tau1, tau2, e, i, g
  RANGE Gtau1, Gtau2, Ginc
  NONSPECIFIC_CURRENT i
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
  (uS) = (microsiemens)
}

PARAMETER {
  tau1 = 1 (ms) <1e-9, 1e9>
  tau2 = 1.05 (ms) <1e-9, 1e9>
  Gtau1 = 20 (ms) <1e-9, 1e9>
  Gtau2 = 21 (ms) <1e-9, 1e9>
  Ginc = 1
  e = 0 (mV)
}

ASSIGNED {
  v (mV)
  i (nA)
  g (uS)
  factor
  Gfactor
}

STATE {
  A (uS)
  B (uS)
}

INITIAL {
  A = 0
  B = 0
  factor = peak(tau1, tau2)
  Gfactor = peak(Gtau1, Gtau2)
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

FUNCTION peak(a (ms), b (ms)) {  : what makes the largest difference of two exponentials 1
  LOCAL tp
  tp = (a*b)/(b - a)*log(b/a)
  peak = 1/(exp(-tp/b) - exp(-tp/a))
}

NET_RECEIVE(weight (uS), w (uS), G1, G2, t0 (ms)) {
  G1 = G1*exp(-(t - t0)/Gtau1)
  G2 = G2*exp(-(t - t0)/Gtau2)
  G1 = G1 + Ginc*Gfactor
  G2 = G2 + Ginc*Gfactor
  t0 = t
  w = weight*(1 + G2 - G1)
  A = A + w*factor
  B = B + w*factor
}

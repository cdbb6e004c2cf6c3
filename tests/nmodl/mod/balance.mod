TITLE states that are where two equations, not linear, put them

NEURON {
  SUFFIX balance
  NONSPECIFIC_CURRENT i
  RANGE a, b
}

ASSIGNED {
  v (mV)
  i (mA/cm2)
}

STATE { a b }

INITIAL {
  a = 0.5
  b = 0.2
  SOLVE meet
}

BREAKPOINT {
  SOLVE meet
  i = 1e-4*a*(v + 60)
}

NONLINEAR meet {
  ~ a*a + b = 1/(1 + exp(-(v + 40)/10)) + 0.3
  ~ b*(1 + a) - 0.2*exp(-a) = 0.05
}

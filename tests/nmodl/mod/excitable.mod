TITLE a relaxation oscillator that follows the voltage: backward Euler, not linear in its states

NEURON {
  SUFFIX excitable
  NONSPECIFIC_CURRENT i
  RANGE u, w, g
}

PARAMETER {
  g = 0.005
  k = 0.02
}

ASSIGNED {
  v (mV)
  i (mA/cm2)
}

STATE { u w }

INITIAL {
  u = -1.2
  w = -0.6
}

BREAKPOINT {
  SOLVE cycle METHOD derivimplicit
  i = -g*u
}

DERIVATIVE cycle {
  u' = u - u*u*u/3 - w + k*(v + 65) + 0.5
  w' = 0.08*(u + 0.7 - 0.8*w)
}

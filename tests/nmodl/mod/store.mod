TITLE calcium with a buffer, a steep pump, and what it gates, of very unequal size and speed

NEURON {
  SUFFIX store
  USEION ca READ ica, cai WRITE cai
  NONSPECIFIC_CURRENT i
  RANGE b, p
}

UNITS {
  (mM) = (milli/liter)
  FARADAY = (faraday) (kilocoulombs)
}

PARAMETER {
  total = 0.05 (mM)
  on = 100
  off = 0.1
}

ASSIGNED {
  v (mV)
  ica (mA/cm2)
  i (mA/cm2)
}

STATE {
  cai (mM)
  b (mM)
  p
}

INITIAL {
  cai = 5e-5
  b = total*off/(off + on*cai)
  p = 0.3
}

BREAKPOINT {
  SOLVE move METHOD derivimplicit
  i = 1e-5*p*p*(v + 70)
}

DERIVATIVE move {
  cai' = -0.025*ica/FARADAY - on*cai*b + off*(total - b) - 2e-3*cai*cai/(cai*cai + 4e-8) + 2e-7
  b' = off*(total - b) - on*cai*b
  p' = cai*cai*(1 - p)/((cai + 5e-4)*(cai + 5e-4)) - 0.05*p*p
}

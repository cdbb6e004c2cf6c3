TITLE calcium channel of a presynaptic terminal: one gate, squared, and a constant field (NEURON Book, Example 10.1)

NEURON {
  SUFFIX cachan
  USEION ca READ cai, cao WRITE ica
  RANGE pcabar, taufactor, oca
}

UNITS {
  (mV) = (millivolt)
  (mA) = (milliamp)
  (mM) = (milli/liter)
  F = (faraday) (coulomb)
  R = (k-mole) (joule/degC)
}

PARAMETER {
  pcabar = 0.2e-3 (cm/s) <0, 1e9>
  taufactor = 0.5 <1e-6, 1e6>
}

ASSIGNED {
  v (mV)
  celsius (degC)
  cai (mM)
  cao (mM)
  ica (mA/cm2)
  inf
  tau (ms)
}

STATE { oca }

INITIAL {
  gate(v)
  oca = inf
}

BREAKPOINT {
  SOLVE states METHOD cnexp
  ica = pcabar*oca*oca*field(v, cai, cao)
}

DERIVATIVE states {
  gate(v)
  oca' = (inf - oca)/tau
}

PROCEDURE gate(v (mV)) {
  LOCAL u, a, b
  u = v + 65
  a = bend(0.1*(25 - u))
  b = 4*exp(-u/18)
  tau = taufactor/(a + b)
  inf = a/(a + b)
}

FUNCTION field(v (mV), ci (mM), co (mM)) (0.001 coul/cm3) {
  LOCAL z
  z = (1e-3)*2*F*v/(R*(celsius + 273.15))
  field = (1e-3)*2*F*(ci*bend(-z) - co*bend(z))
}

FUNCTION bend(z) {  : z/(exp(z) - 1)
  if (fabs(z) < 1e-4) {
    bend = 1 - z/2
  } else {
    bend = z/(exp(z) - 1)
  }
}

TITLE slow potassium current
NEURON { SUFFIX im  USEION k READ ek WRITE ik  RANGE gbar }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 1e-5 (S/cm2) }
ASSIGNED { v (mV)  ek (mV)  ik (mA/cm2)  celsius (degC)  minf  mtau (ms) }
STATE { m }
INITIAL { rates(v)  m = minf }
BREAKPOINT { SOLVE states METHOD cnexp  ik = gbar * m * (v - ek) }
DERIVATIVE states { rates(v)  m' = (minf - m) / mtau }
PROCEDURE rates(v (mV)) {
  LOCAL a, b
  a = 3.3e-3 * exp(0.1 * (v + 35))
  b = 3.3e-3 * exp(-0.1 * (v + 35))
  minf = a / (a + b)
  mtau = 1 / (a + b) / 2.3^((celsius - 21) / 10)
}

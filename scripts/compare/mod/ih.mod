TITLE current that hyperpolarization opens
NEURON { SUFFIX ih  NONSPECIFIC_CURRENT i  RANGE gbar, e }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 1e-5 (S/cm2)  e = -45 (mV) }
ASSIGNED { v (mV)  i (mA/cm2)  a (/ms)  b (/ms) }
STATE { m }
INITIAL { rates(v)  m = a / (a + b) }
BREAKPOINT { SOLVE states METHOD cnexp  i = gbar * m * (v - e) }
DERIVATIVE states { rates(v)  m' = a * (1 - m) - b * m }
PROCEDURE rates(v (mV)) {
  LOCAL x
  x = (v + 155) / 12
  if (fabs(x) < 1e-6) { a = 0.077 * (1 - x / 2) } else { a = 0.077 * x / (exp(x) - 1) }
  b = 0.193 * exp(v / 33)
}

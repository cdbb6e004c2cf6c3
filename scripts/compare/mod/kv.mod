TITLE fast potassium current
NEURON { SUFFIX kv  USEION k READ ek WRITE ik  RANGE gbar }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 0.001 (S/cm2) }
ASSIGNED { v (mV)  ek (mV)  ik (mA/cm2)  minf  mtau (ms) }
STATE { m }
INITIAL { rates(v)  m = minf }
BREAKPOINT { SOLVE states METHOD cnexp  ik = gbar * m * (v - ek) }
DERIVATIVE states { rates(v)  m' = (minf - m) / mtau }
PROCEDURE rates(v (mV)) {
  minf = 1 / (1 + exp(-(v - 19) / 9.7))
  mtau = 4 / (1 + exp(-(v + 47) / 44))
}

TITLE persistent sodium current
NEURON { SUFFIX nap  USEION na READ ena WRITE ina  RANGE gbar }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 1e-5 (S/cm2) }
ASSIGNED { v (mV)  ena (mV)  ina (mA/cm2)  minf  hinf  htau (ms) }
STATE { m h }
INITIAL { rates(v)  m = minf  h = hinf }
BREAKPOINT { SOLVE states METHOD cnexp  ina = gbar * m * m * h * (v - ena) }
DERIVATIVE states { rates(v)  m' = (minf - m) / 1  h' = (hinf - h) / htau }
PROCEDURE rates(v (mV)) {
  minf = 1 / (1 + exp(-(v + 52.6) / 4.6))
  hinf = 1 / (1 + exp((v + 48.8) / 10))
  htau = 500 / (exp((v + 50) / 20) + exp(-(v + 50) / 20))
}

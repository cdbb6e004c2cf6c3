TITLE transient sodium current
NEURON { SUFFIX nat  USEION na READ ena WRITE ina  RANGE gbar }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 0.002 (S/cm2) }
ASSIGNED { v (mV)  ena (mV)  ina (mA/cm2)  celsius (degC)  minf  hinf  mtau (ms)  htau (ms) }
STATE { m h }
INITIAL { rates(v)  m = minf  h = hinf }
BREAKPOINT { SOLVE states METHOD cnexp  ina = gbar * m * m * m * h * (v - ena) }
DERIVATIVE states { rates(v)  m' = (minf - m) / mtau  h' = (hinf - h) / htau }
FUNCTION bend(u, w) { if (fabs(u / w) < 1e-6) { bend = w * (1 - u / w / 2) } else { bend = u / (exp(u / w) - 1) } }
PROCEDURE rates(v (mV)) {
  LOCAL a, b, speed
  speed = 2.3^((celsius - 21) / 10)
  a = 0.182 * bend(-(v + 38), 6)
  b = 0.124 * bend(v + 38, 6)
  mtau = 1 / (a + b) / speed
  minf = a / (a + b)
  a = 0.015 * bend(v + 66, 6)
  b = 0.015 * bend(-(v + 66), 6)
  htau = 1 / (a + b) / speed
  hinf = a / (a + b)
}

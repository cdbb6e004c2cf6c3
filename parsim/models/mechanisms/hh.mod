TITLE sodium, potassium and leak currents of the squid axon, rest near -65 mV (Hodgkin and Huxley 1952)

NEURON {
  SUFFIX hh
  USEION na READ ena WRITE ina
  USEION k READ ek WRITE ik
  NONSPECIFIC_CURRENT il
  RANGE gnabar, gkbar, gl, el, gna, gk
}

UNITS {
  (mV) = (millivolt)
  (mA) = (milliamp)
  (S) = (siemens)
}

PARAMETER {
  gnabar = 0.12 (S/cm2) <0, 1e9>
  gkbar = 0.036 (S/cm2) <0, 1e9>
  gl = 0.0003 (S/cm2) <0, 1e9>
  el = -54.3 (mV)
}

ASSIGNED {
  v (mV)
  celsius (degC)
  ena (mV)
  ek (mV)
  gna (S/cm2)
  gk (S/cm2)
  ina (mA/cm2)
  ik (mA/cm2)
  il (mA/cm2)
  minf
  hinf
  ninf
  mtau (ms)
  htau (ms)
  ntau (ms)
}

STATE { m h n }

INITIAL {
  rates(v)
  m = minf
  h = hinf
  n = ninf
}

BREAKPOINT {
  SOLVE states METHOD cnexp
  gna = gnabar*m*m*m*h
  ina = gna*(v - ena)
  gk = gkbar*n*n*n*n
  ik = gk*(v - ek)
  il = gl*(v - el)
}

DERIVATIVE states {
  rates(v)
  m' = (minf - m)/mtau
  h' = (hinf - h)/htau
  n' = (ninf - n)/ntau
}

PROCEDURE rates(v (mV)) {
  LOCAL a, b, q
  TABLE minf, mtau, hinf, htau, ninf, ntau DEPEND celsius FROM -100 TO 100 WITH 200
  q = 3^((celsius - 6.3)/10)

  a = 0.1*linoid(-(v + 40), 10)
  b = 4*exp(-(v + 65)/18)
  mtau = 1/(q*(a + b))
  minf = a/(a + b)

  a = 0.07*exp(-(v + 65)/20)
  b = 1/(exp(-(v + 35)/10) + 1)
  htau = 1/(q*(a + b))
  hinf = a/(a + b)

  a = 0.01*linoid(-(v + 55), 10)
  b = 0.125*exp(-(v + 65)/80)
  ntau = 1/(q*(a + b))
  ninf = a/(a + b)
}

FUNCTION linoid(x, y) {  : x/(exp(x/y) - 1), and its limit at 0
  if (fabs(x/y) < 1e-6) {
    linoid = y*(1 - x/y/2)
  } else {
    linoid = x/(exp(x/y) - 1)
  }
}

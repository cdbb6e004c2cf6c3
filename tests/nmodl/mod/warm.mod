TITLE a slow gate with a table between parameters, in whose block a factor is set that the table does not hold

NEURON {
  SUFFIX warm
  USEION k READ ek WRITE ik
  RANGE n, gbar
  GLOBAL low, high, faster, mid
}

PARAMETER {
  gbar = 0.002 (S/cm2)
  low = -120.25 (mV)
  high = 99 (mV)
  mid = -31.7182818 (mV)
}

ASSIGNED {
  v (mV)
  celsius (degC)
  ek (mV)
  ik (mA/cm2)
  ninf
  ntau (ms)
  faster
}

STATE { n }

INITIAL {
  look(v)
  n = ninf
}

BREAKPOINT {
  SOLVE gate METHOD cnexp
  ik = faster*gbar*n*(v - ek)
}

DERIVATIVE gate {
  look(v)
  n' = (ninf - n)/ntau
}

PROCEDURE look(v (mV)) {
  TABLE ninf, ntau DEPEND celsius, mid FROM low TO high WITH 99
  faster = 2.3^((celsius - 23)/10)
  ninf = 1/(1 + exp(-(v - mid)/9))
  ntau = 20/faster/(exp((v - mid)/40) + exp(-(v - mid)/20))
}

TITLE a channel of seven states; a shut state, not the last that is declared, takes what is conserved

NEURON {
  SUFFIX chain
  USEION k READ ek WRITE ik
  RANGE open
}

PARAMETER { gbar = 0.01 (S/cm2) }

ASSIGNED {
  v (mV)
  ek (mV)
  ik (mA/cm2)
  up[3]
  down[3]
}

STATE { c[3] open shut[3] }

INITIAL { SOLVE pass STEADYSTATE sparse }

BREAKPOINT {
  SOLVE pass METHOD sparse
  ik = gbar*open*(v - ek)
}

KINETIC pass {
  FROM j = 0 TO 2 {
    up[j] = (3 - j)*0.4*exp((v + 20)/25)
    down[j] = (j + 1)*0.2*exp(-(v + 20)/30)
  }
  ~ c[0] <-> c[1] (up[0], down[0])
  ~ c[1] <-> c[2] (up[1], down[1])
  ~ c[2] <-> open (up[2], down[2])
  ~ open <-> shut[0] (0.05, 0.01)
  ~ shut[0] <-> shut[1] (0.1, 0.03)
  ~ shut[1] <-> shut[2] (0.1, 0.03)
  CONSERVE c[0] + c[1] + c[2] + open + shut[0] + shut[1] + shut[2] = 1
}

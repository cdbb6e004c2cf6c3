TITLE calcium that binds to a buffer, and in pairs to a channel; sources hang on states; at rest at the start

NEURON {
  SUFFIX binding
  USEION ca READ ica, cai WRITE cai
  USEION k READ ek WRITE ik
  RANGE b, cb, p, open
}

UNITS {
  (mM) = (milli/liter)
  FARADAY = (faraday) (kilocoulombs)
}

PARAMETER {
  vol = 0.3
  g = 0.001 (S/cm2)
}

ASSIGNED {
  v (mV)
  ica (mA/cm2)
  ik (mA/cm2)
  ek (mV)
}

STATE {
  cai (mM)
  b (mM)
  cb (mM)
  p
  open
}

INITIAL {
  cai = 6e-5
  b = 0.1
  cb = 0
  p = 0.9
  open = 0.1
  SOLVE bind STEADYSTATE sparse
}

BREAKPOINT {
  SOLVE bind METHOD sparse
  ik = g*open*(v - ek)
}

KINETIC bind {
  COMPARTMENT vol { cai b cb }
  ~ cai << (-0.05*ica/FARADAY + 1e-6*(1 + p))
  ~ cai -> (0.005)
  ~ cai + b <-> cb (200*vol, 0.2*vol)
  ~ 2 cai + p <-> open (1e7, 0.5)
  CONSERVE open + p = 1
}

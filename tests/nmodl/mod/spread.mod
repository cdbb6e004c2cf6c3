TITLE calcium that diffuses along the cable

NEURON {
  SUFFIX spread
  USEION ca READ ica WRITE cai
  RANGE D
}

UNITS {
  (mM) = (milli/liter)
  (um) = (micron)
  (mA) = (milliamp)
  FARADAY = (faraday) (10000 coulomb)
  PI = (pi) (1)
}

PARAMETER { D = 0.6 (um2/ms) }

ASSIGNED {
  diam (um)
  ica (mA/cm2)
  cai (mM)
}

STATE { ca (mM) }

INITIAL { ca = cai }

BREAKPOINT { SOLVE scheme METHOD sparse }

KINETIC scheme {
  COMPARTMENT PI*diam*diam/4 { ca }
  LONGITUDINAL_DIFFUSION D*PI*diam*diam/4 { ca }
  ~ ca << (-ica*PI*diam/(2*FARADAY))
  cai = ca
}

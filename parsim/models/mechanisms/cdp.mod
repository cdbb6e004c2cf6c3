TITLE calcium in four shells below the membrane, with a buffer and a pump (NEURON Book, Examples 9.9 and 10.1)

NEURON {
  SUFFIX cdp
  USEION ca READ cao, cai, ica WRITE cai, ica
  RANGE ica_pmp
}

DEFINE SHELLS 4

UNITS {
  (mol) = (1)
  (mM) = (milli/liter)
  (um) = (micron)
  (mA) = (milliamp)
  FARADAY = (faraday) (10000 coulomb)
  PI = (pi) (1)
}

PARAMETER {
  DCa = 0.6 (um2/ms)
  k1buf = 100 (/mM-ms)
  k2buf = 0.1 (/ms)
  TotalBuffer = 0.003 (mM)
  k1 = 1 (/mM-ms)
  k2 = 0.005 (/ms)
  k3 = 1 (/ms)
  k4 = 0.005 (/mM-ms)
  TotalPump = 1e-11 (mol/cm2)
}

ASSIGNED {
  diam (um)
  ica (mA/cm2)
  ica_pmp (mA/cm2)
  pumped (mA/cm2)
  perimeter (um)
  cai (mM)
  cao (mM)
  vol[SHELLS]
  frat[SHELLS]
}

CONSTANT { volo = 1e10 (um2) }

STATE {
  ca[SHELLS] (mM) <1e-7>
  CaB[SHELLS] (mM) <1e-5>
  B[SHELLS] (mM) <1e-5>
  pump (mol/cm2) <1e-15>
  pumpca (mol/cm2) <1e-15>
}

INITIAL {
  LOCAL free
  shells()
  perimeter = PI*diam
  free = TotalBuffer/(1 + k1buf/k2buf*cai)
  FROM j = 0 TO SHELLS-1 {
    ca[j] = cai
    B[j] = free
    CaB[j] = TotalBuffer - free
  }
  ica = 0
  ica_pmp = 0
  pumped = 0
  SOLVE scheme STEADYSTATE sparse
}

BREAKPOINT {
  SOLVE scheme METHOD sparse
  pumped = ica_pmp
  ica = ica_pmp
}

PROCEDURE shells() {  : of a cylinder of diameter 1: volumes, and areas over distances; the outermost is half as thick
  LOCAL r, h
  r = 1/2
  h = r/(SHELLS - 1)/2
  vol[0] = 0
  frat[0] = 2*r
  FROM j = 0 TO SHELLS-2 {
    vol[j] = vol[j] + PI*(r - h/2)*2*h
    r = r - h
    frat[j+1] = 2*PI*r/(2*h)
    r = r - h
    vol[j+1] = PI*(r + h/2)*2*h
  }
}

KINETIC scheme {
  LOCAL section
  COMPARTMENT j, diam*diam*vol[j] { ca CaB B }
  COMPARTMENT (1e10)*perimeter { pump pumpca }
  COMPARTMENT volo { cao }
  LONGITUDINAL_DIFFUSION j, DCa*diam*diam*vol[j] { ca }

  ~ ca[0] + pump <-> pumpca (k1*perimeter*(1e10), k2*perimeter*(1e10))
  ~ pumpca <-> pump + cao (k3*perimeter*(1e10), k4*perimeter*(1e10))
  CONSERVE pump + pumpca = TotalPump*perimeter*(1e10)
  ica_pmp = 2*FARADAY*(f_flux - b_flux)/perimeter

  ~ ca[0] << (-(ica - pumped)*PI*diam/(2*FARADAY))  : without what the pump moved in the step before
  FROM j = 0 TO SHELLS-2 {
    ~ ca[j] <-> ca[j+1] (DCa*frat[j+1], DCa*frat[j+1])
  }
  FROM j = 0 TO SHELLS-1 {
    section = diam*diam*vol[j]
    ~ ca[j] + B[j] <-> CaB[j] (k1buf*section, k2buf*section)
  }
  cai = ca[0]
}

TITLE a current from outside that is switched on and off once

NEURON {
  POINT_PROCESS IClamp
  RANGE del, dur, amp, i
  ELECTRODE_CURRENT i
}

UNITS {
  (nA) = (nanoamp)
}

PARAMETER {
  del = 0 (ms)
  dur = 0 (ms) <0, 1e9>
  amp = 0 (nA)
}

ASSIGNED {
  i (nA)
}

INITIAL {
  i = 0
}

BREAKPOINT {
  if (t < del + dur && t >= del) {
    i = amp
  } else {
    i = 0
  }
}

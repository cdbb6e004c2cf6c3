TITLE a voltage clamp by one electrode with a series resistance, three levels one after another

NEURON {
  POINT_PROCESS SEClamp
  RANGE rs, dur1, dur2, dur3, amp1, amp2, amp3, vc, i
  ELECTRODE_CURRENT i
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
}

PARAMETER {
  rs = 1 (megohm) <1e-9, 1e9>
  dur1 = 0 (ms) <0, 1e9>
  amp1 = 0 (mV)
  dur2 = 0 (ms) <0, 1e9>
  amp2 = 0 (mV)
  dur3 = 0 (ms) <0, 1e9>
  amp3 = 0 (mV)
}

ASSIGNED {
  v (mV)
  vc (mV)
  i (nA)
  on
}

BREAKPOINT {
  on = 0
  vc = 0
  if (t < dur1) {
    on = 1
    vc = amp1
  } else if (t < dur1 + dur2) {
    on = 1
    vc = amp2
  } else if (t < dur1 + dur2 + dur3) {
    on = 1
    vc = amp3
  }
  i = on*(vc - v)/rs
}

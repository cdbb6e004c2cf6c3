TITLE conductance of which all connections become stronger at equal distances, the more the fresher their last spike

NEURON {
  POINT_PROCESS Teacher
  RANGE tau, every, g
  NONSPECIFIC_CURRENT i
}

PARAMETER {
  tau = 3 (ms)
  every = 7.3 (ms)
}

ASSIGNED { v (mV) i (nA) }

STATE { g (uS) }

INITIAL {
  g = 0
  net_send(every, 1)
}

BREAKPOINT {
  SOLVE decay METHOD cnexp
  i = g*v
}

DERIVATIVE decay { g' = -g/tau }

NET_RECEIVE(w (uS), a, last (ms)) {
  INITIAL { a = 0  last = -1e9 }
  if (flag == 1) {
    FOR_NETCONS(w2, a2, last2) { a2 = a2 + 0.5*exp((last2 - t)/20) }
    net_send(every, 1)
  } else {
    g = g + w*(1 + a)
    a = 0.9*a
    last = t
  }
}

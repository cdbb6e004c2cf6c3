TITLE a synapse that saturates: transmitter for a fixed time, over many connections with two states (NEURON Book, Example 10.6)

: A spike during the time of transmitter prolongs it, for the connection over which it came.

NEURON {
  POINT_PROCESS AMPA_S
  RANGE g, i
  NONSPECIFIC_CURRENT i
  GLOBAL Cdur, Alpha, Beta, Erev
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
  (uS) = (microsiemens)
}

PARAMETER {
  Cdur = 1 (ms)       : how long there is transmitter
  Alpha = 1.1 (/ms)   : binding
  Beta = 0.19 (/ms)   : unbinding
  Erev = 0 (mV)
}

ASSIGNED {
  v (mV)
  i (nA)
  g (uS)
  Rtau (ms)
  Rinf
  synon (uS)
}

STATE {
  Ron (uS)
  Roff (uS)
}

INITIAL {
  Ron = 0
  Roff = 0
  synon = 0
  Rtau = 1/(Alpha + Beta)
  Rinf = Alpha/(Alpha + Beta)
}

BREAKPOINT {
  SOLVE release METHOD cnexp
  g = Ron + Roff
  i = g*(v - Erev)
}

DERIVATIVE release {
  Ron' = (synon*Rinf - Ron)/Rtau
  Roff' = -Beta*Roff
}

NET_RECEIVE(weight (uS), on, r0 (uS), t0 (ms)) {
  if (flag == 0) {  : a spike
    if (!on) {
      synon = synon + weight
      r0 = r0*exp(-Beta*(t - t0))
      Ron = Ron + r0
      Roff = Roff - r0
      t0 = t
      on = 1
      net_send(Cdur, 1)
    } else {
      net_move(t + Cdur)
    }
  }
  if (flag == 1) {  : the transmitter is gone
    synon = synon - weight
    r0 = weight*Rinf + (r0 - weight*Rinf)*exp(-(t - t0)/Rtau)
    Ron = Ron - r0
    Roff = Roff + r0
    t0 = t
    on = 0
  }
}

TITLE fires when the voltage rises above a threshold, at equal distances, and when told to

NEURON {
  POINT_PROCESS Alarm
  RANGE vth, every
}

PARAMETER {
  vth = -50 (mV)
  every = 3.03 (ms)
}

ASSIGNED { v (mV) }

INITIAL { net_send(0, 2) }

NET_RECEIVE(w) {
  if (flag == 2) {
    WATCH (v > vth) 3
    net_send(every, 4)
  } else if (flag == 4) {
    net_event(t)
    net_send(every, 4)
  } else {
    net_event(t)
  }
}

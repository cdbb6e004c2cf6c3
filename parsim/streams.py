"""Serials of random streams that belong to no statement; statements count from 0."""

CELL_NOISE = 2**32 - 1  # draws of the cells themselves, told apart by gid and step
TRANSMISSIONS = 2**30  # what connections draw at spikes: the number of their statement and this
SET_SERIALS = 2**31  # changes of a simulation are numbered from here, far above any statement
FACE_SERIALS = 3 * 2**30  # numbers that a script asks for before there is a network that they are for

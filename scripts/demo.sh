#!/usr/bin/env bash
# The main job, from a bare clone: a balanced random network of 12,500 cells on two MPI ranks, and its picture.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
make_environment mpi,plot

mkdir -p demo
echo "Running examples/brunel.py on 2 ranks ..."
mpirun -n 2 python examples/brunel.py --order 2500 --time 500 --output demo/spikes.h5
parsim plot raster demo/spikes.h5 -o demo/raster.png --from 400 --to 500
echo
echo "The spikes are in  $PWD/demo/spikes.h5   (parsim info demo/spikes.h5 says what they are)"
echo "The picture is in  $PWD/demo/raster.png"

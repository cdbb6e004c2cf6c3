#!/usr/bin/env bash
# All tests, from a bare clone: style, types and storeys; kernels with the compiler off; the transport
# over MPI on 1, 2 and 3 ranks; then everything else. Arguments go to the last pytest.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
make_environment mpi,test

quietly() { # prints what a command said only when it fails
    local log
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        rm -f "$log"
    else
        cat "$log"
        rm -f "$log"
        echo "failed: $*" >&2
        exit 1
    fi
}

echo "ruff, lint-imports, mypy ..."
quietly ruff check .
quietly ruff format --check .
quietly lint-imports
quietly mypy
echo "kernels with the compiler off ..."
quietly env NUMBA_DISABLE_JIT=1 python -m pytest -q tests/test_rng.py tests/kernels tests/network
for ranks in 1 2 3; do
    echo "MPI on $ranks rank(s) ..."
    quietly mpirun -n "$ranks" python -m pytest -q --with-mpi --only-mpi tests/mpi
done
python -m pytest "$@"

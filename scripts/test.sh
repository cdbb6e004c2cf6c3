#!/usr/bin/env bash
# All tests, from a bare clone: style, types and storeys; kernels with the compiler off; small networks of all
# models; the transport over MPI on 1, 2 and 3 ranks; then everything else. Arguments go to the last pytest, which
# uses as many processes as TEST_PROCESSES says: two unless it is set; 0 for all in one.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
make_environment mpi,test

# The tests start Python some 500 times. Where it may not keep bytecode, each start compiles parsim anew, for 0.2 s.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="$PWD/.venv/bytecode"

# Most of the time goes into compiling kernels. Each process adds a line for each kernel.
export PARSIM_COMPILE_LOG
PARSIM_COMPILE_LOG=$(mktemp)
tell_compiling() {
    awk '{ sum += $1 } END { printf "%d kernels compiled in %.0f s of processor time, most of it for\n", NR, sum }' \
        "$PARSIM_COMPILE_LOG"
    awk '{ of[$2] += $1; times[$2]++ } END { for (name in of) printf "%7.1f s, %3d times  %s\n", of[name], times[name], name }' \
        "$PARSIM_COMPILE_LOG" | sort -rn | sed -n 1,8p
    rm -f "$PARSIM_COMPILE_LOG"
}
trap tell_compiling EXIT

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

interpreted() {
    quietly mypy
    quietly env NUMBA_DISABLE_JIT=1 python -m pytest -q tests/test_rng.py tests/kernels tests/network
}

echo "ruff, lint-imports ..."
quietly ruff check .
quietly ruff format --check .
quietly lint-imports
echo "mypy and kernels with the compiler off, beside small networks of all models, for which two processes compile ..."
interpreted &
beside=$!
# So that no rank waits, and turns in circles, while another compiles what both of them need.
quietly python -m pytest -q -n "${TEST_PROCESSES:-2}" --dist worksteal tests/laws/test_held.py
for ranks in 1 2 3; do
    echo "MPI on $ranks rank(s) ..."
    quietly mpirun -n "$ranks" python -m pytest -q --with-mpi --only-mpi tests/mpi
done
wait "$beside"
python -m pytest -n "${TEST_PROCESSES:-2}" --dist worksteal "$@"

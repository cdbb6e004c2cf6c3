# Sourced by the other scripts: goes to the project's folder and makes its virtual environment, once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

make_environment() { # $1: the extras that are needed, such as "mpi,plot"
    local python=${PYTHON:-python3} stamp
    stamp=.venv/.ready-$(printf '%s' "$1" | tr ',' '-')
    if [ ! -x .venv/bin/python ]; then
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
            echo "parsim needs Python 3.11 or newer; set PYTHON to one." >&2
            exit 1
        }
        echo "Making a virtual environment in .venv ..."
        "$python" -m venv .venv
    fi
    if [ ! -f "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
        echo "Installing parsim and what it needs ..."
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[$1]"
        touch "$stamp"
    fi
    export PATH="$PWD/.venv/bin:$PATH"
}

"""Every processor gives the same bits: those of a cluster may differ in what their vector units can do."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parsim.jit import interpreted

ROOT = Path(__file__).parents[2]

# What every model prepares from drawn parameters, and what all models in one network come to.
SCRIPT = """
import hashlib
from types import SimpleNamespace
import numpy as np
import parsim as ps
from parsim.clock import Clock
from parsim.kernels import elementary
from parsim.kernels.draws import poisson_thresholds
from tests.helpers import ALL_CELL_MODELS, ALL_STIMULI, EVENT_MODELS, LAW_PAIRS, couple, run_small


def put(name, found):
    if isinstance(found, (tuple, list)):
        for field, part in zip(getattr(found, "_fields", range(len(found))), found, strict=True):
            put(f"{{name}} {{field}}", part)
    else:
        print(name, hashlib.sha256(np.ascontiguousarray(found).tobytes()).hexdigest())


own = np.random.default_rng(3)  # of whole numbers and sums of products alone: the same everywhere
x = own.uniform(-1.0, 1.0, 501)
for function in (elementary.exp, elementary.expm1, elementary.log1p):
    put(function.__name__, function(x * 0.999))
put("log", elementary.log(x + 1.001))
put("waves", (elementary.sin(9.0 * x), elementary.cos(9.0 * x)))
put("powers", (elementary.power(x + 1.001, 3.7 * x), elementary.power(x, np.rint(4.0 * x))))
put("thresholds", poisson_thresholds(7.3))
for model in (*ALL_CELL_MODELS, *ALL_STIMULI, *EVENT_MODELS):
    values = {{
        p.name: [np.empty(0)] * 33 if p.kind == "train"
        else np.zeros(33) if p.kind == "flag"
        else np.full(33, p.default) if model.kind == "stimulus" or not np.isfinite(p.default)
        else p.default * own.uniform(0.8, 1.2, 33)
        for p in model.params
    }}
    prepare = model.prepare
    clock = () if model in EVENT_MODELS else (Clock(0.1),)
    put(str(model), prepare(SimpleNamespace(**values), *clock))
for model, stimulus in {pairs}:
    joined = couple if model in (ps.hh_psc_alpha_gap, ps.iaf_psc_exp) else None
    found = run_small(model, stimulus, n=5, runs=(12.0,), prepare=joined)
    put(f"{{model}} {{stimulus}}", (found.times, found.gids, *(found.states[k] for k in sorted(found.states))))
"""


def found_with(pairs: str, **environment: str) -> list[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    script = SCRIPT.format(pairs=pairs)
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, cwd=ROOT, capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def vector_units() -> str:
    """What this processor has beyond what numpy takes for granted."""
    built: Any = np._core._multiarray_umath  # type: ignore[attr-defined]
    return " ".join(f for f in built.__cpu_dispatch__ if built.__cpu_features__.get(f))


def test_prepared_parameters_spikes_and_states_do_not_hang_on_the_vector_units_of_numpy_and_the_c_library():
    pairs = "LAW_PAIRS" if os.environ.get("PARSIM_LONG") else "LAW_PAIRS[::5]"
    plain = dict(NUMBA_DISABLE_JIT="1")  # compiled kernels call neither
    poorer = dict(
        NPY_DISABLE_CPU_FEATURES=vector_units(),
        GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX512DQ,-AVX512VL,-AVX2_Usable,-FMA_Usable",
    )
    assert found_with(pairs, **plain, **poorer) == found_with(pairs, **plain)


@pytest.mark.skipif(interpreted, reason="is about the compiler")
def test_kernels_compiled_for_the_least_processor_give_the_bits_of_those_compiled_for_this_one(tmp_path):
    pairs = "[(ps.iaf_cond_exp, ps.poisson_generator)]"
    least = dict(NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES="", PARSIM_CACHE_DIR=str(tmp_path))
    assert found_with(pairs, **least) == found_with(pairs)

"""cdp: density mechanism.

calcium in four shells below the membrane, with a buffer and a pump (NEURON Book, Examples 9.9 and 10.1)

Made by parsim from cdp.mod. Do not edit: it is written anew when the text changes.
"""

# mypy: ignore-errors
# ruff: noqa

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.models.mechanism import IonUse, Mechanism
from parsim.models.params import Param, Variable


class Kept(NamedTuple):
    """Of each instance."""

    ca_0: Floats
    ca_1: Floats
    ca_2: Floats
    ca_3: Floats
    CaB_0: Floats
    CaB_1: Floats
    CaB_2: Floats
    CaB_3: Floats
    B_0: Floats
    B_1: Floats
    B_2: Floats
    B_3: Floats
    pump: Floats
    pumpca: Floats
    ica_pmp: Floats
    pumped: Floats
    perimeter: Floats


class Shared(NamedTuple):
    """Of all instances."""

    celsius: float
    DCa: float
    k1buf: float
    k2buf: float
    TotalBuffer: float
    k1: float
    k2: float
    k3: float
    k4: float
    TotalPump: float


@kernel
def initial(kept, shared, tree, volts, ion_ca, runs, t, dt):
    """States at the start."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            diam = tree.diam[at]
            TotalBuffer = shared.TotalBuffer
            k1buf = shared.k1buf
            k2buf = shared.k2buf
            cai = ion_ca.inside[at]
            k1 = shared.k1
            k2 = shared.k2
            k3 = shared.k3
            k4 = shared.k4
            cao = ion_ca.outside[at]
            TotalPump = shared.TotalPump
            DCa = shared.DCa
            perimeter = 3.141592653589793 * diam
            free = TotalBuffer / (1.0 + k1buf / k2buf * cai)
            CaB_0 = TotalBuffer - free
            ca_0 = cai
            ca_1 = cai
            ca_2 = cai
            ca_3 = cai
            CaB_0_2 = CaB_0
            CaB_1 = CaB_0
            CaB_2 = CaB_0
            CaB_3 = CaB_0
            B_0 = free
            B_1 = free
            B_2 = free
            B_3 = free
            pump = 0.0
            pumpca = 0.0
            volume = diam * diam * 0.23998277214922029
            volume_2 = diam * diam * 0.34906585039886595
            volume_3 = diam * diam * 0.174532925199433
            volume_4 = diam * diam * 0.021816615649929157
            volume_5 = 10000000000.0 * perimeter
            d_flux_5 = DCa * 15.707963267948967
            d_flux_2_2 = k2 * perimeter * 10000000000.0
            d_flux_12 = k2buf * volume
            d_flux_4 = k4 * perimeter * 10000000000.0 * cao
            d_flux_3 = k3 * perimeter * 10000000000.0
            d_flux_7 = DCa * 9.424777960769383
            d_flux_14 = k2buf * volume_2
            d_flux_9 = DCa * 3.1415926535897962
            d_flux_16 = k2buf * volume_3
            d_flux_18 = k2buf * volume_4
            a_ca_0_pumpca = -d_flux_2_2
            a_ca_0_ca_1 = -d_flux_5
            a_ca_0_CaB_0 = -d_flux_12
            a_pump_pumpca = -(d_flux_2_2 + d_flux_3)
            a_ca_1_ca_2 = -d_flux_7
            a_ca_1_CaB_1 = -d_flux_14
            a_ca_2_ca_3 = -d_flux_9
            a_ca_2_CaB_2 = -d_flux_16
            a_ca_3_CaB_3 = -d_flux_18
            a_CaB_0_CaB_0 = volume * 1e-09 + d_flux_12
            a_CaB_1_CaB_1 = volume_2 * 1e-09 + d_flux_14
            a_CaB_2_CaB_2 = volume_3 * 1e-09 + d_flux_16
            a_CaB_3_CaB_3 = volume_4 * 1e-09 + d_flux_18
            p_pumpca = 1.0 / volume_5
            f_2 = a_ca_0_pumpca * p_pumpca
            f_3 = a_pump_pumpca * p_pumpca
            ca_0_new = ca_0
            pump_new = pump
            pumpca_new = pumpca
            ca_1_new = ca_1
            ca_2_new = ca_2
            ca_3_new = ca_3
            B_0_new = B_0
            CaB_0_new = CaB_0_2
            B_1_new = B_1
            CaB_1_new = CaB_1
            B_2_new = B_2
            CaB_2_new = CaB_2
            B_3_new = B_3
            CaB_3_new = CaB_3
            ca_0_old = ca_0_new
            pump_old = pump_new
            pumpca_old = pumpca_new
            ca_1_old = ca_1_new
            ca_2_old = ca_2_new
            ca_3_old = ca_3_new
            B_0_old = B_0_new
            CaB_0_old = CaB_0_new
            B_1_old = B_1_new
            CaB_1_old = CaB_1_new
            B_2_old = B_2_new
            CaB_2_old = CaB_2_new
            B_3_old = B_3_new
            CaB_3_old = CaB_3_new
            found = False
            for turn in range(28):
                flux_19 = k1 * perimeter * 10000000000.0 * ca_0_new * pump_new
                flux_2_2 = k2 * perimeter * 10000000000.0 * pumpca_new
                flux_3_2 = k3 * perimeter * 10000000000.0 * pumpca_new
                flux_4_2 = k4 * perimeter * 10000000000.0 * pump_new * cao
                flux_5_2 = DCa * 15.707963267948967 * ca_0_new
                flux_6_2 = DCa * 15.707963267948967 * ca_1_new
                flux_7_2 = DCa * 9.424777960769383 * ca_1_new
                flux_8_2 = DCa * 9.424777960769383 * ca_2_new
                flux_9_2 = DCa * 3.1415926535897962 * ca_2_new
                flux_10_2 = DCa * 3.1415926535897962 * ca_3_new
                flux_11_2 = k1buf * volume * ca_0_new * B_0_new
                flux_12_2 = k2buf * volume * CaB_0_new
                flux_13_2 = k1buf * volume_2 * ca_1_new * B_1_new
                flux_14_2 = k2buf * volume_2 * CaB_1_new
                flux_15_2 = k1buf * volume_3 * ca_2_new * B_2_new
                flux_16_2 = k2buf * volume_3 * CaB_2_new
                flux_17_2 = k1buf * volume_4 * ca_3_new * B_3_new
                flux_18_2 = k2buf * volume_4 * CaB_3_new
                d_flux_6 = k1 * perimeter * 10000000000.0 * pump_new
                d_flux_11_3 = k1buf * volume * B_0_new
                d_flux_2_3 = k1 * perimeter * 10000000000.0 * ca_0_new
                d_flux_11_2_2 = k1buf * volume * ca_0_new
                d_flux_13_3 = k1buf * volume_2 * B_1_new
                d_flux_13_2_2 = k1buf * volume_2 * ca_1_new
                d_flux_15_3 = k1buf * volume_3 * B_2_new
                d_flux_15_2_2 = k1buf * volume_3 * ca_2_new
                d_flux_17_3 = k1buf * volume_4 * B_3_new
                d_flux_17_2_2 = k1buf * volume_4 * ca_3_new
                a_ca_0_ca_0 = volume * 1e-09 - (-d_flux_6 - d_flux_5 - d_flux_11_3)
                a_pump_pump = volume_5 * 1e-09 - (-d_flux_2_3 - d_flux_4)
                a_ca_1_ca_1 = volume_2 * 1e-09 - (-d_flux_5 - d_flux_7 - d_flux_13_3)
                a_ca_2_ca_2 = volume_3 * 1e-09 - (-d_flux_7 - d_flux_9 - d_flux_15_3)
                a_ca_3_ca_3 = volume_4 * 1e-09 - (-d_flux_9 - d_flux_17_3)
                a_B_0_B_0 = volume * 1e-09 + d_flux_11_2_2
                a_CaB_0_ca_0 = -d_flux_11_3
                a_CaB_0_B_0 = -d_flux_11_2_2
                a_B_1_B_1 = volume_2 * 1e-09 + d_flux_13_2_2
                a_CaB_1_ca_1 = -d_flux_13_3
                a_CaB_1_B_1 = -d_flux_13_2_2
                a_B_2_B_2 = volume_3 * 1e-09 + d_flux_15_2_2
                a_CaB_2_ca_2 = -d_flux_15_3
                a_CaB_2_B_2 = -d_flux_15_2_2
                a_B_3_B_3 = volume_4 * 1e-09 + d_flux_17_2_2
                a_CaB_3_ca_3 = -d_flux_17_3
                a_CaB_3_B_3 = -d_flux_17_2_2
                b_ca_0 = -(flux_19 - flux_2_2) - (flux_5_2 - flux_6_2) - (flux_11_2 - flux_12_2) - volume * 1e-09 * (ca_0_new - ca_0_old)
                b_pump = -(flux_19 - flux_2_2) + (flux_3_2 - flux_4_2) - volume_5 * 1e-09 * (pump_new - pump_old)
                b_pumpca = -(pump_new * volume_5 + pumpca_new * volume_5 - TotalPump * perimeter * 10000000000.0)
                b_ca_1 = flux_5_2 - flux_6_2 - (flux_7_2 - flux_8_2) - (flux_13_2 - flux_14_2) - volume_2 * 1e-09 * (ca_1_new - ca_1_old)
                b_ca_2 = flux_7_2 - flux_8_2 - (flux_9_2 - flux_10_2) - (flux_15_2 - flux_16_2) - volume_3 * 1e-09 * (ca_2_new - ca_2_old)
                b_ca_3 = flux_9_2 - flux_10_2 - (flux_17_2 - flux_18_2) - volume_4 * 1e-09 * (ca_3_new - ca_3_old)
                b_B_0 = -(flux_11_2 - flux_12_2) - volume * 1e-09 * (B_0_new - B_0_old)
                b_CaB_0 = flux_11_2 - flux_12_2 - volume * 1e-09 * (CaB_0_new - CaB_0_old)
                b_B_1 = -(flux_13_2 - flux_14_2) - volume_2 * 1e-09 * (B_1_new - B_1_old)
                b_CaB_1 = flux_13_2 - flux_14_2 - volume_2 * 1e-09 * (CaB_1_new - CaB_1_old)
                b_B_2 = -(flux_15_2 - flux_16_2) - volume_3 * 1e-09 * (B_2_new - B_2_old)
                b_CaB_2 = flux_15_2 - flux_16_2 - volume_3 * 1e-09 * (CaB_2_new - CaB_2_old)
                b_B_3 = -(flux_17_2 - flux_18_2) - volume_4 * 1e-09 * (B_3_new - B_3_old)
                b_CaB_3 = flux_17_2 - flux_18_2 - volume_4 * 1e-09 * (CaB_3_new - CaB_3_old)
                a_ca_0_pump = d_flux_2_3 - f_2 * volume_5
                b_ca_0_2 = b_ca_0 - f_2 * b_pumpca
                a_pump_pump_2 = a_pump_pump - f_3 * volume_5
                b_pump_2 = b_pump - f_3 * b_pumpca
                p_pump = 1.0 / a_pump_pump_2
                f_4 = a_ca_0_pump * p_pump
                a_ca_0_ca_0_2 = a_ca_0_ca_0 - f_4 * d_flux_6
                b_ca_0_3 = b_ca_0_2 - f_4 * b_pump_2
                p_B_0 = 1.0 / a_B_0_B_0
                f_5 = d_flux_11_2_2 * p_B_0
                a_ca_0_ca_0_3 = a_ca_0_ca_0_2 - f_5 * d_flux_11_3
                a_ca_0_CaB_0_2 = a_ca_0_CaB_0 - f_5 * a_ca_0_CaB_0
                b_ca_0_4 = b_ca_0_3 - f_5 * b_B_0
                f_6 = a_CaB_0_B_0 * p_B_0
                a_CaB_0_ca_0_2 = a_CaB_0_ca_0 - f_6 * d_flux_11_3
                a_CaB_0_CaB_0_2 = a_CaB_0_CaB_0 - f_6 * a_ca_0_CaB_0
                b_CaB_0_2 = b_CaB_0 - f_6 * b_B_0
                p_CaB_0 = 1.0 / a_CaB_0_CaB_0_2
                f_7 = a_ca_0_CaB_0_2 * p_CaB_0
                a_ca_0_ca_0_4 = a_ca_0_ca_0_3 - f_7 * a_CaB_0_ca_0_2
                b_ca_0_5 = b_ca_0_4 - f_7 * b_CaB_0_2
                p_ca_0 = 1.0 / a_ca_0_ca_0_4
                f_8 = a_ca_0_ca_1 * p_ca_0
                a_ca_1_ca_1_2 = a_ca_1_ca_1 - f_8 * a_ca_0_ca_1
                b_ca_1_2 = b_ca_1 - f_8 * b_ca_0_5
                p_B_1 = 1.0 / a_B_1_B_1
                f_9 = d_flux_13_2_2 * p_B_1
                a_ca_1_ca_1_3 = a_ca_1_ca_1_2 - f_9 * d_flux_13_3
                a_ca_1_CaB_1_2 = a_ca_1_CaB_1 - f_9 * a_ca_1_CaB_1
                b_ca_1_3 = b_ca_1_2 - f_9 * b_B_1
                f_10 = a_CaB_1_B_1 * p_B_1
                a_CaB_1_ca_1_2 = a_CaB_1_ca_1 - f_10 * d_flux_13_3
                a_CaB_1_CaB_1_2 = a_CaB_1_CaB_1 - f_10 * a_ca_1_CaB_1
                b_CaB_1_2 = b_CaB_1 - f_10 * b_B_1
                p_CaB_1 = 1.0 / a_CaB_1_CaB_1_2
                f_11 = a_ca_1_CaB_1_2 * p_CaB_1
                a_ca_1_ca_1_4 = a_ca_1_ca_1_3 - f_11 * a_CaB_1_ca_1_2
                b_ca_1_4 = b_ca_1_3 - f_11 * b_CaB_1_2
                p_ca_1 = 1.0 / a_ca_1_ca_1_4
                f_12 = a_ca_1_ca_2 * p_ca_1
                a_ca_2_ca_2_2 = a_ca_2_ca_2 - f_12 * a_ca_1_ca_2
                b_ca_2_2 = b_ca_2 - f_12 * b_ca_1_4
                p_B_2 = 1.0 / a_B_2_B_2
                f_13 = d_flux_15_2_2 * p_B_2
                a_ca_2_ca_2_3 = a_ca_2_ca_2_2 - f_13 * d_flux_15_3
                a_ca_2_CaB_2_2 = a_ca_2_CaB_2 - f_13 * a_ca_2_CaB_2
                b_ca_2_3 = b_ca_2_2 - f_13 * b_B_2
                f_14 = a_CaB_2_B_2 * p_B_2
                a_CaB_2_ca_2_2 = a_CaB_2_ca_2 - f_14 * d_flux_15_3
                a_CaB_2_CaB_2_2 = a_CaB_2_CaB_2 - f_14 * a_ca_2_CaB_2
                b_CaB_2_2 = b_CaB_2 - f_14 * b_B_2
                p_CaB_2 = 1.0 / a_CaB_2_CaB_2_2
                f_15 = a_ca_2_CaB_2_2 * p_CaB_2
                a_ca_2_ca_2_4 = a_ca_2_ca_2_3 - f_15 * a_CaB_2_ca_2_2
                b_ca_2_4 = b_ca_2_3 - f_15 * b_CaB_2_2
                p_ca_2 = 1.0 / a_ca_2_ca_2_4
                f_16 = a_ca_2_ca_3 * p_ca_2
                a_ca_3_ca_3_2 = a_ca_3_ca_3 - f_16 * a_ca_2_ca_3
                b_ca_3_2 = b_ca_3 - f_16 * b_ca_2_4
                p_ca_3 = 1.0 / a_ca_3_ca_3_2
                f_17 = d_flux_17_3 * p_ca_3
                a_B_3_B_3_2 = a_B_3_B_3 - f_17 * d_flux_17_2_2
                a_B_3_CaB_3 = a_ca_3_CaB_3 - f_17 * a_ca_3_CaB_3
                b_B_3_2 = b_B_3 - f_17 * b_ca_3_2
                f_18 = a_CaB_3_ca_3 * p_ca_3
                a_CaB_3_B_3_2 = a_CaB_3_B_3 - f_18 * d_flux_17_2_2
                a_CaB_3_CaB_3_2 = a_CaB_3_CaB_3 - f_18 * a_ca_3_CaB_3
                b_CaB_3_2 = b_CaB_3 - f_18 * b_ca_3_2
                p_B_3 = 1.0 / a_B_3_B_3_2
                f_19 = a_CaB_3_B_3_2 * p_B_3
                a_CaB_3_CaB_3_3 = a_CaB_3_CaB_3_2 - f_19 * a_B_3_CaB_3
                b_CaB_3_3 = b_CaB_3_2 - f_19 * b_B_3_2
                p_CaB_3 = 1.0 / a_CaB_3_CaB_3_3
                x_CaB_3 = b_CaB_3_3 * p_CaB_3
                x_B_3 = (b_B_3_2 - a_B_3_CaB_3 * x_CaB_3) * p_B_3
                x_ca_3 = (b_ca_3_2 - d_flux_17_2_2 * x_B_3 - a_ca_3_CaB_3 * x_CaB_3) * p_ca_3
                x_ca_2 = (b_ca_2_4 - a_ca_2_ca_3 * x_ca_3) * p_ca_2
                x_CaB_2 = (b_CaB_2_2 - a_CaB_2_ca_2_2 * x_ca_2) * p_CaB_2
                x_B_2 = (b_B_2 - d_flux_15_3 * x_ca_2 - a_ca_2_CaB_2 * x_CaB_2) * p_B_2
                x_ca_1 = (b_ca_1_4 - a_ca_1_ca_2 * x_ca_2) * p_ca_1
                x_CaB_1 = (b_CaB_1_2 - a_CaB_1_ca_1_2 * x_ca_1) * p_CaB_1
                x_B_1 = (b_B_1 - d_flux_13_3 * x_ca_1 - a_ca_1_CaB_1 * x_CaB_1) * p_B_1
                x_ca_0 = (b_ca_0_5 - a_ca_0_ca_1 * x_ca_1) * p_ca_0
                x_CaB_0 = (b_CaB_0_2 - a_CaB_0_ca_0_2 * x_ca_0) * p_CaB_0
                x_B_0 = (b_B_0 - d_flux_11_3 * x_ca_0 - a_ca_0_CaB_0 * x_CaB_0) * p_B_0
                x_pump = (b_pump_2 - d_flux_6 * x_ca_0) * p_pump
                x_pumpca = (b_pumpca - volume_5 * x_pump) * p_pumpca
                ca_0_new = ca_0_new + x_ca_0
                pump_new = pump_new + x_pump
                pumpca_new = pumpca_new + x_pumpca
                ca_1_new = ca_1_new + x_ca_1
                ca_2_new = ca_2_new + x_ca_2
                ca_3_new = ca_3_new + x_ca_3
                B_0_new = B_0_new + x_B_0
                CaB_0_new = CaB_0_new + x_CaB_0
                B_1_new = B_1_new + x_B_1
                CaB_1_new = CaB_1_new + x_CaB_1
                B_2_new = B_2_new + x_B_2
                CaB_2_new = CaB_2_new + x_CaB_2
                B_3_new = B_3_new + x_B_3
                CaB_3_new = CaB_3_new + x_CaB_3
                if not found:
                    found = True
                    if ca_0_new < -1e-06:
                        ca_0_new = 0.0
                        found = False
                    ca_0_old = ca_0_new
                    if pump_new < -1e-06:
                        pump_new = 0.0
                        found = False
                    pump_old = pump_new
                    if pumpca_new < -1e-06:
                        pumpca_new = 0.0
                        found = False
                    pumpca_old = pumpca_new
                    if ca_1_new < -1e-06:
                        ca_1_new = 0.0
                        found = False
                    ca_1_old = ca_1_new
                    if ca_2_new < -1e-06:
                        ca_2_new = 0.0
                        found = False
                    ca_2_old = ca_2_new
                    if ca_3_new < -1e-06:
                        ca_3_new = 0.0
                        found = False
                    ca_3_old = ca_3_new
                    if B_0_new < -1e-06:
                        B_0_new = 0.0
                        found = False
                    B_0_old = B_0_new
                    if CaB_0_new < -1e-06:
                        CaB_0_new = 0.0
                        found = False
                    CaB_0_old = CaB_0_new
                    if B_1_new < -1e-06:
                        B_1_new = 0.0
                        found = False
                    B_1_old = B_1_new
                    if CaB_1_new < -1e-06:
                        CaB_1_new = 0.0
                        found = False
                    CaB_1_old = CaB_1_new
                    if B_2_new < -1e-06:
                        B_2_new = 0.0
                        found = False
                    B_2_old = B_2_new
                    if CaB_2_new < -1e-06:
                        CaB_2_new = 0.0
                        found = False
                    CaB_2_old = CaB_2_new
                    if B_3_new < -1e-06:
                        B_3_new = 0.0
                        found = False
                    B_3_old = B_3_new
                    if CaB_3_new < -1e-06:
                        CaB_3_new = 0.0
                        found = False
                    CaB_3_old = CaB_3_new
                    continue
                ca_0_new = ca_0_new if ca_0_new > 0.0 else 0.0
                pump_new = pump_new if pump_new > 0.0 else 0.0
                pumpca_new = pumpca_new if pumpca_new > 0.0 else 0.0
                ca_1_new = ca_1_new if ca_1_new > 0.0 else 0.0
                ca_2_new = ca_2_new if ca_2_new > 0.0 else 0.0
                ca_3_new = ca_3_new if ca_3_new > 0.0 else 0.0
                B_0_new = B_0_new if B_0_new > 0.0 else 0.0
                CaB_0_new = CaB_0_new if CaB_0_new > 0.0 else 0.0
                B_1_new = B_1_new if B_1_new > 0.0 else 0.0
                CaB_1_new = CaB_1_new if CaB_1_new > 0.0 else 0.0
                B_2_new = B_2_new if B_2_new > 0.0 else 0.0
                CaB_2_new = CaB_2_new if CaB_2_new > 0.0 else 0.0
                B_3_new = B_3_new if B_3_new > 0.0 else 0.0
                CaB_3_new = CaB_3_new if CaB_3_new > 0.0 else 0.0
                if abs(x_ca_0) + abs(x_pump) + abs(x_pumpca) + abs(x_ca_1) + abs(x_ca_2) + abs(x_ca_3) + abs(x_B_0) + abs(x_CaB_0) + abs(x_B_1) + abs(x_CaB_1) + abs(x_B_2) + abs(x_CaB_2) + abs(x_B_3) + abs(x_CaB_3) <= 1e-06:
                    break
            else:
                ca_0_new = np.nan
                pump_new = np.nan
                pumpca_new = np.nan
                ca_1_new = np.nan
                ca_2_new = np.nan
                ca_3_new = np.nan
                B_0_new = np.nan
                CaB_0_new = np.nan
                B_1_new = np.nan
                CaB_1_new = np.nan
                B_2_new = np.nan
                CaB_2_new = np.nan
                B_3_new = np.nan
                CaB_3_new = np.nan
            ca_0_2 = ca_0_new
            pump_2 = pump_new
            pumpca_2 = pumpca_new
            ca_1_2 = ca_1_new
            ca_2_2 = ca_2_new
            ca_3_2 = ca_3_new
            B_0_2 = B_0_new
            CaB_0_3 = CaB_0_new
            B_1_2 = B_1_new
            CaB_1_2 = CaB_1_new
            B_2_2 = B_2_new
            CaB_2_2 = CaB_2_new
            B_3_2 = B_3_new
            CaB_3_2 = CaB_3_new
            flux_3_3 = k3 * perimeter * 10000000000.0 * pumpca_2
            flux_4_3 = k4 * perimeter * 10000000000.0 * pump_2 * cao
            ica_pmp_2 = 19.297066424662003 * (flux_3_3 - flux_4_3) / perimeter
            kept.ca_0[here] = ca_0_2
            kept.ca_1[here] = ca_1_2
            kept.ca_2[here] = ca_2_2
            kept.ca_3[here] = ca_3_2
            kept.CaB_0[here] = CaB_0_3
            kept.CaB_1[here] = CaB_1_2
            kept.CaB_2[here] = CaB_2_2
            kept.CaB_3[here] = CaB_3_2
            kept.B_0[here] = B_0_2
            kept.B_1[here] = B_1_2
            kept.B_2[here] = B_2_2
            kept.B_3[here] = B_3_2
            kept.pump[here] = pump_2
            kept.pumpca[here] = pumpca_2
            kept.perimeter[here] = perimeter
            kept.ica_pmp[here] = ica_pmp_2
            kept.pumped[here] = 0.0
            ion_ca.inside[at] = ca_0_2


@kernel
def state(kept, shared, tree, volts, ion_ca, runs, t, dt):
    """States a step on, at the voltage of its end."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            ca_0 = kept.ca_0[here]
            ca_1 = kept.ca_1[here]
            ca_2 = kept.ca_2[here]
            ca_3 = kept.ca_3[here]
            CaB_0 = kept.CaB_0[here]
            CaB_1 = kept.CaB_1[here]
            CaB_2 = kept.CaB_2[here]
            CaB_3 = kept.CaB_3[here]
            B_0 = kept.B_0[here]
            B_1 = kept.B_1[here]
            B_2 = kept.B_2[here]
            B_3 = kept.B_3[here]
            pump = kept.pump[here]
            pumpca = kept.pumpca[here]
            diam = tree.diam[at]
            perimeter = kept.perimeter[here]
            k1 = shared.k1
            k2 = shared.k2
            k3 = shared.k3
            k4 = shared.k4
            cao = ion_ca.outside[at]
            TotalPump = shared.TotalPump
            ica = ion_ca.current[at]
            pumped = kept.pumped[here]
            DCa = shared.DCa
            k1buf = shared.k1buf
            k2buf = shared.k2buf
            volume = diam * diam * 0.23998277214922029
            volume_2 = diam * diam * 0.34906585039886595
            volume_3 = diam * diam * 0.174532925199433
            volume_4 = diam * diam * 0.021816615649929157
            volume_5 = 10000000000.0 * perimeter
            d_flux_5 = DCa * 15.707963267948967
            d_flux_2_2 = k2 * perimeter * 10000000000.0
            d_flux_12 = k2buf * volume
            d_flux_4 = k4 * perimeter * 10000000000.0 * cao
            d_flux_3 = k3 * perimeter * 10000000000.0
            d_flux_7 = DCa * 9.424777960769383
            d_flux_14 = k2buf * volume_2
            d_flux_9 = DCa * 3.1415926535897962
            d_flux_16 = k2buf * volume_3
            d_flux_18 = k2buf * volume_4
            a_ca_0_pumpca = -d_flux_2_2
            a_ca_0_ca_1 = -d_flux_5
            a_ca_0_CaB_0 = -d_flux_12
            a_pump_pumpca = -(d_flux_2_2 + d_flux_3)
            a_ca_1_ca_2 = -d_flux_7
            a_ca_1_CaB_1 = -d_flux_14
            a_ca_2_ca_3 = -d_flux_9
            a_ca_2_CaB_2 = -d_flux_16
            a_ca_3_CaB_3 = -d_flux_18
            a_CaB_0_CaB_0 = volume / dt + d_flux_12
            a_CaB_1_CaB_1 = volume_2 / dt + d_flux_14
            a_CaB_2_CaB_2 = volume_3 / dt + d_flux_16
            a_CaB_3_CaB_3 = volume_4 / dt + d_flux_18
            p_pumpca = 1.0 / volume_5
            f_2 = a_ca_0_pumpca * p_pumpca
            f_3 = a_pump_pumpca * p_pumpca
            ca_0_new = ca_0
            pump_new = pump
            pumpca_new = pumpca
            ca_1_new = ca_1
            ca_2_new = ca_2
            ca_3_new = ca_3
            B_0_new = B_0
            CaB_0_new = CaB_0
            B_1_new = B_1
            CaB_1_new = CaB_1
            B_2_new = B_2
            CaB_2_new = CaB_2
            B_3_new = B_3
            CaB_3_new = CaB_3
            for turn in range(21):
                flux_19 = k1 * perimeter * 10000000000.0 * ca_0_new * pump_new
                flux_2_2 = k2 * perimeter * 10000000000.0 * pumpca_new
                flux_3_2 = k3 * perimeter * 10000000000.0 * pumpca_new
                flux_4_2 = k4 * perimeter * 10000000000.0 * pump_new * cao
                flux_5_2 = DCa * 15.707963267948967 * ca_0_new
                flux_6_2 = DCa * 15.707963267948967 * ca_1_new
                flux_7_2 = DCa * 9.424777960769383 * ca_1_new
                flux_8_2 = DCa * 9.424777960769383 * ca_2_new
                flux_9_2 = DCa * 3.1415926535897962 * ca_2_new
                flux_10_2 = DCa * 3.1415926535897962 * ca_3_new
                flux_11_2 = k1buf * volume * ca_0_new * B_0_new
                flux_12_2 = k2buf * volume * CaB_0_new
                flux_13_2 = k1buf * volume_2 * ca_1_new * B_1_new
                flux_14_2 = k2buf * volume_2 * CaB_1_new
                flux_15_2 = k1buf * volume_3 * ca_2_new * B_2_new
                flux_16_2 = k2buf * volume_3 * CaB_2_new
                flux_17_2 = k1buf * volume_4 * ca_3_new * B_3_new
                flux_18_2 = k2buf * volume_4 * CaB_3_new
                d_flux_6 = k1 * perimeter * 10000000000.0 * pump_new
                d_flux_11_3 = k1buf * volume * B_0_new
                d_flux_2_3 = k1 * perimeter * 10000000000.0 * ca_0_new
                d_flux_11_2_2 = k1buf * volume * ca_0_new
                d_flux_13_3 = k1buf * volume_2 * B_1_new
                d_flux_13_2_2 = k1buf * volume_2 * ca_1_new
                d_flux_15_3 = k1buf * volume_3 * B_2_new
                d_flux_15_2_2 = k1buf * volume_3 * ca_2_new
                d_flux_17_3 = k1buf * volume_4 * B_3_new
                d_flux_17_2_2 = k1buf * volume_4 * ca_3_new
                a_ca_0_ca_0 = volume / dt - (-d_flux_6 - d_flux_5 - d_flux_11_3)
                a_pump_pump = volume_5 / dt - (-d_flux_2_3 - d_flux_4)
                a_ca_1_ca_1 = volume_2 / dt - (-d_flux_5 - d_flux_7 - d_flux_13_3)
                a_ca_2_ca_2 = volume_3 / dt - (-d_flux_7 - d_flux_9 - d_flux_15_3)
                a_ca_3_ca_3 = volume_4 / dt - (-d_flux_9 - d_flux_17_3)
                a_B_0_B_0 = volume / dt + d_flux_11_2_2
                a_CaB_0_ca_0 = -d_flux_11_3
                a_CaB_0_B_0 = -d_flux_11_2_2
                a_B_1_B_1 = volume_2 / dt + d_flux_13_2_2
                a_CaB_1_ca_1 = -d_flux_13_3
                a_CaB_1_B_1 = -d_flux_13_2_2
                a_B_2_B_2 = volume_3 / dt + d_flux_15_2_2
                a_CaB_2_ca_2 = -d_flux_15_3
                a_CaB_2_B_2 = -d_flux_15_2_2
                a_B_3_B_3 = volume_4 / dt + d_flux_17_2_2
                a_CaB_3_ca_3 = -d_flux_17_3
                a_CaB_3_B_3 = -d_flux_17_2_2
                b_ca_0 = -(flux_19 - flux_2_2) - (ica - pumped) * 3.141592653589793 * diam * 0.051821348281310874 - (flux_5_2 - flux_6_2) - (flux_11_2 - flux_12_2) - volume / dt * (ca_0_new - ca_0)
                b_pump = -(flux_19 - flux_2_2) + (flux_3_2 - flux_4_2) - volume_5 / dt * (pump_new - pump)
                b_pumpca = -(pump_new * volume_5 + pumpca_new * volume_5 - TotalPump * perimeter * 10000000000.0)
                b_ca_1 = flux_5_2 - flux_6_2 - (flux_7_2 - flux_8_2) - (flux_13_2 - flux_14_2) - volume_2 / dt * (ca_1_new - ca_1)
                b_ca_2 = flux_7_2 - flux_8_2 - (flux_9_2 - flux_10_2) - (flux_15_2 - flux_16_2) - volume_3 / dt * (ca_2_new - ca_2)
                b_ca_3 = flux_9_2 - flux_10_2 - (flux_17_2 - flux_18_2) - volume_4 / dt * (ca_3_new - ca_3)
                b_B_0 = -(flux_11_2 - flux_12_2) - volume / dt * (B_0_new - B_0)
                b_CaB_0 = flux_11_2 - flux_12_2 - volume / dt * (CaB_0_new - CaB_0)
                b_B_1 = -(flux_13_2 - flux_14_2) - volume_2 / dt * (B_1_new - B_1)
                b_CaB_1 = flux_13_2 - flux_14_2 - volume_2 / dt * (CaB_1_new - CaB_1)
                b_B_2 = -(flux_15_2 - flux_16_2) - volume_3 / dt * (B_2_new - B_2)
                b_CaB_2 = flux_15_2 - flux_16_2 - volume_3 / dt * (CaB_2_new - CaB_2)
                b_B_3 = -(flux_17_2 - flux_18_2) - volume_4 / dt * (B_3_new - B_3)
                b_CaB_3 = flux_17_2 - flux_18_2 - volume_4 / dt * (CaB_3_new - CaB_3)
                a_ca_0_pump = d_flux_2_3 - f_2 * volume_5
                b_ca_0_2 = b_ca_0 - f_2 * b_pumpca
                a_pump_pump_2 = a_pump_pump - f_3 * volume_5
                b_pump_2 = b_pump - f_3 * b_pumpca
                p_pump = 1.0 / a_pump_pump_2
                f_4 = a_ca_0_pump * p_pump
                a_ca_0_ca_0_2 = a_ca_0_ca_0 - f_4 * d_flux_6
                b_ca_0_3 = b_ca_0_2 - f_4 * b_pump_2
                p_B_0 = 1.0 / a_B_0_B_0
                f_5 = d_flux_11_2_2 * p_B_0
                a_ca_0_ca_0_3 = a_ca_0_ca_0_2 - f_5 * d_flux_11_3
                a_ca_0_CaB_0_2 = a_ca_0_CaB_0 - f_5 * a_ca_0_CaB_0
                b_ca_0_4 = b_ca_0_3 - f_5 * b_B_0
                f_6 = a_CaB_0_B_0 * p_B_0
                a_CaB_0_ca_0_2 = a_CaB_0_ca_0 - f_6 * d_flux_11_3
                a_CaB_0_CaB_0_2 = a_CaB_0_CaB_0 - f_6 * a_ca_0_CaB_0
                b_CaB_0_2 = b_CaB_0 - f_6 * b_B_0
                p_CaB_0 = 1.0 / a_CaB_0_CaB_0_2
                f_7 = a_ca_0_CaB_0_2 * p_CaB_0
                a_ca_0_ca_0_4 = a_ca_0_ca_0_3 - f_7 * a_CaB_0_ca_0_2
                b_ca_0_5 = b_ca_0_4 - f_7 * b_CaB_0_2
                p_ca_0 = 1.0 / a_ca_0_ca_0_4
                f_8 = a_ca_0_ca_1 * p_ca_0
                a_ca_1_ca_1_2 = a_ca_1_ca_1 - f_8 * a_ca_0_ca_1
                b_ca_1_2 = b_ca_1 - f_8 * b_ca_0_5
                p_B_1 = 1.0 / a_B_1_B_1
                f_9 = d_flux_13_2_2 * p_B_1
                a_ca_1_ca_1_3 = a_ca_1_ca_1_2 - f_9 * d_flux_13_3
                a_ca_1_CaB_1_2 = a_ca_1_CaB_1 - f_9 * a_ca_1_CaB_1
                b_ca_1_3 = b_ca_1_2 - f_9 * b_B_1
                f_10 = a_CaB_1_B_1 * p_B_1
                a_CaB_1_ca_1_2 = a_CaB_1_ca_1 - f_10 * d_flux_13_3
                a_CaB_1_CaB_1_2 = a_CaB_1_CaB_1 - f_10 * a_ca_1_CaB_1
                b_CaB_1_2 = b_CaB_1 - f_10 * b_B_1
                p_CaB_1 = 1.0 / a_CaB_1_CaB_1_2
                f_11 = a_ca_1_CaB_1_2 * p_CaB_1
                a_ca_1_ca_1_4 = a_ca_1_ca_1_3 - f_11 * a_CaB_1_ca_1_2
                b_ca_1_4 = b_ca_1_3 - f_11 * b_CaB_1_2
                p_ca_1 = 1.0 / a_ca_1_ca_1_4
                f_12 = a_ca_1_ca_2 * p_ca_1
                a_ca_2_ca_2_2 = a_ca_2_ca_2 - f_12 * a_ca_1_ca_2
                b_ca_2_2 = b_ca_2 - f_12 * b_ca_1_4
                p_B_2 = 1.0 / a_B_2_B_2
                f_13 = d_flux_15_2_2 * p_B_2
                a_ca_2_ca_2_3 = a_ca_2_ca_2_2 - f_13 * d_flux_15_3
                a_ca_2_CaB_2_2 = a_ca_2_CaB_2 - f_13 * a_ca_2_CaB_2
                b_ca_2_3 = b_ca_2_2 - f_13 * b_B_2
                f_14 = a_CaB_2_B_2 * p_B_2
                a_CaB_2_ca_2_2 = a_CaB_2_ca_2 - f_14 * d_flux_15_3
                a_CaB_2_CaB_2_2 = a_CaB_2_CaB_2 - f_14 * a_ca_2_CaB_2
                b_CaB_2_2 = b_CaB_2 - f_14 * b_B_2
                p_CaB_2 = 1.0 / a_CaB_2_CaB_2_2
                f_15 = a_ca_2_CaB_2_2 * p_CaB_2
                a_ca_2_ca_2_4 = a_ca_2_ca_2_3 - f_15 * a_CaB_2_ca_2_2
                b_ca_2_4 = b_ca_2_3 - f_15 * b_CaB_2_2
                p_ca_2 = 1.0 / a_ca_2_ca_2_4
                f_16 = a_ca_2_ca_3 * p_ca_2
                a_ca_3_ca_3_2 = a_ca_3_ca_3 - f_16 * a_ca_2_ca_3
                b_ca_3_2 = b_ca_3 - f_16 * b_ca_2_4
                p_ca_3 = 1.0 / a_ca_3_ca_3_2
                f_17 = d_flux_17_3 * p_ca_3
                a_B_3_B_3_2 = a_B_3_B_3 - f_17 * d_flux_17_2_2
                a_B_3_CaB_3 = a_ca_3_CaB_3 - f_17 * a_ca_3_CaB_3
                b_B_3_2 = b_B_3 - f_17 * b_ca_3_2
                f_18 = a_CaB_3_ca_3 * p_ca_3
                a_CaB_3_B_3_2 = a_CaB_3_B_3 - f_18 * d_flux_17_2_2
                a_CaB_3_CaB_3_2 = a_CaB_3_CaB_3 - f_18 * a_ca_3_CaB_3
                b_CaB_3_2 = b_CaB_3 - f_18 * b_ca_3_2
                p_B_3 = 1.0 / a_B_3_B_3_2
                f_19 = a_CaB_3_B_3_2 * p_B_3
                a_CaB_3_CaB_3_3 = a_CaB_3_CaB_3_2 - f_19 * a_B_3_CaB_3
                b_CaB_3_3 = b_CaB_3_2 - f_19 * b_B_3_2
                p_CaB_3 = 1.0 / a_CaB_3_CaB_3_3
                x_CaB_3 = b_CaB_3_3 * p_CaB_3
                x_B_3 = (b_B_3_2 - a_B_3_CaB_3 * x_CaB_3) * p_B_3
                x_ca_3 = (b_ca_3_2 - d_flux_17_2_2 * x_B_3 - a_ca_3_CaB_3 * x_CaB_3) * p_ca_3
                x_ca_2 = (b_ca_2_4 - a_ca_2_ca_3 * x_ca_3) * p_ca_2
                x_CaB_2 = (b_CaB_2_2 - a_CaB_2_ca_2_2 * x_ca_2) * p_CaB_2
                x_B_2 = (b_B_2 - d_flux_15_3 * x_ca_2 - a_ca_2_CaB_2 * x_CaB_2) * p_B_2
                x_ca_1 = (b_ca_1_4 - a_ca_1_ca_2 * x_ca_2) * p_ca_1
                x_CaB_1 = (b_CaB_1_2 - a_CaB_1_ca_1_2 * x_ca_1) * p_CaB_1
                x_B_1 = (b_B_1 - d_flux_13_3 * x_ca_1 - a_ca_1_CaB_1 * x_CaB_1) * p_B_1
                x_ca_0 = (b_ca_0_5 - a_ca_0_ca_1 * x_ca_1) * p_ca_0
                x_CaB_0 = (b_CaB_0_2 - a_CaB_0_ca_0_2 * x_ca_0) * p_CaB_0
                x_B_0 = (b_B_0 - d_flux_11_3 * x_ca_0 - a_ca_0_CaB_0 * x_CaB_0) * p_B_0
                x_pump = (b_pump_2 - d_flux_6 * x_ca_0) * p_pump
                x_pumpca = (b_pumpca - volume_5 * x_pump) * p_pumpca
                ca_0_new = ca_0_new + x_ca_0
                pump_new = pump_new + x_pump
                pumpca_new = pumpca_new + x_pumpca
                ca_1_new = ca_1_new + x_ca_1
                ca_2_new = ca_2_new + x_ca_2
                ca_3_new = ca_3_new + x_ca_3
                B_0_new = B_0_new + x_B_0
                CaB_0_new = CaB_0_new + x_CaB_0
                B_1_new = B_1_new + x_B_1
                CaB_1_new = CaB_1_new + x_CaB_1
                B_2_new = B_2_new + x_B_2
                CaB_2_new = CaB_2_new + x_CaB_2
                B_3_new = B_3_new + x_B_3
                CaB_3_new = CaB_3_new + x_CaB_3
                ca_0_new = ca_0_new if ca_0_new > 0.0 else 0.0
                pump_new = pump_new if pump_new > 0.0 else 0.0
                pumpca_new = pumpca_new if pumpca_new > 0.0 else 0.0
                ca_1_new = ca_1_new if ca_1_new > 0.0 else 0.0
                ca_2_new = ca_2_new if ca_2_new > 0.0 else 0.0
                ca_3_new = ca_3_new if ca_3_new > 0.0 else 0.0
                B_0_new = B_0_new if B_0_new > 0.0 else 0.0
                CaB_0_new = CaB_0_new if CaB_0_new > 0.0 else 0.0
                B_1_new = B_1_new if B_1_new > 0.0 else 0.0
                CaB_1_new = CaB_1_new if CaB_1_new > 0.0 else 0.0
                B_2_new = B_2_new if B_2_new > 0.0 else 0.0
                CaB_2_new = CaB_2_new if CaB_2_new > 0.0 else 0.0
                B_3_new = B_3_new if B_3_new > 0.0 else 0.0
                CaB_3_new = CaB_3_new if CaB_3_new > 0.0 else 0.0
                if abs(x_ca_0) + abs(x_pump) + abs(x_pumpca) + abs(x_ca_1) + abs(x_ca_2) + abs(x_ca_3) + abs(x_B_0) + abs(x_CaB_0) + abs(x_B_1) + abs(x_CaB_1) + abs(x_B_2) + abs(x_CaB_2) + abs(x_B_3) + abs(x_CaB_3) <= 1e-06:
                    break
            else:
                ca_0_new = np.nan
                pump_new = np.nan
                pumpca_new = np.nan
                ca_1_new = np.nan
                ca_2_new = np.nan
                ca_3_new = np.nan
                B_0_new = np.nan
                CaB_0_new = np.nan
                B_1_new = np.nan
                CaB_1_new = np.nan
                B_2_new = np.nan
                CaB_2_new = np.nan
                B_3_new = np.nan
                CaB_3_new = np.nan
            ca_0_2 = ca_0_new
            pump_2 = pump_new
            pumpca_2 = pumpca_new
            ca_1_2 = ca_1_new
            ca_2_2 = ca_2_new
            ca_3_2 = ca_3_new
            B_0_2 = B_0_new
            CaB_0_2 = CaB_0_new
            B_1_2 = B_1_new
            CaB_1_2 = CaB_1_new
            B_2_2 = B_2_new
            CaB_2_2 = CaB_2_new
            B_3_2 = B_3_new
            CaB_3_2 = CaB_3_new
            flux_3_3 = k3 * perimeter * 10000000000.0 * pumpca_2
            flux_4_3 = k4 * perimeter * 10000000000.0 * pump_2 * cao
            ica_pmp_2 = 19.297066424662003 * (flux_3_3 - flux_4_3) / perimeter
            kept.ica_pmp[here] = ica_pmp_2
            ion_ca.inside[at] = ca_0_2
            kept.ca_0[here] = ca_0_2
            kept.pump[here] = pump_2
            kept.pumpca[here] = pumpca_2
            kept.ca_1[here] = ca_1_2
            kept.ca_2[here] = ca_2_2
            kept.ca_3[here] = ca_3_2
            kept.B_0[here] = B_0_2
            kept.CaB_0[here] = CaB_0_2
            kept.B_1[here] = B_1_2
            kept.CaB_1[here] = CaB_1_2
            kept.B_2[here] = B_2_2
            kept.CaB_2[here] = CaB_2_2
            kept.B_3[here] = B_3_2
            kept.CaB_3[here] = CaB_3_2


@kernel
def state_midpoint(kept, shared, tree, volts, ion_ca, runs, t, dt):
    """The same by the midpoint rule, for the trapezoidal rule."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            ca_0 = kept.ca_0[here]
            ca_1 = kept.ca_1[here]
            ca_2 = kept.ca_2[here]
            ca_3 = kept.ca_3[here]
            CaB_0 = kept.CaB_0[here]
            CaB_1 = kept.CaB_1[here]
            CaB_2 = kept.CaB_2[here]
            CaB_3 = kept.CaB_3[here]
            B_0 = kept.B_0[here]
            B_1 = kept.B_1[here]
            B_2 = kept.B_2[here]
            B_3 = kept.B_3[here]
            pump = kept.pump[here]
            pumpca = kept.pumpca[here]
            diam = tree.diam[at]
            perimeter = kept.perimeter[here]
            k1 = shared.k1
            k2 = shared.k2
            k3 = shared.k3
            k4 = shared.k4
            cao = ion_ca.outside[at]
            TotalPump = shared.TotalPump
            ica = ion_ca.current[at]
            pumped = kept.pumped[here]
            DCa = shared.DCa
            k1buf = shared.k1buf
            k2buf = shared.k2buf
            volume = diam * diam * 0.23998277214922029
            volume_2 = diam * diam * 0.34906585039886595
            volume_3 = diam * diam * 0.174532925199433
            volume_4 = diam * diam * 0.021816615649929157
            volume_5 = 10000000000.0 * perimeter
            d_flux_5 = DCa * 15.707963267948967
            d_flux_2_2 = k2 * perimeter * 10000000000.0
            d_flux_12 = k2buf * volume
            d_flux_4 = k4 * perimeter * 10000000000.0 * cao
            d_flux_3 = k3 * perimeter * 10000000000.0
            d_flux_7 = DCa * 9.424777960769383
            d_flux_14 = k2buf * volume_2
            d_flux_9 = DCa * 3.1415926535897962
            d_flux_16 = k2buf * volume_3
            d_flux_18 = k2buf * volume_4
            a_ca_0_pumpca = -d_flux_2_2
            a_ca_0_ca_1 = -d_flux_5
            a_ca_0_CaB_0 = -d_flux_12
            a_pump_pumpca = -(d_flux_2_2 + d_flux_3)
            a_ca_1_ca_2 = -d_flux_7
            a_ca_1_CaB_1 = -d_flux_14
            a_ca_2_ca_3 = -d_flux_9
            a_ca_2_CaB_2 = -d_flux_16
            a_ca_3_CaB_3 = -d_flux_18
            a_CaB_0_CaB_0 = volume / (0.5 * dt) + d_flux_12
            a_CaB_1_CaB_1 = volume_2 / (0.5 * dt) + d_flux_14
            a_CaB_2_CaB_2 = volume_3 / (0.5 * dt) + d_flux_16
            a_CaB_3_CaB_3 = volume_4 / (0.5 * dt) + d_flux_18
            p_pumpca = 1.0 / volume_5
            f_2 = a_ca_0_pumpca * p_pumpca
            f_3 = a_pump_pumpca * p_pumpca
            ca_0_new = ca_0
            pump_new = pump
            pumpca_new = pumpca
            ca_1_new = ca_1
            ca_2_new = ca_2
            ca_3_new = ca_3
            B_0_new = B_0
            CaB_0_new = CaB_0
            B_1_new = B_1
            CaB_1_new = CaB_1
            B_2_new = B_2
            CaB_2_new = CaB_2
            B_3_new = B_3
            CaB_3_new = CaB_3
            for turn in range(21):
                flux_19 = k1 * perimeter * 10000000000.0 * ca_0_new * pump_new
                flux_2_2 = k2 * perimeter * 10000000000.0 * pumpca_new
                flux_3_2 = k3 * perimeter * 10000000000.0 * pumpca_new
                flux_4_2 = k4 * perimeter * 10000000000.0 * pump_new * cao
                flux_5_2 = DCa * 15.707963267948967 * ca_0_new
                flux_6_2 = DCa * 15.707963267948967 * ca_1_new
                flux_7_2 = DCa * 9.424777960769383 * ca_1_new
                flux_8_2 = DCa * 9.424777960769383 * ca_2_new
                flux_9_2 = DCa * 3.1415926535897962 * ca_2_new
                flux_10_2 = DCa * 3.1415926535897962 * ca_3_new
                flux_11_2 = k1buf * volume * ca_0_new * B_0_new
                flux_12_2 = k2buf * volume * CaB_0_new
                flux_13_2 = k1buf * volume_2 * ca_1_new * B_1_new
                flux_14_2 = k2buf * volume_2 * CaB_1_new
                flux_15_2 = k1buf * volume_3 * ca_2_new * B_2_new
                flux_16_2 = k2buf * volume_3 * CaB_2_new
                flux_17_2 = k1buf * volume_4 * ca_3_new * B_3_new
                flux_18_2 = k2buf * volume_4 * CaB_3_new
                d_flux_6 = k1 * perimeter * 10000000000.0 * pump_new
                d_flux_11_3 = k1buf * volume * B_0_new
                d_flux_2_3 = k1 * perimeter * 10000000000.0 * ca_0_new
                d_flux_11_2_2 = k1buf * volume * ca_0_new
                d_flux_13_3 = k1buf * volume_2 * B_1_new
                d_flux_13_2_2 = k1buf * volume_2 * ca_1_new
                d_flux_15_3 = k1buf * volume_3 * B_2_new
                d_flux_15_2_2 = k1buf * volume_3 * ca_2_new
                d_flux_17_3 = k1buf * volume_4 * B_3_new
                d_flux_17_2_2 = k1buf * volume_4 * ca_3_new
                a_ca_0_ca_0 = volume / (0.5 * dt) - (-d_flux_6 - d_flux_5 - d_flux_11_3)
                a_pump_pump = volume_5 / (0.5 * dt) - (-d_flux_2_3 - d_flux_4)
                a_ca_1_ca_1 = volume_2 / (0.5 * dt) - (-d_flux_5 - d_flux_7 - d_flux_13_3)
                a_ca_2_ca_2 = volume_3 / (0.5 * dt) - (-d_flux_7 - d_flux_9 - d_flux_15_3)
                a_ca_3_ca_3 = volume_4 / (0.5 * dt) - (-d_flux_9 - d_flux_17_3)
                a_B_0_B_0 = volume / (0.5 * dt) + d_flux_11_2_2
                a_CaB_0_ca_0 = -d_flux_11_3
                a_CaB_0_B_0 = -d_flux_11_2_2
                a_B_1_B_1 = volume_2 / (0.5 * dt) + d_flux_13_2_2
                a_CaB_1_ca_1 = -d_flux_13_3
                a_CaB_1_B_1 = -d_flux_13_2_2
                a_B_2_B_2 = volume_3 / (0.5 * dt) + d_flux_15_2_2
                a_CaB_2_ca_2 = -d_flux_15_3
                a_CaB_2_B_2 = -d_flux_15_2_2
                a_B_3_B_3 = volume_4 / (0.5 * dt) + d_flux_17_2_2
                a_CaB_3_ca_3 = -d_flux_17_3
                a_CaB_3_B_3 = -d_flux_17_2_2
                b_ca_0 = -(flux_19 - flux_2_2) - (ica - pumped) * 3.141592653589793 * diam * 0.051821348281310874 - (flux_5_2 - flux_6_2) - (flux_11_2 - flux_12_2) - volume / (0.5 * dt) * (ca_0_new - ca_0)
                b_pump = -(flux_19 - flux_2_2) + (flux_3_2 - flux_4_2) - volume_5 / (0.5 * dt) * (pump_new - pump)
                b_pumpca = -(pump_new * volume_5 + pumpca_new * volume_5 - TotalPump * perimeter * 10000000000.0)
                b_ca_1 = flux_5_2 - flux_6_2 - (flux_7_2 - flux_8_2) - (flux_13_2 - flux_14_2) - volume_2 / (0.5 * dt) * (ca_1_new - ca_1)
                b_ca_2 = flux_7_2 - flux_8_2 - (flux_9_2 - flux_10_2) - (flux_15_2 - flux_16_2) - volume_3 / (0.5 * dt) * (ca_2_new - ca_2)
                b_ca_3 = flux_9_2 - flux_10_2 - (flux_17_2 - flux_18_2) - volume_4 / (0.5 * dt) * (ca_3_new - ca_3)
                b_B_0 = -(flux_11_2 - flux_12_2) - volume / (0.5 * dt) * (B_0_new - B_0)
                b_CaB_0 = flux_11_2 - flux_12_2 - volume / (0.5 * dt) * (CaB_0_new - CaB_0)
                b_B_1 = -(flux_13_2 - flux_14_2) - volume_2 / (0.5 * dt) * (B_1_new - B_1)
                b_CaB_1 = flux_13_2 - flux_14_2 - volume_2 / (0.5 * dt) * (CaB_1_new - CaB_1)
                b_B_2 = -(flux_15_2 - flux_16_2) - volume_3 / (0.5 * dt) * (B_2_new - B_2)
                b_CaB_2 = flux_15_2 - flux_16_2 - volume_3 / (0.5 * dt) * (CaB_2_new - CaB_2)
                b_B_3 = -(flux_17_2 - flux_18_2) - volume_4 / (0.5 * dt) * (B_3_new - B_3)
                b_CaB_3 = flux_17_2 - flux_18_2 - volume_4 / (0.5 * dt) * (CaB_3_new - CaB_3)
                a_ca_0_pump = d_flux_2_3 - f_2 * volume_5
                b_ca_0_2 = b_ca_0 - f_2 * b_pumpca
                a_pump_pump_2 = a_pump_pump - f_3 * volume_5
                b_pump_2 = b_pump - f_3 * b_pumpca
                p_pump = 1.0 / a_pump_pump_2
                f_4 = a_ca_0_pump * p_pump
                a_ca_0_ca_0_2 = a_ca_0_ca_0 - f_4 * d_flux_6
                b_ca_0_3 = b_ca_0_2 - f_4 * b_pump_2
                p_B_0 = 1.0 / a_B_0_B_0
                f_5 = d_flux_11_2_2 * p_B_0
                a_ca_0_ca_0_3 = a_ca_0_ca_0_2 - f_5 * d_flux_11_3
                a_ca_0_CaB_0_2 = a_ca_0_CaB_0 - f_5 * a_ca_0_CaB_0
                b_ca_0_4 = b_ca_0_3 - f_5 * b_B_0
                f_6 = a_CaB_0_B_0 * p_B_0
                a_CaB_0_ca_0_2 = a_CaB_0_ca_0 - f_6 * d_flux_11_3
                a_CaB_0_CaB_0_2 = a_CaB_0_CaB_0 - f_6 * a_ca_0_CaB_0
                b_CaB_0_2 = b_CaB_0 - f_6 * b_B_0
                p_CaB_0 = 1.0 / a_CaB_0_CaB_0_2
                f_7 = a_ca_0_CaB_0_2 * p_CaB_0
                a_ca_0_ca_0_4 = a_ca_0_ca_0_3 - f_7 * a_CaB_0_ca_0_2
                b_ca_0_5 = b_ca_0_4 - f_7 * b_CaB_0_2
                p_ca_0 = 1.0 / a_ca_0_ca_0_4
                f_8 = a_ca_0_ca_1 * p_ca_0
                a_ca_1_ca_1_2 = a_ca_1_ca_1 - f_8 * a_ca_0_ca_1
                b_ca_1_2 = b_ca_1 - f_8 * b_ca_0_5
                p_B_1 = 1.0 / a_B_1_B_1
                f_9 = d_flux_13_2_2 * p_B_1
                a_ca_1_ca_1_3 = a_ca_1_ca_1_2 - f_9 * d_flux_13_3
                a_ca_1_CaB_1_2 = a_ca_1_CaB_1 - f_9 * a_ca_1_CaB_1
                b_ca_1_3 = b_ca_1_2 - f_9 * b_B_1
                f_10 = a_CaB_1_B_1 * p_B_1
                a_CaB_1_ca_1_2 = a_CaB_1_ca_1 - f_10 * d_flux_13_3
                a_CaB_1_CaB_1_2 = a_CaB_1_CaB_1 - f_10 * a_ca_1_CaB_1
                b_CaB_1_2 = b_CaB_1 - f_10 * b_B_1
                p_CaB_1 = 1.0 / a_CaB_1_CaB_1_2
                f_11 = a_ca_1_CaB_1_2 * p_CaB_1
                a_ca_1_ca_1_4 = a_ca_1_ca_1_3 - f_11 * a_CaB_1_ca_1_2
                b_ca_1_4 = b_ca_1_3 - f_11 * b_CaB_1_2
                p_ca_1 = 1.0 / a_ca_1_ca_1_4
                f_12 = a_ca_1_ca_2 * p_ca_1
                a_ca_2_ca_2_2 = a_ca_2_ca_2 - f_12 * a_ca_1_ca_2
                b_ca_2_2 = b_ca_2 - f_12 * b_ca_1_4
                p_B_2 = 1.0 / a_B_2_B_2
                f_13 = d_flux_15_2_2 * p_B_2
                a_ca_2_ca_2_3 = a_ca_2_ca_2_2 - f_13 * d_flux_15_3
                a_ca_2_CaB_2_2 = a_ca_2_CaB_2 - f_13 * a_ca_2_CaB_2
                b_ca_2_3 = b_ca_2_2 - f_13 * b_B_2
                f_14 = a_CaB_2_B_2 * p_B_2
                a_CaB_2_ca_2_2 = a_CaB_2_ca_2 - f_14 * d_flux_15_3
                a_CaB_2_CaB_2_2 = a_CaB_2_CaB_2 - f_14 * a_ca_2_CaB_2
                b_CaB_2_2 = b_CaB_2 - f_14 * b_B_2
                p_CaB_2 = 1.0 / a_CaB_2_CaB_2_2
                f_15 = a_ca_2_CaB_2_2 * p_CaB_2
                a_ca_2_ca_2_4 = a_ca_2_ca_2_3 - f_15 * a_CaB_2_ca_2_2
                b_ca_2_4 = b_ca_2_3 - f_15 * b_CaB_2_2
                p_ca_2 = 1.0 / a_ca_2_ca_2_4
                f_16 = a_ca_2_ca_3 * p_ca_2
                a_ca_3_ca_3_2 = a_ca_3_ca_3 - f_16 * a_ca_2_ca_3
                b_ca_3_2 = b_ca_3 - f_16 * b_ca_2_4
                p_ca_3 = 1.0 / a_ca_3_ca_3_2
                f_17 = d_flux_17_3 * p_ca_3
                a_B_3_B_3_2 = a_B_3_B_3 - f_17 * d_flux_17_2_2
                a_B_3_CaB_3 = a_ca_3_CaB_3 - f_17 * a_ca_3_CaB_3
                b_B_3_2 = b_B_3 - f_17 * b_ca_3_2
                f_18 = a_CaB_3_ca_3 * p_ca_3
                a_CaB_3_B_3_2 = a_CaB_3_B_3 - f_18 * d_flux_17_2_2
                a_CaB_3_CaB_3_2 = a_CaB_3_CaB_3 - f_18 * a_ca_3_CaB_3
                b_CaB_3_2 = b_CaB_3 - f_18 * b_ca_3_2
                p_B_3 = 1.0 / a_B_3_B_3_2
                f_19 = a_CaB_3_B_3_2 * p_B_3
                a_CaB_3_CaB_3_3 = a_CaB_3_CaB_3_2 - f_19 * a_B_3_CaB_3
                b_CaB_3_3 = b_CaB_3_2 - f_19 * b_B_3_2
                p_CaB_3 = 1.0 / a_CaB_3_CaB_3_3
                x_CaB_3 = b_CaB_3_3 * p_CaB_3
                x_B_3 = (b_B_3_2 - a_B_3_CaB_3 * x_CaB_3) * p_B_3
                x_ca_3 = (b_ca_3_2 - d_flux_17_2_2 * x_B_3 - a_ca_3_CaB_3 * x_CaB_3) * p_ca_3
                x_ca_2 = (b_ca_2_4 - a_ca_2_ca_3 * x_ca_3) * p_ca_2
                x_CaB_2 = (b_CaB_2_2 - a_CaB_2_ca_2_2 * x_ca_2) * p_CaB_2
                x_B_2 = (b_B_2 - d_flux_15_3 * x_ca_2 - a_ca_2_CaB_2 * x_CaB_2) * p_B_2
                x_ca_1 = (b_ca_1_4 - a_ca_1_ca_2 * x_ca_2) * p_ca_1
                x_CaB_1 = (b_CaB_1_2 - a_CaB_1_ca_1_2 * x_ca_1) * p_CaB_1
                x_B_1 = (b_B_1 - d_flux_13_3 * x_ca_1 - a_ca_1_CaB_1 * x_CaB_1) * p_B_1
                x_ca_0 = (b_ca_0_5 - a_ca_0_ca_1 * x_ca_1) * p_ca_0
                x_CaB_0 = (b_CaB_0_2 - a_CaB_0_ca_0_2 * x_ca_0) * p_CaB_0
                x_B_0 = (b_B_0 - d_flux_11_3 * x_ca_0 - a_ca_0_CaB_0 * x_CaB_0) * p_B_0
                x_pump = (b_pump_2 - d_flux_6 * x_ca_0) * p_pump
                x_pumpca = (b_pumpca - volume_5 * x_pump) * p_pumpca
                ca_0_new = ca_0_new + x_ca_0
                pump_new = pump_new + x_pump
                pumpca_new = pumpca_new + x_pumpca
                ca_1_new = ca_1_new + x_ca_1
                ca_2_new = ca_2_new + x_ca_2
                ca_3_new = ca_3_new + x_ca_3
                B_0_new = B_0_new + x_B_0
                CaB_0_new = CaB_0_new + x_CaB_0
                B_1_new = B_1_new + x_B_1
                CaB_1_new = CaB_1_new + x_CaB_1
                B_2_new = B_2_new + x_B_2
                CaB_2_new = CaB_2_new + x_CaB_2
                B_3_new = B_3_new + x_B_3
                CaB_3_new = CaB_3_new + x_CaB_3
                ca_0_new = ca_0_new if ca_0_new > 0.0 else 0.0
                pump_new = pump_new if pump_new > 0.0 else 0.0
                pumpca_new = pumpca_new if pumpca_new > 0.0 else 0.0
                ca_1_new = ca_1_new if ca_1_new > 0.0 else 0.0
                ca_2_new = ca_2_new if ca_2_new > 0.0 else 0.0
                ca_3_new = ca_3_new if ca_3_new > 0.0 else 0.0
                B_0_new = B_0_new if B_0_new > 0.0 else 0.0
                CaB_0_new = CaB_0_new if CaB_0_new > 0.0 else 0.0
                B_1_new = B_1_new if B_1_new > 0.0 else 0.0
                CaB_1_new = CaB_1_new if CaB_1_new > 0.0 else 0.0
                B_2_new = B_2_new if B_2_new > 0.0 else 0.0
                CaB_2_new = CaB_2_new if CaB_2_new > 0.0 else 0.0
                B_3_new = B_3_new if B_3_new > 0.0 else 0.0
                CaB_3_new = CaB_3_new if CaB_3_new > 0.0 else 0.0
                if abs(x_ca_0) + abs(x_pump) + abs(x_pumpca) + abs(x_ca_1) + abs(x_ca_2) + abs(x_ca_3) + abs(x_B_0) + abs(x_CaB_0) + abs(x_B_1) + abs(x_CaB_1) + abs(x_B_2) + abs(x_CaB_2) + abs(x_B_3) + abs(x_CaB_3) <= 1e-06:
                    break
            else:
                ca_0_new = np.nan
                pump_new = np.nan
                pumpca_new = np.nan
                ca_1_new = np.nan
                ca_2_new = np.nan
                ca_3_new = np.nan
                B_0_new = np.nan
                CaB_0_new = np.nan
                B_1_new = np.nan
                CaB_1_new = np.nan
                B_2_new = np.nan
                CaB_2_new = np.nan
                B_3_new = np.nan
                CaB_3_new = np.nan
            ca_0_2 = ca_0_new
            pump_2 = pump_new
            pumpca_2 = pumpca_new
            ca_1_2 = ca_1_new
            ca_2_2 = ca_2_new
            ca_3_2 = ca_3_new
            B_0_2 = B_0_new
            CaB_0_2 = CaB_0_new
            B_1_2 = B_1_new
            CaB_1_2 = CaB_1_new
            B_2_2 = B_2_new
            CaB_2_2 = CaB_2_new
            B_3_2 = B_3_new
            CaB_3_2 = CaB_3_new
            ca_0_3 = 2.0 * ca_0_2 - ca_0
            pump_3 = 2.0 * pump_2 - pump
            pumpca_3 = 2.0 * pumpca_2 - pumpca
            ca_1_3 = 2.0 * ca_1_2 - ca_1
            ca_2_3 = 2.0 * ca_2_2 - ca_2
            ca_3_3 = 2.0 * ca_3_2 - ca_3
            B_0_3 = 2.0 * B_0_2 - B_0
            CaB_0_3 = 2.0 * CaB_0_2 - CaB_0
            B_1_3 = 2.0 * B_1_2 - B_1
            CaB_1_3 = 2.0 * CaB_1_2 - CaB_1
            B_2_3 = 2.0 * B_2_2 - B_2
            CaB_2_3 = 2.0 * CaB_2_2 - CaB_2
            B_3_3 = 2.0 * B_3_2 - B_3
            CaB_3_3 = 2.0 * CaB_3_2 - CaB_3
            flux_3_3 = k3 * perimeter * 10000000000.0 * pumpca_3
            flux_4_3 = k4 * perimeter * 10000000000.0 * pump_3 * cao
            ica_pmp_2 = 19.297066424662003 * (flux_3_3 - flux_4_3) / perimeter
            kept.ica_pmp[here] = ica_pmp_2
            ion_ca.inside[at] = ca_0_3
            kept.ca_0[here] = ca_0_3
            kept.pump[here] = pump_3
            kept.pumpca[here] = pumpca_3
            kept.ca_1[here] = ca_1_3
            kept.ca_2[here] = ca_2_3
            kept.ca_3[here] = ca_3_3
            kept.B_0[here] = B_0_3
            kept.CaB_0[here] = CaB_0_3
            kept.B_1[here] = B_1_3
            kept.CaB_1[here] = CaB_1_3
            kept.B_2[here] = B_2_3
            kept.CaB_2[here] = CaB_2_3
            kept.B_3[here] = B_3_3
            kept.CaB_3[here] = CaB_3_3


@kernel
def current(kept, shared, tree, volts, ion_ca, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            ica_pmp = kept.ica_pmp[here]
            patch = tree.patch[at]
            rhs[at] -= patch * ica_pmp
            kept.pumped[here] = ica_pmp


@kernel
def current_and_ions(kept, shared, tree, volts, ion_ca, runs, t, dt, d, rhs):
    """Conductance to the diagonal, what is left of the current to the right side, uS and nA; currents of ions, mA/cm2."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            ica_pmp = kept.ica_pmp[here]
            patch = tree.patch[at]
            rhs[at] -= patch * ica_pmp
            kept.pumped[here] = ica_pmp
            ion_ca.current[at] += ica_pmp


@kernel
def observe(kept, shared, tree, volts, ion_ca, runs, t, dt, out):
    """Rows of `out`: ica."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            out[0, here] = 0.0


@kernel
def diffusion(kept, shared, tree, volts, ion_ca, runs, t, dt, out):
    """Rows of `out`: ca_0 coefficient, ca_0 volume, ca_1 coefficient, ca_1 volume, ca_2 coefficient, ca_2 volume, ca_3 coefficient, ca_3 volume."""
    for r in range(runs.shape[0]):
        first, node = np.uint64(runs[r, 0]), np.uint64(runs[r, 1])
        for j in range(np.uint64(runs[r, 2])):
            here, at = first + j, node + j
            diam = tree.diam[at]
            DCa = shared.DCa
            out[0, here] = DCa * diam * diam * 0.23998277214922029
            out[1, here] = diam * diam * 0.23998277214922029
            out[2, here] = DCa * diam * diam * 0.34906585039886595
            out[3, here] = diam * diam * 0.34906585039886595
            out[4, here] = DCa * diam * diam * 0.174532925199433
            out[5, here] = diam * diam * 0.174532925199433
            out[6, here] = DCa * diam * diam * 0.021816615649929157
            out[7, here] = diam * diam * 0.021816615649929157


mechanism = Mechanism(
    name="cdp",
    kind="density",
    kept=Kept,
    shared=Shared,
    globals=(
        Param("DCa", 0.6, "um2/ms"),
        Param("k1buf", 100.0, "/mM-ms"),
        Param("k2buf", 0.1, "/ms"),
        Param("TotalBuffer", 0.003, "mM"),
        Param("k1", 1.0, "/mM-ms"),
        Param("k2", 0.005, "/ms"),
        Param("k3", 1.0, "/ms"),
        Param("k4", 0.005, "/mM-ms"),
        Param("TotalPump", 1e-11, "mol/cm2"),
    ),
    states=(
        Variable("ca_0", "mM"),
        Variable("ca_1", "mM"),
        Variable("ca_2", "mM"),
        Variable("ca_3", "mM"),
        Variable("CaB_0", "mM"),
        Variable("CaB_1", "mM"),
        Variable("CaB_2", "mM"),
        Variable("CaB_3", "mM"),
        Variable("B_0", "mM"),
        Variable("B_1", "mM"),
        Variable("B_2", "mM"),
        Variable("B_3", "mM"),
        Variable("pump", "mol/cm2"),
        Variable("pumpca", "mol/cm2"),
    ),
    carried=(Variable("ica_pmp", "mA/cm2"),),
    observed=(Variable("ica", "mA/cm2"),),
    ions=(IonUse("ca", ("cao", "cai", "ica"), ("cai", "ica"), 2.0),),
    diffuses=("ca_0", "ca_1", "ca_2", "ca_3"),
    writes_concentration=True,
    about="calcium in four shells below the membrane, with a buffer and a pump (NEURON Book, Examples 9.9 and 10.1)",
    kernels={"initial": initial, "state": state, "state_midpoint": state_midpoint, "current": current, "current_and_ions": current_and_ions, "observe": observe, "diffusion": diffusion},
)

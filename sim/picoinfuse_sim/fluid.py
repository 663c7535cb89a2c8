"""How thick the fluid is at a temperature, and what a narrow tube of it resists.

Resistances are in mmHg per mL/h.
"""

from math import pi

COLDEST_C, WARMEST_C = 0.0, 45.0
PA_PER_MMHG = 133.322
_M3_S_PER_ML_H = 1e-6 / 3600


def water_pa_s(celsius: float) -> float:
    """Return the viscosity of water, 2.414e-5 * 10**(247.8/(T - 140 K)) Pa s, from 0 to 45 C.

    The formula is engineer's memory; against the usual table (1.792 mPa s at 0 C, 1.002 at 20, 0.692 at 37, also from
    memory) it is within 3 % at 0 C and within 1 % from 10 C on.
    """
    return float(2.414e-5 * 10 ** (247.8 / (celsius + 273.15 - 140.0)))


def thickness(celsius: float) -> float:
    """Return how many times as thick as at 20 C water is: 1.5 out of the refrigerator, 0.69 at body temperature."""
    return water_pa_s(celsius) / water_pa_s(20.0)


def tube_mmhg_h_per_ml(length_m: float, bore_mm: float) -> float:
    """Return the resistance of a tube for water at 20 C by Poiseuille, 128 mu L/(pi d^4), in mmHg per mL/h."""
    pa_s_m3 = 128 * water_pa_s(20.0) * length_m / (pi * (bore_mm * 1e-3) ** 4)
    return pa_s_m3 * _M3_S_PER_ML_H / PA_PER_MMHG

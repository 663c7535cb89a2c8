"""The orders that the firmware's tests give: phases, programs and their syringe, in whole numbers."""

from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import StepVolume
from picoinfuse_firmware.options import Option
from picoinfuse_firmware.program import BOLUS, KVO, PAUSE, RAMP, RATE, REPEAT, Phase, Program

HOUR_MS = 3600000
BARREL_UM = {5: 12060, 10: 14500, 20: 19130, 60: 26700}  # BD syringes by their size in mL
FRICTION_MN = 5000
FRICTIONS_MN = {5: 1000, 10: 1500, 20: 2500, 60: FRICTION_MN}  # as the catalogue has them


def ml(volume):
    """Return millilitres (whole or a decimal text's float) as whole nanolitres."""
    return round(volume * 1000000)


def rate(ml_h, volume_ml=0, duration_ms=0):
    return Phase(RATE, ml(ml_h), HOUR_MS, ml(volume_ml), duration_ms)


def ramp(ml_h, to_ml_h, duration_ms):
    return Phase(RAMP, ml(ml_h), HOUR_MS, 0, duration_ms, ml(to_ml_h), HOUR_MS)


def pause(duration_ms):
    return Phase(PAUSE, duration_ms=duration_ms)


def bolus(volume_ml, ml_h):
    return Phase(BOLUS, ml(ml_h), HOUR_MS, ml(volume_ml))


def kvo(ml_h, duration_ms=0):
    return Phase(KVO, ml(ml_h), HOUR_MS, 0, duration_ms)


def repeat(first, times):
    return Phase(REPEAT, to_nl=first, to_ms=times)


def order(*phases, size_ml=60, filled_ml=None, occlusion_mmhg=300, near_end_ms=0, options=()):
    """Return a Program of these phases from a BD syringe."""
    filled = ml(size_ml if filled_ml is None else filled_ml)
    return Program(
        BARREL_UM[size_ml],
        ml(size_ml),
        filled,
        FRICTIONS_MN[size_ml],
        occlusion_mmhg,
        near_end_ms,
        list(phases),
        options,
    )


def syringes(number):
    return Option("syringes", "-", [number])


def drug(name="morphine.ng", amount=1000000, volume_nl=1000000):
    """By default 1 mg in 1 mL."""
    return Option("drug", name, [amount, volume_nl])


def limit(window_ms, most):
    return Option("limit", "-", [window_ms, most])


def demand(volume_ml=1, ml_h=100, lockout_ms=360000):
    return Option("demand", "-", [ml(volume_ml), ml(ml_h), HOUR_MS, lockout_ms])


def hold(for_ms=60000, ml_h=0):
    return Option("hold", "-", [for_ms, ml(ml_h), HOUR_MS] if ml_h else [for_ms, 0, 0])


def weight(grams):
    return Option("weight", "-", [grams])


def step_of(size_ml=60):
    """Return the StepVolume of a BD syringe in the standard drive."""
    config = Config()
    return StepVolume(BARREL_UM[size_ml], config.pitch_um, config.steps_per_turn)

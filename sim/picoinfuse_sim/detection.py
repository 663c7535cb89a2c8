"""How soon the drive's alarms come, and how much runs before the second channel stops it: by the firmware's constants.

Every figure is an upper bound that the bench keeps (tests/test_numbers_detection.py). Times count while the motor is
told to run. Nothing here is read by the firmware.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

from picoinfuse import syringes
from picoinfuse_firmware import guard
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.watch import flow, stall

SYRINGES = ("BD 5 mL", "BD 10 mL", "BD 20 mL", "BD 60 mL")
RATES_ML_H = (0.1, 1.0, 5.0, 50.0)
LOOK_S = 1.1  # between two looks: a second, and the poll in which it is over
SLIP = 0.2  # the fault the table is made for: a fifth of the steps is lost, or the screw turns a fifth too far
BOLUS_ML_H = 150.0  # the bolus of the table runs at this rate beside the rate of the row


@dataclass(frozen=True)
class Detection:
    """What holds for one syringe and rate.

    stall_s: a screw that stands. slip_s: a fifth of the steps is lost, at any time. bolus_slip_s: the same in a bolus
    of BOLUS_ML_H that lasts so long. overturn_s: the screw turns a fifth too far. runaway_ul: what a screw that runs
    free may give beyond 110 % of what was due before it is seen at the next look. guard_ul: what runs beyond the order
    before the second channel stops it, when the first lays twice the steps or more, does not lower its rate, or does
    not end, and all its watches are blind. still_ul: what may be ordered of a flow that does not come at all.
    """

    syringe: str
    rate_ml_h: float
    stall_s: float
    slip_s: float
    bolus_slip_s: float
    overturn_s: float
    runaway_ul: float
    guard_ul: float
    still_ul: float

    @property
    def outlasts_syringe(self) -> bool:
        """Return whether a full syringe is empty before a window is full, so that a slip in it is seen by no alarm."""
        return self.slip_s * self.rate_ml_h / 3600 * 1e6 > syringes.find(self.syringe).capacity_nl


def _window_s(config: Config, window_ms: int, steps_a_second: float) -> float:
    """Return how long a window lasts: each of its parts ends at a look, the last one at a step."""
    least_s = flow.least_steps(config) / steps_a_second
    return float(max(window_ms / 1000, least_s)) + (flow.PARTS + 1) * (LOOK_S + 1 / steps_a_second)


def detection(syringe: str, rate_ml_h: float, config: Config | None = None) -> Detection:
    """Return the bounds for a syringe of the catalogue at a rate. Raises BadInput for an unknown syringe."""
    config = config or Config()
    turn_ul = pi / 4 * (syringes.find(syringe).barrel_um / 1000) ** 2 * config.pitch_um / 1000 * config.volume_ppm / 1e6
    ul_s = rate_ml_h / 3.6
    steps_s = ul_s / turn_ul * config.steps_per_turn
    bolus_steps_s = (rate_ml_h + BOLUS_ML_H) / 3.6 / turn_ul * config.steps_per_turn
    # The least that was missing is known from the last look before the fault: that may hide half a second.
    stall_s = (config.steps_per_turn / stall.PART_OF_TURN + 3) / steps_s + 1.5 * LOOK_S
    window_s = _window_s(config, flow.WINDOW_MS, steps_s)
    # The encoder may hide as much as it can be wrong: everything at its worst, added up.
    wrong_mdeg = 2 * flow.NONLINEARITY_MDEG + flow.LOAD_ANGLE_MDEG + flow.COUPLING_MDEG
    wrong_turns = wrong_mdeg / 360000 + 1 / config.encoder_counts_per_turn
    at_once_steps = config.steps_per_turn * (1 / flow.FAST_PART_OF_TURN + wrong_turns) / (SLIP - flow.PERCENT / 100)
    margin_ul = turn_ul / guard.MARGIN_PART_OF_TURN + ul_s * guard.MARGIN_MS / 1000
    return Detection(
        syringe,
        rate_ml_h,
        stall_s,
        window_s,
        _window_s(config, flow.BOLUS_WINDOW_MS, bolus_steps_s),
        min(window_s, (at_once_steps + 10) / steps_s + 1.5 * LOOK_S),
        turn_ul * (1 / flow.FAST_PART_OF_TURN + wrong_turns),
        # Twice the rate uses the margin up while 5 % more than ordered comes in; then the next look halts the motor.
        margin_ul * 100 / (100 - guard.EXTRA_PERCENT) + 3 * LOOK_S * ul_s,
        guard.STILL_MARGINS * margin_ul + 2 * LOOK_S * ul_s,
    )


def table() -> list[Detection]:
    """Return the bounds for the syringes and rates of the published table."""
    return [detection(syringe, rate) for syringe in SYRINGES for rate in RATES_ML_H]

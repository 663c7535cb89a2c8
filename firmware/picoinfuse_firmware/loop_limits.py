"""Which closed loops are refused, and why. The option `loop` of a program has seven numbers:

    target_min_mg_dl, target_max_mg_dl, isf_ug_dl_per_u, max_basal_nl_h, max_on_board_uu, peak_ms, lost_ms

isf: by how much one unit of insulin lowers glucose (1 mg/dL is 1000 ug/dL). on board: beyond the set basal rate. peak:
of the action of the insulin. lost: without a reading for so long, the set basal rate runs again. The set basal rate is
that of the program's phases, each of them a constant rate for an hour at the most, as insulin pumps have it; `repeat`
makes a day of them. A rate that the loop changes is ordered until the end of its phase, so the hour bounds how much of
the syringe that takes, and how long it lasts if nothing changed it back.
"""

from .limits import MIN_RATE_NL_H, fastest_basal_nl_h
from .program import RATE, REPEAT

MIN_TARGET_MG_DL, MAX_TARGET_MG_DL = 80, 200  # teaching values; OpenAPS once began at 90
MIN_ISF_UG_DL, MAX_ISF_UG_DL = 5000, 400000  # teaching values, from a large resistant adult to a small child
MAX_BASAL_UU_H = 10000000  # teaching values: 10 U/h ...
MAX_ON_BOARD_UU = 20000000  # ... and 20 U
MIN_PEAK_MS, MAX_PEAK_MS = 2100000, 7200000  # 35 to 120 min [oref0]
# A sensor reads every 5 min. What is missing is made up for in half an hour: longer without a reading, and more could
# come on board than is allowed.
MIN_LOST_MS, MAX_LOST_MS = 600000, 1800000
MAX_PHASE_MS = 3600000


def check(option, program, step, config):
    """Check an option `loop`: return None, or a refusal as limits.py has them."""
    if option.what != "-":
        return ("bad_option", 0, 0)
    numbers = option.numbers
    if len(numbers) != 7:
        return ("bad_option", 0, len(numbers) + 1)
    insulin = _insulin(program)
    if insulin is None:
        return ("loop_needs_insulin", 0, 0)
    for i in range(len(program.phases)):
        phase = program.phases[i]
        if phase.kind != REPEAT and (phase.kind != RATE or phase.volume_nl or not phase.duration_ms):
            return ("loop_needs_basal", i, 0)
        if phase.duration_ms > MAX_PHASE_MS:
            return ("loop_phase_too_long", phase.duration_ms, MAX_PHASE_MS)
    low, high, isf, basal_nl_h, on_board, peak_ms, lost_ms = numbers
    most_nl_h = MAX_BASAL_UU_H * insulin[1] // insulin[0]
    return (
        _within("target_range", low, MIN_TARGET_MG_DL, MAX_TARGET_MG_DL)
        or _within("target_range", high, low, MAX_TARGET_MG_DL)
        or _within("sensitivity_range", isf, MIN_ISF_UG_DL, MAX_ISF_UG_DL)
        or _within("max_basal_range", basal_nl_h, MIN_RATE_NL_H, most_nl_h)
        or _within("max_basal_range", basal_nl_h, fastest_basal_nl_h(program.phases) + 1, most_nl_h)
        or _within("on_board_range", on_board, 0, MAX_ON_BOARD_UU)
        or _within("peak_range", peak_ms, MIN_PEAK_MS, MAX_PEAK_MS)
        or _within("lost_range", lost_ms, MIN_LOST_MS, MAX_LOST_MS)
    )


def _insulin(program):
    """Return the concentration (uU, nL) of a drug that is counted in units of activity, or None."""
    for option in program.options:
        if option.kind == "drug" and option.what[-3:] == ".uU":
            return option.numbers
    return None


def _within(reason, value, low, high):
    if value < low:
        return (reason, value, low)
    return (reason, value, high) if value > high else None

"""A closed loop in clinical units: whole numbers, rounded down, that the pump's own check takes or refuses."""

import pytest

from picoinfuse.closed_loop import Loop
from picoinfuse.errors import BadInput, Refused

USUAL = {"basal_u_h": 0.8, "sensitivity_mg_dl_per_u": 40, "max_basal_u_h": 3.0, "max_on_board_u": 3.0}


def test_a_loop_becomes_whole_numbers():
    program = Loop(**USUAL).program(24)
    drug, loop = (option.compiled for option in program.options)
    assert (drug.what, drug.numbers) == ("insulin.uU", [10, 1])  # 10 U in a millilitre: 10 uU in a nanolitre
    assert loop.numbers == [100, 110, 40_000, 300_000, 3_000_000, 4_500_000, 900_000]
    assert program.volume_nl == 24 * 80_000
    assert program.duration_ms == 24 * 3_600_000
    program.check_limits()


def test_what_is_no_whole_number_is_rounded_down_and_never_up():
    loop = Loop(**{**USUAL, "basal_u_h": 0.123456789, "max_basal_u_h": 1 / 3})
    assert loop.nl_h(loop.basal_u_h) == 12_345
    assert loop.options()[1].compiled.numbers[3] == 33_333


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"target_mg_dl": (70, 110)}, "70 mg/dL is beyond 80"),
        ({"max_basal_u_h": 0.5}, "0.05 mL/h is beyond 0.080001"),
        ({"max_basal_u_h": 11}, "1.1 mL/h is beyond 1 mL/h"),
        ({"max_on_board_u": 21}, "21000000 uU"),
        ({"sensitivity_mg_dl_per_u": 500}, "500000 ug/dL"),
        ({"peak_min": 10}, "10 min is beyond 35 min"),
        ({"lost_min": 5}, "5 min without a reading is beyond 10 min"),
    ],
)
def test_what_the_pump_would_refuse_is_refused_early_with_the_value(change, says):
    with pytest.raises(Refused, match=says):
        Loop(**{**USUAL, **change}).program().check_limits()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"basal_u_h": 0}, "basal_u_h = 0"),
        ({"u_per_ml": -1}, "u_per_ml = -1"),
        ({"max_on_board_u": -0.1}, "max_on_board_u = -0.1"),
        ({"sensitivity_mg_dl_per_u": float("nan")}, "sensitivity_mg_dl_per_u = nan"),
    ],
)
def test_what_is_no_number_above_zero_is_said(change, says):
    with pytest.raises(BadInput, match=says):
        Loop(**{**USUAL, **change})


@pytest.mark.parametrize("hours", [0, 1, 721])
def test_how_long_it_runs_has_its_range(hours):
    with pytest.raises(BadInput, match=f"hours = {hours}"):
        Loop(**USUAL).program(hours)

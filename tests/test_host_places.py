"""A refusal of the pump names the field that it is about, as it was written."""

import pytest

from picoinfuse import Option, Phase, Program, Therapy
from picoinfuse.errors import Refused
from test_host_demand_tables import DEMAND, HOUR, INSULIN, loop
from therapy_text import therapy_text

BASAL = '[[phases]]\nkind = "rate"\ndose = "0.8 U/h"\nduration = "{}"\n'


def looped(hours="1 h", **fields):
    return {"drug": INSULIN, "loop": loop(**fields), "phases": BASAL.format(hours)}


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        (
            {"demand": DEMAND, "hour": HOUR, "phases": BASAL.replace("0.8 U/h", "10 mg/h").format("1 h")},
            "limits 1 most = '10 mg' and limits 1 window = '1 h': a window could hold 10.009034 mg",
        ),
        (
            {"demand": DEMAND.replace("60 mL/h", "1190 mL/h"), "hour": HOUR.replace("10", "30")},
            "demand rate = '1190 mL/h': the rate 1190 mL/h is above",
        ),
        (
            looped(target_low="70 mg/dL"),
            "loop target_low = '70 mg/dL': a glucose target of 70 mg/dL is beyond 80 mg/dL",
        ),
        (looped(target_high="300 mg/dL"), "loop target_high = '300 mg/dL': a glucose target of 300 mg/dL is beyond"),
        (looped(sensitivity="900 mg/dL/U"), "loop sensitivity = '900 mg/dL/U': an insulin sensitivity of 900000 ug/dL"),
        (looped(max_basal="0.5 U/h"), "loop max_basal = '0.5 U/h': a highest basal rate of 0.05 mL/h is beyond"),
        (looped(max_on_board="30 U"), "loop max_on_board = '30 U': a limit of 30000000 uU"),
        (looped(peak="5 min"), "loop peak = '5 min': a time to peak of 5 min is beyond 35 min"),
        (looped(lost="1 h"), "loop lost = '1 h': 1 h without a reading is beyond 30 min"),
        (looped("2 h"), "phase 1 duration = '2 h': a basal phase of 2 h under a closed loop lasts 1 h at the most"),
    ],
)
def test_the_field_is_named_as_it_was_written(parts, says):
    with pytest.raises(Refused) as caught:
        Therapy.parse(therapy_text(**parts)).program.check_limits()
    assert says in str(caught.value)


def test_the_second_of_two_limits_is_told_from_the_first():
    four = '[[limits]]\nwindow = "4 h"\nmost = "12 mg"\n'
    phases = BASAL.replace("0.8 U/h", "4 mg/h").format("4 h")
    with pytest.raises(Refused, match=r"^limits 2 most = '12 mg' and limits 2 window = '4 h': a window could hold"):
        Therapy.parse(therapy_text(hour=HOUR, four=four, phases=phases)).program.check_limits()


def test_a_limit_of_volume_is_told_in_millilitres():
    limit = Option.limit("0.3 mL", "1 h")
    with pytest.raises(Refused, match=r"a window could hold 0\.501117 mL, and its dose limit is 0\.3 mL"):
        Program([Phase.rate("0.5 mL/h", duration="10 min")], options=[limit]).check_limits()


def test_a_program_without_a_file_names_its_phases_by_number():
    with pytest.raises(Refused, match=r"^phase 2 rate = '5000 mL/h': the rate 5000 mL/h is above"):
        Program([Phase.pause("1 s"), Phase.rate("5000 mL/h", volume="1 mL")]).check_limits()
    with pytest.raises(Refused, match=r"^phases: the program orders no volume"):
        Program([Phase.pause("1 s")]).check_limits()
    with pytest.raises(Refused, match=r"^syringe filled = '70 mL': 70 mL do not fit"):
        Program([Phase.rate("5 mL/h", volume="1 mL")], filled="70 mL").check_limits()

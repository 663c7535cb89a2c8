"""The options of `run` become the address of a simulated pump, and are refused for any other."""

import pytest

from picoinfuse.cli.address import address
from picoinfuse.errors import BadInput


def test_a_simulated_pump_without_options_is_just_that():
    assert address("sim://") == "sim://"


def test_what_the_world_is_told_travels_in_the_query():
    url = address("sim://", speed_text="2", seed=7, faults=["clamp@10min", "release@12 min"], syringe="BD 60 mL")
    assert url == "sim://?seed=7&speed=2&syringe=BD%2060%20mL&fault=clamp%4010min&fault=release%4012%20min"


def test_max_speed_is_virtual_time():
    assert address("sim://", speed_text="max") == "sim://"


def test_a_wrong_syringe_can_be_put_into_the_pump_on_purpose():
    url = address("sim://?syringe=Terumo%2020%20mL", syringe="BD 60 mL")
    assert url == "sim://?syringe=Terumo%2020%20mL"


def test_the_same_thing_said_twice_is_refused():
    with pytest.raises(BadInput, match="say it once"):
        address("sim://?seed=1", seed=2)


@pytest.mark.parametrize("text", ["0", "-1", "fast", "", "nan", "inf", "1e9"])
def test_a_speed_is_a_sensible_number_or_max(text):
    with pytest.raises(BadInput, match="--speed"):
        address("sim://", speed_text=text)


@pytest.mark.parametrize(
    ("option", "name"), [({"speed_text": "2"}, "--speed"), ({"faults": ["clamp@1min"]}, "--fault")]
)
def test_a_real_pump_has_neither_speed_nor_faults(option, name):
    with pytest.raises(BadInput, match=f"{name}: only a simulated pump"):
        address("/dev/ttyACM0", **option)


def test_the_seed_of_the_nurse_may_be_given_with_a_real_pump():
    assert address("/dev/ttyACM0", seed=3, syringe="BD 60 mL") == "/dev/ttyACM0"

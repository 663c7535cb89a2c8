"""What the angle of the screw says after a power cut: never less than was made, and nothing where it cannot know."""

import pytest

from picoinfuse_firmware.checkpoint import Checkpoint
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.narrow import SCREW_MOVED, steps_between, uncertain_steps

CONFIG = Config()
TURN, COUNTS = CONFIG.steps_per_turn, CONFIG.encoder_counts_per_turn
UNCERTAIN = uncertain_steps(CONFIG)


def record(given=5000, reserved=900, angle=100):
    place = Checkpoint()
    place.given = given
    place.laid = given + 10
    place.reserved = given + reserved
    place.angle = angle
    return place


def angle_after(place, steps, error_mdeg=0):
    """What the encoder reads when the screw has turned so many steps since the record."""
    return (place.angle + (steps * COUNTS + TURN // 2) // TURN + error_mdeg * COUNTS // 360000) % COUNTS


def test_the_uncertainty_is_the_sum_of_what_can_be_wrong_at_its_worst():
    assert 4.3 / 360 * TURN < UNCERTAIN <= 4.5 / 360 * TURN


@pytest.mark.parametrize("angle", [0, 1, 100, 2048, 4095])
@pytest.mark.parametrize("error_mdeg", [-4300, -1000, 0, 1000, 4300])
def test_wherever_the_screw_stands_the_truth_lies_between(angle, error_mdeg):
    place = record(angle=angle)
    for steps in range(0, 901, 7):
        least, most, note = steps_between(place, angle_after(place, steps, error_mdeg), CONFIG)
        assert note == ""
        assert place.given <= least <= place.given + steps <= most <= place.reserved
        assert most - least <= 2 * UNCERTAIN + 2


def test_a_screw_that_stands_where_the_motor_cannot_have_brought_it_is_told_and_nothing_is_narrowed():
    place = record()
    for steps in (900 + 3 * UNCERTAIN, TURN // 2, TURN - 3 * UNCERTAIN):
        assert steps_between(place, angle_after(place, steps), CONFIG) == (5000, 5900, SCREW_MOVED)


def test_where_a_turn_can_have_been_made_the_angle_says_nothing():
    wide = TURN - 2 * UNCERTAIN
    assert steps_between(record(reserved=wide), 100, CONFIG) == (5000, 5000 + wide, "")
    assert steps_between(record(reserved=wide - 1), 100, CONFIG)[1] < 5000 + wide


def test_without_an_angle_or_without_a_reserve_nothing_is_narrowed():
    assert steps_between(record(), None, CONFIG) == (5000, 5900, "")
    assert steps_between(record(angle=-1), 100, CONFIG) == (5000, 5900, "")
    assert steps_between(record(reserved=0), 3000, CONFIG) == (5000, 5000, "")


def test_an_encoder_that_is_coarser_than_the_motor():
    config = Config(encoder_counts_per_turn=400, steps_per_turn=3200)
    place = record(angle=50)
    for steps in range(0, 901, 5):
        least, most, note = steps_between(place, (50 + steps // 8) % 400, config)
        assert (note, place.given <= least <= place.given + steps <= most) == ("", True)

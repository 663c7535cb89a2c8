"""The drive: loose, slipping, weak, with an error in its pitch and play in its nut; the encoder tells what turned."""

from math import pi

import pytest

from picoinfuse_sim.drive import HALF_THRUST_STEPS_S, THRUST_MN, Drive


@pytest.fixture
def drive():
    return Drive(steps_per_turn=3200, encoder_counts_per_turn=4096)


def turn(drive, steps):
    for _ in range(steps):
        drive.turned_steps += drive.turns()
    return drive.turned_steps


def test_every_step_turns_the_screw_to_begin_with(drive):
    assert drive.sound
    assert turn(drive, 3200) == 3200
    assert drive.encoder_counts() == 4096


def test_a_stalled_drive_does_not_turn_until_it_is_mended(drive):
    drive.stall()
    assert not drive.sound
    assert turn(drive, 100) == 0
    drive.stall(False)
    assert drive.sound
    assert turn(drive, 100) == 100


@pytest.mark.parametrize(("fraction", "turned"), [(0.2, 800), (1.0, 0), (0.001, 999), (-0.5, 1500), (-1, 2000)])
def test_slip_loses_its_share_of_the_steps(drive, fraction, turned):
    drive.slip(fraction)
    assert not drive.sound
    assert turn(drive, 1000) == turned
    drive.slip(0)
    assert drive.sound


def test_slip_is_spread_evenly(drive):
    drive.slip(0.25)
    assert [drive.turns() for _ in range(8)] == [0, 1, 1, 1, 0, 1, 1, 1]


def test_a_slip_beyond_everything_is_no_slip(drive):
    with pytest.raises(ValueError, match="outside -1 to 1"):
        drive.slip(1.5)


def test_the_encoder_counts_from_where_the_board_started(drive):
    drive.turned_steps = 1000
    assert drive.encoder_counts(since_steps=1000) == 0
    drive.turned_steps = 999
    assert drive.encoder_counts(since_steps=1000) == -2  # a count and a bit back


def test_the_pitch_errs_by_one_wave_a_turn_and_no_more_over_a_whole_one():
    drive = Drive(3200, 4096, 2000, pitch_error_um=4.0, phase=0.2)
    at_um = [0.0]
    for _ in range(2 * 3200):
        at_um.append(at_um[-1] + drive.turn(1))
    errors_um = [at - i * 0.625 for i, at in enumerate(at_um)]
    assert errors_um[3200] == pytest.approx(0, abs=1e-9)
    assert errors_um[6400] == pytest.approx(0, abs=1e-9)
    assert max(errors_um) - min(errors_um) == pytest.approx(8.0, rel=1e-5)
    assert errors_um[1000] == pytest.approx(errors_um[4200])
    assert max(drive.advances_um) == pytest.approx(0.625 * (1 + 4.0 * 2 * pi / 2000), rel=1e-5)


def test_a_change_of_direction_takes_up_the_backlash_which_the_encoder_sees():
    drive = Drive(3200, 4096, 2000, backlash_um=60.0)
    assert sum(drive.turn(1) for _ in range(1000)) == pytest.approx(625)
    assert sum(drive.turn(-1) for _ in range(96)) == 0
    assert drive.encoder_counts() == 904 * 4096 // 3200
    assert sum(drive.turn(-1) for _ in range(100)) == pytest.approx(-62.5)
    assert sum(drive.turn(1) for _ in range(96)) == pytest.approx(0, abs=1e-9)
    assert sum(drive.turn(1) for _ in range(100)) == pytest.approx(62.5)


def test_a_worn_nut_has_more_play():
    drive = Drive(3200, 4096, 2000, backlash_um=60.0)
    drive.set_backlash(200.0)
    assert sum(drive.turn(-1) for _ in range(320)) == 0
    assert drive.turn(-1) == pytest.approx(-0.625)
    with pytest.raises(ValueError, match="below 0"):
        drive.set_backlash(-1)


def test_the_thrust_falls_with_the_rate_and_with_a_weak_motor():
    drive = Drive(3200, 4096)
    assert drive.thrust_mn(60_000) == pytest.approx(THRUST_MN, rel=1e-5)
    assert drive.thrust_mn(1000 / HALF_THRUST_STEPS_S) == pytest.approx(THRUST_MN / 2)
    drive.weaken(0.1)
    assert drive.thrust_mn(60_000) == pytest.approx(THRUST_MN / 10, rel=1e-5)
    with pytest.raises(ValueError, match="outside 0 to 1"):
        drive.weaken(1.5)


def test_the_encoder_errs_within_the_turn_and_not_over_it():
    drive = Drive(3200, 4096, encoder_error_deg=0.5, phase=0.4)
    errors = []
    for steps in range(3200):
        drive.turned_steps = steps
        errors.append(drive.encoder_counts() - steps * 1.28)
    assert max(errors) - min(errors) == pytest.approx(2 * 0.5 / 360 * 4096, abs=1.5)
    drive.turned_steps = -3200
    assert drive.encoder_counts() == -4096
    assert drive.encoder_counts(since_steps=-6400) == 4096

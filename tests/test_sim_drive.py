"""The drive: a loose coupling turns nothing, slip loses its share evenly, the encoder tells what really turned."""

import pytest

from picoinfuse_sim.drive import Drive


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

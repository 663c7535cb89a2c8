"""What a program orders and how long it takes, and the check value of both ends."""

from fractions import Fraction

from boards import HOUR_MS, bolus, kvo, ml, order, pause, ramp, rate, repeat
from picoinfuse_firmware.program import Phase


def test_a_phase_orders_its_volume_or_its_time_whichever_ends_first():
    assert rate(36, 1).volume() == (ml(1), 1)
    assert Fraction(*rate(36, 0, 50000).volume()) == ml(0.5)
    assert Fraction(*rate(36, 1, 50000).volume()) == ml(0.5)
    assert Fraction(*rate(36, 0.2, 50000).volume()) == ml(0.2)
    assert Fraction(*ramp(10, 30, HOUR_MS).volume()) == ml(20)
    assert bolus(0.3, 100).volume() == (ml(0.3), 1)
    assert pause(1000).volume() == kvo(1, 1000).volume() == repeat(0, 2).volume() == (0, 1)


def test_a_phase_takes_its_time():
    assert rate(36, 1).duration() == 100000
    assert rate(36, 1, 50000).duration() == 50000
    assert rate(36, 0.2, 50000).duration() == 20000
    assert Phase("rate", 7, 3, 1).duration() == 1  # rounded up
    assert ramp(1, 2, 777).duration() == 777
    assert pause(1000).duration() == kvo(1, 1000).duration() == 1000
    assert kvo(1).duration() == -1
    assert bolus(1, 1).duration() == repeat(0, 2).duration() == 0


def test_a_program_counts_its_repeats():
    program = order(
        rate(36, 0.1), pause(5000), repeat(0, 3), bolus(0.2, 100), ramp(10, 30, 60000), repeat(3, 2), kvo(1, 5)
    )
    assert program.passes() == [3, 3, 1, 2, 2, 1, 1]
    assert program.volume_nl() == ml(0.3) + 2 * (ml(0.2) + ml(20) // 60)
    assert program.duration_ms() == 3 * 15000 + 2 * 60000 + 5
    assert order(rate(5, 1), kvo(1)).duration_ms() == -1


def test_volumes_of_odd_ratios_are_added_before_they_are_floored():
    third = Phase("rate", 1, 3, 0, 10)
    assert order(third, third, third).volume_nl() == 10


def test_any_other_number_makes_another_check_value():
    program = order(rate(5, 1), pause(1000))
    assert len(program.check()) == 8
    assert program.check() == order(rate(5, 1), pause(1000)).check()
    seen = {program.check()}
    for name in ("barrel_um", "capacity_nl", "filled_nl", "friction_mn", "occlusion_mmhg", "near_end_ms"):
        other = order(rate(5, 1), pause(1000))
        setattr(other, name, getattr(other, name) + 1)
        seen.add(other.check())
    for name in ("rate_nl", "rate_ms", "volume_nl", "duration_ms", "to_nl", "to_ms"):
        other = order(rate(5, 1), pause(1000))
        setattr(other.phases[0], name, getattr(other.phases[0], name) + 1)
        seen.add(other.check())
    seen.add(order(pause(1000), rate(5, 1)).check())
    assert len(seen) == 14

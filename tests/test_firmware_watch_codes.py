"""Wrong codes: told at the third, and each makes the next one wait longer; guessing takes years, not minutes."""

from picoinfuse_firmware.alarms import WRONG_CODE
from picoinfuse_firmware.watch import codes


def test_two_slips_of_a_finger_are_no_alarm_and_the_third_wrong_code_is():
    assert [codes.wrong(count) for count in range(5)] == [0, 0, 0, WRONG_CODE, WRONG_CODE]


def test_the_wait_doubles_and_ends_at_four_minutes():
    assert codes.wait_ms(0) == 0
    waits = [codes.wait_ms(count) for count in range(1, 9)]
    assert waits == [2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000]
    for count in (9, 20, codes.MOST, 10**6):
        assert codes.wait_ms(count) == codes.MAX_WAIT_MS


def test_a_tenth_of_all_codes_of_six_digits_takes_more_than_nine_months():
    tried = 100_000
    waited_ms = sum(codes.wait_ms(count) for count in range(1, 20)) + (tried - 19) * codes.MAX_WAIT_MS
    assert waited_ms > 270 * 24 * 3600 * 1000

"""Key stuck: the same key, pressed longer than anybody presses one."""

from boards import Rig
from picoinfuse_firmware.alarms import KEY_STUCK
from picoinfuse_firmware.board import KEY_BOLUS, KEY_MUTE, KEY_START, KEYS
from picoinfuse_firmware.watch.keys import AFTER_MS, KeyWatch


def test_a_key_is_stuck_when_it_was_down_all_the_time():
    watch = KeyWatch()
    assert watch.look(0, KEY_BOLUS) == 0
    assert watch.look(AFTER_MS - 1, KEY_BOLUS) == 0
    assert watch.look(AFTER_MS, KEY_BOLUS) == KEY_STUCK
    assert watch.look(AFTER_MS + 1, 0) == 0
    assert watch.look(AFTER_MS + 2, KEY_BOLUS) == 0


def test_keys_pressed_one_after_the_other_are_not_stuck():
    watch = KeyWatch()
    for second in range(60):
        assert watch.look(second * 1000, (KEY_START, KEY_MUTE)[second % 2]) == 0


def test_another_key_beside_it_does_not_hide_the_stuck_one():
    watch = KeyWatch()
    for second in range(11):
        code = watch.look(second * 1000, KEY_BOLUS | (KEY_MUTE if second % 2 else 0))
    assert code == KEY_STUCK


def test_the_pump_says_so_and_it_ends_when_the_key_is_free():
    rig = Rig(has=(KEYS,))
    rig.run(2000)
    rig.board.pressed = KEY_MUTE
    rig.run(AFTER_MS - 1000)
    assert rig.alarms == []
    rig.run(3000)
    assert rig.alarms == ["key_stuck"]
    assert rig.seen("alarm", "key_stuck")[0]["value"] == KEY_MUTE
    rig.board.pressed = 0
    rig.run(1100)
    assert rig.alarms == []

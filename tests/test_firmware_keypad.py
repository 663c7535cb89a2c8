"""The keys: what each does in which state, and everything a nervous hand, a stuck contact or a busy host can add."""

import pytest

from boards import Rig, kvo, order, rate
from picoinfuse_firmware import keypad, limits
from picoinfuse_firmware.board import KEY_BOLUS, KEY_MUTE, KEY_START, KEYS, SYRINGE_OUT, SYRINGE_SWITCH
from picoinfuse_firmware.watch.keys import AFTER_MS

PROGRAM = order(rate(20, 5))
HAS = (KEYS, SYRINGE_SWITCH)


class Hand(Rig):
    """A rig with keys, and a hand that presses them."""

    def __init__(self, has=HAS, **options):
        super().__init__(has=has, **options)
        self.run(2000)  # the look around at power-on

    def press(self, keys=KEY_START, for_ms=200):
        self.board.pressed |= keys
        self.run(for_ms)
        self.board.pressed &= ~keys
        self.run(100)

    @property
    def said(self):
        """What the keys did, in order."""
        self.run(200)
        return [event["what"] for event in self.seen("key")]


def waiting():
    """A program is confirmed, and a person has looked at it."""
    hand = Hand()
    hand.ready(PROGRAM)
    hand.run(2000)
    return hand


def running(program=PROGRAM):
    hand = Hand()
    hand.start(program)
    hand.run(5000)
    return hand


def test_one_key_starts_pauses_and_resumes():
    hand = waiting()
    hand.press()
    assert hand.state == "infusing"
    hand.run(5000)
    hand.press()
    assert hand.state == "paused"
    before = hand.dose_steps
    hand.run(5000)
    assert hand.dose_steps == before
    hand.press()
    assert hand.state == "infusing"
    hand.run(5000)
    assert hand.dose_steps > before
    assert hand.said == ["start", "pause", "resume"]


def test_the_pump_makes_the_identity_and_the_host_can_ask_for_it():
    hand = waiting()
    hand.press()
    hand.run(300)
    identity = "%08x" % hand.seen("key", "start")[0]["value"]
    assert hand.outcome(identity) == "running"
    hand.run(5000)
    hand.press()
    hand.run(5000)
    hand.press()
    hand.run(300)
    resumed = "%08x" % hand.seen("key", "resume")[0]["value"]
    assert resumed != identity
    assert hand.outcome(resumed) == "done"


def test_an_identity_that_the_journal_knows_is_never_made(monkeypatch):
    hand = waiting()
    numbers = iter([7, 7, 9])
    monkeypatch.setattr(keypad, "crc32", lambda text: next(numbers))
    hand.controller.journal.accept("00000007", "start", "stopped")
    hand.press()
    assert hand.state == "infusing"
    assert hand.controller.journal.outcome("00000009") == ("running", "start")


def test_a_keep_vein_open_and_a_priming_are_paused_too():
    hand = running(order(rate(200, 0.05), kvo(1)))
    hand.run_until("kvo")
    hand.run(1500)
    hand.press()
    assert hand.state == "paused"
    hand.run(2000)
    hand.press()
    assert hand.state == "kvo"
    hand = waiting()
    hand.ok("prime", hand.new_id(), 400000, 60000000, 3600000, 1)
    hand.run(2000)
    hand.press()
    assert hand.state == "ready"


@pytest.mark.parametrize("state", ["idle", "staged"])
def test_nothing_is_confirmed_or_loaded_by_a_key(state):
    hand = Hand()
    if state == "staged":
        hand.stage(PROGRAM)
        hand.run(2000)
    hand.press()
    hand.press(for_ms=3000)
    assert hand.state == state
    assert hand.said == ["refused.hold_longer", "refused.no_alarm"]


def test_a_nervous_second_press_ends_in_a_pause():
    for hand in (waiting(), running()):
        hand.press(for_ms=100)
        hand.press(for_ms=100)
        hand.press(for_ms=100)
        assert hand.state == "paused"
    assert hand.said == ["pause", "refused.state_changed", "refused.state_changed"]


def test_two_keys_at_once_are_no_order():
    hand = running()
    hand.press(KEY_START | KEY_MUTE)
    assert hand.state == "infusing"
    hand.board.pressed = KEY_MUTE
    hand.run(200)
    hand.press(KEY_START)
    hand.board.pressed = 0
    hand.run(200)
    assert hand.state == "infusing"
    assert hand.said == ["refused.two_keys", "mute", "refused.two_keys"]
    hand.press()
    assert hand.state == "paused"


def test_a_key_that_is_down_from_power_on_does_nothing_and_fails_the_self_test():
    hand = Hand.__new__(Hand)
    board = Rig(has=(KEYS,)).board
    board.pressed = KEY_START
    Rig.__init__(hand, board=board)
    hand.run(3000)
    assert hand.alarms == ["self_test"]
    hand.board.pressed = 0
    hand.run(300)
    assert hand.said == []
    hand.press(KEY_MUTE)
    assert hand.said == ["mute"]


def test_a_stuck_key_acts_once_and_does_not_lame_the_others():
    hand = running()
    hand.board.pressed = KEY_BOLUS
    hand.run(AFTER_MS + 2000)
    assert hand.alarms == ["key_stuck"]
    hand.press(KEY_START)
    assert hand.state == "paused"
    hand.press(KEY_MUTE)
    assert hand.said == ["bolus", "pause", "mute"]


def test_a_start_key_that_sticks_pauses_once():
    hand = running()
    hand.board.pressed = KEY_START
    hand.run(AFTER_MS + 5000)
    assert hand.state == "paused"
    assert hand.said == ["pause"]


def test_mute_pauses_the_sound_for_two_minutes_and_only_that():
    hand = running()
    hand.board.switched = SYRINGE_OUT
    hand.run(1100)
    assert hand.board.shown == (3, True)
    hand.press(KEY_MUTE)
    assert hand.board.shown == (3, False)
    assert hand.status()["muted_ms"] > limits.MAX_MUTE_MS - 2000
    assert (hand.state, hand.alarms) == ("alarm", ["syringe_removed"])
    hand.run(limits.MAX_MUTE_MS + 1000)
    assert hand.board.shown == (3, True)


def test_the_bolus_key_tells_and_gives_nothing():
    hand = running()
    ordered = hand.controller.ordered_nl
    hand.press(KEY_BOLUS)
    assert hand.said == ["bolus"]
    assert (hand.state, hand.controller.ordered_nl, hand.controller.bolus_id) == ("infusing", ordered, "")


def test_the_start_key_held_acknowledges_when_the_cause_is_gone():
    hand = running()
    hand.board.switched = SYRINGE_OUT
    hand.run(1100)
    hand.press(for_ms=500)
    hand.press(for_ms=keypad.HOLD_MS + 300)
    assert (hand.state, hand.alarms) == ("alarm", ["syringe_removed"])
    hand.board.switched = 0
    hand.run(1100)
    hand.press(for_ms=keypad.HOLD_MS + 300)
    assert (hand.state, hand.alarms) == ("paused", [])
    assert hand.said == ["refused.hold_longer", "refused.cause_present", "acknowledge"]
    hand.run(1100)
    hand.press()
    assert hand.state == "infusing"


def test_an_alarm_that_comes_while_the_key_is_held_is_not_acknowledged_unseen():
    hand = running()
    hand.board.switched = SYRINGE_OUT
    hand.run(1100)
    hand.board.switched = 0
    hand.board.pressed = KEY_START
    hand.run(1000)
    hand.controller.alarm(28, 99000)
    hand.run(2000)
    assert hand.said == ["refused.alarm_active"]
    assert hand.alarms == ["syringe_removed", "temperature"]


def test_another_key_beside_it_ends_the_hold():
    hand = running()
    hand.board.switched = SYRINGE_OUT
    hand.run(1100)
    hand.board.switched = 0
    hand.board.pressed = KEY_START
    hand.run(1000)
    hand.board.pressed = KEY_START | KEY_MUTE
    hand.run(3000)
    assert hand.said == ["refused.two_keys"]
    assert hand.state == "alarm"


def test_a_key_comes_before_what_the_host_asks_for_in_the_same_poll():
    """Who pressed it to pause gets a pause, also if the host pauses at that very moment."""
    hand = running()
    hand.send(hand.seq + 1, "pause")
    hand.seq += 1
    hand.press(for_ms=100)
    assert hand.state == "paused"
    assert hand.answer(hand.seq) == ("refused", ["not_now", 0, 0])
    assert hand.said == ["pause"]


def test_a_key_in_the_poll_after_a_request_of_the_host_moves_nothing():
    hand = running()
    hand.ok("pause")
    hand.press()
    assert hand.state == "paused"
    assert hand.said == ["refused.state_changed"]


def test_what_refuses_a_host_refuses_a_key():
    hand = waiting()
    hand.board.switched = SYRINGE_OUT
    hand.press()
    assert hand.said == ["refused.would_alarm"]
    hand.run(300)
    assert hand.seen("key")[0]["value"] == 14  # the alarm syringe_removed
    assert hand.state in ("ready", "alarm")


def test_without_keys_nothing_is_read():
    rig = Rig(has=())
    rig.board.pressed = KEY_START
    rig.start(PROGRAM)
    rig.run(3000)
    assert rig.state == "infusing"


def test_keys_at_the_bedside_of_the_bench():
    import picoinfuse as pi
    from picoinfuse_sim import Bench

    bench = Bench(seed=1)
    bench.pump.start(pi.Program.continuous("40 mL/h", "40 mL"))
    bench.fault("key_press@1 min:start")
    bench.advance("2 min")
    assert bench.controller.state == "paused"
    assert bench.act("press_start")
    bench.advance("10 s")
    assert bench.controller.state == "infusing"
    assert [event.what for event in bench.pump.events() if event.kind == "key"] == ["pause", "resume"]

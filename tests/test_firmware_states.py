"""The state machine: every request in every state gets an answer, and only the table changes the state."""

import pytest

from boards import FRICTION_MN, HOUR_MS, Rig, kvo, ml, order, rate
from picoinfuse_firmware import options, states
from picoinfuse_firmware.messages import ANSWERS, FINGERPRINT, IS_REQUEST, TABLE

ORDER = order(rate(60, 1), kvo(1))
# Those from which one can stop, and the two others.
EVERY_STATE = [state for state, event in states.TABLE if event == states.STOP] + [states.SELFTEST, states.IDLE]


def in_state(state):
    """Bring a pump into a state the way a person would."""
    if state == states.SELFTEST:
        rig = Rig(greet=False)
        rig.nonce = "early"
        return rig
    rig = Rig()
    if state == states.IDLE:
        return rig
    if state == states.STAGED:
        rig.stage(ORDER)
        return rig
    rig.ready(ORDER)
    if state == states.PRIMING:
        rig.ok("prime", rig.new_id(), ml(1), ml(60), HOUR_MS, 1)
    elif state == states.COMPLETE:
        rig.start(order(rate(200, 0.1)))
        rig.run_until(states.COMPLETE)
    elif state != states.READY:
        rig.ok("start", rig.new_id())
        rig.run(2000)
        if state == states.PAUSED:
            rig.ok("pause")
        elif state == states.KVO:
            rig.run_until(states.KVO)
        elif state == states.ALARM:
            rig.board.force = 60000
            rig.run_until(states.ALARM, 1000)
            rig.board.force = FRICTION_MN
            rig.run(10000)  # nothing that falls any more: the draw-back is over
            assert not rig.controller.relief.active
    assert rig.state == state
    return rig


GOOD = {
    "load": ORDER.load_values(),
    "phase": [0, *ORDER.phases[0].values()],
    "option": [0, "syringes", "-", [2]],
    "confirm": [ORDER.check()],
    "start": ["11111111"],
    "resume": ["22222222"],
    "prime": ["33333333", ml(0.1), ml(100), HOUR_MS, 1],
    "rate": [ml(30), HOUR_MS],
    "bolus": [ml(0.1), ml(100), HOUR_MS],
    "apply": ["44444444", "00000000"],
    "mute": [1000],
    "demand": ["66666666"],
    "refill": [ml(60)],
    "outcome": ["55555555"],
    "telemetry_every": [1000],
    "events_from": [1],
    "log": [1],
    "try_signal": [1],
    "hello": ["another", 1, "00000000"],
    "glucose": [100, 0],
    "override": ["pain", [0]],
    "login": ["anna", 0],
    "answer": ["00" * 32],
    "lock": [1],
}
WILD = {
    "i": [[0] * 9, [-1] * 9, [10**17] * 9, [-(10**16)] * 9, [1] * 9],
    "w": ["x", "zzzzzzzz", "-" * 8, "repeat", "0"],
    "l": [[], [0], [-(10**17)] * 9, [1, 2, 3], [10**18]],
}


def wild(name, i):
    """The i-th set of numbers and words that no host would send."""
    return [WILD["i"][i][0] if kind == "i" else WILD[kind][i] for kind in TABLE[name][1]]


# What a request in a state leads to; every other pair of a GOOD request and a state leaves the state as it is.
LEADS_TO = {
    ("staged", "confirm"): "ready",
    ("ready", "start"): "infusing",
    ("ready", "prime"): "priming",
    ("priming", "pause"): "ready",
    ("infusing", "pause"): "paused",
    ("kvo", "pause"): "paused",
    ("paused", "resume"): "infusing",
    ("alarm", "acknowledge"): "paused",
    ("staged", "stop"): "idle",
    ("ready", "stop"): "idle",
    ("priming", "stop"): "idle",
    ("infusing", "stop"): "idle",
    ("paused", "stop"): "idle",
    ("kvo", "stop"): "idle",
    ("alarm", "stop"): "idle",
    ("complete", "stop"): "idle",
}


@pytest.mark.parametrize("state", EVERY_STATE)
@pytest.mark.parametrize("name", IS_REQUEST)
def test_every_request_in_every_state_gets_an_answer_and_does_what_the_table_says(state, name):
    rig = in_state(state)
    before = rig.state
    if state == states.SELFTEST:
        # Greeting and request come before the first poll has looked at the pump itself.
        rig.send(0, "hello", "early", 1, FINGERPRINT)
        rig.send(1, name, *GOOD.get(name, []))
        answer = rig.answer(1 if name != "hello" else 0)
        assert answer[0] in {row[0] for row in ANSWERS}
        assert rig.state == states.IDLE
        return
    answer = rig.hello("another") if name == "hello" else rig.ask(name, *GOOD.get(name, []))
    assert answer[0] in {row[0] for row in ANSWERS}
    assert rig.controller.error is None
    assert rig.state == LEADS_TO.get((before, name), before)
    if (before, name) in LEADS_TO:
        assert answer == ("ok", [])
    if answer[0] == "refused" and name in ("pause", "resume", "start", "prime", "stop", "load", "confirm"):
        assert answer[1][0] == "not_now"


@pytest.mark.parametrize("state", [*EVERY_STATE[:-2], states.IDLE])
def test_no_request_however_wild_raises_or_moves_the_motor(state):
    rig = in_state(state)
    for i in range(5):
        for name in IS_REQUEST:
            if name in ("hello", "stop", "pause", "acknowledge", "stage", "status"):
                continue
            steps, was = rig.board.steps(), rig.state
            answer = rig.ask(name, *wild(name, i))
            assert answer[0] in {row[0] for row in ANSWERS}, name
            assert rig.controller.error is None, name
            if was not in states.MOVING:
                assert rig.board.steps() == steps, name
                assert rig.state == was


def test_a_draft_of_wild_phases_is_refused_and_never_raises():
    rig = Rig()
    for kind in ("rate", "ramp", "pause", "bolus", "kvo", "repeat", "dance"):
        for number in (0, 1, -1, 10**17, -(10**16), 3600000):
            rig.ok("load", *order(rate(1, 1)).load_values())
            rig.ok("phase", 0, kind, *[number] * 6)
            name, _ = rig.ask("stage")
            assert name in ("refused", "staged")
            assert rig.controller.error is None
            assert rig.state == ("idle" if name == "refused" else "staged")
            if name == "staged":
                rig.ok("stop")


def test_a_draft_of_wild_options_is_refused_and_never_raises():
    rig = Rig()
    program = order(rate(1, 1))
    for kind in (*options.MOST, "dance"):
        for what in ("-", "morphine.ng", "." * 30):
            for number in (0, 1, -1, 10**17, -(10**30), 3600000):
                for count in (0, 1, 2, 4, 8):
                    rig.ok("load", *program.load_values()[:-1], 1)
                    rig.ok("phase", 0, *program.phases[0].values())
                    rig.ok("option", 0, kind, what, [number] * count)
                    name, _ = rig.ask("stage")
                    assert name in ("refused", "staged")
                    assert rig.controller.error is None
                    if name == "staged":
                        rig.ok("stop")


@pytest.mark.parametrize("state", EVERY_STATE)
def test_an_alarm_that_stops_is_reached_from_every_state(state):
    assert states.after(state, states.STOPPED_BY_ALARM) == states.ALARM
    assert states.after(state, "tea_time") is None


def test_the_motor_may_only_step_where_the_table_says():
    for state in EVERY_STATE[:-2]:
        rig = in_state(state)
        steps = rig.board.steps()
        rig.run(10000)
        assert (rig.board.steps() > steps) == (state in states.MOVING), state
